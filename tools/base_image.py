"""Base images: the public ones, or stand-ins from Debian's packages where no image registry can be reached."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from container_engine import Engine, EngineError

PUBLIC = "docker.io/library/python:3.11-slim-bookworm"
STAND_IN = "python:3.11-slim-bookworm"
PACKAGES = "python3,python3-venv,ca-certificates"
JAVA_STAND_IN = "java:17-jre-bookworm"
JAVA_PACKAGES = "openjdk-17-jre-headless,ca-certificates"
WASTE = ("var/cache/apt", "var/cache/debconf", "var/lib/apt/lists", "var/log", "usr/share/man", "usr/share/locale")


def base_image(engine: Engine) -> tuple[str, str]:
    """Return the base image to build on and how it came; raises EngineError where there is none."""
    chosen = os.environ.get("BASE_IMAGE")
    if chosen:
        return chosen, "chosen by BASE_IMAGE"
    stand_in = engine.local + STAND_IN
    if engine.local and engine.has(stand_in):
        return stand_in, "stand-in from Debian's packages, made before"
    if engine.has(PUBLIC) or engine.can_pull(PUBLIC):
        return PUBLIC, "the public image"
    return _make(engine, stand_in), "stand-in from Debian's packages, as no registry answers"


def java_image(engine: Engine) -> str:
    """Return an image with a Java 17 runtime from Debian's packages; raises EngineError where it cannot be made."""
    name = engine.local + JAVA_STAND_IN
    return name if engine.has(name) else debian_image(engine, name, JAVA_PACKAGES)


def _make(engine: Engine, name: str) -> str:
    try:
        return debian_image(engine, name, PACKAGES, links={"usr/bin/python": "python3"})
    except EngineError as error:
        raise EngineError(f"{PUBLIC}: {error}; say BASE_IMAGE=<an image with Python 3.11> make images") from None


def debian_image(engine: Engine, name: str, packages: str, *, links: dict[str, str] | None = None) -> str:
    """Make an image of Debian's smallest system and these packages; raises EngineError."""
    if shutil.which("debootstrap") is None or os.geteuid() != 0:
        raise EngineError("the image cannot be pulled, and a stand-in needs root and debootstrap")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root"
        done = subprocess.run(
            ["debootstrap", "--variant=minbase", f"--include={packages}", "bookworm", str(root)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise EngineError(f"debootstrap failed: {done.stdout[-400:]}")
        for place, target in (links or {}).items():
            (root / place).symlink_to(target)
        for waste in WASTE:
            shutil.rmtree(root / waste, ignore_errors=True)
        _keep_licences(root / "usr/share/doc")
        archive = Path(folder) / "root.tar"
        subprocess.run(["tar", "-C", str(root), "-cf", str(archive), "."], check=True)
        engine.call("import", str(archive), name)
    return name


def _keep_licences(documents: Path) -> None:
    for path in documents.rglob("*"):
        if path.name != "copyright" and not path.is_dir():
            path.unlink()
