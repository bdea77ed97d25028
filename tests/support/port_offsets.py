"""Room for a stack's ports on a machine where several runs start stacks at the same time."""

import fcntl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from songcau_local.errors import StackError
from songcau_local.layout import Layout
from songcau_local.machine import check_ports

# So far apart that no port at one offset is a port at another.
OFFSETS = range(1_000, 10_000, 211)
LOCKS = Path(tempfile.gettempdir())


@contextmanager
def reserved_offset(folder: Path = LOCKS) -> Iterator[int]:
    """Return an offset at which every port of a stack is free, and keep it from other runs until the block ends.

    A stack takes its ports one after the other while it starts; until then a lock on a file in `folder` stands for
    them. Who dies lets go of it.
    """
    for offset in OFFSETS:
        lock = find_lock(folder / f"songcau-ports-{offset}.lock")
        if lock is None:
            continue
        with lock:
            if is_free(offset):
                yield offset
                return
    raise AssertionError("no room for a stack's ports on this machine")


def find_lock(path: Path) -> IO[str] | None:
    """Return the file locked, or nothing where somebody else has the lock or the file itself."""
    try:
        file = path.open("w")
    except PermissionError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def is_free(offset: int) -> bool:
    """Say whether nobody listens on a port of the stack at this offset."""
    try:
        check_ports(Layout(Path(), offset, is_full=True))
    except StackError:
        return False
    return True
