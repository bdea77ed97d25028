"""The platform as it runs in operation, for one measurement: every process, logs as JSON, rates that never refuse."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import psycopg
from songcau_kit.tls import TlsFiles
from songcau_local import databases, key_material
from songcau_local.browser import Tokens, renew, sign_in
from songcau_local.layout import Layout
from songcau_local.postgres import EmbeddedPostgres
from songcau_local.process_table import early_programs, late_programs
from songcau_local.programs import Program
from songcau_local.seeding import Seeding
from songcau_local.supervisor import POSTGRES_SETTINGS
from support.port_offsets import reserved_offset

from load.processes import Processes
from load.rpc_client import Door

CITIZEN = "an"
RENEW_AFTER_S = 100.0
SETTLES_WITHIN_S = 60.0
_WAITING = "select exists (select from outbox)"
_BEHIND = """select exists (select from bus.positions join bus.partitions using (topic, partition)
    where positions.next_offset < partitions.next_offset)"""
# Counted as always, but no round is long enough to use them up.
RATES = {f"GATEWAY_RATE_PER_{kind}": "100000000/minute" for kind in ("ADDRESS", "PERSON", "CLIENT")}


@dataclass
class Stage:
    """A running platform and a signed-in citizen."""

    layout: Layout
    processes: Processes
    _tokens: Tokens | None = field(default=None, repr=False)
    _renewed_at: float = 0.0

    def token(self) -> str:
        """Return an access token of the citizen that is good for a round."""
        if self._tokens is None:
            self._tokens = sign_in(self.layout, CITIZEN)
            self._renewed_at = time.monotonic()
        elif time.monotonic() - self._renewed_at > RENEW_AFTER_S:
            self._tokens = renew(self.layout, "citizen-app", self._tokens)
            self._renewed_at = time.monotonic()
        return self._tokens.access

    def door(self, service: str) -> Door:
        """Return the gRPC door of a service, for one who comes as the gateway."""
        gateway = TlsFiles.in_folder(self.layout.workloads / "gateway")
        return Door(self.layout.address(service), service, gateway)

    def settle(self) -> None:
        """Wait until every event has had its effect, so that a round does not pay for what was before it."""
        until = time.monotonic() + SETTLES_WITHIN_S
        with ExitStack() as stack:
            asked = [
                (stack.enter_context(psycopg.connect(self.database(name), autocommit=True)), question)
                for name, question in (("eservices", _WAITING), ("identity", _WAITING), ("bus", _BEHIND))
            ]
            while any(connection.execute(question).fetchone() == (True,) for connection, question in asked):
                if time.monotonic() > until:
                    raise TimeoutError("events are still under way")
                time.sleep(0.1)

    def database(self, name: str = "eservices") -> str:
        """Return the address of a database for its owner of everything."""
        return self.layout.database("postgres", name)


@contextmanager
def open_stage() -> Iterator[Stage]:
    """Start PostgreSQL and the processes of identity, public services and gateway; end them after the block."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="songcau-load-")))
        layout = Layout(folder, stack.enter_context(reserved_offset()))
        secrets = key_material.load_or_make(layout)
        postgres = EmbeddedPostgres(folder / "postgres", port=layout.port("postgres"), settings=POSTGRES_SETTINGS)
        stack.callback(postgres.discard)
        postgres.start()
        databases.prepare(layout, lambda _: None)
        processes = stack.enter_context(Processes(folder / "logs"))
        programs = [*early_programs(layout, secrets), *late_programs(layout, secrets)]
        wanted = [as_in_operation(one) for one in programs if not one.name.startswith(("telehealth", "audit"))]
        for program in wanted:
            processes.start(program.name, program.command, program.environment)
        for program in wanted:
            if program.name != "gateway":  # it is ready once telehealth is, which nobody needs here
                processes.wait_for(program)
        processes.wait_for_port("gateway", layout.port("gateway"))
        Seeding.start(layout, secrets).finish(lambda _: None)
        yield Stage(layout, processes)


def as_in_operation(program: Program) -> Program:
    """Return the program with the logs of operation and with rates that let a measurement through."""
    environment = {
        name: "json" if name.endswith("_LOG_FORMAT") else value for name, value in program.environment.items()
    }
    if program.name == "gateway":
        environment |= {"GATEWAY_LOG_FORMAT": "json", **RATES}
    return replace(program, environment=environment)
