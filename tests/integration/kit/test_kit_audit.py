import threading
from dataclasses import replace
from uuid import UUID

import psycopg
import pytest
from songcau.common.v1.access_event_pb2 import ACCESS_OUTCOME_DENIED, AccessEvent
from songcau_kit import audit
from songcau_kit.audit import AuditEntry, AuditJournal
from songcau_kit.database import Database
from songcau_kit.errors import DomainError
from support.round_trips import counting_proxy

ENTRY = AuditEntry(
    subject_id=UUID(int=7),
    actor_id="officer-1",
    actor_kind="OFFICER",
    actor_organization="H55.1",
    on_behalf_of=None,
    client_id="console",
    operation="GET_THING",
    object_kind="THING",
    object_id="42",
    purpose="PROCESSING",
    outcome="DENIED",
    reason="NOT_YOURS",
    correlation_id="c-1",
)


def entries(database: Database) -> int:
    with database.read() as connection:
        return connection.execute("select count(*) from audit_entries").fetchone()[0]


def test_an_entry_and_its_event_are_written_in_the_callers_transaction(database, fixed_clock):
    with database.transaction(pipeline=True) as connection:
        audit.record(connection, ENTRY, clock=fixed_clock)
    with database.read() as connection:
        entry = connection.execute("select id, occurred_at, subject_id, outcome, reason from audit_entries").fetchone()
        row = connection.execute("select event_id, topic, key, payload, headers from outbox").fetchone()
    assert entry[1:] == (fixed_clock.now(), UUID(int=7), "DENIED", "NOT_YOURS")
    event_id, topic, key, payload, headers = row
    event = AccessEvent.FromString(payload)
    assert (event_id, topic, key) == (entry[0], "kit.access.v1", str(UUID(int=7)))
    assert event.meta.id == headers["ce_id"] == str(event_id)
    assert (event.service, event.outcome, event.meta.actor.organization) == ("kit", ACCESS_OUTCOME_DENIED, "H55.1")
    assert event.meta.occurred_at.ToDatetime() == fixed_clock.now().replace(tzinfo=None)


def test_entries_of_one_access_carry_one_moment_and_those_of_the_next_another(database):
    journal = AuditJournal(database)
    people = [replace(ENTRY, subject_id=UUID(int=number)) for number in range(1, 51)]
    journal.write(*people)
    journal.write(*people)
    with database.read() as connection:
        rows = connection.execute("select count(*) from audit_entries group by occurred_at").fetchall()
        payloads = connection.execute("select payload from outbox").fetchall()
    assert rows == [(50,), (50,)]
    moments = {AccessEvent.FromString(one).meta.occurred_at.ToDatetime() for (one,) in payloads}
    assert len(moments) == 2


def test_a_transaction_that_rolls_back_leaves_neither(database):
    with pytest.raises(KeyError), database.transaction(pipeline=True) as connection:
        audit.record(connection, ENTRY)
        raise KeyError
    assert entries(database) == 0


def test_recording_nothing_costs_nothing(database):
    with database.transaction() as connection:
        audit.record(connection)
    AuditJournal(database).write()
    assert entries(database) == 0


def test_an_entry_can_be_neither_changed_nor_removed(database):
    AuditJournal(database).write(ENTRY)
    for statement in ("update audit_entries set outcome = 'ALLOWED'", "delete from audit_entries"):
        with pytest.raises(psycopg.errors.RaiseException), database.transaction() as connection:
            connection.execute(statement)


def test_entries_are_committed_when_the_journal_returns(database):
    AuditJournal(database).write(ENTRY, replace(ENTRY, object_id="43"))
    assert entries(database) == 2


def test_callers_that_come_together_share_commits_and_each_is_committed_when_it_returns(kit_url):
    with counting_proxy(kit_url) as proxy:
        database = Database(proxy.url, application_name="kit-test", min_size=9, max_size=9)
        journal = AuditJournal(database)
        journal.write(ENTRY)
        gate = threading.Barrier(8)
        missing: list[str] = []

        def write(thread: int) -> None:
            gate.wait()
            for turn in range(10):
                name = f"{thread}/{turn}"
                journal.write(replace(ENTRY, object_id=name))
                with database.read() as connection:
                    if not connection.execute("select 1 from audit_entries where object_id = %s", (name,)).fetchone():
                        missing.append(name)

        threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
        with proxy.counting() as count:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert missing == []
        assert entries(database) == 81
        assert count.commits < 60
        database.close()


def test_one_write_of_the_journal_is_one_round_trip(kit_url):
    with counting_proxy(kit_url) as proxy:
        database = Database(proxy.url, application_name="kit-test", min_size=1, max_size=1)
        journal = AuditJournal(database)
        journal.write(ENTRY)
        with proxy.counting() as count:
            journal.write(ENTRY)
        assert (count.round_trips, count.commits) == (1, 0)  # the statement commits by itself
        database.close()


def test_an_error_reaches_every_caller_and_the_journal_goes_on(kit_url):
    with counting_proxy(kit_url) as proxy:
        database = Database(proxy.url, application_name="kit-test", min_size=1, max_size=2, wait_seconds=0.3)
        journal = AuditJournal(database)
        journal.write(ENTRY)
        proxy.cut()
        refused: list[DomainError] = []

        def write() -> None:
            try:
                journal.write(ENTRY)
            except DomainError as error:
                refused.append(error)

        threads = [threading.Thread(target=write) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [error.reason.code for error in refused] == ["UNAVAILABLE"] * 6
        assert len({id(error) for error in refused}) == 6
        proxy.mend()
        for _ in range(50):
            write()
            if len(refused) < 7:
                break
        database.close()
    assert len(refused) < 56


def test_an_entry_that_cannot_be_written_fails_for_its_caller_only(database):
    journal = AuditJournal(database)
    with pytest.raises(ValueError, match="PERHAPS"):
        journal.write(replace(ENTRY, outcome="PERHAPS"))
    journal.write(ENTRY)
    assert entries(database) == 1
