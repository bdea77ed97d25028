"""`make bench`: gateway, service and middleware against the bare limits, in one run."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from uuid import uuid4

from google.protobuf.wrappers_pb2 import StringValue
from songcau_kit.tls import TlsFiles
from songcau_local.ports import free_port
from songcau_local.process_table import gateway_environment, python_environment
from songcau_local.programs import Program
from support.echo_service import EchoStub

from load import drafts, http_client, rounds, rpc_client
from load.drafts import Draft
from load.limits import pgbench, rows
from load.measures import Case, Round
from load.stage import Stage, as_in_operation, open_stage


@dataclass(frozen=True)
class Plan:
    """How much is measured: rounds per case, requests per round, connections (or threads, or clients) at once."""

    rounds: int = 9
    reads: int = 1500
    submissions: int = 240
    echoes: int = 3000
    connections: int = 8


# Six cases and the start stay below ten minutes, as long as three rounds of each do.
LONGEST_CASE_S = 75.0
LEAST_ROUNDS = 3
PGBENCH = "pgbench, prepared, the same four rows in one statement, as many clients"
# The bare processes, by the process of the platform that each stands beside.
BARE = {"gateway": "bare-gateway", "eservices": "bare-service"}
ECHO = "echo-gateway"
SHORT = Plan(rounds=3, reads=200, submissions=60, echoes=400)


@dataclass(frozen=True)
class Bench:
    """What the cases run against: the platform, the bare processes beside it, one submitted dossier."""

    stage: Stage
    plan: Plan
    bare_gateway: int
    echo_gateway: int
    dossier_id: str

    @property
    def gateway(self) -> int:
        """The port of the gateway."""
        return self.stage.layout.port("gateway")


@contextmanager
def open_bench(plan: Plan) -> Iterator[Bench]:
    """Start everything and submit the dossier that is read; end everything after the block."""
    with open_stage() as stage:
        drafts.wait_for_citizen(stage)
        draft = drafts.make(stage, 1, connections=1)[0]
        http_client.run(stage.layout.port("gateway"), [drafts.submission(stage, draft)], connections=1)
        rows.make_tables(stage.database(), draft.id)
        service, gateway, echo = free_port(), free_port(), free_port()
        stage.processes.start_module(BARE["eservices"], "load.limits.service", str(service), stage.database())
        stage.processes.start_module(BARE["gateway"], "load.limits.gateway", str(gateway), f"127.0.0.1:{service}")
        _start_echo(stage, echo)
        for name, port in ((BARE["eservices"], service), (BARE["gateway"], gateway), (ECHO, echo)):
            stage.processes.wait_for_port(name, port)
        yield Bench(stage, plan, gateway, echo, draft.id)


def _start_echo(stage: Stage, port: int) -> None:
    settings = python_environment(gateway_environment(stage.layout))
    own = as_in_operation(Program("gateway", (), settings)).environment
    stage.processes.start_module(ECHO, "load.echo_gateway", str(port), environment=own)


def measure(case: Case, bench: Bench, limit: Callable[[], Round], ours: Callable[[], Round]) -> Case:
    """Take both sides in turns, neither with the other's events still under way; a first pair does not count.

    A machine so busy that the rounds do not fit into the time of a case gives fewer, three at least.
    """
    until = time.monotonic() + LONGEST_CASE_S
    for number in range(bench.plan.rounds + 1):
        if number > LEAST_ROUNDS and time.monotonic() > until:
            break
        bench.stage.settle()
        bare = limit()
        bench.stage.settle()
        own = ours()
        if number:
            case.add(bare, own)
    return case


def read_case(bench: Bench) -> Case:
    """Return a gateway's read of one dossier beside the bare hop."""

    def once(port: int) -> Round:
        plan = bench.plan
        return rounds.reads(bench.stage, bench.dossier_id, plan.reads, port=port, at_once=plan.connections)()

    case = Case(
        "read of one dossier over HTTP",
        0.75,
        "GET /v1/dossiers/{id} through the gateway: token, rates, access rules, four tables, sealed fields opened, the "
        "read committed to the audit before the answer leaves",
        "bare FastAPI → grpc.aio → thread-pool gRPC → psycopg select of the same row by its key",
    )
    return measure(case, bench, partial(once, bench.bare_gateway), partial(once, bench.gateway))


