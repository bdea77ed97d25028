"""A gateway and a service behind it that know the stack's Keycloak by host name, as they do wherever it has one.

Browsers keep passkeys for names only, so a token made with one names an issuer that the stack, whose parts find one
another by number, was not told of.
"""

import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from songcau_local import key_material
from songcau_local.layout import Layout
from songcau_local.ports import free_port
from songcau_local.process_table import late_programs
from songcau_local.programs import Program

START_SECONDS = 60.0


@contextmanager
def gateway_for(layout: Layout, issuer: str) -> Iterator[str]:
    """Start eservices and a gateway on the stack's data that take tokens of `issuer`; return the gateway's address."""
    programs = {program.name: program for program in late_programs(layout, key_material.load_or_make(layout))}
    grpc, ops, http = (f"127.0.0.1:{free_port()}" for _ in range(3))
    service = {"ESERVICES_GRPC_ADDRESS": grpc, "ESERVICES_OPS_ADDRESS": ops, "ESERVICES_TOKEN_ISSUER": issuer}
    gateway = {"GATEWAY_ADDRESS": http, "GATEWAY_ESERVICES_ADDRESS": grpc, "GATEWAY_TOKEN_ISSUER": issuer}
    with ExitStack() as running:
        running.enter_context(_running(_moved(programs["eservices"], service, f"http://{ops}/readyz")))
        running.enter_context(_running(_moved(programs["gateway"], gateway, f"http://{http}/readyz")))
        yield f"http://{http}"


def _moved(program: Program, settings: Mapping[str, str], ready_url: str) -> Program:
    return replace(program, environment={**program.environment, **settings}, ready_url=ready_url)


@contextmanager
def _running(program: Program) -> Iterator[None]:
    process = subprocess.Popen(
        program.command, env=dict(program.environment), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until = time.monotonic() + START_SECONDS
        while not program.is_ready():
            assert process.poll() is None, f"{program.name} ended with {process.returncode}"
            assert time.monotonic() < until, f"{program.name} is not ready"
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(30)
