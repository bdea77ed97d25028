"""A downloaded part is what was pinned, or it is refused by name and nothing of it stays."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from songcau_local.full import artefacts
from songcau_local.full.artefacts import ArtefactError
from songcau_local.full.versions import Part

# A Maven that brings whatever lies in its own folder, as a mirror would that somebody has tampered with.
MAVEN = """#!/bin/sh
for word in "$@"; do
  case "$word" in -DoutputDirectory=*) cp {mirror}/* "${{word#*=}}";; esac
done
"""
GENUINE = b"what was published"


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder from which the machine's Maven takes what it brings; the cache is empty."""
    mirror, programs = tmp_path / "mirror", tmp_path / "bin"
    mirror.mkdir()
    programs.mkdir()
    program = programs / "mvn"
    program.write_text(MAVEN.format(mirror=mirror))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return mirror


@pytest.fixture
def pinned(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Part]:
    """Return a function that pins a part of one file with the checksum of the genuine one."""

    def pin(file: str) -> Part:
        wanted = Part("thing", "1.0", "org.example", "thing", {file: hashlib.sha256(GENUINE).hexdigest()})
        monkeypatch.setattr(artefacts, "part", lambda _: wanted)
        return wanted

    return pin


def cached() -> Iterator[str]:
    """Yield the name of everything the cache holds but the locks."""
    folder = artefacts.cache_folder()
    return (path.name for path in folder.rglob("*") if path.suffix != ".lock")


FETCHES = {
    "kafka.jar": lambda: artefacts.kafka_libraries(print),
    "keycloak.zip": lambda: artefacts.keycloak_home(print),
    "thing.jar": lambda: artefacts.library("thing", print),
}


@pytest.mark.parametrize("file", FETCHES)
def test_a_file_with_another_checksum_is_refused_by_name_and_leaves_nothing_in_the_cache(mirror, pinned, file):
    pinned(file)
    (mirror / file).write_bytes(b"something else")
    with pytest.raises(ArtefactError, match=rf"{file} is not the published file.*checksum"):
        FETCHES[file]()
    assert list(cached()) == []


@pytest.mark.parametrize("file", ["kafka.jar", "thing.jar"])
def test_after_a_refusal_the_genuine_file_is_taken(mirror, pinned, file):
    pinned(file)
    (mirror / file).write_bytes(b"something else")
    with pytest.raises(ArtefactError):
        FETCHES[file]()
    (mirror / file).write_bytes(GENUINE)
    FETCHES[file]()
    assert file in cached()


def test_a_file_nobody_pinned_is_refused_by_name(mirror, pinned):
    pinned("kafka.jar")
    (mirror / "kafka.jar").write_bytes(GENUINE)
    (mirror / "stowaway.jar").write_bytes(b"")
    with pytest.raises(ArtefactError, match=r"stowaway\.jar"):
        FETCHES["kafka.jar"]()
    assert list(cached()) == []


def test_what_is_in_the_cache_stays_there_when_a_newer_fetch_is_refused(mirror, pinned):
    pinned("kafka.jar")
    (mirror / "kafka.jar").write_bytes(GENUINE)
    folder = FETCHES["kafka.jar"]()
    (folder / "kafka.jar").rename(folder / "kafka.jar.aside")
    (mirror / "kafka.jar").write_bytes(b"something else")
    with pytest.raises(ArtefactError):
        FETCHES["kafka.jar"]()
    assert (folder / "kafka.jar.aside").read_bytes() == GENUINE
