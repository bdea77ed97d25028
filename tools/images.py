"""Builds the images of the services and the gateway, with a bill of materials for each; says what it does.

`images.py [--tag TAG] [NAME…]`; BASE_IMAGE chooses another base, REVISION overrides the commit in the labels.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from base_image import base_image
from container_engine import Engine, EngineError, find_engine
from real_images import real_image
from sbom import write_sbom

ROOT = Path(__file__).resolve().parent.parent
IMAGES = {
    "identity": "services/identity/Dockerfile",
    "eservices": "services/eservices/Dockerfile",
    "telehealth": "services/telehealth/Dockerfile",
    "audit": "services/audit/Dockerfile",
    "gateway": "gateway/Dockerfile",
}
# Only for a development cluster: simulators, PostgreSQL, the demo story; Kafka and Keycloak.
DEVELOPMENT = {"local": "infra/k8s/local/Dockerfile"}
REAL = {name: f"infra/k8s/{name}/Dockerfile" for name in ("kafka", "keycloak")}
KNOWN = {**IMAGES, **DEVELOPMENT, **REAL}
REPOSITORY = "songcau/{}"
OUTPUT = ROOT / ".songcau" / "images"
EPOCH = "315532800"  # 1980-01-01, the oldest time a wheel can hold


def main() -> int:
    """Build what is asked for; return 1 with one sentence where it cannot be done."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(KNOWN)}; default: our own")
    parser.add_argument("--tag", default="dev", help="tag of the images")
    options = parser.parse_args()
    try:
        engine = find_engine()
        build_all(engine, options.names or [*IMAGES, *DEVELOPMENT], tag=options.tag)
    except EngineError as error:
        print(f"images: {error}", file=sys.stderr)
        return 1
    return 0


def build_all(engine: Engine, names: Sequence[str], *, tag: str) -> None:
    """Build images, the first one alone: the others find in the engine's cache what all of them begin with."""
    first, *others = [(name, base_of(engine, name)) for name in names]
    build(engine, first[0], base=first[1], tag=tag)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for done in [pool.submit(build, engine, name, base=base, tag=tag) for name, base in others]:
            done.result()


def base_of(engine: Engine, name: str) -> str:
    """Return the image that one image is built on, and say how it came."""
    base, origin = real_image(engine, name, say) if name in REAL else base_image(engine)
    say(f"{name}: {engine.name} builds on {base} ({origin})")
    return base


def image_name(engine: Engine, name: str, tag: str) -> str:
    """Return the full name of one image."""
    return f"{engine.local}{REPOSITORY.format(name)}:{tag}"


def build(engine: Engine, name: str, *, base: str, tag: str, flags: Sequence[str] = ()) -> None:
    """Build one image and write its bill of materials; flags are the engine's own."""
    image, began = image_name(engine, name, tag), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        arguments = [
            "--build-arg", f"BASE_IMAGE={base}", "--build-arg", f"REVISION={revision()}",
            "--build-arg", f"SOURCE_DATE_EPOCH={EPOCH}", *secrets(Path(folder)), *flags,
        ]  # fmt: skip
        if engine.name == "podman":
            arguments += ["--timestamp", EPOCH]
        engine.build(ROOT, ROOT / KNOWN[name], image, arguments)
    size = int(engine.call("image", "inspect", "--format", "{{.Size}}", image))
    took = f"{image}: {size / 1e6:.0f} MB unpacked, {time.monotonic() - began:.0f} s"
    if name in REAL:  # what is in them, their publishers say
        say(took)
    else:
        components = write_sbom(engine, image, OUTPUT / f"{name}.cdx.json")
        say(f"{took}, {components} components in .songcau/images/{name}.cdx.json")


def secrets(folder: Path) -> list[str]:
    """Return the flags that lend the build this machine's package mirror and authorities, without storing them."""
    lines = ["[global]"]
    flags: list[str] = []
    authorities = os.environ.get("PIP_CERT") or os.environ.get("SSL_CERT_FILE", "")
    if authorities and Path(authorities).is_file():
        lines.append("cert = /run/secrets/authorities.pem")
        flags += ["--secret", f"id=authorities.pem,src={authorities}"]
    index = subprocess.run(
        [sys.executable, "-m", "pip", "config", "get", "global.index-url"], capture_output=True, text=True, check=False
    )
    address = os.environ.get("PIP_INDEX_URL") or index.stdout.strip()
    if address:
        lines.append(f"index-url = {address}")
    configuration = folder / "pip.conf"
    configuration.write_text("\n".join(lines) + "\n")
    return [*flags, "--secret", f"id=pip.conf,src={configuration}"]


def revision() -> str:
    """Return the commit the images are built from."""
    told = os.environ.get("REVISION")
    if told:
        return told
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def say(text: str) -> None:
    """Tell the reader one thing."""
    print(f"▸ {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
