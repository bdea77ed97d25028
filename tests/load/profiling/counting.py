"""Statements, round trips, sendings and commits of one call, counted before PostgreSQL at a service of its own."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

from songcau_kit.tls import TlsFiles
from songcau_local import key_material
from songcau_local.ports import free_port
from songcau_local.process_table import late_programs
from support.round_trips import Count, CountingProxy, counting_proxy

from load.rounds import Send
from load.rpc_client import Door
from load.stage import Stage, as_in_operation

NAME = "eservices-counted"
TIMES = 9
_WRITES = re.compile(r"\b(insert into|update|delete from)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Counted:
    """What one call costs at the database: medians of several, one at a time, once all is prepared."""

    statements: int
    round_trips: int
    sendings: int
    commits: int


@contextmanager
def counted_service(stage: Stage) -> Iterator[tuple[CountingProxy, Door]]:
    """Run one more process of the public services behind a counting proxy; leave it to the stage to end it."""
    program = next(
        one for one in late_programs(stage.layout, key_material.load_or_make(stage.layout)) if one.name == "eservices"
    )
    ports = {name: f"127.0.0.1:{free_port()}" for name in ("ESERVICES_GRPC_ADDRESS", "ESERVICES_OPS_ADDRESS")}
    environment = as_in_operation(program).environment
    with counting_proxy(environment["ESERVICES_DATABASE_URL"]) as proxy:
        own = {**environment, **ports, "ESERVICES_DATABASE_URL": proxy.url}
        stage.processes.start(NAME, program.command, own)
        address = ports["ESERVICES_GRPC_ADDRESS"]
        stage.processes.wait_for_port(NAME, int(address.rpartition(":")[2]))
        yield proxy, Door(address, "eservices", TlsFiles.in_folder(stage.layout.workloads / "gateway"))


def count(proxy: CountingProxy, sends: Sequence[Send]) -> Counted:
    """Send each round of one call and count it; the first of them only prepare."""
    counts = []
    for send in sends:
        with proxy.counting() as one:
            send()
        counts.append(one)
    return _median(counts[-TIMES:])


def _median(counts: list[Count]) -> Counted:
    figures = [(len(one.statements), one.round_trips, one.sendings, commits(one.statements)) for one in counts]
    return Counted(*(int(median(column)) for column in zip(*figures, strict=True)))


def commits(statements: Sequence[str]) -> int:
    """Return how often a list of statements commits: each COMMIT, and each write outside of a transaction."""
    found, is_open = 0, False
    for statement in statements:
        word = statement.split(maxsplit=1)[0].lower()
        is_open = word == "begin" or (is_open and word != "commit")
        found += word == "commit" or (not is_open and _WRITES.search(statement) is not None)
    return found
