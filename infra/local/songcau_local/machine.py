"""Whether this machine can take a stack: free ports, room on the disk, nothing left over of an earlier one."""

import contextlib
import shutil
import socket

import psutil

from songcau_local.errors import StackError
from songcau_local.layout import HOST, Layout
from songcau_local.status import find_status

NEEDED_MIB = 500


def check_room(layout: Layout) -> None:
    """Raise StackError where the disk of the state folder is nearly full."""
    layout.state.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(layout.state).free // 2**20
    if free < NEEDED_MIB:
        raise StackError(
            f"only {free} MiB are free where {layout.state} is, the stack needs {NEEDED_MIB}: make room, "
            "or choose another place with `--state DIR`"
        )


def check_ports(layout: Layout) -> None:
    """Raise StackError naming the first port that somebody else listens on, and who."""
    for name in layout.ports:
        port = layout.port(name)
        if not 1024 <= port <= 65535:
            raise StackError(f"the offset moves the port of {name} to {port}: choose a smaller `--port-offset`")
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                raise StackError(
                    f"port {port} ({name}) is taken by {_owner(port)}: stop it, or move the whole stack with "
                    "`.venv/bin/songcau up --port-offset 100`"
                ) from None


def end_leftovers(layout: Layout) -> int:
    """End processes whose supervisor is gone; return how many there were."""
    status = find_status(layout.status_file)
    if status is None or status.is_alive:
        return 0
    left = [process for item in status.processes if item.running and (process := item.running.find())]
    for process in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    _, stubborn = psutil.wait_procs(left, timeout=10)
    for process in stubborn:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    return len(left)


def _owner(port: int) -> str:
    try:
        for connection in psutil.net_connections(kind="inet"):
            here = connection.laddr.port if connection.laddr else 0
            is_listener = connection.status == psutil.CONN_LISTEN and here == port
            if is_listener and connection.pid:
                return f"{psutil.Process(connection.pid).name()} (process {connection.pid})"
    except psutil.Error:
        pass
    return "another program"