def submit_case(bench: Bench) -> Case:
    """Return a submission over HTTP beside the bare hop and insert."""
    plan, stage = bench.plan, bench.stage
    case = Case(
        "submission over HTTP, everything on",
        0.75,
        "POST /v1/dossiers/{id}/submit: token, rates, idempotency, version, rules of the procedure, checklist, "
        "history, event, audit, sealed answer; the relay publishes meanwhile",
        "bare FastAPI → grpc.aio → thread-pool gRPC → psycopg insert of four rows in one statement",
    )

    def ours() -> Round:
        return rounds.submissions(stage, plan.submissions, at_once=plan.connections)()

    return measure(case, bench, bare_submissions(bench, plan.submissions), ours)


def bare_submissions(bench: Bench, count: int) -> Callable[[], Round]:
    """Return what sends as many submissions through the bare hop."""

    def send() -> Round:
        ids = [str(uuid4()) for _ in range(count)]
        sent = [
            http_client.request("POST", f"/v1/dossiers/{one}/submit", drafts.write_headers(bench.stage)) for one in ids
        ]
        return http_client.run(bench.bare_gateway, sent, connections=bench.plan.connections)

    return send


def rpc_case(bench: Bench) -> Case:
    """Return a submission over gRPC beside pgbench."""
    plan, stage = bench.plan, bench.stage

    def ours() -> Round:
        return rounds.rpc_submissions(stage, plan.submissions, at_once=plan.connections)()

    case = Case("submission over gRPC", 0.45, "SubmitDossier called at the service with everything on", PGBENCH)
    return measure(case, bench, partial(_pgbench, bench), ours)


def floor_case(bench: Bench) -> Case:
    """Return the least a Python service does for a submission beside pgbench; it explains the case of before."""
    plan, stage, port = bench.plan, bench.stage, free_port()
    folder = stage.layout.workloads
    stage.processes.start_module(
        "floor-service", "load.limits.service", str(port), stage.database(), str(folder / "eservices")
    )
    stage.processes.wait_for_port("floor-service", port)
    door = rpc_client.Door(f"127.0.0.1:{port}", "eservices", TlsFiles.in_folder(folder / "gateway"))

    def floor() -> Round:
        invented = [Draft(str(uuid4()), 1) for _ in range(plan.submissions)]
        return rounds.rpc_submissions_of(stage, invented, at_once=plan.connections, door=door)()

    case = Case(
        "floor of the case above (explanatory)",
        None,
        "the same four rows in one statement from Python: grpcio's thread pool, mutual TLS, psycopg, the kept answer "
        "sealed; no token, no rules, no reads",
        PGBENCH,
    )
    return measure(case, bench, partial(_pgbench, bench), floor)


def _pgbench(bench: Bench) -> Round:
    plan = bench.plan
    return pgbench.run(bench.stage.database(), clients=plan.connections, transactions=plan.submissions)


def echo_case(bench: Bench) -> Case:
    """Return the gateway's middleware around an echo beside FastAPI's own echo."""

    def once(port: int) -> Round:
        return rounds.echoes(bench.stage, bench.plan.echoes, port=port, at_once=bench.plan.connections)()

    case = Case(
        "our middleware alone",
        0.85,
        "edge, token, rates, gates, log line and measurement of the gateway around an echo of a draft's body",
        "FastAPI's echo of the same body through the same Pydantic model",
    )
    return measure(case, bench, partial(once, bench.bare_gateway), partial(once, bench.echo_gateway))


def tls_case(bench: Bench) -> Case:
    """Return calls over mutual TLS beside the same calls in the clear."""
    plan, stage = bench.plan, bench.stage
    plain, secured = free_port(), free_port()
    folder = stage.layout.workloads
    stage.processes.start_module("tls-service", "load.tls_service", str(folder), str(plain), str(secured))
    stage.processes.wait_for_port("tls-service", secured)

    def once(door: rpc_client.Door) -> Round:
        word = StringValue(value="hồ sơ" * 40)
        return rpc_client.run(
            door, lambda channel: EchoStub(channel).Say, [word] * plan.echoes, metadata=(), at_once=plan.connections
        )

    clear = rpc_client.Door(f"127.0.0.1:{plain}")
    mutual = rpc_client.Door(f"127.0.0.1:{secured}", "identity", TlsFiles.in_folder(folder / "gateway"))
    case = Case(
        "mutual TLS between processes",
        0.85,
        "an echo of 400 bytes behind the kit's gRPC server over mutual TLS, the caller looked up in the method's table",
        "the same server in the clear",
    )
    return measure(case, bench, partial(once, clear), partial(once, mutual))


CASES = {
    "read": read_case,
    "submit": submit_case,
    "rpc": rpc_case,
    "floor": floor_case,
    "echo": echo_case,
    "tls": tls_case,
}


def run(plan: Plan, names: list[str]) -> list[Case]:
    """Run the named cases one after the other."""
    with open_bench(plan) as bench:
        return [CASES[name](bench) for name in names]
