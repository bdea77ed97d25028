"""Every step in every state over gRPC: the legal ones move, the others name the state and what is possible."""

from collections.abc import Callable
from typing import Any

import pytest
from songcau_eservices.dossiers.model import NATIONAL_CODES, Action, State
from support.dossier_world import DossierWorld, Person, actions_of, finance_of, key, refusal, state_of

VERBS = {
    Action.SUBMIT: "Submit",
    Action.ACCEPT: "Accept",
    Action.REFUSE: "Refuse",
    Action.REQUEST_SUPPLEMENT: "RequestSupplement",
    Action.SUPPLY_SUPPLEMENT: "SupplySupplement",
    Action.REQUIRE_PAYMENT: "RequirePayment",
    Action.START_PROCESSING: "StartProcessing",
    Action.RESOLVE: "Resolve",
    Action.RETURN: "ReturnResult",
    Action.WITHDRAW: "Withdraw",
    Action.STOP: "Stop",
}
EDITS = {"UPDATE", "ATTACH", "REUSE_PAPER", "PAY", "PROPOSE_DECISION", "REVOKE_RESULT"}
CITIZENS = {Action.SUBMIT, Action.SUPPLY_SUPPLEMENT, Action.WITHDRAW}
REASON = "Theo đề nghị của người nộp."
FIELDS = {
    Action.REFUSE: {"reason": REASON},
    Action.WITHDRAW: {"reason": REASON},
    Action.STOP: {"reason": REASON},
    Action.REQUEST_SUPPLEMENT: {"items": [{"component_key": "status_form"}]},
    Action.REQUIRE_PAYMENT: {"amount": 8000},
    Action.RESOLVE: {"decision": "Đồng ý."},
}
TARGETS = {
    Action.SUBMIT: "SUBMITTED",
    Action.ACCEPT: "ACCEPTED",
    Action.REFUSE: "NOT_ACCEPTED",
    Action.REQUEST_SUPPLEMENT: "SUPPLEMENT_REQUIRED",
    Action.REQUIRE_PAYMENT: "PAYMENT_REQUIRED",
    Action.START_PROCESSING: "PROCESSING",
    Action.RESOLVE: "RESOLVED",
    Action.RETURN: "RETURNED",
    Action.WITHDRAW: "WITHDRAWN",
    Action.STOP: "STOPPED",
}


def step(world: DossierWorld, person: Person, dossier: Any, action: Action) -> Any:
    office = world.as_leader() if action is Action.RESOLVE else world.as_officer()
    metadata = world.as_citizen(person) if action in CITIZENS else office
    return world.move(VERBS[action], dossier, metadata, **FIELDS.get(action, {}))


def marital_draft(world: DossierWorld, person: Person) -> Any:
    answers = {"marital_history": "never", "renewed": False, "authorised": False}
    return world.ready_draft(person, "1.004873", ["status_form"], answers=answers)


def asked_early(world: DossierWorld, person: Person) -> Any:
    return step(world, person, world.marital(person), Action.REQUEST_SUPPLEMENT)


def after(*actions: Action) -> Callable[[DossierWorld, Person], Any]:
    def build(world: DossierWorld, person: Person) -> Any:
        dossier = marital_draft(world, person)
        for action in actions:
            dossier = step(world, person, dossier, action)
        return dossier

    return build


A = Action
BUILDERS = {
    State.DRAFT: after(),
    State.SUBMITTED: after(A.SUBMIT),
    State.ACCEPTED: after(A.SUBMIT, A.ACCEPT),
    State.NOT_ACCEPTED: after(A.SUBMIT, A.REFUSE),
    State.PROCESSING: after(A.SUBMIT, A.ACCEPT, A.START_PROCESSING),
    State.SUPPLEMENT_REQUIRED: after(A.SUBMIT, A.ACCEPT, A.REQUEST_SUPPLEMENT),
    State.PAYMENT_REQUIRED: after(A.SUBMIT, A.ACCEPT, A.REQUIRE_PAYMENT),
    State.WITHDRAWN: after(A.SUBMIT, A.WITHDRAW),
    State.STOPPED: after(A.SUBMIT, A.ACCEPT, A.START_PROCESSING, A.STOP),
    State.RESOLVED: after(A.SUBMIT, A.ACCEPT, A.START_PROCESSING, A.RESOLVE),
    State.RETURNED: after(A.SUBMIT, A.ACCEPT, A.START_PROCESSING, A.RESOLVE, A.RETURN),
}
LEGAL = {
    State.DRAFT: {A.SUBMIT},
    State.SUBMITTED: {A.ACCEPT, A.REFUSE, A.REQUEST_SUPPLEMENT, A.WITHDRAW},
    State.ACCEPTED: {A.START_PROCESSING, A.REQUEST_SUPPLEMENT, A.REQUIRE_PAYMENT, A.WITHDRAW},
    State.NOT_ACCEPTED: set(),
    State.PROCESSING: {A.REQUEST_SUPPLEMENT, A.REQUIRE_PAYMENT, A.RESOLVE, A.WITHDRAW, A.STOP},
    State.SUPPLEMENT_REQUIRED: {A.SUPPLY_SUPPLEMENT, A.WITHDRAW, A.STOP},
    State.PAYMENT_REQUIRED: {A.WITHDRAW, A.STOP},
    State.WITHDRAWN: set(),
    State.STOPPED: set(),
    State.RESOLVED: {A.RETURN},
    State.RETURNED: set(),
}


