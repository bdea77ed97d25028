"""`make bench-audit`: a read with and without its entry, and how fast entries become leaves of the signed tree."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from uuid import UUID, uuid4

from songcau.common.v1.access_event_pb2 import AccessEvent
from songcau_audit import app, consumers
from songcau_audit.integration import Integration
from songcau_audit.settings import Settings
from songcau_kit.audit import AuditEntry, AuditJournal
from songcau_kit.audit_checkpoints import CheckpointKeeping
from songcau_kit.audit_log_guard import AuditLogGuard
from songcau_kit.clock import SystemClock
from songcau_kit.database import Database
from support.log_signer import LogSigner

from load.database import scratch_database

METHOD = "songcau.bench.v1.Bench/Decide"
BATCH = 200


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    rounds: int = 9
    reads: int = 600
    accesses: int = 4_000
    checks: int = 200_000


SHORT = Plan(rounds=3, reads=100, accesses=400, checks=20_000)


def run(plan: Plan) -> list[str]:
    """Return the lines of the section; leaves nothing behind."""
    with _database() as database:
        return [
            "A read is one indexed select through the kit's pool; with its entry it is that and `AuditJournal.write`, "
            f"which returns once entry and event are committed. {plan.rounds} rounds a side in turns of {plan.reads} "
            "reads; a ratio is the median of those of neighbouring rounds.",
            "",
            "| readers at once | with entry, a second | without | **ratio** | an entry costs a request |",
            "|---:|---:|---:|---:|---:|",
            *(_reading(database, plan, at_once) for at_once in (1, 4, 16)),
            "",
            *_growing(database, plan),
            "",
            _guarding(database, plan),
        ]


def _reading(database: Database, plan: Plan, at_once: int) -> str:
    journal = AuditJournal(database)
    entry = _entry(uuid4())

    def plain() -> None:
        with database.read() as connection:
            connection.execute("select size from trees where id").fetchone()

    def entered() -> None:
        plain()
        journal.write(entry)

    pairs = [(_rate(entered, plan.reads, at_once), _rate(plain, plan.reads, at_once)) for _ in range(plan.rounds + 1)]
    with_entry, without = zip(*pairs[1:], strict=True)  # the first round warms up
    ours, bare = median(with_entry), median(without)
    ratio = median(one / other for one, other in pairs[1:])
    cost = at_once * 1000 * (1 / ours - 1 / bare)
    return f"| {at_once} | {ours:,.0f} | {bare:,.0f} | **{ratio:.2f}** | {cost:.2f} ms |"


def _growing(database: Database, plan: Plan) -> list[str]:
    settings = Settings()
    keeping = app.build_keeping(settings, database, SystemClock())
    handler = consumers.handlers(keeping.sealing, keeping.gate.forget)["eservices.access.v1"]
    events = [_event(uuid4()) for _ in range(plan.accesses)]
    seconds = {"sealed and queued": 0.0, "given their place": 0.0, "the same events kept as they are": 0.0}

    def timed(what: str, act: Callable[[], object]) -> None:
        began = time.perf_counter()
        act()
        seconds[what] += time.perf_counter() - began

    def seal(batch: list[AccessEvent]) -> None:
        with database.transaction(pipeline=True) as connection:
            for event in batch:
                handler.handle(connection, event)

    def keep(batch: list[AccessEvent]) -> None:
        with database.transaction(pipeline=True) as connection:
            for event in batch:
                connection.execute("insert into kept values (%s, %s)", (event.meta.id, event.SerializeToString()))

    with database.single() as connection:
        connection.execute("create table kept (id uuid primary key, event bytea not null)")
    integration = Integration(database)
    for start in range(0, plan.accesses, BATCH):
        batch = events[start : start + BATCH]
        timed("sealed and queued", lambda batch=batch: seal(batch))
        timed("given their place", integration.integrate)
        timed("the same events kept as they are", lambda batch=batch: keep(batch))
    rates = {what: plan.accesses / taken for what, taken in seconds.items()}
    whole = plan.accesses / (seconds["sealed and queued"] + seconds["given their place"])
    share = whole / rates["the same events kept as they are"]
    return [
        f"{plan.accesses:,} accesses to as many citizens, {BATCH} a transaction, one thread; each makes a key. One "
        f"process of `work` does both: **{whole:,.0f} a second**, {share:.2f} of keeping the same events as "
        "they are.",
        "",
        "| what | a second |",
        "|---|---:|",
        *(f"| {what} | {rate:,.0f} |" for what, rate in rates.items()),
    ]


def _guarding(database: Database, plan: Plan) -> str:
    clock = SystemClock()
    log = LogSigner()
    with database.transaction() as connection:
        CheckpointKeeping([log.signer.verifier], clock).keep(connection, log.event(1, at=clock.now()))
    guard = AuditLogGuard(database, clock, methods={METHOD}, max_age_seconds=900)
    began = time.perf_counter()
    for _ in range(plan.checks):
        guard.check(METHOD)
    each = (time.perf_counter() - began) / plan.checks
    return f"A sensitive write looks how old the newest checkpoint is: {each * 1e6:.1f} µs, the database is not asked."


def _rate(act: Callable[[], None], count: int, at_once: int) -> float:
    with ThreadPoolExecutor(at_once) as pool:
        began = time.perf_counter()
        for done in [pool.submit(act) for _ in range(count)]:
            done.result()
        return count / (time.perf_counter() - began)


def _entry(citizen: UUID) -> AuditEntry:
    return AuditEntry(
        subject_id=citizen,
        actor_id="bench",
        actor_kind="OFFICER",
        actor_organization="H55",
        on_behalf_of=None,
        client_id="bench",
        operation="GET_DOSSIER",
        object_kind="dossier",
        object_id=str(citizen),
        purpose="DOSSIER_PROCESSING",
        outcome="ALLOWED",
        reason=None,
        correlation_id="bench",
    )


def _event(citizen: UUID) -> AccessEvent:
    event = AccessEvent(
        subject_id=str(citizen),
        service="eservices",
        client_id="bench",
        operation="GET_DOSSIER",
        object_kind="dossier",
        object_id=str(citizen),
        purpose="DOSSIER_PROCESSING",
        outcome="ACCESS_OUTCOME_ALLOWED",
    )
    event.meta.id, event.meta.aggregate_id = str(uuid4()), str(citizen)
    event.meta.occurred_at.GetCurrentTime()
    return event


@contextmanager
def _database() -> Iterator[Database]:
    with scratch_database("songcau_audit") as url:
        database = Database(url, max_size=16, application_name="audit-bench")
        yield database
        database.close()
