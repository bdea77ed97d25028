"""`make profile`: where the time of a read and of a submission goes, while the bounded rounds of `make bench` run."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from load import http_cases, rounds
from load.http_cases import Bench, Plan
from load.profiling import costs, counting, pages, sampling, spending
from load.profiling.sampling import EVERY_THREAD, HOLDING, Profile
from load.rounds import Send

# Long enough for a thousand samples of each process on two cores.
FULL, SHORT = Plan(reads=3000, submissions=900), Plan(reads=300, submissions=90)
READ, HTTP, RPC = "read over HTTP", "submission over HTTP", "submission over gRPC"


@dataclass
class Findings:
    """What was found of one operation: samples by process, calls by what they wait for, milliseconds by process."""

    shares: dict[str, dict[str, float]] = field(default_factory=dict)
    waiting: dict[str, float] = field(default_factory=dict)
    spent: dict[str, float] = field(default_factory=dict)
    limit_spent: dict[str, float] = field(default_factory=dict)
    outside_python: dict[str, float] = field(default_factory=dict)


def run(plan: Plan) -> list[str]:
    """Profile every operation and return the lines of the page."""
    with http_cases.open_bench(plan) as bench:
        found = {name: _find(bench, prepare) for name, prepare in _operations(bench).items()}
        found[READ].limit_spent = _limit(bench, rounds.reads(
            bench.stage, bench.dossier_id, plan.reads, port=bench.bare_gateway, at_once=plan.connections
        ))  # fmt: skip
        found[HTTP].limit_spent = _limit(bench, http_cases.bare_submissions(bench, plan.submissions))
        return pages.lines(found, dict(_counted(bench)))


def _operations(bench: Bench) -> dict[str, Callable[[], Send]]:
    stage, plan = bench.stage, bench.plan
    return {
        READ: partial(rounds.reads, stage, bench.dossier_id, plan.reads, port=bench.gateway, at_once=plan.connections),
        HTTP: partial(rounds.submissions, stage, plan.submissions, at_once=plan.connections),
        RPC: partial(rounds.rpc_submissions, stage, plan.submissions, at_once=plan.connections),
    }


def _find(bench: Bench, prepare: Callable[[], Send]) -> Findings:
    found = Findings()
    prepare()()  # warms up
    bench.stage.settle()
    found.spent = spending.of_round(bench.stage, prepare())
    for process, table in (("gateway", costs.GATEWAY), ("eservices", costs.SERVICE)):
        profile = _profile(bench, process, HOLDING, prepare())
        found.shares[process] = costs.shares(profile.stacks, table)
        found.outside_python[process] = profile.outside_python_s / max(profile.processor_s, 1e-9)
    found.waiting = costs.waiting_calls(_profile(bench, "eservices", EVERY_THREAD, prepare()).stacks)
    return found


def _profile(bench: Bench, process: str, mode: tuple[str, ...], send: Send) -> Profile:
    bench.stage.settle()
    with sampling.sampled(bench.stage.processes.pid(process), mode) as profile:
        send()
    return profile


def _limit(bench: Bench, send: Send) -> dict[str, float]:
    pids = {name: bench.stage.processes.pid(bare) for name, bare in http_cases.BARE.items()}
    bench.stage.settle()
    send()
    return spending.of_round(bench.stage, send, pids)


def _counted(bench: Bench) -> Iterator[tuple[str, counting.Counted]]:
    stage = bench.stage
    with counting.counted_service(stage) as (proxy, door):
        reads = [rounds.rpc_reads(stage, bench.dossier_id, 1, at_once=1, door=door) for _ in range(20)]
        yield "GetDossier", counting.count(proxy, reads)
        submissions = [rounds.rpc_submissions(stage, 1, at_once=1, door=door) for _ in range(20)]
        yield "SubmitDossier", counting.count(proxy, submissions)
