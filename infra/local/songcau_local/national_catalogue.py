"""The national catalogue of procedures, imported where its files lie beside the project."""

import os
import subprocess
from pathlib import Path

from songcau_local import console, key_material
from songcau_local.errors import StackError
from songcau_local.layout import ROOT, Layout
from songcau_local.process_table import service_command

IMPORT_WITHIN_SECONDS = 180.0
SUMMARY = ("read", "new", "normalised", "refused")


def national_folder() -> Path:
    """Return where the files would be."""
    return Path(os.environ.get("SONGCAU_DATA", ROOT.parent / "shared" / "data")) / "national-catalogue"


def import_national(layout: Layout) -> list[str]:
    """Import the files into this stack, once per content; return what the import said in short. Raises StackError."""
    folder, marker = national_folder(), layout.state / "national-catalogue"
    if not folder.is_dir():
        return ["the national catalogue's files are not beside the project: the project's own procedures only"]
    content = " ".join(f"{path.name}:{path.stat().st_size}" for path in sorted(folder.iterdir()))
    if marker.exists() and marker.read_text() == content:
        return ["the national catalogue is in"]
    with console.progress("importing the national catalogue"):
        lines = run_import(layout, folder)
    marker.write_text(content)
    return [line for line in lines if line.startswith(SUMMARY)]


def run_import(layout: Layout, folder: Path) -> list[str]:
    """Run the import of a folder and return its lines; raises StackError with the last words of one that failed."""
    secrets = key_material.load_or_make(layout)
    command, environment = service_command(layout, secrets, "eservices", ("import-catalogue", str(folder.resolve())))
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=IMPORT_WITHIN_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise StackError(f"the import does not end within {IMPORT_WITHIN_SECONDS:g} s") from None
    lines = done.stdout.strip().splitlines()
    if done.returncode:
        words = (done.stderr.strip().splitlines() or lines or ["it said nothing"])[-1]
        raise StackError(f"the import failed: {words}")
    return lines
