"""Only so much waits at once: before officers for one citizen, for answers to one organisation, however many ask."""

from collections import Counter

from songcau.identity.v1 import organisation_pb2 as shapes
from songcau.identity.v1 import organisation_service_pb2 as pb
from stdnum.vn import mst
from support.at_once import told_at_once
from support.identity_service import Identity, Person, reason_of
from support.organisations import (
    OF_ANOTHER,
    REGISTERED,
    answer,
    cases,
    decide,
    found,
    invite,
    propose,
    settle,
    state_of,
)
from support.representations import FATHER, MOTHER

LIMIT = "ORGANISATION_LIMIT_REACHED"


def tax_codes(number: int) -> list[str]:
    starts = (f"4600124{one:02}" for one in range(100))
    return [code for start in starts if mst.is_valid(code := start + mst.calc_check_digit(start))][:number]


def test_of_many_foundings_at_once_only_so_many_wait_and_a_decision_makes_room(identity: Identity):
    head, most = identity.link(MOTHER).citizen.citizen_id, identity.settings.organisation_cases_of_citizen
    codes = tax_codes(most + 4)
    acts = [lambda code=code: found(identity, head, code) for code in codes]
    assert Counter(told_at_once(acts)) == {"DONE": most, LIMIT: 4}
    assert identity.rows("select count(*) from organisations") == [(most,)]
    # Whom the register names waits for nobody.
    assert state_of(found(identity, head, REGISTERED).organisation) == "ACTIVE"
    waiting = cases(identity).cases[0]
    decide(identity, waiting.organisation, "REFUSE")
    assert state_of(found(identity, head, waiting.identifier).organisation) == "AWAITING_CONFIRMATION"
    assert cases(identity, page_size=200).cases[-1].identifier == waiting.identifier


def test_proposals_wait_under_the_same_limit_as_foundings(identity: Identity):
    head, other = (identity.link(person).citizen.citizen_id for person in (MOTHER, FATHER))
    found(identity, other, OF_ANOTHER)
    codes = tax_codes(identity.settings.organisation_cases_of_citizen)
    for code in codes[1:]:
        found(identity, head, code)
    waiting = propose(identity, head, OF_ANOTHER)
    assert reason_of(lambda: found(identity, head, codes[0])) == LIMIT
    settle(identity, waiting, "REFUSE")
    assert state_of(found(identity, head, codes[0]).organisation) == "AWAITING_CONFIRMATION"
    assert reason_of(lambda: propose(identity, head, OF_ANOTHER)) == LIMIT


def test_of_many_invitations_at_once_only_so_many_are_open_and_an_answer_makes_room(identity: Identity):
    head, most = identity.link(MOTHER).citizen.citizen_id, identity.settings.organisation_invitations_open
    company = found(identity, head).organisation
    people = [Person(number=f"01929500010{one}", full_name=f"Triệu Văn Thử {one}") for one in range(most + 2)]
    ids = {one.number: identity.link(one).citizen.citizen_id for one in people}
    acts = [lambda one=one: invite(identity, company, head, one, "VIEWER") for one in people]
    assert Counter(told_at_once(acts)) == {"DONE": most, LIMIT: 2}
    rows = identity.rows("select citizen_id::text, member_id::text from organisation_members where state = 'INVITED'")
    assert len(rows) == most
    invited = dict(rows)
    (joining, *_) = (one for one in people if ids[one.number] in invited)
    left_out = next(one for one in people if ids[one.number] not in invited)
    member = shapes.OrganisationMember(member_id=invited[ids[joining.number]], version=1)
    answer(identity, member, ids[joining.number], pb.INVITATION_ANSWER_DECLINED)
    assert state_of(invite(identity, company, head, left_out, "VIEWER")) == "INVITED"
