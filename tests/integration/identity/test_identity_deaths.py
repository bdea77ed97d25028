"""Deaths at identity's door: entered on the extract, everything ended, heirs alone let in, annulled; races settled."""

from typing import Any
from uuid import uuid4

import pytest
from songcau.identity.v1 import citizen_record_service_pb2 as records
from songcau.identity.v1 import citizen_service_pb2 as citizens
from songcau.identity.v1 import organisation_pb2 as organisation_shapes
from songcau.identity.v1 import representation_pb2 as shapes
from songcau.identity.v1.citizen_pb2 import Citizen
from songcau_kit.errors import DomainError
from support import assistance, organisations
from support.at_once import told_at_once
from support.identity_service import Identity, reason_of
from support.record_acts import annul_death, correct, document, merge, own_profile, record_death
from support.representations import (
    COURT,
    FATHER,
    HEIR,
    MOTHER,
    accesses_for,
    authorise,
    end,
    family,
    grant,
    own_representations,
    representation_facts,
    revoke,
    scopes_of,
    status_of,
)

AGREEMENT = document(kind=records.EVIDENCE_KIND_INHERITANCE_AGREEMENT)
DECEASED, BLOCKED, ACTIVE = "DECEASED", "BLOCKED", "ACTIVE"
KINDS = {name.removeprefix("EVIDENCE_KIND_") for name in records.EvidenceKind.keys()} - {"UNSPECIFIED"}  # noqa: SIM118
PROVE_INHERITANCE = {"INHERITANCE_AGREEMENT", "INHERITANCE_DECLARATION", "COURT_DECISION"}
PROVE_DEATH = {"DEATH_RECORD", "COURT_DECISION"}
PROVE_ANNULMENT = {"CIVIL_STATUS_RECORD", "COURT_DECISION", "OFFICE_RECORD"}


def inherit(identity: Identity, dead: Any, heir: Any, **changes: Any) -> Any:
    return grant(identity, dead, heir, **{"kind": HEIR, "evidence": AGREEMENT} | changes)


def status_in(identity: Identity, citizen: Any) -> str:
    ((status,),) = identity.rows("select status from citizens where citizen_id = %s", citizen.citizen_id)
    return str(status)


def profile_for(identity: Identity, heir: Any, dead: Any) -> Any:
    return own_profile(identity, heir.citizen_id, on_behalf_of=dead.citizen_id)


def unblock(identity: Identity, citizen: Any) -> Any:
    request = citizens.UnblockCitizenRequest(
        request_id=str(uuid4()), citizen_id=citizen.citizen_id, expected_version=citizen.version
    )
    return identity.citizens.UnblockCitizen(request, metadata=identity.as_data_officer()).citizen


def test_an_heir_of_a_recorded_death_reads_who_died_and_nothing_about_accesses_or_care(identity: Identity):
    home = family(identity)
    dead = record_death(identity, home.mother)
    assert status_in(identity, dead) == DECEASED
    made = inherit(identity, dead, home.father)
    assert (status_of(made), scopes_of(made)) == ("ACTIVE", {"IDENTITY_READ", "DOSSIER_READ", "DOSSIER_WRITE"})
    assert profile_for(identity, home.father, dead).full_name == MOTHER.full_name
    assert reason_of(lambda: accesses_for(identity, home.father, dead)) == "NOT_REPRESENTED"
    assert identity.facts()[-1] == "citizen_died"
    assert representation_facts(identity) == ["representation_granted"]
    entries = identity.rows(
        "select operation, purpose, outcome from audit_entries where subject_id = %s order by occurred_at",
        dead.citizen_id,
    )
    assert ("RECORD_DEATH", "INSPECTION", "ALLOWED") in entries


@pytest.mark.parametrize("state", ["ACTIVE", "BLOCKED", "UNLINKED"])
def test_nobody_inherits_from_somebody_whose_death_is_not_recorded(identity: Identity, state: str):
    home = family(identity)
    with identity.database.transaction() as conn:
        conn.execute("update citizens set status = %s where citizen_id = %s", (state, home.mother.citizen_id))
    with pytest.raises(DomainError) as refused:
        inherit(identity, home.mother, home.father)
    assert (refused.value.reason.code, refused.value.details) == ("CITIZEN_NOT_DECEASED", {"state": state})
    assert representation_facts(identity) == []
    assert identity.rows("select count(*) from record_acts") == [(0,)]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_an_inheritance_rests_on_a_document_that_proves_one(identity: Identity, kind: str):
    home = family(identity)
    dead = record_death(identity, home.mother)
    entered = lambda: inherit(identity, dead, home.father, evidence=document(kind=f"EVIDENCE_KIND_{kind}"))  # noqa: E731
    if kind in PROVE_INHERITANCE:
        assert status_of(entered()) == "ACTIVE"
    else:
        assert reason_of(entered) == "EVIDENCE_INVALID"


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_death_and_its_annulment_rest_on_documents_that_prove_them(identity: Identity, kind: str):
    mother, evidence = family(identity).mother, document(kind=f"EVIDENCE_KIND_{kind}")
    if kind in PROVE_DEATH:
        assert status_in(identity, record_death(identity, mother, evidence=evidence)) == DECEASED
    else:
        assert reason_of(lambda: record_death(identity, mother, evidence=evidence)) == "EVIDENCE_INVALID"
        assert status_in(identity, mother) == ACTIVE
        record_death(identity, mother)
    dead = Citizen(citizen_id=mother.citizen_id, version=mother.version + 1)
    if kind in PROVE_ANNULMENT:
        assert status_in(identity, annul_death(identity, dead, evidence=evidence)) == BLOCKED
    else:
        assert reason_of(lambda: annul_death(identity, dead, evidence=evidence)) == "EVIDENCE_INVALID"
        assert status_in(identity, mother) == DECEASED


