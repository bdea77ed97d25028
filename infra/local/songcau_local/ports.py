"""Ports for servers that are about to start."""

import socket

from songcau_local.layout import HOST


def free_port() -> int:
    """Return a TCP port on loopback that nobody has, and that the system gives to nobody else for a minute.

    A connection that its server ended first keeps the port in TIME_WAIT: connections that go out do not get it, only
    who asks for it by its number and with SO_REUSEADDR, as servers do.
    """
    with socket.create_server((HOST, 0)) as server, socket.create_connection(server.getsockname()):
        accepted, _ = server.accept()
        accepted.close()
        return int(server.getsockname()[1])
