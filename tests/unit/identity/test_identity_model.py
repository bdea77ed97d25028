"""The citizen's lifecycle, walked whole; papers and what they carry."""

import itertools

import pytest
from songcau_identity.model import (
    LIFECYCLE,
    PORTAL_PAPER_CODES,
    RECORDED_PAPERS,
    SHARED_PAPERS,
    CitizenAct,
    CitizenFact,
    CitizenStatus,
    IdentifierKind,
    PaperKind,
    find_transition,
)

LEGAL = {
    (None, CitizenAct.LINK): CitizenStatus.ACTIVE,
    (CitizenStatus.UNLINKED, CitizenAct.LINK): CitizenStatus.ACTIVE,
    (CitizenStatus.ACTIVE, CitizenAct.LINK): CitizenStatus.ACTIVE,
    (CitizenStatus.ACTIVE, CitizenAct.UNLINK): CitizenStatus.UNLINKED,
    (CitizenStatus.ACTIVE, CitizenAct.BLOCK): CitizenStatus.BLOCKED,
    (CitizenStatus.BLOCKED, CitizenAct.UNBLOCK): CitizenStatus.ACTIVE,
    (None, CitizenAct.REGISTER): CitizenStatus.ACTIVE,
    (CitizenStatus.ACTIVE, CitizenAct.VOID): CitizenStatus.UNLINKED,
    (CitizenStatus.ACTIVE, CitizenAct.RECORD_DEATH): CitizenStatus.DECEASED,
    (CitizenStatus.UNLINKED, CitizenAct.RECORD_DEATH): CitizenStatus.DECEASED,
    (CitizenStatus.BLOCKED, CitizenAct.RECORD_DEATH): CitizenStatus.DECEASED,
    (CitizenStatus.DECEASED, CitizenAct.ANNUL_DEATH): CitizenStatus.BLOCKED,
    (CitizenStatus.ACTIVE, CitizenAct.PROPOSE_ERASURE): CitizenStatus.ERASING,
    (CitizenStatus.UNLINKED, CitizenAct.PROPOSE_ERASURE): CitizenStatus.ERASING,
    (CitizenStatus.BLOCKED, CitizenAct.PROPOSE_ERASURE): CitizenStatus.ERASING,
    (CitizenStatus.ERASING, CitizenAct.KEEP_ACTIVE): CitizenStatus.ACTIVE,
    (CitizenStatus.ERASING, CitizenAct.KEEP_UNLINKED): CitizenStatus.UNLINKED,
    (CitizenStatus.ERASING, CitizenAct.KEEP_BLOCKED): CitizenStatus.BLOCKED,
    (CitizenStatus.ERASING, CitizenAct.ERASE): CitizenStatus.ERASED,
}


@pytest.mark.parametrize(("before", "act"), list(itertools.product([None, *CitizenStatus], CitizenAct)))
def test_every_state_and_act_is_legal_or_not_as_the_table_says(before, act):
    step = find_transition(before, act)
    assert (step.after if step else None) == LEGAL.get((before, act))


def test_no_step_stands_twice():
    assert len({(step.before, step.act) for step in LIFECYCLE}) == len(LIFECYCLE)


def test_every_step_tells_the_others_and_every_fact_has_a_step():
    assert {step.fact for step in LIFECYCLE} == set(CitizenFact)


def test_only_the_linker_links_only_citizens_unlink_only_officers_register_and_data_officers_do_the_rest():
    assert {(step.act, step.role) for step in LIFECYCLE} == {
        (CitizenAct.LINK, "identity-linker"),
        (CitizenAct.UNLINK, "citizen"),
        (CitizenAct.BLOCK, "data-officer"),
        (CitizenAct.UNBLOCK, "data-officer"),
        (CitizenAct.REGISTER, "officer"),
        (CitizenAct.VOID, "data-officer"),
        (CitizenAct.RECORD_DEATH, "data-officer"),
        (CitizenAct.ANNUL_DEATH, "data-officer"),
        (CitizenAct.PROPOSE_ERASURE, "data-officer"),
        (CitizenAct.KEEP_ACTIVE, "system"),
        (CitizenAct.KEEP_UNLINKED, "system"),
        (CitizenAct.KEEP_BLOCKED, "system"),
        (CitizenAct.ERASE, "system"),
    }


def test_a_paper_that_carries_no_number_or_the_present_one_is_not_recorded():
    carry_the_present_one = {PaperKind.CAN_CUOC, PaperKind.CAN_CUOC_DIEN_TU, PaperKind.GIAY_CHUNG_NHAN_CAN_CUOC}
    assert set(PaperKind) - RECORDED_PAPERS == carry_the_present_one | {PaperKind.TK_DINH_DANH, PaperKind.KHONG_CO}


def test_only_the_old_card_may_be_two_people_s():
    assert {PaperKind.CMND_9} == SHARED_PAPERS


def test_the_portal_knows_two_papers():
    assert PORTAL_PAPER_CODES == {IdentifierKind.PERSONAL_NUMBER: "1", IdentifierKind.CMND_9: "2"}
