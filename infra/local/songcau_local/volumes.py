"""`python -m songcau_local.volumes FOLDER …` gives fresh or older volumes to the account that the images run as.

An engine makes a named volume for root; this one step, as root with the right to change owners and nothing else, is
what lets every other part of the Compose file run without it.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

# The account of every image of the platform (USER of the Dockerfiles).
ACCOUNT = 10001


def give(folder: Path, *, user: int, group: int) -> int:
    """Give a folder and all in it to an account and return how many entries changed hands; links are not followed."""
    given = 0
    for path in _entries(folder):
        found = path.lstat()
        if (found.st_uid, found.st_gid) != (user, group):
            os.chown(path, user, group, follow_symlinks=False)
            given += 1
    return given


def _entries(folder: Path) -> Iterator[Path]:
    yield folder
    for root, folders, files in os.walk(folder):
        yield from (Path(root, name) for name in (*folders, *files))


def main(folders: Annotated[list[Path], typer.Argument(help="the places where the volumes are mounted")]) -> None:
    """Give volumes to the account of the images; safe to repeat."""
    for folder in folders:
        typer.echo(f"{folder}: {give(folder, user=ACCOUNT, group=ACCOUNT)} entries given to {ACCOUNT}")


if __name__ == "__main__":
    typer.run(main)
