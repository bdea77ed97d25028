"""Answers changed during a supplement count: the papers they need, and the fee with what is due or goes back."""

from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from google.protobuf.struct_pb2 import Struct
from songcau.eservices.v1 import dossier_service_pb2 as pb
from songcau.eservices.v1 import payment_service_pb2 as pay_pb
from support.dossier_world import DossierWorld, Person, actions_of, finance_of, key, reason_of, refusal, state_of

COPY = 8000


def answer(world: DossierWorld, person: Person, dossier: Any, **answers: Any) -> Any:
    given = {"authorised": False, "copies": 2} | answers
    request = pb.UpdateDossierRequest(
        request_id=key(),
        dossier_id=dossier.id,
        expected_version=dossier.version,
        answers=ParseDict(given, Struct()),
    )
    return world.dossiers.UpdateDossier(request, metadata=world.as_citizen(person)).dossier


def asked(world: DossierWorld, person: Person, *, is_accepted: bool = False, is_paid: bool = True) -> Any:
    """Return a dossier for two copies whose form was asked for anew and attached."""
    dossier = world.submitted(person, answers={"authorised": False, "copies": 2})
    if is_paid:
        world.pay(person, dossier)
        dossier = world.get(dossier, world.as_officer())
    if is_accepted:
        dossier = world.move("Accept", dossier, world.as_officer())
    items = [{"component_key": "copy_form", "instruction": "Thiếu chữ ký."}]
    dossier = world.move("RequestSupplement", dossier, world.as_officer(), items=items)
    world.attach(person, dossier, "copy_form", content=None)
    return world.get(dossier, world.as_citizen(person))


def supply(world: DossierWorld, person: Person, dossier: Any) -> Any:
    return world.move("SupplySupplement", dossier, world.as_citizen(person))


def money_of(dossier: Any) -> tuple[str, int, int, int, int]:
    return (
        finance_of(dossier),
        dossier.fee_amount,
        dossier.fee_paid_amount,
        dossier.fee_due_amount,
        dossier.fee_refund_due_amount,
    )


