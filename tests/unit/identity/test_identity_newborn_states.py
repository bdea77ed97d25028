"""The steps of a child's temporary key, walked whole; the key itself."""

import itertools

import pytest
import yaml
from songcau_identity.auditing import Operation
from songcau_identity.newborn_states import NEWBORN_LIFECYCLE, NewbornAct, NewbornState, find_newborn_step
from songcau_identity.newborns import new_temporary_key
from songcau_identity.servers.admission import RULES

LEGAL = {
    (None, NewbornAct.REGISTER): NewbornState.TEMPORARY,
    (NewbornState.TEMPORARY, NewbornAct.ISSUE_NUMBER): NewbornState.REPLACED,
    (NewbornState.TEMPORARY, NewbornAct.VOID): NewbornState.VOIDED,
}
OPERATIONS = {
    NewbornAct.REGISTER: Operation.REGISTER_NEWBORN,
    NewbornAct.ISSUE_NUMBER: Operation.ISSUE_PERSONAL_NUMBER,
    NewbornAct.VOID: Operation.VOID_NEWBORN,
}


@pytest.mark.parametrize(("before", "act"), list(itertools.product([None, *NewbornState], NewbornAct)))
def test_every_state_and_act_is_legal_or_not_as_the_table_says(before, act):
    step = find_newborn_step(before, act)
    assert (step.after if step else None) == LEGAL.get((before, act))


def test_who_may_take_a_step_is_what_the_door_lets_in():
    assert {step.act: step.roles for step in NEWBORN_LIFECYCLE} == {
        act: RULES[operation].roles for act, operation in OPERATIONS.items()
    }


def test_a_temporary_key_is_no_number_and_never_the_same():
    keys = {new_temporary_key() for _ in range(1000)}
    assert len(keys) == 1000
    assert all(key.startswith("SS-") and len(key) == 12 and yaml.safe_load(key) == key for key in keys)
