"""Backs databases up and restores them elsewhere, with PostgreSQL's own tools."""

import os
import shutil
import subprocess
from pathlib import Path

from songcau_local.postgres import programs


def back_up(url: str, file: Path) -> None:
    """Write a database into a file."""
    _run("pg_dump", "--format=custom", f"--file={file}", url)


def restore(file: Path, url: str) -> None:
    """Read a file of `back_up` into an empty database."""
    _run("pg_restore", "--exit-on-error", f"--dbname={url}", str(file))


def back_up_server(url: str, folder: Path) -> None:
    """Copy all databases of a server as they are at one moment, while everybody works on."""
    _run("pg_basebackup", f"--pgdata={folder}", "--checkpoint=fast", f"--dbname={url}")


def restore_server(folder: Path, data: Path) -> None:
    """Put a folder of `back_up_server` in the place of a stopped server's data; it belongs to whom that belonged."""
    owner = data.stat()
    shutil.rmtree(data)
    shutil.copytree(folder, data)
    for path in (data, *data.rglob("*")):
        os.chown(path, owner.st_uid, owner.st_gid)


def _run(program: str, *words: str) -> None:
    environment = {"PATH": os.environ["PATH"], "LD_LIBRARY_PATH": str(programs().parent / "lib")}
    subprocess.run([programs() / program, *words], check=True, timeout=60, env=environment)
