"""Representations at identity's door: entered, authorised, answered, ended, and what a representative sees."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from songcau.identity.v1 import access_list_service_pb2 as lists
from songcau.identity.v1 import citizen_record_service_pb2 as records
from songcau.identity.v1 import citizen_service_pb2 as citizens
from songcau.identity.v1 import representation_pb2 as shapes
from songcau.identity.v1 import representation_service_pb2 as pb
from songcau_kit.audit import NOBODY
from songcau_kit.errors import DomainError
from support.identity_service import Identity, Person, reason_of
from support.record_acts import document, merge
from support.registration_acts import register_newborn
from support.representations import (
    COURT,
    FATHER,
    GUARDIAN,
    LIMITED_CAPACITY,
    MOTHER,
    accesses_for,
    answer,
    authorise,
    born,
    end,
    family,
    grant,
    own_representations,
    representation_events,
    representation_facts,
    revoke,
    scopes_of,
    status_of,
)

EVERYTHING = {
    name.removeprefix("REPRESENTATION_SCOPE_") for name in shapes.RepresentationScope.DESCRIPTOR.values_by_name
} - {"UNSPECIFIED"}
LIMITED = {"kind": LIMITED_CAPACITY, "evidence": COURT}
DOSSIERS = (shapes.REPRESENTATION_SCOPE_DOSSIER_READ, shapes.REPRESENTATION_SCOPE_DOSSIER_WRITE)


def profile_for(identity: Identity, who: Any, child: Any) -> Any:
    metadata = identity.as_citizen(who.citizen_id, on_behalf_of=child.citizen_id)
    return identity.citizens.GetOwnProfile(citizens.GetOwnProfileRequest(), metadata=metadata)


def test_both_parents_of_a_small_child_may_act_at_once(identity: Identity):
    home = family(identity)
    made = [grant(identity, home.child, parent) for parent in (home.mother, home.father)]
    assert [status_of(one) for one in made] == ["ACTIVE", "ACTIVE"]
    assert all(scopes_of(one) == EVERYTHING for one in made)
    for parent in (home.mother, home.father):
        assert profile_for(identity, parent, home.child).full_name == "Hoàng Thử Bé"
    assert representation_facts(identity) == ["representation_granted"] * 2
    event = representation_events(identity)[0]
    assert event.representation == made[0]
    assert event.meta.aggregate_id == made[0].representation_id


def test_nobody_reads_a_child_s_profile_without_a_representation(identity: Identity):
    home = family(identity)
    assert reason_of(lambda: profile_for(identity, home.mother, home.child)) == "NOT_REPRESENTED"
    entry = identity.rows(
        """select actor_id, on_behalf_of, outcome, reason from audit_entries
        where subject_id = %s order by occurred_at desc limit 1""",
        home.child.citizen_id,
    )
    assert entry == [
        (f"account-of-{home.mother.citizen_id}", home.child.citizen_id, "DENIED", "NOT_REPRESENTED"),
    ]


def test_a_citizen_nobody_knows_is_refused_like_one_who_is_not_represented(identity: Identity):
    home = family(identity)
    made_up = str(uuid4())
    metadata = identity.as_citizen(home.mother.citizen_id, on_behalf_of=made_up)
    call = lambda: identity.citizens.GetOwnProfile(citizens.GetOwnProfileRequest(), metadata=metadata)  # noqa: E731
    assert reason_of(call) == "NOT_REPRESENTED"
    entries = identity.rows("select subject_id, object_id from audit_entries where on_behalf_of = %s", made_up)
    assert entries == [(NOBODY, str(NOBODY))]


def test_what_nobody_does_for_another_is_not_done_to_the_caller_instead(identity: Identity):
    home = family(identity)
    grant(identity, home.child, home.mother)
    metadata = identity.as_citizen(home.mother.citizen_id, on_behalf_of=home.child.citizen_id)
    request = citizens.UnlinkCitizenRequest(request_id=str(uuid4()), expected_version=home.mother.version)
    assert reason_of(lambda: identity.citizens.UnlinkCitizen(request, metadata=metadata)) == "ON_BEHALF_NOT_POSSIBLE"


def test_an_act_for_a_child_stands_on_the_child_s_list_with_both_and_on_the_parent_s_own_acts(identity: Identity):
    home = family(identity)
    grant(identity, home.child, home.mother)
    profile_for(identity, home.mother, home.child)
    as_mother = f"account-of-{home.mother.citizen_id}"
    shown = identity.own_accesses(home.child.citizen_id).accesses
    (read,) = [one for one in shown if one.operation == "GET_OWN_PROFILE"]
    assert (read.actor_id, read.on_behalf_of, read.outcome) == (as_mother, home.child.citizen_id, "ALLOWED")
    request = lists.ListOwnAccessesRequest(for_others=True)
    acts = identity.accesses.ListOwnAccesses(request, metadata=identity.as_citizen(home.mother.citizen_id)).accesses
    assert [(one.operation, one.on_behalf_of, one.own) for one in acts] == [
        ("GET_OWN_PROFILE", home.child.citizen_id, True)
    ]


def test_a_parent_reads_the_child_s_access_list(identity: Identity):
    home = family(identity)
    grant(identity, home.child, home.mother)
    shown = accesses_for(identity, home.mother, home.child).accesses
    assert "GRANT_REPRESENTATION" in {one.operation for one in shown}
    assert {one.object_id for one in shown if one.operation == "LINK_CITIZEN"} == {home.child.citizen_id}


def test_a_child_of_seven_is_asked_and_meanwhile_only_cared_for(identity: Identity):
    home = family(identity, birth_date=born(years_ago=9))
    made = grant(identity, home.child, home.mother)
    assert status_of(made) == "AWAITING_CHILD"
    assert scopes_of(made) == {"IDENTITY_READ", "DOSSIER_READ", "CONSULTATION_READ", "CONSULTATION_WRITE"}
    confirmed = answer(identity, made, home.child.citizen_id, pb.CHILD_ANSWER_CONFIRMED)
    assert (status_of(confirmed), scopes_of(confirmed)) == ("ACTIVE", EVERYTHING)
    assert representation_facts(identity) == ["representation_granted", "child_confirmed"]


def test_a_child_may_object_and_agree_later(identity: Identity):
    home = family(identity, birth_date=born(years_ago=12))
    made = grant(identity, home.child, home.father)
    objected = answer(identity, made, home.child.citizen_id, pb.CHILD_ANSWER_OBJECTED)
    assert status_of(objected) == "OBJECTED"
    assert "DOSSIER_WRITE" not in scopes_of(objected)
    again = lambda: answer(identity, objected, home.child.citizen_id, pb.CHILD_ANSWER_OBJECTED)  # noqa: E731
    assert reason_of(again) == "REPRESENTATION_STATE_CONFLICT"
    assert status_of(answer(identity, objected, home.child.citizen_id, pb.CHILD_ANSWER_CONFIRMED)) == "ACTIVE"


def test_nobody_answers_in_the_place_of_the_child(identity: Identity):
    home = family(identity, birth_date=born(years_ago=9))
    made = grant(identity, home.child, home.mother)
    for other in (home.mother, home.father):
        call = lambda who=other: answer(identity, made, who.citizen_id, pb.CHILD_ANSWER_CONFIRMED)  # noqa: E731
        assert reason_of(call) == "REPRESENTATION_NOT_FOUND"


def test_a_court_ends_a_guardianship(identity: Identity):
    home = family(identity)
    made = grant(identity, home.child, home.father, kind=GUARDIAN, evidence=COURT)
    profile_for(identity, home.father, home.child)
    ended = end(identity, made)
    assert (status_of(ended), scopes_of(ended)) == ("ENDED", set())
    assert ended.end_cause == shapes.REPRESENTATION_END_CAUSE_COURT_DECISION
    assert reason_of(lambda: profile_for(identity, home.father, home.child)) == "NOT_REPRESENTED"
    assert representation_facts(identity) == ["representation_granted", "representation_ended"]
    assert reason_of(lambda: end(identity, ended)) == "REPRESENTATION_STATE_CONFLICT"


def test_a_court_s_decision_lets_somebody_act_within_its_bounds_until_a_court_ends_it(identity: Identity):
    home = family(identity)
    made = grant(identity, home.mother, home.father, scopes=DOSSIERS, valid_until="2099-12-31", **LIMITED)
    assert (status_of(made), scopes_of(made)) == ("ACTIVE", {"DOSSIER_READ", "DOSSIER_WRITE"})
    assert made.valid_until == "2099-12-31"
    assert profile_for(identity, home.father, home.mother).full_name == MOTHER.full_name
    assert reason_of(lambda: accesses_for(identity, home.father, home.mother)) == "NOT_REPRESENTED"
    for party in (home.mother, home.father):
        call = lambda by=party: revoke(identity, made, by.citizen_id)  # noqa: E731
        assert reason_of(call) == "REPRESENTATION_NOT_YOURS_TO_END"
    ended = end(identity, made)
    assert ended.end_cause == shapes.REPRESENTATION_END_CAUSE_COURT_DECISION
    assert reason_of(lambda: profile_for(identity, home.father, home.mother)) == "NOT_REPRESENTED"
    assert representation_facts(identity) == ["representation_granted", "representation_ended"]


@pytest.mark.parametrize(
    "kind", ["CIVIL_STATUS_RECORD", "POLICE_NOTICE", "IDENTITY_PAPER", "BIRTH_CERTIFICATE", "OFFICE_RECORD"]
)
def test_nothing_but_a_court_s_decision_limits_somebody_s_capacity_or_ends_that(identity: Identity, kind: str):
    home = family(identity)
    other = document(kind=f"EVIDENCE_KIND_{kind}")
    entered = lambda: grant(identity, home.mother, home.father, scopes=DOSSIERS, **LIMITED | {"evidence": other})  # noqa: E731
    assert reason_of(entered) == "EVIDENCE_INVALID"
    made = grant(identity, home.mother, home.father, scopes=DOSSIERS, **LIMITED)
    assert reason_of(lambda: end(identity, made, evidence=other)) == "EVIDENCE_INVALID"
    assert representation_facts(identity) == ["representation_granted"]


def test_officers_end_what_they_entered_wrongly_on_their_own_record(identity: Identity):
    home = family(identity)
    made = grant(identity, home.mother, home.father, scopes=DOSSIERS, **LIMITED)
    wrongly = shapes.REPRESENTATION_END_CAUSE_ENTERED_WRONGLY
    record = document(kind=records.EVIDENCE_KIND_OFFICE_RECORD)
    assert status_of(end(identity, made, cause=wrongly, evidence=record)) == "ENDED"


@pytest.mark.parametrize(
    ("birth_date", "changes", "reason"),
    [
        (born(years_ago=18), {}, "REPRESENTED_NOT_A_CHILD"),
        (None, LIMITED | {"scopes": DOSSIERS}, "REPRESENTED_IS_A_CHILD"),
        (None, LIMITED, "REPRESENTATION_INVALID"),
        (None, {"kind": shapes.REPRESENTATION_KIND_UNSPECIFIED}, "REPRESENTATION_INVALID"),
        (None, {"represented_kind": shapes.REPRESENTED_KIND_ORGANISATION}, "REPRESENTATION_INVALID"),
        (None, {"valid_until": "2020-01-01"}, "REPRESENTATION_INVALID"),
        (None, {"valid_from": "yesterday"}, "REPRESENTATION_INVALID"),
        (None, {"scopes": [99]}, "REPRESENTATION_INVALID"),
        (None, {"evidence": document(kind=records.EVIDENCE_KIND_POLICE_NOTICE)}, "EVIDENCE_INVALID"),
        (None, {"evidence": document(kind=records.EVIDENCE_KIND_BIRTH_CERTIFICATE, issuer="")}, "EVIDENCE_INVALID"),
        (None, {"represented_id": "nobody"}, "CITIZEN_NOT_FOUND"),
        (None, {"represented_id": str(uuid4())}, "CITIZEN_NOT_FOUND"),
    ],
)
def test_what_does_not_fit_is_refused_and_leaves_nothing(
    identity: Identity, birth_date: str | None, changes: dict[str, Any], reason: str
):
    home = family(identity, birth_date=birth_date)
    assert reason_of(lambda: grant(identity, home.child, home.mother, **changes)) == reason
    assert identity.rows("select count(*) from representations") == [(0,)]
    assert identity.rows("select count(*) from record_acts") == [(0,)]


def test_officers_enter_nobody_for_an_organisation(identity: Identity):
    home = family(identity)
    entered = lambda: grant(  # noqa: E731
        identity,
        home.child,
        home.mother,
        kind=shapes.REPRESENTATION_KIND_ORGANISATION,
        represented_kind=shapes.REPRESENTED_KIND_ORGANISATION,
        evidence=COURT,
    )
    assert reason_of(entered) == "REPRESENTATION_INVALID"
    assert representation_facts(identity) == []


def test_a_child_stands_for_nobody(identity: Identity):
    home = family(identity)
    teenager = identity.link(Person(number="019310000077", full_name="Nông Thử Lớn", birth_date=born(years_ago=16)))
    assert reason_of(lambda: grant(identity, home.child, teenager.citizen)) == "REPRESENTATIVE_NOT_ADULT"


def test_officers_enter_nothing_about_themselves(identity: Identity):
    home = family(identity)
    own = identity.as_officer(acr="aal2", citizen_id=home.mother.citizen_id)
    assert reason_of(lambda: grant(identity, home.child, home.mother, metadata=own)) == "OWN_RECORD"


def test_entering_asks_for_a_second_factor(identity: Identity):
    home = family(identity)
    weak = identity.as_officer(acr="aal1")
    assert reason_of(lambda: grant(identity, home.child, home.mother, metadata=weak)) == "AUTHENTICATION_INSUFFICIENT"


def test_of_many_who_enter_the_same_one_at_once_one_does(identity: Identity):
    home = family(identity)

    def attempt(_: int) -> str:
        try:
            grant(identity, home.child, home.mother)
        except DomainError as error:
            return error.reason.code
        return "GRANTED"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(attempt, range(8)))
    assert sorted(outcomes) == ["GRANTED"] + ["REPRESENTATION_EXISTS"] * 7
    assert representation_facts(identity) == ["representation_granted"]


def test_a_repeated_request_gets_the_first_answer(identity: Identity):
    home, key = family(identity), str(uuid4())
    first = grant(identity, home.child, home.mother, request_id=key)
    assert grant(identity, home.child, home.mother, request_id=key) == first
    assert representation_facts(identity) == ["representation_granted"]


def test_one_adult_authorises_another_for_one_purpose_and_takes_it_back(identity: Identity):
    home = family(identity)
    made = authorise(identity, home.mother, FATHER)
    assert scopes_of(made) == {"DOSSIER_READ", "DOSSIER_WRITE"}
    assert made.representative_id == home.father.citizen_id
    assert profile_for(identity, home.father, home.mother).full_name == MOTHER.full_name
    assert reason_of(lambda: profile_for(identity, home.mother, home.father)) == "NOT_REPRESENTED"
    revoked = revoke(identity, made, home.mother.citizen_id)
    assert revoked.end_cause == shapes.REPRESENTATION_END_CAUSE_REVOKED_BY_REPRESENTED
    assert reason_of(lambda: profile_for(identity, home.father, home.mother)) == "NOT_REPRESENTED"
    assert representation_facts(identity) == ["representation_granted", "representation_revoked"]


def test_who_was_authorised_gives_it_up(identity: Identity):
    home = family(identity)
    made = authorise(identity, home.mother, FATHER)
    revoked = revoke(identity, made, home.father.citizen_id)
    assert revoked.end_cause == shapes.REPRESENTATION_END_CAUSE_RENOUNCED


def test_a_parent_does_not_give_up_a_child_nor_a_child_its_parent(identity: Identity):
    home = family(identity)
    made = grant(identity, home.child, home.mother)
    for who in (home.child, home.mother):
        call = lambda by=who: revoke(identity, made, by.citizen_id)  # noqa: E731
        assert reason_of(call) == "REPRESENTATION_NOT_YOURS_TO_END"
    assert reason_of(lambda: revoke(identity, made, home.father.citizen_id)) == "REPRESENTATION_NOT_FOUND"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"representative_name": "Nông Văn Thử Khác"}, "REPRESENTATIVE_NOT_FOUND"),
        ({"representative_number": "019088000099"}, "REPRESENTATIVE_NOT_FOUND"),
        ({"representative_number": "12"}, "REPRESENTATION_INVALID"),
        ({"representative_number": MOTHER.number, "representative_name": MOTHER.full_name}, "REPRESENTATION_INVALID"),
        ({"valid_until": ""}, "REPRESENTATION_INVALID"),
        ({"valid_until": "2099-01-01"}, "REPRESENTATION_INVALID"),
        ({"purpose": 0}, "REPRESENTATION_INVALID"),
    ],
)
def test_an_authorisation_that_does_not_fit_is_refused(identity: Identity, changes: dict[str, Any], reason: str):
    home = family(identity)
    assert reason_of(lambda: authorise(identity, home.mother, FATHER, **changes)) == reason


def test_a_child_authorises_nobody(identity: Identity):
    home = family(identity, birth_date=born(years_ago=17))
    assert reason_of(lambda: authorise(identity, home.child, FATHER)) == "REPRESENTED_IS_A_CHILD"


def test_people_and_officers_see_who_stands_for_whom(identity: Identity):
    home = family(identity)
    made = grant(identity, home.child, home.mother)
    for who in (home.child, home.mother):
        assert own_representations(identity, who.citizen_id) == [made]
    assert own_representations(identity, home.father.citizen_id) == []
    request = pb.ListCitizenRepresentationsRequest(citizen_id=home.child.citizen_id)
    listed = identity.representations.ListCitizenRepresentations(request, metadata=identity.as_officer())
    assert list(listed.representations) == [made]


def test_a_merged_record_is_represented_like_the_surviving_one(identity: Identity):
    home = family(identity)
    double = identity.link(Person(number="019323000067", full_name="Hoàng Thử Bé", birth_date=born(years_ago=4)))
    grant(identity, home.child, home.mother)
    merge(identity, double.citizen, home.child)
    assert profile_for(identity, home.mother, home.child).citizen.citizen_id == double.citizen.citizen_id
    assert profile_for(identity, home.mother, double.citizen).citizen.citizen_id == double.citizen.citizen_id


def test_a_blocked_parent_reads_nothing_of_the_child(identity: Identity):
    home = family(identity)
    grant(identity, home.child, home.mother)
    with identity.database.transaction() as conn:
        conn.execute("update citizens set status = 'BLOCKED' where citizen_id = %s", (home.mother.citizen_id,))
    assert reason_of(lambda: profile_for(identity, home.mother, home.child)) == "CITIZEN_NOT_ACTIVE"


def test_officers_do_not_list_their_own_representations_under_a_merged_id(identity: Identity):
    home = family(identity)
    merge(identity, home.father, home.mother)
    own = identity.as_officer(purpose="DATA_SUBJECT_REQUEST", citizen_id=home.mother.citizen_id)
    for record in (home.father, home.mother):
        request = pb.ListCitizenRepresentationsRequest(citizen_id=record.citizen_id)
        call = lambda one=request: identity.representations.ListCitizenRepresentations(one, metadata=own)  # noqa: E731
        assert reason_of(call) == "OWN_RECORD"


def test_a_newborn_without_a_number_has_parents_who_act_for_it(identity: Identity):
    home = family(identity)
    newborn = register_newborn(identity, home.mother).citizen
    made = grant(identity, newborn, home.mother, evidence=document(kind=records.EVIDENCE_KIND_BIRTH_CERTIFICATE))
    assert status_of(made) == "ACTIVE"
    assert profile_for(identity, home.mother, newborn).citizen.citizen_id == newborn.citizen_id


def test_documents_lie_sealed(identity: Identity):
    home = family(identity)
    made = grant(identity, home.child, home.mother)
    end(identity, made)
    for table in ("representations", "record_acts"):
        text = str(identity.rows(f"select {table}::text from {table}"))
        assert "La Hiên" not in text
        assert "12/TB-CA" not in text
