"""Consent is given to one purpose and one text, proved, withdrawn at any time, and asked again for a new text."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from songcau.identity.v1 import citizen_service_pb2 as citizens
from songcau.identity.v1 import consent_pb2
from songcau.identity.v1 import consent_service_pb2 as pb
from songcau_identity.consent.lapsing import ConsentLapsing
from songcau_identity.consent.texts import Purposes, consent_purposes
from songcau_kit.clock import SystemClock
from songcau_kit.errors import DomainError
from support.consent_acts import (
    OTHER_PURPOSE,
    OTHER_VERSION,
    PURPOSE,
    VERSION,
    as_station,
    consent_events,
    give,
    own_consents,
    record,
    record_withdrawal,
    withdraw,
)
from support.identity_service import Identity, reason_of
from support.record_acts import document, merge

GIVEN, WITHDRAWN, LAPSED = (
    consent_pb2.ConsentState.Value(f"CONSENT_STATE_{n}") for n in ("GIVEN", "WITHDRAWN", "LAPSED")
)
NEWER = {
    "REMOTE_CARE": {
        "activity": "remote-examination",
        "sensitive": True,
        "versions": [
            {"version": "care-2", "vi": {"title": "Khám", "body": "Mới"}, "en": {"title": "Care", "body": "New"}},
            {"version": "care-1", "vi": {"title": "Khám", "body": "Cũ"}, "en": {"title": "Care", "body": "Old"}},
        ],
    }
}


def facts(identity: Identity) -> list[tuple[str | None, str, int]]:
    return [(one.WhichOneof("fact"), one.purpose, one.meta.aggregate_version) for one in consent_events(identity)]


@pytest.fixture
def citizen(identity: Identity) -> str:
    return str(identity.link().citizen.citizen_id)


def test_anybody_reads_what_people_are_asked_and_nothing_is_given_beforehand(identity: Identity, citizen: str) -> None:
    answer = identity.consents.ListConsentPurposes(pb.ListConsentPurposesRequest())
    assert [one.purpose for one in answer.purposes] == ["REMOTE_CARE", "SHARE_CARE_RESULT", "REUSE_PAPERS"]
    assert all(one.vi.body and one.en.body and one.text_version for one in answer.purposes)
    consents = own_consents(identity, citizen)
    assert consents.keys() == {one.purpose for one in answer.purposes}
    assert not any(one.HasField("consent") or one.decisions for one in consents.values())


def test_a_consent_is_given_to_one_purpose_with_its_proof_and_told(identity: Identity, citizen: str) -> None:
    consent = give(identity, citizen)
    assert (consent.state, consent.text_version, consent.version) == (GIVEN, VERSION, 1)
    own = own_consents(identity, citizen)
    assert not own[OTHER_PURPOSE].HasField("consent")
    (decision,) = own[PURPOSE].decisions
    assert decision.decided_by_citizen_id == consent.citizen_id == citizen
    assert (decision.decided_as, decision.channel) == ("SELF", consent_pb2.CONSENT_CHANNEL_APP)
    assert (decision.recorded_by, decision.client_id) == (f"account-of-{citizen}", "citizen-app")
    assert decision.text_sha256 == consent_purposes().get(PURPOSE).text.sha256.hex()
    (event,) = consent_events(identity)
    assert (event.citizen_id, event.purpose, event.text_version) == (citizen, PURPOSE, VERSION)
    assert event.consent_given.given_as == "SELF"
    assert event.meta.occurred_at == consent.decided_at
    entry = next(one for one in identity.audit() if one[3] == "GIVE_CONSENT")
    assert (entry[0], entry[1], entry[5]) == (citizen, "CITIZEN", "ALLOWED")


def test_silence_is_no_consent_and_an_old_text_is_not_agreed_to(identity: Identity, citizen: str) -> None:
    assert reason_of(lambda: give(identity, citizen, agreed=False)) == "CONSENT_NOT_EXPRESSED"
    with pytest.raises(DomainError) as caught:
        give(identity, citizen, text_version="care-0")
    assert (caught.value.reason.code, caught.value.details) == ("CONSENT_TEXT_OUTDATED", {"text_version": VERSION})
    for bundle in ("REMOTE_CARE,REUSE_PAPERS", "REMOTE_CARE REUSE_PAPERS", "", "MARKETING"):
        assert reason_of(lambda purpose=bundle: give(identity, citizen, purpose=purpose)) == "CONSENT_PURPOSE_UNKNOWN"
    assert facts(identity) == []
    assert identity.rows("select count(*) from consents") == [(0,)]


def test_a_consent_is_withdrawn_and_given_again_and_every_decision_stays(identity: Identity, citizen: str) -> None:
    give(identity, citizen)
    assert withdraw(identity, citizen).state == WITHDRAWN
    assert give(identity, citizen).state == GIVEN
    own = own_consents(identity, citizen)[PURPOSE]
    assert [one.state for one in own.decisions] == [GIVEN, WITHDRAWN, GIVEN]
    assert facts(identity) == [
        ("consent_given", PURPOSE, 1),
        ("consent_withdrawn", PURPOSE, 2),
        ("consent_given", PURPOSE, 3),
    ]


def test_the_same_decision_again_changes_nothing_and_is_no_error(identity: Identity, citizen: str) -> None:
    first = give(identity, citizen, request_id="once")
    assert give(identity, citizen, request_id="once") == first
    assert give(identity, citizen) == first
    gone = withdraw(identity, citizen, request_id="twice")
    assert withdraw(identity, citizen) == gone
    assert [fact for fact, _, _ in facts(identity)] == ["consent_given", "consent_withdrawn"]
    assert reason_of(lambda: give(identity, citizen, request_id="once", text_version="x")) in (
        "CONSENT_TEXT_OUTDATED",
        "IDEMPOTENCY_KEY_REUSED",
    )


def test_a_purpose_can_be_refused_before_anybody_asked(identity: Identity, citizen: str) -> None:
    assert withdraw(identity, citizen).state == WITHDRAWN
    assert facts(identity) == [("consent_withdrawn", PURPOSE, 1)]


def test_the_blocked_and_unlinked_withdraw_but_do_not_give(identity: Identity, citizen: str) -> None:
    give(identity, citizen)
    request = citizens.UnlinkCitizenRequest(request_id="u", expected_version=1)
    identity.citizens.UnlinkCitizen(request, metadata=identity.as_citizen(citizen))
    assert reason_of(lambda: give(identity, citizen, purpose=OTHER_PURPOSE, text_version=OTHER_VERSION)) == (
        "CITIZEN_NOT_ACTIVE"
    )
    assert withdraw(identity, citizen).state == WITHDRAWN
    assert own_consents(identity, citizen)[PURPOSE].consent.state == WITHDRAWN


def test_a_station_enters_consent_given_on_paper_and_its_evidence_is_sealed(identity: Identity, citizen: str) -> None:
    evidence = document(document_number="CANARY-PAPER-77")
    consent = record(identity, citizen, evidence=evidence)
    assert consent.state == GIVEN
    (decision,) = own_consents(identity, citizen)[PURPOSE].decisions
    assert (decision.channel, decision.recorded_by, decision.recorded_for) == (
        consent_pb2.CONSENT_CHANNEL_PAPER,
        "station-1",
        "19911",
    )
    assert decision.decided_by_citizen_id == citizen
    ((sealed,),) = identity.rows("select evidence_enc from consent_decisions")
    assert b"CANARY" not in bytes(sealed)
    assert record_withdrawal(identity, citizen).state == WITHDRAWN
    entry = next(one for one in identity.audit() if one[3] == "RECORD_CONSENT")
    assert entry[:3] == (citizen, "OFFICER", "19911")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"channel": "CONSENT_CHANNEL_APP"}, "CONSENT_CHANNEL_INVALID"),
        ({"channel": "CONSENT_CHANNEL_UNSPECIFIED"}, "CONSENT_CHANNEL_INVALID"),
        ({"evidence": None}, "EVIDENCE_INVALID"),
        ({"citizen_id": "nobody"}, "CITIZEN_NOT_FOUND"),
        ({"citizen_id": "019b0000-0000-7000-8000-0000000000ff"}, "CITIZEN_NOT_FOUND"),
        ({"purpose": "MARKETING"}, "CONSENT_PURPOSE_UNKNOWN"),
    ],
)
def test_an_officer_enters_nothing_without_document_channel_and_person(
    identity: Identity, citizen: str, changes: dict[str, Any], reason: str
) -> None:
    assert reason_of(lambda: record(identity, citizen, **changes)) == reason
    assert facts(identity) == []


def test_an_officer_needs_agency_purpose_and_somebody_else_s_record(identity: Identity, citizen: str) -> None:
    nowhere = as_station(identity, facility_codes=[])
    assert reason_of(lambda: record(identity, citizen, who=nowhere)) == "OFFICER_WITHOUT_AGENCY"
    silent = as_station(identity, purpose=None)
    assert reason_of(lambda: record(identity, citizen, who=silent)) == "PURPOSE_REQUIRED"
    own = as_station(identity, citizen_id=citizen)
    assert reason_of(lambda: record(identity, citizen, who=own)) == "OWN_RECORD"
    assert reason_of(lambda: record(identity, citizen, who=identity.as_citizen(citizen))) == "PERMISSION_DENIED"


def test_sixteen_who_decide_at_once_leave_one_row_and_a_history_without_gaps(identity: Identity, citizen: str) -> None:
    def decide(number: int) -> Any:
        return give(identity, citizen) if number % 2 else withdraw(identity, citizen)

    with ThreadPoolExecutor(16) as pool:
        states = {one.state for one in pool.map(decide, range(16))}
    assert states == {GIVEN, WITHDRAWN}
    ((state, version),) = identity.rows("select state, version from consents")
    history = identity.rows("select version, state from consent_decisions order by version")
    assert [number for number, _ in history] == list(range(1, version + 1))
    assert history[-1][1] == state
    assert all(before != after for (_, before), (_, after) in itertools.pairwise(history))
    assert [number for _, _, number in facts(identity)] == list(range(1, version + 1))


def test_the_database_itself_takes_one_row_of_a_purpose_and_one_decision_of_a_number(
    identity: Identity, citizen: str
) -> None:
    give(identity, citizen)
    second = """insert into consents select gen_random_uuid(), citizen_id, purpose, state, text_version, version,
        decided_at from consents"""
    again = "insert into consent_decisions select * from consent_decisions"
    for statement in (second, again):
        with psycopg.connect(identity.url) as connection, pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute(statement)


def test_the_newest_decision_holds_over_records_that_were_merged(identity: Identity) -> None:
    first = identity.link(number="019185000001").citizen
    other = identity.link(number="019185000002").citizen
    give(identity, other.citizen_id)
    merge(identity, first, other)
    assert own_consents(identity, first.citizen_id)[PURPOSE].consent.state == GIVEN
    assert withdraw(identity, other.citizen_id).citizen_id == first.citizen_id
    own = own_consents(identity, first.citizen_id)[PURPOSE]
    assert (own.consent.state, [one.state for one in own.decisions]) == (WITHDRAWN, [WITHDRAWN, GIVEN])


def test_a_new_text_lets_consents_to_the_old_one_lapse_so_that_people_are_asked_again(
    identity: Identity, citizen: str
) -> None:
    give(identity, citizen)
    neighbour = str(identity.link(number="019185000002").citizen.citizen_id)
    withdraw(identity, neighbour)
    same = ConsentLapsing(identity.database, SystemClock(), consent_purposes())
    assert same.lapse_portion() == 0
    newer = ConsentLapsing(identity.database, SystemClock(), Purposes.parse(NEWER))
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(lambda _: newer.lapse_portion(), range(4))) == 1
    own = own_consents(identity, citizen)[PURPOSE]
    assert (own.consent.state, own.decisions[0].decided_as) == (LAPSED, "SYSTEM")
    assert facts(identity)[-1] == ("consent_lapsed", PURPOSE, 2)
    assert give(identity, citizen).state == GIVEN
    assert own_consents(identity, neighbour)[PURPOSE].consent.state == WITHDRAWN