def test_a_higher_fee_leaves_the_difference_due_and_holds_acceptance_back(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier = answer(world, person, asked(world, person), copies=5)
    assert money_of(dossier) == ("PAID", 2 * COPY, 2 * COPY, 0, 0)
    supplied = supply(world, person, dossier)
    assert (state_of(supplied), money_of(supplied)) == ("SUBMITTED", ("DUE", 5 * COPY, 2 * COPY, 3 * COPY, 0))
    assert "PAY" in actions_of(supplied)
    told = world.events(dossier)[-1].supplement_supplied
    assert (told.fee_amount, told.fee_due_amount, told.refund_due_amount) == (5 * COPY, 3 * COPY, 0)
    error = refusal(lambda: world.move("Accept", supplied, world.as_officer()))
    assert (error.reason.code, error.details["fee_due_amount"]) == ("PAYMENT_REQUIRED", str(3 * COPY))
    payment = world.open_payment(person, supplied)
    assert payment.amount == 3 * COPY
    world.report(payment)
    paid = world.get(dossier, world.as_officer())
    assert money_of(paid) == ("PAID", 5 * COPY, 5 * COPY, 0, 0)
    assert state_of(world.move("Accept", paid, world.as_officer())) == "ACCEPTED"


def test_a_lower_fee_goes_back_in_part_and_holds_nothing_up(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    supplied = supply(world, person, answer(world, person, asked(world, person), copies=1))
    assert money_of(supplied) == ("REFUND_DUE", COPY, 2 * COPY, 0, COPY)
    assert "PAY" not in actions_of(supplied)
    assert world.events(supplied)[-1].supplement_supplied.refund_due_amount == COPY
    accepted = world.move("Accept", supplied, world.as_officer())
    assert state_of(world.move("StartProcessing", accepted, world.as_officer())) == "PROCESSING"


def test_papers_that_new_answers_make_necessary_are_named_until_they_are_there(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier = answer(world, person, asked(world, person), authorised=True)
    error = refusal(lambda: supply(world, person, dossier))
    assert (error.reason.code, [one.code for one in error.violations]) == (
        "DOSSIER_INCOMPLETE",
        ["authorisation_letter"],
    )
    world.attach(person, dossier, "authorisation_letter")
    complete = world.get(dossier, world.as_citizen(person))
    supplied = supply(world, person, complete)
    assert (state_of(supplied), money_of(supplied)) == ("SUBMITTED", ("PAID", 2 * COPY, 2 * COPY, 0, 0))


def test_of_an_accepted_dossier_the_clock_runs_as_before_and_the_result_waits_for_the_difference(
    dossier_world: DossierWorld,
):
    world, person = dossier_world, dossier_world.person()
    dossier = answer(world, person, asked(world, person, is_accepted=True), copies=3)
    supplied = supply(world, person, dossier)
    assert (state_of(supplied), money_of(supplied)) == ("PROCESSING", ("DUE", 3 * COPY, 2 * COPY, COPY, 0))
    assert len(supplied.deadline.history) == 2
    leader, officer = world.as_leader(), world.as_officer()
    assert reason_of(lambda: world.move("Resolve", supplied, leader, decision="Cấp.")) == "PAYMENT_REQUIRED"
    waiting = world.move("RequirePayment", supplied, officer)
    assert world.events(waiting)[-1].payment_required.amount == COPY
    world.pay(person, waiting)
    paid = world.get(waiting, officer)
    assert (state_of(paid), money_of(paid)) == ("PROCESSING", ("PAID", 3 * COPY, 3 * COPY, 0, 0))
    assert state_of(world.move("Resolve", paid, leader, decision="Cấp.")) == "RESOLVED"


def test_a_request_over_the_former_fee_pays_nothing_any_more(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier = asked(world, person, is_paid=False)
    former = world.open_payment(person, dossier)
    dossier = answer(world, person, world.get(dossier, world.as_citizen(person)), copies=3)
    supplied = supply(world, person, dossier)
    assert money_of(supplied) == ("DUE", 3 * COPY, 0, 3 * COPY, 0)
    late = world.report(former)
    assert pay_pb.NotificationOutcome.Name(late.outcome) == "NOTIFICATION_OUTCOME_REFUND_DUE"
    assert money_of(world.get(dossier, world.as_officer())) == ("DUE", 3 * COPY, 0, 3 * COPY, 0)
    fresh = world.open_payment(person, dossier)
    assert (fresh.amount, fresh.id != former.id) == (3 * COPY, True)


def test_unchanged_answers_change_no_money_and_a_repetition_is_answered_the_same(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier = answer(world, person, asked(world, person), copies=4)
    request = pb.SupplySupplementRequest(request_id=key(), dossier_id=dossier.id, expected_version=dossier.version)
    first = world.dossiers.SupplySupplement(request, metadata=world.as_citizen(person))
    assert world.dossiers.SupplySupplement(request, metadata=world.as_citizen(person)) == first
    assert money_of(first.dossier) == ("DUE", 4 * COPY, 2 * COPY, 2 * COPY, 0)
    again = world.move("RequestSupplement", first.dossier, world.as_officer(), items=[{"component_key": "copy_form"}])
    world.attach(person, again, "copy_form", content=None)
    same = supply(world, person, world.get(again, world.as_citizen(person)))
    assert money_of(same) == money_of(first.dossier)


@pytest.mark.parametrize(("copies", "back"), [(5, 2), (1, 2)])
def test_whoever_withdraws_before_acceptance_gets_back_what_was_paid_and_no_more(
    dossier_world: DossierWorld, copies: int, back: int
):
    world, person = dossier_world, dossier_world.person()
    supplied = supply(world, person, answer(world, person, asked(world, person), copies=copies))
    ended = world.move("Withdraw", supplied, world.as_citizen(person), reason="Không cần nữa.")
    assert money_of(ended)[0] == "REFUND_DUE"
    assert (ended.fee_due_amount, ended.fee_refund_due_amount) == (0, back * COPY)


def test_a_fee_that_the_council_sets_stays_with_the_officer_who_asks(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier = world.move("RequirePayment", world.accepted(person), world.as_officer(), amount=5000)
    world.pay(person, dossier)
    dossier = world.move(
        "RequestSupplement",
        world.get(dossier, world.as_officer()),
        world.as_officer(),
        items=[{"component_key": "status_form"}],
    )
    world.attach(person, dossier, "status_form", content=None)
    dossier = world.get(dossier, world.as_citizen(person))
    answers = ParseDict({"marital_history": "never", "renewed": False, "authorised": False, "copies": 9}, Struct())
    request = pb.UpdateDossierRequest(
        request_id=key(), dossier_id=dossier.id, expected_version=dossier.version, answers=answers
    )
    changed = world.dossiers.UpdateDossier(request, metadata=world.as_citizen(person)).dossier
    assert money_of(supply(world, person, changed)) == ("PAID", 5000, 5000, 0, 0)


def test_rows_of_the_release_before_say_by_their_axis_what_was_paid(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier = asked(world, person)
    assert world.rows("select fee_paid, fee_refund_due from dossiers") == [(None, None)]
    supplied = supply(world, person, answer(world, person, dossier, copies=5))
    assert world.rows("select fee_paid, fee_refund_due from dossiers") == [(2 * COPY, None)]
    # A process of the release before moves the axis alone.
    world.execute("update dossiers set finance = 'REFUND_DUE', fee_paid = null where id = %s", supplied.id)
    assert money_of(world.get(supplied, world.as_officer())) == ("REFUND_DUE", 5 * COPY, 5 * COPY, 0, 5 * COPY)
