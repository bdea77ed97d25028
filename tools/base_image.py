"""A stand-in for the public Python image, made from Debian's packages where no image registry can be reached."""

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


def _make(engine: Engine, name: str) -> str:
    if shutil.which("debootstrap") is None or os.geteuid() != 0:
        raise EngineError(
            f"{PUBLIC} cannot be pulled, and a stand-in needs root and debootstrap: "
            "say BASE_IMAGE=<an image with Python 3.11> make images"
        )
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root"
        done = subprocess.run(
            ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", str(root)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise EngineError(f"debootstrap failed: {done.stdout[-400:]}")
        (root / "usr/bin/python").symlink_to("python3")
        for waste in (
            "var/cache/apt",
            "var/cache/debconf",
            "var/lib/apt/lists",
            "var/log",
            "usr/share/man",
            "usr/share/locale",
        ):
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