def test_a_death_ends_what_the_dead_granted_and_held(identity: Identity):
    home = family(identity)
    granted = authorise(identity, home.mother, FATHER)
    held = [authorise(identity, home.father, MOTHER), grant(identity, home.child, home.mother)]
    others = grant(identity, home.child, home.father)
    record_death(identity, home.mother)
    death = shapes.REPRESENTATION_END_CAUSE_DEATH
    shown = {one.representation_id: one for one in own_representations(identity, home.father.citizen_id)}
    assert [shown[one.representation_id].end_cause for one in (granted, held[0])] == [death] * 2
    assert status_of(shown[others.representation_id]) == "ACTIVE"
    ended = identity.rows("select representation_id::text, end_cause from representations where status = 'ENDED'")
    assert dict(ended) == {one.representation_id: "DEATH" for one in (granted, *held)}
    assert representation_facts(identity).count("representation_ended") == 3
    assert reason_of(lambda: profile_for(identity, home.father, home.mother)) == "NOT_REPRESENTED"
    assert reason_of(lambda: profile_for(identity, home.mother, home.child)) == "NOT_REPRESENTED"


def test_a_death_ends_memberships_and_the_household_business_of_the_dead_and_a_company_waits(identity: Identity):
    head, _, clerk = organisations.people(identity)
    kind = organisation_shapes.ORGANISATION_KIND_HOUSEHOLD_BUSINESS
    business = organisations.found(identity, head, MOTHER.number, kind=kind).organisation
    organisations.decide(identity, business, "CONFIRM")
    company = organisations.found(identity, head).organisation
    organisations.join(identity, company, head, (organisations.CLERK, clerk), "SUBMITTER")
    ((version,),) = identity.rows("select version from citizens where citizen_id = %s", head)
    record_death(identity, Citizen(citizen_id=head, version=version))
    ended = identity.rows("select citizen_id::text, end_cause from organisation_members where state = 'ENDED'")
    assert ended == [(head, "DEATH")] * 2
    causes = identity.rows("select end_cause from representations where representative_id = %s", head)
    assert causes == [("DEATH",)] * 2
    states = dict(identity.rows("select organisation_id::text, state from organisations"))
    assert states == {business.organisation_id: "DISSOLVED", company.organisation_id: "AWAITING_REPRESENTATIVE"}


def test_a_death_ends_the_sessions_in_which_somebody_helps(identity: Identity):
    mother = family(identity).mother
    session = assistance.start(identity, number=MOTHER.number)
    record_death(identity, mother)
    assert assistance.status_of(assistance.get(identity, session.session_id)) == "ENDED"


def test_the_dead_sign_in_no_more_and_nobody_blocks_opens_or_authorises_them(identity: Identity):
    home = family(identity)
    dead = record_death(identity, home.mother)
    assert reason_of(lambda: identity.link(MOTHER)) == "CITIZEN_BLOCKED"
    assert reason_of(lambda: own_profile(identity, dead.citizen_id)) == "CITIZEN_NOT_ACTIVE"
    assert reason_of(lambda: unblock(identity, dead)) == "CITIZEN_NOT_BLOCKED"
    assert reason_of(lambda: authorise(identity, home.father, MOTHER)) == "REPRESENTATIVE_NOT_FOUND"
    assert reason_of(lambda: authorise(identity, dead, FATHER)) == "CITIZEN_NOT_ACTIVE"
    assert reason_of(lambda: grant(identity, home.child, dead)) == "CITIZEN_NOT_ACTIVE"
    assert reason_of(lambda: inherit(identity, dead, home.child)) == "REPRESENTATIVE_NOT_ADULT"
    assert reason_of(lambda: merge(identity, home.father, dead)) == "CITIZEN_NOT_ACTIVE"
    assert reason_of(lambda: record_death(identity, dead)) == "CITIZEN_NOT_ACTIVE"


