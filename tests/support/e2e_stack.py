"""Starting a whole stack and running the `songcau` command against it, as a person would."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from songcau_local.errors import StackError
from songcau_local.layout import FULL_PORTS, PORTS, Layout
from songcau_local.machine import check_ports

START_SECONDS = 240


def free_offset() -> int:
    """Return an offset at which every port of a stack is free."""
    for offset in range(1_000, 10_000, 211):
        layout = Layout(Path(tempfile.gettempdir()) / "songcau-none", offset, is_full=True)
        if max(*PORTS.values(), *FULL_PORTS.values()) + offset > 65_000:
            break
        try:
            check_ports(layout)
        except StackError:
            continue
        return offset
    raise AssertionError("no room for a stack's ports on this machine")


def songcau(
    layout: Layout,
    *words: str,
    environment: Mapping[str, str] | None = None,
    seconds: float = START_SECONDS,
    state: bool = True,
) -> subprocess.CompletedProcess[str]:
    """Run the command as a person would."""
    where = ("--state", str(layout.state)) if state else ()
    command = [sys.executable, "-m", "songcau_local", *words, *where]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
        env={**os.environ, **(environment or {})},
    )
