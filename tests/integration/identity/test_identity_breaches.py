"""A breach of personal data: its 72 hours, who was touched, the notice, and a file that is kept."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from songcau.identity.v1 import breach_service_pb2 as pb
from songcau_identity.breaches.notice_clock import NoticeClock
from songcau_kit.clock import FixedClock, SystemClock
from songcau_kit.errors import DomainError
from support.identity_service import Identity, reason_of
from support.record_acts import look_up

NOW = datetime.now(UTC)  # what is stated about a breach is compared with the service's own clock


def stamp(moment: datetime) -> Timestamp:
    message = Timestamp()
    message.FromDatetime(moment)
    return message


def facts(**changes: Any) -> pb.BreachFacts:
    given = {
        "detected_at": stamp(NOW - timedelta(hours=10)),
        "categories": ["health", "identity-facts"],
        "description": "Tài khoản bị chiếm quyền CANARY-BREACH",
        "measures": "Đã khóa tài khoản",
    } | changes
    return pb.BreachFacts(**{name: value for name, value in given.items() if value is not None})


def who(identity: Identity, **claims: Any) -> Any:
    given = {"sub": "data-officer-1", "agency_codes": ["H55"], "acr": "aal2", "azp": "officer-console"} | claims
    return identity.call_as(roles=["data-officer"], scopes=["breach:manage"], purpose="INSPECTION", **given)


def call(identity: Identity, name: str, *, caller: Any = None, **fields: Any) -> Any:
    kind = getattr(pb, f"{name}Request")
    if "request_id" in kind.DESCRIPTOR.fields_by_name:
        fields = {"request_id": str(uuid4())} | fields
    return getattr(identity.breaches, name)(kind(**fields), metadata=caller or who(identity))


def opened(identity: Identity, **changes: Any) -> Any:
    return call(identity, "OpenBreach", facts=facts(**changes)).breach


def step(identity: Identity, name: str, breach: Any, **fields: Any) -> Any:
    given = {"breach_id": breach.breach_id, "expected_version": breach.version} | fields
    return call(identity, name, **given).breach


def assess(identity: Identity, breach: Any, **fields: Any) -> Any:
    window = {"from": stamp(NOW - timedelta(days=1)), "to": stamp(NOW + timedelta(days=1)), "actor_id": "officer-1"}
    return step(identity, "AssessBreach", breach, **(window | fields))


def tell(identity: Identity, breach: Any, audience: str = "AUTHORITY", **fields: Any) -> Any:
    given = {"told_at": stamp(NOW - timedelta(hours=1)), "reference": "12/TB-UBND"} | fields
    return step(identity, "RecordBreachNotice", breach, audience=f"BREACH_AUDIENCE_{audience}", **given)


def test_the_clock_runs_72_hours_from_detection(identity: Identity) -> None:
    detected = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
    breach = opened(identity, detected_at=stamp(detected))
    assert breach.notice_due_at.ToDatetime(tzinfo=UTC) == datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
    assert (breach.overdue, list(breach.missing_notices)) == (True, ["AUTHORITY"])
    assert not opened(identity).overdue


def test_who_was_touched_is_found_by_the_account_that_was_misused(identity: Identity) -> None:
    for number, name in (("019185000001", "Hoàng Thị Thử"), ("019185000002", "Lý Văn Thử")):
        identity.link(number=number, full_name=name)
    for number in ("019185000001", "019185000001", "019185000002"):
        look_up(identity, number=number)
    breach = assess(identity, opened(identity))
    assert breach.persons == 2
    again = assess(identity, breach)
    assert (again.persons, again.version) == (2, breach.version + 1)
    answer = call(identity, "ListBreachPersons", breach_id=breach.breach_id, page_size=1)
    rest = call(
        identity, "ListBreachPersons", breach_id=breach.breach_id, page_size=1, page_token=answer.next_page_token
    )
    assert sorted(person.accesses for person in [*answer.persons, *rest.persons]) == [1, 2]
    assert rest.next_page_token == ""
    listed = {entry[0] for entry in identity.audit() if entry[3] == "LIST_BREACH_PERSONS"}
    assert listed == {person.citizen_id for person in [*answer.persons, *rest.persons]}


def test_accesses_reported_by_other_services_count_and_what_is_outside_the_window_does_not(identity: Identity) -> None:
    insert = """insert into access_entries values (gen_random_uuid(), %s, %s, 'telehealth', %s, 'CLINICIAN', '19901',
        '', 'his', 'GET_CONSULTATION', 'consultation', '', 'CARE', %s, '')"""
    rows = [
        (NOW, "doctor-9", "ALLOWED"),
        (NOW - timedelta(days=30), "doctor-9", "ALLOWED"),
        (NOW, "doctor-9", "DENIED"),
        (NOW, "doctor-8", "ALLOWED"),
    ]
    with psycopg.connect(identity.url) as connection:
        for at, actor, outcome in rows:
            connection.execute(insert, (at, uuid4(), actor, outcome))
    assert assess(identity, opened(identity), actor_id="doctor-9").persons == 1
    assert assess(identity, opened(identity), actor_id="doctor-9", service="eservices").persons == 0
    assert assess(identity, opened(identity), actor_id="", client_id="his").persons == 2


def test_a_breach_of_biometric_data_is_closed_only_once_the_persons_know(identity: Identity) -> None:
    breach = opened(identity, has_biometric_data=True)
    with pytest.raises(DomainError) as caught:
        step(identity, "CloseBreach", breach)
    assert caught.value.reason.code == "BREACH_STATE_INVALID"
    told = tell(identity, breach)
    assert told.state == pb.BREACH_STATE_NOTIFIED
    with pytest.raises(DomainError) as caught:
        step(identity, "CloseBreach", told)
    assert (caught.value.reason.code, caught.value.details) == ("BREACH_NOTICE_MISSING", {"missing": "PERSONS"})
    closed = step(identity, "CloseBreach", tell(identity, told, "PERSONS"))
    assert closed.state == pb.BREACH_STATE_CLOSED
    assert int(closed.kept_until[:4]) == NOW.year + 5
    assert reason_of(lambda: step(identity, "AmendBreach", closed, facts=facts())) == "BREACH_STATE_INVALID"


def test_what_turned_out_to_be_none_is_dismissed_before_anybody_was_told(identity: Identity) -> None:
    dismissed = step(identity, "CloseBreach", opened(identity), dismissed=True)
    assert (dismissed.state, list(dismissed.missing_notices)) == (pb.BREACH_STATE_DISMISSED, [])
    told = tell(identity, opened(identity))
    assert reason_of(lambda: step(identity, "CloseBreach", told, dismissed=True)) == "BREACH_STATE_INVALID"


def test_texts_are_sealed_and_come_back_with_every_step(identity: Identity) -> None:
    breach = step(identity, "AmendBreach", opened(identity), facts=facts(consequences="Lộ dữ liệu sức khỏe"))
    tell(identity, breach)
    answer = call(identity, "GetBreach", breach_id=breach.breach_id)
    assert "CANARY-BREACH" in answer.facts.description
    assert answer.facts.consequences == "Lộ dữ liệu sức khỏe"
    assert [(one.act, one.reference) for one in answer.steps] == [
        ("OPEN", ""),
        ("AMEND", ""),
        ("TELL_AUTHORITY", "12/TB-UBND"),
    ]
    ((sealed,),) = identity.rows("select facts_enc from breaches")
    assert b"CANARY" not in bytes(sealed)
    assert "CANARY" not in str(identity.rows("select * from idempotency_keys"))


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"detected_at": None}, "/facts/detected_at"),
        ({"detected_at": stamp(NOW + timedelta(days=1))}, "/facts/detected_at"),
        ({"description": " "}, "/facts/description"),
        ({"description": "x" * 4001}, "/facts/description"),
        ({"categories": []}, "/facts/categories"),
        ({"categories": ["shoe-size"]}, "/facts/categories/0"),
    ],
)
def test_a_breach_that_says_too_little_is_refused(identity: Identity, changes: dict[str, Any], pointer: str) -> None:
    with pytest.raises(DomainError) as caught:
        opened(identity, **changes)
    assert caught.value.reason.code == "BREACH_INVALID"
    assert [violation.pointer for violation in caught.value.violations] == [pointer]
    assert identity.rows("select count(*) from breaches") == [(0,)]


def test_a_window_names_an_account_or_an_application_and_is_not_too_wide(identity: Identity) -> None:
    breach = opened(identity)
    for wrong in ({"actor_id": ""}, {"to": stamp(NOW + timedelta(days=120))}, {"service": "weather"}):
        assert reason_of(lambda wrong=wrong: assess(identity, breach, **wrong)) == "BREACH_INVALID"
    late = {"told_at": stamp(NOW + timedelta(days=2))}
    assert reason_of(lambda: tell(identity, breach, **late)) == "BREACH_INVALID"


def test_a_repeated_step_is_taken_once_and_an_old_version_is_refused(identity: Identity) -> None:
    breach = opened(identity)
    first = tell(identity, breach, request_id="once")
    assert tell(identity, breach, request_id="once") == first
    assert reason_of(lambda: tell(identity, breach)) == "VERSION_CONFLICT"
    assert reason_of(lambda: step(identity, "CloseBreach", breach, expected_version=0)) == "VERSION_REQUIRED"
    unknown = pb.Breach(breach_id=str(uuid4()), version=1)
    assert reason_of(lambda: tell(identity, unknown)) == "BREACH_NOT_FOUND"


def test_eight_officers_who_tell_the_authority_at_once_record_one_notice(identity: Identity) -> None:
    breach = opened(identity)

    def attempt(_: int) -> str:
        try:
            tell(identity, breach)
        except DomainError as error:
            return error.reason.code
        return "TOLD"

    with ThreadPoolExecutor(8) as pool:
        outcomes = sorted(pool.map(attempt, range(8)))
    assert outcomes == ["TOLD"] + ["VERSION_CONFLICT"] * 7
    assert identity.rows("select count(*) from breach_steps") == [(2,)]


def test_the_database_itself_keeps_the_file_five_years_and_closes_nothing_untold(identity: Identity) -> None:
    opened(identity, has_location_data=True)
    for statement in (
        "update breaches set state = 'CLOSED', closed_at = now(), kept_until = current_date + 1827",
        """update breaches set state = 'CLOSED', closed_at = now(), authority_told_at = now(),
            kept_until = current_date + 1830""",
        "update breaches set state = 'DISMISSED', closed_at = now(), kept_until = current_date + 1000",
    ):
        with psycopg.connect(identity.url) as connection, pytest.raises(psycopg.errors.CheckViolation):
            connection.execute(statement)


def test_the_notice_is_a_pdf_that_says_what_is_known(identity: Identity) -> None:
    breach = opened(identity)
    pdf = call(identity, "GetBreachForm", breach_id=breach.breach_id).pdf
    assert pdf.startswith(b"%PDF-1.7")
    assert b"pdfaid" in pdf


def test_the_measure_counts_down_to_the_first_missing_notice(identity: Identity) -> None:
    assert math.isnan(NoticeClock(identity.database, SystemClock()).measure())
    detected = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
    breach = opened(identity, detected_at=stamp(detected))
    for hours, left in ((0, 72.0), (60, 12.0), (80, -8.0)):
        clock = FixedClock(detected + timedelta(hours=hours))
        assert NoticeClock(identity.database, clock).measure() == left
    tell(identity, breach)
    assert math.isnan(NoticeClock(identity.database, SystemClock()).measure())