@pytest.mark.parametrize("state", list(State))
def test_an_illegal_step_names_the_state_and_what_is_possible(dossier_world: DossierWorld, state: State):
    world, person = dossier_world, dossier_world.person()
    dossier = BUILDERS[state](world, person)
    assert state_of(dossier) == state
    assert dossier.status.national_code == NATIONAL_CODES[state]
    if state is State.DRAFT:  # an officer does not even see a draft
        for action in set(VERBS) - CITIZENS:
            error = refusal(lambda action=action: step(world, person, dossier, action))
            assert error.reason.code == "DOSSIER_NOT_FOUND"
    else:
        offered = actions_of(world.get(dossier, world.as_citizen(person)))
        offered |= actions_of(world.get(dossier, world.as_leader()))
        assert offered - EDITS == {str(action) for action in LEGAL[state]}
    for action in set(VERBS) - LEGAL[state]:
        if state is State.DRAFT and action not in CITIZENS:
            continue
        error = refusal(lambda action=action: step(world, person, dossier, action))
        assert error.reason.code == "DOSSIER_STATE_CONFLICT", action
        assert error.details["state"] == state
        mine = {str(one) for one in LEGAL[state] if (one in CITIZENS) == (action in CITIZENS)}
        if action is not Action.RESOLVE:  # which is the leader's alone
            mine.discard("RESOLVE")
        assert set(error.details["allowed_actions"].split()) - EDITS == mine
    unchanged = world.get(dossier, world.as_citizen(person))
    assert (unchanged.version, state_of(unchanged)) == (dossier.version, state)


@pytest.mark.parametrize(
    ("state", "action"),
    [(state, action) for state, actions in LEGAL.items() for action in sorted(actions) if action in TARGETS],
)
def test_a_legal_step_moves_the_dossier_once(dossier_world: DossierWorld, state: State, action: Action):
    world, person = dossier_world, dossier_world.person()
    before = BUILDERS[state](world, person)
    moved = step(world, person, before, action)
    assert state_of(moved) == TARGETS[action]
    assert moved.version == before.version + 1
    last = world.events(moved)[-1]
    assert last.meta.aggregate_version == moved.version
    assert last.national_code == moved.status.national_code


