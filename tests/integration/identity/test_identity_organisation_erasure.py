"""When people are erased their organisations wait for another representative, or end with their owner."""

from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from songcau.identity.v1 import citizen_service_pb2 as citizens
from songcau.identity.v1 import organisation_pb2 as shapes
from songcau_identity import rights_doors
from songcau_identity.app import build_desk
from songcau_kit.clock import SystemClock
from songcau_kit.erasure_ledger import Erasure
from support.identity_service import Identity, reason_of
from support.organisations import (
    CLERK,
    UNREGISTERED,
    decide,
    end_of,
    found,
    join,
    own,
    people,
    propose,
    settle,
    state_of,
)
from support.representations import MOTHER, representation_facts
from support.subject_requests import REFUSAL, act, make


@pytest.fixture
def erase(identity: Identity, tmp_path: Path):
    settings = identity.settings.model_copy(update={"erasure_ledger_url": f"file://{tmp_path}/ledger"})
    desk = build_desk(settings, identity.database, SystemClock())
    gate = rights_doors.build_gate(settings, desk)

    def run(citizen_id: str) -> None:
        erasure = Erasure(uuid4(), uuid4(), (UUID(citizen_id),), SystemClock().now())
        with identity.database.transaction() as conn:
            gate.forget(conn, erasure)

    return run


def test_without_its_legal_representative_an_organisation_waits_and_its_members_stay(identity: Identity, erase):
    head, other, clerk = people(identity)
    organisation = found(identity, head).organisation
    join(identity, organisation, head, (CLERK, clerk), "SUBMITTER")
    erase(head)
    (listed,) = own(identity, clerk).organisations
    assert (state_of(listed.organisation), state_of(listed.member)) == ("AWAITING_REPRESENTATIVE", "ACTIVE")
    assert representation_facts(identity)[-1] == "representation_ended"
    assert identity.rows("select count(*) from organisations where evidence_enc is not null") == [(0,)]
    assert state_of(settle(identity, propose(identity, other)).organisation) == "ACTIVE"


def test_a_household_business_known_by_its_owner_s_number_ends_and_is_forgotten_with_the_owner(
    identity: Identity, erase
):
    head, _, clerk = people(identity)
    kind = shapes.ORGANISATION_KIND_HOUSEHOLD_BUSINESS
    founded = found(identity, head, MOTHER.number, kind=kind)
    erase(head)
    rows = identity.rows("select state, name_enc, identifier_enc, identifier_bix, evidence_enc from organisations")
    assert rows == [("REFUSED", None, None, None, None)]
    assert state_of(founded.member) == "AWAITING_CONFIRMATION"
    assert list(own(identity, clerk).organisations) == []


def test_an_erased_member_leaves_no_right_and_what_they_claimed_lapses(identity: Identity, erase):
    head, other, clerk = people(identity)
    organisation = found(identity, head).organisation
    join(identity, organisation, head, (CLERK, clerk), "VIEWER")
    propose(identity, other)
    erase(clerk)
    erase(other)
    assert identity.rows(
        "select count(*) from representations where status = 'ACTIVE' and representative_id <> %s", head
    ) == [(0,)]
    assert identity.rows("select state, evidence_enc from organisation_proposals") == [("LAPSED", None)]
    ends = identity.rows("select end_cause from organisation_members where citizen_id = %s", clerk)
    assert ends == [("RECORD_ERASED",)]


def test_a_founder_who_is_erased_before_the_confirmation_blocks_nobody(identity: Identity, erase):
    head, other, _ = people(identity)
    found(identity, head, UNREGISTERED)
    erase(head)
    assert state_of(found(identity, other, UNREGISTERED).organisation) == "AWAITING_CONFIRMATION"
    assert end_of(own(identity, other).organisations[0].member) == "UNSPECIFIED"


def profile_for(identity: Identity, who: str, organisation: Any) -> Any:
    on_behalf = identity.as_citizen(who, on_behalf_of=organisation.organisation_id)
    return identity.citizens.GetOwnProfile(citizens.GetOwnProfileRequest(), metadata=on_behalf)


def test_services_are_asked_about_an_owner_s_household_business_with_the_owner_and_it_stops_with_them(
    identity: Identity,
):
    head, _, clerk = people(identity)
    kind = shapes.ORGANISATION_KIND_HOUSEHOLD_BUSINESS
    business = decide(identity, found(identity, head, MOTHER.number, kind=kind).organisation, "CONFIRM")
    company = found(identity, head).organisation
    for one in (business, company):
        join(identity, one, head, (CLERK, clerk), "SUBMITTER")
    request = act(identity, "Complete", act(identity, "Acknowledge", make(identity, head, "DELETE")))
    asked = identity.events()[-1].erasure_proposed
    assert list(asked.citizen_ids) == [head, business.organisation_id]
    assert reason_of(lambda: profile_for(identity, clerk, business)) == "CITIZEN_NOT_ACTIVE"
    assert profile_for(identity, clerk, company).legal_representative_name == MOTHER.full_name
    act(identity, "Refuse", request, **REFUSAL)
    assert identity.events()[-1].erasure_called_off.citizen_ids == asked.citizen_ids
    assert profile_for(identity, clerk, business).legal_representative_name == MOTHER.full_name


def test_a_copy_is_asked_for_with_the_owner_s_household_business(identity: Identity):
    head, *_ = people(identity)
    kind = shapes.ORGANISATION_KIND_HOUSEHOLD_BUSINESS
    business = found(identity, head, MOTHER.number, kind=kind).organisation
    make(identity, head, "COPY")
    assert list(identity.events()[-1].data_copy_requested.citizen_ids) == [head, business.organisation_id]
