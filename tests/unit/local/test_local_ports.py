"""Ports for servers that are about to start."""

import socket
import subprocess
import sys

import pytest
from songcau_local.layout import HOST
from songcau_local.ports import free_port

# What a machine at work does meanwhile, in another process: connections go out and ask for any port there is.
BUSY = """
import socket
with socket.create_server(("127.0.0.1", 0), backlog=4096) as server:
    for _ in range(300):
        client = socket.create_connection(server.getsockname())
        accepted, _ = server.accept()
        client.close()
        accepted.close()
"""


def test_the_port_is_kept_from_who_asks_for_any_and_given_to_a_server_that_asks_for_it():
    port = free_port()
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind((HOST, port))
    with socket.create_server((HOST, port)) as server:
        assert server.getsockname()[1] == port


def test_no_port_is_given_twice_while_others_take_ports_too():
    with subprocess.Popen([sys.executable, "-c", BUSY]) as busy:
        ports = [free_port() for _ in range(300)]
    assert busy.returncode == 0
    assert len(set(ports)) == len(ports)
    for port in ports:
        socket.create_server((HOST, port)).close()
