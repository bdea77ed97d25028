"""`make profile`: where the time of a read and of a submission goes, while the bounded rounds of `make bench` run."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from load import http_cases, rounds
from load.http_cases import Bench, Plan
from load.profiling import costs, counting, pages, sampling, spending
from load.profiling.sampling import EVERY_THREAD, HOLDING, Profile
from load.rounds import Send

FULL, SHORT = Plan(reads=1500, submissions=400, echoes=6000), Plan(reads=300, submissions=90, echoes=600)
READ, HTTP, RPC, ECHO = "read over HTTP", "submission over HTTP", "submission over gRPC", "middleware alone"
OURS = {place: place for place in costs.TABLES}


@dataclass(frozen=True)
class Operation:
    """What is profiled: rounds of ours and of the limit, and the processes that answer, by the place they stand in."""

    prepare: Callable[[], Send]
    processes: Mapping[str, str]
    limit: Callable[[], Send] | None = None
    bare: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Findings:
    """What was found of one operation: profiles by process, calls by what they wait for, milliseconds by process."""

    profiles: dict[str, Profile] = field(default_factory=dict)
    waiting: dict[str, float] = field(default_factory=dict)
    spent: dict[str, float] = field(default_factory=dict)
    limit_spent: dict[str, float] = field(default_factory=dict)

    def shares(self, place: str) -> dict[str, float]:
        """Return the shares of the costs of a process, the largest first."""
        return costs.shares(self.profiles[place].stacks, costs.TABLES[place])


def run(plan: Plan) -> list[str]:
    """Profile every operation and return the lines of the page."""
    with http_cases.open_bench(plan) as bench:
        found = {name: _find(bench, operation) for name, operation in _operations(bench).items()}
        return pages.lines(found, dict(_counted(bench)))


def _operations(bench: Bench) -> dict[str, Operation]:
    stage, plan, at_once = bench.stage, bench.plan, bench.plan.connections
    read = partial(rounds.reads, stage, bench.dossier_id, plan.reads, at_once=at_once)
    submit = partial(rounds.submissions, stage, plan.submissions, at_once=at_once)
    echo = partial(rounds.echoes, stage, plan.echoes, at_once=at_once)
    bare = partial(http_cases.bare_submissions, bench, plan.submissions)
    bare_port, bare_gateway = bench.bare_gateway, {"gateway": http_cases.BARE["gateway"]}
    return {
        READ: Operation(partial(read, port=bench.gateway), OURS, partial(read, port=bare_port), http_cases.BARE),
        HTTP: Operation(submit, OURS, bare, http_cases.BARE),
        RPC: Operation(
            partial(rounds.rpc_submissions, stage, plan.submissions, at_once=at_once), {"eservices": "eservices"}
        ),
        ECHO: Operation(
            partial(echo, port=bench.echo_gateway),
            {"gateway": http_cases.ECHO},
            partial(echo, port=bare_port),
            bare_gateway,
        ),
    }


def _find(bench: Bench, operation: Operation) -> Findings:
    found, stage = Findings(), bench.stage
    found.spent = _spent(bench, operation.prepare, operation.processes)
    if operation.limit is not None:
        found.limit_spent = _spent(bench, operation.limit, operation.bare)
    for place, process in operation.processes.items():
        found.profiles[place] = _profile(bench, process, HOLDING, operation.prepare())
    if "eservices" in operation.processes:
        everybody = _profile(bench, "eservices", EVERY_THREAD, operation.prepare())
        found.waiting = costs.waiting_calls(everybody.stacks)
    stage.settle()
    return found


def _spent(bench: Bench, prepare: Callable[[], Send], processes: Mapping[str, str]) -> dict[str, float]:
    prepare()()  # warms up
    send = prepare()
    bench.stage.settle()
    return spending.of_round(bench.stage, send, processes)


def _profile(bench: Bench, process: str, mode: tuple[str, ...], send: Send) -> Profile:
    bench.stage.settle()
    with sampling.sampled(bench.stage.processes.pid(process), mode) as profile:
        send()
    return profile


def _counted(bench: Bench) -> Iterator[tuple[str, counting.Counted]]:
    stage = bench.stage
    with counting.counted_service(stage) as (proxy, door):
        reads = [rounds.rpc_reads(stage, bench.dossier_id, 1, at_once=1, door=door) for _ in range(20)]
        yield "GetDossier", counting.count(proxy, reads)
        submissions = [rounds.rpc_submissions(stage, 1, at_once=1, door=door) for _ in range(20)]
        yield "SubmitDossier", counting.count(proxy, submissions)
