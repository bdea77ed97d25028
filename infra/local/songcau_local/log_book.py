"""The one log of the stack: every line of every process, each process in its colour."""

import sys
import threading
from pathlib import Path

COLOURS = (36, 32, 33, 35, 34, 96, 92, 93, 95, 94, 91)
NAME_WIDTH = 16
ROTATE_AT_BYTES = 20 * 1024 * 1024


class LogBook:
    """Writes `stack.log`, and to the terminal where the stack runs in the foreground."""

    def __init__(self, folder: Path, *, echo: bool) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for file in folder.glob("*.log"):
            if file.stat().st_size > ROTATE_AT_BYTES:
                file.replace(file.with_suffix(".log.1"))
        self._file = (folder / "stack.log").open("a", encoding="utf-8")
        self._echo = echo
        self._lock = threading.Lock()
        self._colours: dict[str, int] = {}

    def write(self, name: str, line: str) -> None:
        """Write one line of one process."""
        with self._lock:
            if self._file.closed:
                return
            colour = self._colours.setdefault(name, COLOURS[len(self._colours) % len(COLOURS)])
            text = f"\x1b[{colour}m{name:<{NAME_WIDTH}}\x1b[0m {line}\n"
            self._file.write(text)
            self._file.flush()
            if self._echo:
                sys.stdout.write(text)
                sys.stdout.flush()

    def close(self) -> None:
        """Close the file; lines that still come are dropped."""
        with self._lock:
            self._file.close()
