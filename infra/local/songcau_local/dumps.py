"""Dumps of databases as operations make them: the text and the archive."""

import subprocess
from pathlib import Path

from songcau_local.errors import StackError
from songcau_local.postgres import programs

# A compressed archive shows nothing to a search; this is what stands in it.
FORMATS = {"plain": ("--format=plain",), "custom": ("--format=custom", "--compress=none")}


def dump(url: str, folder: Path) -> list[Path]:
    """Write a database into a folder in each format and return the files; raises StackError where pg_dump fails."""
    files = []
    for name, options in FORMATS.items():
        file = folder / f"{url.rpartition('/')[2]}.{name}"
        command = [str(programs() / "pg_dump"), *options, "--file", str(file), url]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise StackError(f"pg_dump ended with {done.returncode}: {done.stderr.strip()[-300:]}")
        files.append(file)
    return files