def test_an_heir_gives_it_up_and_a_court_takes_it_away(identity: Identity):
    home = family(identity)
    dead = record_death(identity, home.mother)
    renounced = revoke(identity, inherit(identity, dead, home.father), home.father.citizen_id)
    assert renounced.end_cause == shapes.REPRESENTATION_END_CAUSE_RENOUNCED
    again = inherit(identity, dead, home.father, evidence=COURT)
    assert end(identity, again).end_cause == shapes.REPRESENTATION_END_CAUSE_COURT_DECISION
    assert reason_of(lambda: profile_for(identity, home.father, dead)) == "NOT_REPRESENTED"


def test_who_lives_after_all_has_no_heirs_and_comes_back_by_an_unblocking(identity: Identity):
    home = family(identity)
    dead = record_death(identity, home.mother)
    inherit(identity, dead, home.father)
    alive = annul_death(identity, dead)
    assert status_in(identity, alive) == BLOCKED
    (ended,) = own_representations(identity, home.father.citizen_id)
    assert ended.end_cause == shapes.REPRESENTATION_END_CAUSE_ENTERED_WRONGLY
    assert reason_of(lambda: identity.link(MOTHER)) == "CITIZEN_BLOCKED"
    unblock(identity, alive)
    assert own_profile(identity, alive.citizen_id).full_name == MOTHER.full_name
    assert identity.facts()[-3:] == ["citizen_died", "death_annulled", "citizen_unblocked"]


def test_only_a_recorded_death_is_annulled(identity: Identity):
    mother = family(identity).mother
    assert reason_of(lambda: annul_death(identity, mother)) == "CITIZEN_NOT_DECEASED"


def test_officers_record_no_death_of_their_own_nor_of_a_record_they_did_not_see(identity: Identity):
    home = family(identity)
    own = identity.as_data_officer(citizen_id=home.mother.citizen_id)
    assert reason_of(lambda: record_death(identity, home.mother, metadata=own)) == "OWN_RECORD"
    corrected = correct(identity, home.mother, full_name="Hoàng Thị Thử Mai").citizen
    assert reason_of(lambda: record_death(identity, home.mother)) == "VERSION_CONFLICT"
    weak = identity.as_data_officer(acr="aal1")
    assert reason_of(lambda: record_death(identity, corrected, metadata=weak)) == "AUTHENTICATION_INSUFFICIENT"
    assert status_in(identity, home.mother) == ACTIVE


def test_a_repeated_request_records_one_death(identity: Identity):
    mother, key = family(identity).mother, str(uuid4())
    assert record_death(identity, mother, request_id=key) == record_death(identity, mother, request_id=key)
    assert identity.facts().count("citizen_died") == 1


def test_of_many_who_record_a_death_at_once_one_does(identity: Identity):
    mother = family(identity).mother
    outcomes = told_at_once([lambda: record_death(identity, mother)] * 6)
    assert sorted(outcomes) == ["DONE"] + ["VERSION_CONFLICT"] * 5
    assert identity.facts().count("citizen_died") == 1


def test_two_heirs_entered_at_once_both_stand_and_one_entered_twice_once(identity: Identity):
    home = family(identity)
    other = identity.link(organisations.CLERK).citizen
    dead = record_death(identity, home.mother)
    outcomes = told_at_once([lambda heir=heir: inherit(identity, dead, heir) for heir in (home.father, other) * 3])
    assert sorted(outcomes) == ["DONE"] * 2 + ["REPRESENTATION_EXISTS"] * 4
    held = identity.rows("select representative_id::text from representations where status = 'ACTIVE'")
    assert {one for (one,) in held} == {home.father.citizen_id, other.citizen_id}


def test_an_heir_entered_while_the_death_is_annulled_never_outlasts_it(identity: Identity):
    home = family(identity)
    dead = record_death(identity, home.mother)
    acts = [lambda: annul_death(identity, dead), *[lambda: inherit(identity, dead, home.father)] * 3]
    annulled, *entered = told_at_once(acts)
    assert annulled == "DONE"
    assert set(entered) <= {"DONE", "REPRESENTATION_EXISTS", "CITIZEN_NOT_DECEASED"}
    assert identity.rows("select count(*) from representations where status = 'ACTIVE'") == [(0,)]
    assert reason_of(lambda: profile_for(identity, home.father, dead)) == "NOT_REPRESENTED"


def test_an_authorisation_given_while_a_death_is_recorded_never_outlasts_it(identity: Identity):
    home = family(identity)
    acts = [lambda: record_death(identity, home.mother), *[lambda: authorise(identity, home.father, MOTHER)] * 3]
    recorded, *given = told_at_once(acts)
    assert recorded == "DONE"
    assert set(given) <= {"DONE", "REPRESENTATION_EXISTS", "REPRESENTATIVE_NOT_FOUND", "CITIZEN_NOT_ACTIVE"}
    assert identity.rows("select count(*) from representations where status = 'ACTIVE'") == [(0,)]


def test_the_documents_of_a_death_lie_sealed(identity: Identity):
    dead = record_death(identity, family(identity).mother)
    annul_death(identity, dead)
    text = str(identity.rows("select record_acts::text from record_acts"))
    assert "La Hiên" not in text
    assert "12/TB-CA" not in text
