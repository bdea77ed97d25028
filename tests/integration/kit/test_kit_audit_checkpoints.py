"""What a service knows of the audit log, and what waits while nobody vouches for it."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from songcau.common.v1.audit_checkpoint_event_pb2 import AuditCheckpointEvent
from songcau_kit.audit_checkpoints import AuditLogGuard, keep_checkpoint
from songcau_kit.clock import FixedClock
from songcau_kit.database import Database
from songcau_kit.errors import DomainError
from songcau_kit.migrations import KIT, migrate

SENSITIVE = "songcau.test.v1.Decisions/Decide"
OTHER = "songcau.test.v1.Decisions/Read"
ROOT = bytes(range(32))


@pytest.fixture
def database(postgres_url_factory: Callable[[str], str]) -> Iterator[Database]:
    url = postgres_url_factory("checkpoints")
    migrate(url, package=KIT)
    database = Database(url, application_name="test-serve")
    yield database
    database.close()


def tell(database: Database, clock: FixedClock, size: int, root: bytes = ROOT) -> None:
    event = AuditCheckpointEvent(tree_size=size, root_hash=root, note="note")
    event.meta.aggregate_id = "audit.songcau.test"
    event.meta.occurred_at.FromDatetime(clock.now())
    with database.transaction() as connection:
        keep_checkpoint(clock, connection, event)


def guard(database: Database, clock: FixedClock, *, seconds: int = 60) -> AuditLogGuard:
    return AuditLogGuard(database, clock, methods={SENSITIVE}, max_age_seconds=seconds)


def is_refused(guard: AuditLogGuard, method: str = SENSITIVE) -> bool:
    try:
        guard.check(f"/{method}")
    except DomainError as error:
        return error.reason.code == "AUDIT_LOG_STALE"
    return False


def test_sensitive_writes_wait_until_there_is_a_checkpoint_and_nothing_else_does(database, fixed_clock):
    found = guard(database, fixed_clock)
    assert is_refused(found)
    assert not is_refused(found, OTHER)
    tell(database, fixed_clock, 1)
    assert not is_refused(found)


def test_they_stop_when_the_newest_checkpoint_is_too_old_and_go_on_with_the_next(database, fixed_clock):
    found = guard(database, fixed_clock)
    tell(database, fixed_clock, 1)
    fixed_clock.advance(timedelta(seconds=60))
    assert not is_refused(found)
    fixed_clock.advance(timedelta(seconds=1))
    assert is_refused(found)
    tell(database, fixed_clock, 1)
    assert not is_refused(found)


@pytest.mark.parametrize(("size", "root"), [(4, ROOT), (5, bytes(32))])
def test_a_log_that_went_back_or_forked_is_not_believed(database, fixed_clock, size: int, root: bytes):
    found = guard(database, fixed_clock)
    tell(database, fixed_clock, 5)
    fixed_clock.advance(timedelta(seconds=61))
    tell(database, fixed_clock, size, root)
    assert is_refused(found)


def test_an_older_checkpoint_that_comes_late_changes_nothing(database, fixed_clock):
    tell(database, fixed_clock, 5)
    fixed_clock.advance(timedelta(seconds=-100))
    tell(database, fixed_clock, 6)
    fixed_clock.advance(timedelta(seconds=100))
    assert not is_refused(guard(database, fixed_clock))


def test_a_checkpoint_from_the_future_vouches_for_nothing_and_keeps_no_true_one_out(database, fixed_clock):
    ahead = FixedClock(fixed_clock.now() + timedelta(days=400), seed=1)
    with database.transaction() as connection:
        event = AuditCheckpointEvent(tree_size=5, root_hash=ROOT, note="note")
        event.meta.aggregate_id = "audit.songcau.test"
        event.meta.occurred_at.FromDatetime(ahead.now())
        keep_checkpoint(fixed_clock, connection, event)
    found = guard(database, fixed_clock)
    assert is_refused(found)
    tell(database, fixed_clock, 5)
    assert not is_refused(found)


def test_a_row_from_the_future_lets_nothing_through(database, fixed_clock):
    ahead = FixedClock(fixed_clock.now() + timedelta(days=400), seed=1)
    tell(database, ahead, 5)
    assert is_refused(guard(database, fixed_clock))


def test_without_a_limit_the_log_is_not_asked(database, fixed_clock):
    assert not is_refused(guard(database, fixed_clock, seconds=0))


def test_the_schema_of_the_release_before_loses_no_event_and_lets_no_sensitive_write_through(database, fixed_clock):
    with database.transaction() as connection:
        connection.execute("drop table audit_checkpoints")
    tell(database, fixed_clock, 1)
    assert is_refused(guard(database, fixed_clock))
