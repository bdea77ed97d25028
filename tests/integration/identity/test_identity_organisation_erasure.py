"""When people are erased their organisations wait for another representative, or end with their owner."""

from pathlib import Path
from uuid import UUID, uuid4

import pytest
from songcau.identity.v1 import organisation_pb2 as shapes
from songcau_identity import rights_doors
from songcau_identity.app import build_desk
from songcau_kit.clock import SystemClock
from songcau_kit.erasure_ledger import Erasure
from support.identity_service import Identity
from support.organisations import CLERK, UNREGISTERED, end_of, found, join, own, propose, settle, state_of
from support.representations import FATHER, MOTHER, representation_facts


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


def people(identity: Identity) -> list[str]:
    return [identity.link(person).citizen.citizen_id for person in (MOTHER, FATHER, CLERK)]


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
