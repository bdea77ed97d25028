"""The tables of a dossier's way, walked whole: every legal step and every illegal one."""

import itertools

import pytest
from songcau_eservices.dossiers.model import (
    EDITS,
    FINANCE_MOVES,
    NATIONAL_CODES,
    TERMINAL,
    TRANSITIONS,
    Action,
    ActorKind,
    Desk,
    Finance,
    FinanceCause,
    State,
    allowed_actions,
    find_transition,
    move_finance,
)

# The transitions of the national list as the domain gives them, by national code.
NATIONAL = {
    1: {2, 3, 5, 7},
    2: {4, 5, 6, 7},
    4: {5, 6, 7, 8, 9},
    5: {4, 7, 8},
    6: {4, 7, 8},
    9: {10},
}
MOVES = sorted({row.action for row in TRANSITIONS})
ALL = list(itertools.product(State, MOVES, (True, False)))


def test_the_table_holds_the_national_transitions_and_one_way_back_to_the_counter():
    drawn = {}
    for row in TRANSITIONS:
        drawn.setdefault(NATIONAL_CODES[row.source], set()).add(NATIONAL_CODES[row.target])
    assert drawn.pop(0) == {1}
    # What was asked for before acceptance goes back to the counter: such a dossier has no number yet.
    drawn[5].remove(1)
    assert drawn == NATIONAL


def test_the_ten_national_codes_are_all_there():
    assert sorted(NATIONAL_CODES.values()) == list(range(11))
    assert NATIONAL_CODES[State.DRAFT] == 0
    assert NATIONAL_CODES[State.PAYMENT_REQUIRED] == 6
    assert NATIONAL_CODES[State.RETURNED] == 10


def test_final_states_are_the_four_of_the_list():
    assert {NATIONAL_CODES[state] for state in TERMINAL} == {3, 7, 8, 10}


def test_every_state_can_be_reached_from_a_draft():
    reached = {State.DRAFT}
    while True:
        more = {row.target for row in TRANSITIONS if row.source in reached} - reached
        if not more:
            break
        reached |= more
    assert reached == set(State)


def test_a_step_leads_to_one_place():
    for state, action, is_numbered in ALL:
        fitting = [
            row
            for row in TRANSITIONS
            if row.source is state and row.action is action and row.is_numbered in (None, is_numbered)
        ]
        assert len(fitting) <= 1


@pytest.mark.parametrize(("state", "action", "is_numbered"), ALL)
def test_a_step_is_allowed_exactly_where_the_table_has_it(state: State, action: Action, is_numbered: bool):
    row = find_transition(state, action, is_numbered=is_numbered)
    for actor in ActorKind:
        allowed = allowed_actions(state, Finance.EXEMPT, actor, is_numbered=is_numbered)
        assert (action in allowed) == (row is not None and actor in row.who)


def test_withdrawal_ends_when_a_decision_is_signed():
    sources = {row.source for row in TRANSITIONS if row.action is Action.WITHDRAW}
    assert State.RESOLVED not in sources
    assert {row.who for row in TRANSITIONS if row.action is Action.WITHDRAW} == {frozenset({ActorKind.CITIZEN})}


def test_accepting_belongs_to_the_receiving_desk_and_deciding_to_the_authority():
    at_counter = allowed_actions(
        State.SUBMITTED, Finance.PAID, ActorKind.OFFICER, desks=frozenset({Desk.AUTHORITY}), is_numbered=False
    )
    assert Action.ACCEPT not in at_counter
    deciding = allowed_actions(
        State.PROCESSING, Finance.PAID, ActorKind.LEADER, desks=frozenset({Desk.RECEIVING}), is_numbered=True
    )
    assert {Action.RESOLVE, Action.PROPOSE_DECISION}.isdisjoint(deciding)
    assert Action.REQUEST_SUPPLEMENT in deciding


def test_officers_draft_and_only_the_leader_signs():
    at_authority = frozenset({Desk.AUTHORITY})
    of = {
        actor: allowed_actions(State.PROCESSING, Finance.PAID, actor, desks=at_authority, is_numbered=True)
        for actor in ActorKind
    }
    assert {actor for actor, actions in of.items() if Action.RESOLVE in actions} == {ActorKind.LEADER}
    drafting = {actor for actor, actions in of.items() if Action.PROPOSE_DECISION in actions}
    assert drafting == {ActorKind.OFFICER, ActorKind.LEADER}


@pytest.mark.parametrize("state", list(State))
def test_edits_are_open_exactly_where_the_table_says(state: State):
    for action, (states, who) in EDITS.items():
        for actor in ActorKind:
            allowed = allowed_actions(state, Finance.EXEMPT, actor, is_numbered=True)
            assert (action in allowed) == (state in states and actor in who)


def test_only_the_citizen_pays_and_only_what_is_due():
    for finance, actor in itertools.product(Finance, ActorKind):
        allowed = allowed_actions(State.SUBMITTED, finance, actor, is_numbered=False)
        is_due = finance in (Finance.DUE, Finance.PENDING) and actor is ActorKind.CITIZEN
        assert (Action.PAY in allowed) == is_due
    assert Action.PAY not in allowed_actions(State.DRAFT, Finance.DUE, ActorKind.CITIZEN, is_numbered=False)


@pytest.mark.parametrize(("finance", "cause"), list(itertools.product(Finance, FinanceCause)))
def test_the_finance_axis_moves_along_its_table_and_nowhere_else(finance: Finance, cause: FinanceCause):
    assert move_finance(finance, cause) is FINANCE_MOVES.get((finance, cause), finance)


def test_money_that_comes_after_the_end_is_owed_back_and_never_pays():
    ended = move_finance(Finance.PENDING, FinanceCause.CASE_ENDED)
    assert ended is Finance.CANCELLED
    assert move_finance(ended, FinanceCause.MONEY_CAME) is Finance.REFUND_DUE
    assert move_finance(Finance.PAID, FinanceCause.CASE_ENDED) is Finance.PAID
