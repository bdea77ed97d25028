"""What a service believes of the audit log, and what waits while nobody vouches for it."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from songcau.common.v1.audit_checkpoint_event_pb2 import AuditCheckpointEvent
from songcau_kit.audit_checkpoints import CheckpointKeeping, Verdict
from songcau_kit.audit_log_guard import AuditLogGuard
from songcau_kit.clock import FixedClock
from songcau_kit.database import Database
from songcau_kit.errors import DomainError
from songcau_kit.migrations import KIT, migrate
from songcau_kit.signed_notes import NoteSigner, NoteVerifier, Use, new_private_key
from support.log_signer import ORIGIN, LogSigner

SENSITIVE = "songcau.test.v1.Decisions/Decide"
OTHER = "songcau.test.v1.Decisions/Read"


@pytest.fixture
def database(postgres_url_factory: Callable[[str], str]) -> Iterator[Database]:
    url = postgres_url_factory("checkpoints")
    migrate(url, package=KIT)
    database = Database(url, application_name="test-serve")
    yield database
    database.close()


@pytest.fixture
def log() -> LogSigner:
    return LogSigner()


class Service:
    """A service that believes some keys of the log."""

    def __init__(self, database: Database, clock: FixedClock, *keys: NoteVerifier) -> None:
        self._database, self._clock = database, clock
        self._keeping = CheckpointKeeping(keys, clock)
        self.guard = AuditLogGuard(database, clock, methods={SENSITIVE}, max_age_seconds=60)

    def hear(self, event: AuditCheckpointEvent) -> Verdict | None:
        with self._database.transaction() as connection:
            return self._keeping.keep(connection, event)

    def waits(self, method: str = SENSITIVE) -> bool:
        try:
            self.guard.check(f"/{method}")
        except DomainError as error:
            return error.reason.code == "AUDIT_LOG_STALE"
        return False


@pytest.fixture
def service(database: Database, fixed_clock: FixedClock, log: LogSigner) -> Service:
    return Service(database, fixed_clock, log.signer.verifier)


def test_sensitive_writes_wait_until_there_is_a_checkpoint_and_nothing_else_does(service, log, fixed_clock):
    assert service.waits()
    assert not service.waits(OTHER)
    assert service.hear(log.event(1, at=fixed_clock.now())) is Verdict.UNPROVED
    assert not service.waits()


def test_they_stop_when_the_newest_checkpoint_is_too_old_and_go_on_with_the_next(service, log, fixed_clock):
    service.hear(log.event(1, at=fixed_clock.now()))
    fixed_clock.advance(timedelta(seconds=60))
    assert not service.waits()
    fixed_clock.advance(timedelta(seconds=1))
    assert service.waits()
    assert service.hear(log.event(1, at=fixed_clock.now(), previous=1)) is Verdict.KEPT
    assert not service.waits()


def test_a_checkpoint_that_continues_the_last_is_kept(service, log, fixed_clock):
    service.hear(log.event(3, at=fixed_clock.now()))
    fixed_clock.advance(timedelta(seconds=61))
    assert service.hear(log.event(7, at=fixed_clock.now(), previous=3)) is Verdict.KEPT
    assert not service.waits()


@pytest.mark.parametrize("size", [4, 5, 9])
def test_a_log_that_forked_is_not_believed_though_its_own_key_signed(service, log, fixed_clock, size: int):
    service.hear(log.event(5, at=fixed_clock.now()))
    fork = LogSigner(entries="other entry")
    fork.signer = log.signer
    fixed_clock.advance(timedelta(seconds=61))
    verdict = service.hear(fork.event(size, at=fixed_clock.now(), previous=min(size, 5)))
    assert verdict is (Verdict.OLDER if size < 5 else Verdict.INCONSISTENT)
    assert service.waits()


def test_a_log_that_went_back_is_not_believed(service, log, fixed_clock):
    service.hear(log.event(5, at=fixed_clock.now()))
    fixed_clock.advance(timedelta(seconds=61))
    assert service.hear(log.event(4, at=fixed_clock.now(), previous=3)) is Verdict.OLDER
    assert service.waits()


def forged(log: LogSigner, at, kind: str) -> AuditCheckpointEvent:
    stranger = NoteSigner.from_pem(ORIGIN, Use.NOTE, new_private_key().encode())
    if kind == "by another key":
        return log.event(6, at=at, previous=5, signers=(stranger, stranger.timed))
    if kind == "without a signed time":
        return log.event(6, at=at, previous=5, signers=(log.signer,))
    if kind == "with a time of another key":
        return log.event(6, at=at, previous=5, signers=(log.signer, stranger.timed))
    if kind == "an old note as new":
        event = log.event(5, at=at - timedelta(seconds=61))
        event.meta.occurred_at.FromDatetime(at)
        return event
    event = log.event(6, at=at, previous=5)
    if kind == "another size than signed":
        event.tree_size = 7
    elif kind == "another root than signed":
        event.root_hash = bytes(32)
    elif kind == "with a line that no database keeps":
        event.note += "— \0 AAAA\n"
    elif kind == "of another log":
        event.meta.aggregate_id = "other.songcau.test"
    else:
        event.note = "note"
    return event


@pytest.mark.parametrize(
    "kind",
    [
        "by another key",
        "without a signed time",
        "with a time of another key",
        "an old note as new",
        "another size than signed",
        "another root than signed",
        "of another log",
        "with a line that no database keeps",
        "no note",
    ],
)
def test_a_forged_checkpoint_lets_nothing_through(service, log, fixed_clock, kind: str):
    service.hear(log.event(5, at=fixed_clock.now()))
    fixed_clock.advance(timedelta(seconds=61))
    verdict = service.hear(forged(log, fixed_clock.now(), kind))
    assert verdict is (Verdict.OLDER if kind == "an old note as new" else Verdict.FORGED)
    assert service.waits()


def test_while_a_key_takes_the_place_of_another_both_are_believed_and_then_the_new_one_alone(
    database, fixed_clock, log
):
    new = LogSigner()
    during = Service(database, fixed_clock, log.signer.verifier, new.signer.verifier)
    assert during.hear(log.event(1, at=fixed_clock.now())) is Verdict.UNPROVED
    fixed_clock.advance(timedelta(seconds=1))
    assert during.hear(new.event(2, at=fixed_clock.now(), previous=1)) is Verdict.KEPT
    after = Service(database, fixed_clock, new.signer.verifier)
    fixed_clock.advance(timedelta(seconds=61))
    assert after.hear(log.event(3, at=fixed_clock.now(), previous=2)) is Verdict.FORGED
    assert after.waits()
    assert after.hear(new.event(3, at=fixed_clock.now(), previous=2)) is Verdict.KEPT
    assert not after.waits()


def test_without_a_key_no_checkpoint_is_believed(database, fixed_clock, log):
    service = Service(database, fixed_clock)
    assert service.hear(log.event(1, at=fixed_clock.now())) is Verdict.FORGED
    assert service.waits()


def test_who_missed_checkpoints_goes_on_by_the_key_alone_and_says_so(service, log, fixed_clock):
    service.hear(log.event(2, at=fixed_clock.now()))
    fixed_clock.advance(timedelta(seconds=61))
    assert service.hear(log.event(9, at=fixed_clock.now(), previous=6)) is Verdict.UNPROVED
    assert not service.waits()


def test_an_older_checkpoint_that_comes_late_changes_nothing(service, log, fixed_clock):
    fixed_clock.advance(timedelta(seconds=100))
    service.hear(log.event(5, at=fixed_clock.now()))
    late = log.event(6, at=fixed_clock.now() - timedelta(seconds=100), previous=4)
    assert service.hear(late) is Verdict.OLDER
    assert service.hear(log.event(5, at=fixed_clock.now())) is Verdict.OLDER
    assert not service.waits()


def test_a_checkpoint_from_the_future_vouches_for_nothing_and_keeps_no_true_one_out(service, log, fixed_clock):
    assert service.hear(log.event(5, at=fixed_clock.now() + timedelta(days=400))) is Verdict.AHEAD
    assert service.waits()
    service.hear(log.event(5, at=fixed_clock.now()))
    assert not service.waits()


def test_a_row_from_the_future_lets_nothing_through(database, service, log, fixed_clock):
    service.hear(log.event(5, at=fixed_clock.now()))
    with database.transaction() as connection:
        connection.execute("update audit_checkpoints set signed_at = signed_at + interval '400 days'")
    assert service.waits()


def test_without_a_limit_the_log_is_not_asked(database, fixed_clock):
    AuditLogGuard(database, fixed_clock, methods={SENSITIVE}, max_age_seconds=0).check(SENSITIVE)


def test_the_schema_of_the_release_before_loses_no_event_and_lets_no_sensitive_write_through(
    database, service, log, fixed_clock
):
    with database.transaction() as connection:
        connection.execute("drop table audit_checkpoints")
    assert service.hear(log.event(1, at=fixed_clock.now())) is None
    assert service.waits()
