"""What the witness signed last of each log, in a file that survives crashes; the database of the log is not asked."""

import base64
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from songcau_kit.merkle.hashing import EMPTY_ROOT


class Seen(TypedDict):
    """A tree in the file."""

    size: int
    root: str


@dataclass(frozen=True)
class SeenTree:
    """Size and root of a tree."""

    size: int
    root: bytes


NOTHING = SeenTree(0, EMPTY_ROOT)


class DamagedMemoryError(OSError):
    """The memory cannot be read; a witness without memory would sign a fork."""


class WitnessMemory:
    """One file; what is noted is on the disk before `note` returns."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()

    @contextmanager
    def deciding(self) -> Iterator[None]:
        """Let one decision be made at a time."""
        with self._lock:
            yield

    def seen(self, origin: str) -> SeenTree:
        """Return the newest tree signed of a log; raises OSError where the memory is damaged."""
        known = self._read().get(origin)
        return SeenTree(known["size"], base64.b64decode(known["root"])) if known else NOTHING

    def note(self, origin: str, tree: SeenTree) -> None:
        """Remember a tree."""
        known = self._read() | {origin: Seen(size=tree.size, root=base64.b64encode(tree.root).decode())}
        unfinished = self._file.with_name(f".{self._file.name}.new")
        with unfinished.open("w") as stream:
            json.dump(known, stream)
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.replace(self._file)
        folder = os.open(self._file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def check(self) -> None:
        """Raise where the memory cannot be read; for `/readyz`."""
        self._read()

    def _read(self) -> dict[str, Seen]:
        if not self._file.exists():
            return {}
        try:
            known: dict[str, Seen] = json.loads(self._file.read_text())
        except ValueError:
            raise DamagedMemoryError(
                f"{self._file} is damaged: put back its last copy, or the witness signs nothing"
            ) from None
        return known
