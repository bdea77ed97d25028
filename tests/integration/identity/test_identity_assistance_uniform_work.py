"""A helper who starts a session with a number learns nothing by the work it takes: statements, keys and digests."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from songcau.identity.v1 import citizen_service_pb2 as citizens
from songcau_identity.app import build_desk
from songcau_identity.assistance.model import AssistancePurpose
from songcau_identity.assistance.sessions import AssistedSessions
from songcau_identity.auditing import Access, Asker
from songcau_identity.look_up_limits import LookUpLimits
from songcau_identity.model import IdentifierKind
from songcau_identity.repositories.citizens import hold_named
from songcau_kit.caller import Caller
from songcau_kit.clock import SystemClock
from songcau_kit.database import Database
from songcau_kit.personal import Personal
from support.assistance import start
from support.identity_service import Identity, Person
from support.record_acts import merge
from support.round_trips import counting_proxy
from support.waiting import wait_until

KNOWN, MERGED, UNLINKED, UNKNOWN = "019185000001", "019185000002", "019185000003", "019185999999"
WAITING = """select 1 from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'
    and position('for share of meant' in query) > 0"""
NUMBERS = (KNOWN, MERGED, UNLINKED, UNKNOWN)
HELPER = Caller("helper-1", "console", roles=frozenset({"digital-team"}), attributes={"agency_codes": ("H55.242",)})


class Counted:
    """Passes every call on and keeps the names of what was called."""

    def __init__(self, real: Any, calls: list[str]) -> None:
        self._real = real
        self._calls = calls

    def __getattr__(self, name: str) -> Any:
        self._calls.append(name)
        return getattr(self._real, name)


@pytest.fixture
def numbers(identity: Identity) -> None:
    """Let the numbers be what they are called."""
    known, merged, unlinked = (identity.link(Person(number=number)).citizen for number in NUMBERS[:3])
    merge(identity, known, merged)
    request = citizens.UnlinkCitizenRequest(request_id="unlink", expected_version=unlinked.version)
    identity.citizens.UnlinkCitizen(request, metadata=identity.as_citizen(unlinked.citizen_id, acr="aal2"))


@pytest.mark.usefixtures("numbers")
@pytest.mark.parametrize("own", [None, str(uuid4())], ids=["helper without a record", "helper who is a citizen"])
def test_known_and_unknown_numbers_cost_the_same_statements_keys_and_digests(identity: Identity, own: str | None):
    helper = HELPER if own is None else replace(HELPER, attributes={**HELPER.attributes, "citizen_id": own})
    with counting_proxy(identity.url) as proxy:
        database = Database(proxy.url, min_size=1, max_size=1, application_name="identity-starts")
        desk, calls = build_desk(identity.settings, database, SystemClock()), list[str]()
        counted = replace(desk, vault=Counted(desk.vault, calls), data_keys=Counted(desk.data_keys, calls))
        limits = LookUpLimits(database=database, clock=SystemClock(), per_minute=10_000, per_day=10_000)
        sessions = AssistedSessions(counted, limits, lasts=timedelta(minutes=30))

        def work(number: str) -> tuple[Any, ...]:
            asker, access = Asker(helper, str(uuid4()), kind="DIGITAL_TEAM"), Access()
            calls.clear()
            with proxy.counting() as count:
                purpose = AssistancePurpose.SUBMIT_DOSSIER
                sessions.start(asker, str(uuid4()), Personal(number), purpose, access)
            return count.statements, count.round_trips, tuple(calls), len(access.subjects)

        for _ in range(8):  # statements are prepared on the server once they have come a few times
            work(UNKNOWN)
        done = {number: work(number) for number in NUMBERS}
        database.close()
    assert {number: one[:3] for number, one in done.items()} == dict.fromkeys(NUMBERS, done[UNKNOWN][:3])
    assert [one[-1] for one in done.values()] == [1, 1, 0, 0]
    assert done[KNOWN][2] == ("number_digest",)


@pytest.mark.usefixtures("numbers")
def test_every_start_writes_the_same_rows_and_only_a_citizen_is_asked(identity: Identity):
    tables = ("assisted_sessions", "citizen_pushes", "audit_entries", "outbox", "idempotency_keys")
    statement = "select " + ", ".join(f"(select count(*) from {table})" for table in tables)
    written = {}
    for number in NUMBERS:
        before = identity.rows(statement)[0]
        start(identity, number=number)
        written[number] = [now - then for now, then in zip(identity.rows(statement)[0], before, strict=True)]
    assert written == dict.fromkeys(NUMBERS, written[UNKNOWN])
    asked = (
        "select citizen_id is not null, closed_at is null from citizen_pushes join assisted_sessions using (session_id)"
    )
    assert sorted(identity.rows(asked)) == [(False, False), (False, False), (True, True), (True, True)]


@pytest.mark.usefixtures("numbers")
def test_a_start_waits_for_nobody_who_starts_with_the_same_number(identity: Identity):
    digest = build_desk(identity.settings, identity.database, SystemClock()).vault.number_digest(
        IdentifierKind.PERSONAL_NUMBER, KNOWN
    )
    with identity.database.transaction() as conn:
        assert hold_named(conn, IdentifierKind.PERSONAL_NUMBER, digest)
        start(identity, number=KNOWN)


def test_whoever_was_unlinked_a_moment_ago_is_nobody(identity: Identity):
    citizen_id = identity.link(Person(number=KNOWN)).citizen.citizen_id
    with ThreadPoolExecutor(1) as pool:
        with identity.database.transaction() as conn:
            conn.execute("update citizens set status = 'UNLINKED' where citizen_id = %s", (citizen_id,))
            started = pool.submit(start, identity, number=KNOWN)
            wait_until(lambda: bool(identity.rows(WAITING)))
        started.result()
    assert identity.rows("select citizen_id from assisted_sessions") == [(None,)]