def test_what_was_asked_before_acceptance_goes_back_to_the_counter(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier = asked_early(world, person)
    world.attach(person, dossier, "status_form", content=None)
    supplied = step(world, person, world.get(dossier, world.as_citizen(person)), Action.SUPPLY_SUPPLEMENT)
    assert (state_of(supplied), supplied.code) == ("SUBMITTED", "")
    assert state_of(step(world, person, supplied, Action.ACCEPT)) == "ACCEPTED"


def test_a_payment_asked_for_during_processing_pauses_the_clock_until_it_is_there(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier = BUILDERS[State.PAYMENT_REQUIRED](world, person)
    assert (finance_of(dossier), dossier.fee_amount) == ("DUE", 8000)
    assert dossier.deadline.paused[0].HasField("to") is False
    world.pay(person, dossier)
    dossier = world.get(dossier, world.as_officer())
    assert (state_of(dossier), finance_of(dossier)) == ("PROCESSING", "PAID")
    assert dossier.deadline.history[-1].cause == "PAID"
    assert state_of(step(world, person, dossier, Action.RESOLVE)) == "RESOLVED"


def test_reasons_are_mandatory_and_reach_the_citizen_and_the_history(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier = world.marital(person)
    for empty in ("", "   ", "x" * 1001):
        error = refusal(lambda empty=empty: world.move("Refuse", dossier, world.as_officer(), reason=empty))
        assert error.reason.code == "REASON_REQUIRED"
    refused = world.move("Refuse", dossier, world.as_officer(), reason="Không thuộc thẩm quyền.")
    assert world.get(refused, world.as_citizen(person)).status.reason == "Không thuộc thẩm quyền."
    history = history_of(world, refused, world.as_citizen(person))
    assert [(entry.actor_kind, entry.actor_agency_code, entry.reason) for entry in history][-1] == (
        "OFFICER",
        "H55.242",
        "Không thuộc thẩm quyền.",
    )


def test_a_supplement_names_known_papers(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier, officer = world.marital(person), world.as_officer()
    error = refusal(lambda: world.move("RequestSupplement", dossier, officer))
    assert error.reason.code == "SUPPLEMENT_ITEMS_REQUIRED"
    error = refusal(lambda: world.move("RequestSupplement", dossier, officer, items=[{"component_key": "unknown"}]))
    assert (error.reason.code, error.violations[0].pointer) == ("COMPONENT_UNKNOWN", "/items/0/component_key")
    error = refusal(lambda: world.move("RequestSupplement", dossier, officer, items=[{"instruction": "Nộp thêm."}]))
    assert (error.reason.code, error.violations[0].pointer) == ("INVALID_REQUEST", "/items/0/name")
    asked = world.move("RequestSupplement", dossier, officer, items=[{"name": "Sổ hộ khẩu cũ"}], note="Trong 5 ngày.")
    assert (asked.supplements[0].items[0].name, asked.supplements[0].note) == ("Sổ hộ khẩu cũ", "Trong 5 ngày.")


def test_a_fee_can_only_be_asked_for_where_there_is_one(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier, officer = world.accepted(person), world.as_officer()
    assert refusal(lambda: world.move("RequirePayment", dossier, officer)).reason.code == "FEE_NOT_DUE"
    error = refusal(lambda: world.move("RequirePayment", dossier, officer, amount=-5))
    assert error.violations[0].pointer == "/amount"


def test_the_history_comes_in_pages_oldest_first(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier = world.processing(person)
    entries = history_of(world, dossier, world.as_citizen(person), page_size=2)
    from songcau.eservices.v1 import dossier_pb2

    names = [dossier_pb2.DossierAction.Name(entry.action).removeprefix("DOSSIER_ACTION_") for entry in entries]
    assert names == ["CREATE", "ATTACH", "SUBMIT", "ACCEPT", "START_PROCESSING"]
    assert [entry.dossier_version for entry in entries] == [1, 2, 3, 4, 5]


def history_of(world: DossierWorld, dossier: Any, metadata: Any, *, page_size: int = 0) -> list[Any]:
    from songcau.eservices.v1 import dossier_service_pb2 as pb

    entries, token = [], ""
    while True:
        request = pb.ListDossierHistoryRequest(dossier_id=dossier.id, page_size=page_size, page_token=token)
        answer = world.dossiers.ListDossierHistory(request, metadata=metadata)
        entries += answer.entries
        token = answer.next_page_token
        if not token:
            return entries


def test_a_stale_or_missing_version_is_refused(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier, officer = world.marital(person), world.as_officer()
    error = refusal(lambda: world.move("Accept", dossier, officer, expected_version=0))
    assert error.reason.code == "VERSION_REQUIRED"
    error = refusal(lambda: world.move("Accept", dossier, officer, expected_version=1))
    assert (error.reason.code, error.details["current_version"]) == ("VERSION_CONFLICT", str(dossier.version))


def test_a_repeated_step_gets_the_first_answer_marked_as_replayed(dossier_world: DossierWorld):
    from songcau.eservices.v1 import dossier_service_pb2 as pb

    world, person = dossier_world, dossier_world.person()
    dossier, officer = world.marital(person), world.as_officer()
    request = pb.AcceptDossierRequest(request_id=key(), dossier_id=dossier.id, expected_version=dossier.version)
    first = world.dossiers.AcceptDossier(request, metadata=officer)
    again, call = world.dossiers.AcceptDossier.with_call(request, metadata=officer)
    assert again == first
    assert dict(call.trailing_metadata())["songcau-replayed"] == "true"
    assert world.facts(dossier).count("accepted") == 1
    request.expected_version += 5
    assert refusal(lambda: world.dossiers.AcceptDossier(request, metadata=officer)).reason.code == (
        "IDEMPOTENCY_KEY_REUSED"
    )
    request.request_id = ""
    error = refusal(lambda: world.dossiers.AcceptDossier(request, metadata=officer))
    assert error.violations[0].pointer == "/request_id"
