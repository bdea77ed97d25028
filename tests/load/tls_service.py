"""An echo behind the kit's server twice, in the clear and over mutual TLS: `python -m load.tls_service FOLDER`.

FOLDER holds the certificates of a stack; the two ports follow.
"""

import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from songcau_kit.clock import SystemClock
from songcau_kit.rpc_server import RpcServer
from songcau_kit.tls import TlsFiles, TlsSource
from support.echo_service import METHODS, SERVICE, EchoServicer, add_EchoServicer_to_server
from support.rpc_world import echo_rules

WORKLOADS = {f"{SERVICE}/{method}": frozenset({"gateway"}) for method in METHODS}
NOBODY: Any = None  # calls come without a token


def serve(folder: Path, ports: Sequence[int]) -> list[RpcServer]:
    """Start both servers; they serve as long as they are held."""
    servers = []
    for port, tls in zip(ports, (None, TlsSource(TlsFiles.in_folder(folder / "identity"), "load")), strict=True):
        server = RpcServer(
            address=f"127.0.0.1:{port}",
            verifier=NOBODY,
            rules=echo_rules(),
            clock=SystemClock(),
            service_name="load",
            workloads=WORKLOADS,
            tls=tls,
        )
        server.add(add_EchoServicer_to_server, EchoServicer())
        server.start()
        servers.append(server)
    return servers


if __name__ == "__main__":
    held = serve(Path(sys.argv[1]), [int(port) for port in sys.argv[2:]])
    threading.Event().wait()
