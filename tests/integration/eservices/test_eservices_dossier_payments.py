"""Money: asked for, paid once, told twice, wrong, late, and by nobody but the provider."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from songcau.eservices.v1 import payment_service_pb2 as pb
from songcau_kit.errors import DomainError
from support.dossier_world import BUSINESS, DossierWorld, finance_of, key, reason_of, state_of


def outcome(answer: Any) -> str:
    return pb.NotificationOutcome.Name(answer.outcome).removeprefix("NOTIFICATION_OUTCOME_")


def payment_state(world: DossierWorld, payment: Any, metadata: Any) -> str:
    found = world.payments.GetPayment(pb.GetPaymentRequest(payment_id=payment.id), metadata=metadata).payment
    return pb.PaymentState.Name(found.state).removeprefix("PAYMENT_STATE_")


def test_a_payment_request_carries_code_amount_and_a_vietqr(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier = world.submitted(person)
    payment = world.open_payment(person, dossier)
    assert payment.code == f"{dossier.reference}-20261123090000"
    assert (payment.amount, payment.currency) == (8000, "VND")
    assert payment.qr_content.startswith("00020101021238")
    assert f"54048000{'5802VN'}" in payment.qr_content
    query = parse_qs(urlsplit(payment.pay_url).query)
    assert query["code"] == [payment.code]
    assert query["amount"] == ["8000"]
    assert query["return_url"] == ["https://app.example/back"]
    assert finance_of(world.get(dossier, world.as_citizen(person))) == "PENDING"


def test_an_open_request_is_shown_again_and_a_repeated_one_replayed(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier, citizen = world.submitted(person), world.as_citizen(person)
    first = world.open_payment(person, dossier)
    assert world.open_payment(person, dossier).id == first.id
    request = pb.CreatePaymentRequest(request_id=key(), dossier_id=dossier.id)
    one = world.payments.CreatePayment(request, metadata=citizen)
    again, call = world.payments.CreatePayment.with_call(request, metadata=citizen)
    assert again == one
    assert dict(call.trailing_metadata())["songcau-replayed"] == "true"
    world.clock.advance(timedelta(hours=25))
    later = world.open_payment(person, dossier)
    assert later.id != first.id
    assert payment_state(world, first, citizen) == "FAILED"


def test_two_who_open_a_payment_at_once_get_the_same_one(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier = world.submitted(person)
    with ThreadPoolExecutor(6) as pool:
        payments = list(pool.map(lambda _: world.open_payment(person, dossier), range(6)))
    assert len({payment.id for payment in payments}) == 1


def test_a_doubled_report_changes_nothing_and_is_answered_the_same(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier = world.submitted(person)
    report = world.signed_report(world.open_payment(person, dossier))
    first = world.payments.RecordPaymentNotification(report)
    before = world.get(dossier, world.as_citizen(person))
    assert (outcome(first), finance_of(before)) == ("PAID", "PAID")
    assert world.payments.RecordPaymentNotification(report) == first
    assert world.get(dossier, world.as_citizen(person)) == before
    assert world.facts(dossier).count("payment_recorded") == 1


def test_a_report_told_many_times_at_once_pays_once(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier = world.submitted(person)
    report = world.signed_report(world.open_payment(person, dossier))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: world.payments.RecordPaymentNotification(report), range(16)))
    assert {outcome(answer) for answer in answers} == {"PAID"}
    assert world.facts(dossier).count("payment_recorded") == 1
    assert world.rows("select count(*) from payment_notifications") == [(1,)]


@pytest.mark.parametrize("differs", ["amount", "payment"])
def test_a_transaction_told_again_with_other_facts_is_refused_and_changes_nothing(dossier_world: DossierWorld, differs):
    world, person = dossier_world, dossier_world.person()
    payment = world.open_payment(person, world.submitted(person))
    other = world.open_payment(person, world.submitted(person)) if differs == "payment" else payment
    assert outcome(world.report(payment, transaction_id="tx-1")) == "PAID"
    changed = {"amount": payment.amount + 1} if differs == "amount" else {}
    assert reason_of(lambda: world.report(other, transaction_id="tx-1", **changed)) == "NOTIFICATION_CONFLICT"
    assert world.rows("select count(*) from payment_notifications") == [(1,)]


def test_one_transaction_told_for_two_payments_at_once_pays_one_of_them(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    payments = [world.open_payment(person, world.submitted(person)) for _ in range(2)]

    def tell(payment: Any) -> str:
        try:
            return outcome(world.report(payment, transaction_id="tx-2"))
        except DomainError as error:
            return error.reason.code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(tell, payments)) == ["NOTIFICATION_CONFLICT", "PAID"]


def test_a_second_transaction_for_a_paid_fee_must_go_back(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier = world.submitted(person)
    payment = world.open_payment(person, dossier)
    assert outcome(world.report(payment)) == "PAID"
    assert outcome(world.report(payment)) == "REFUND_DUE"
    assert payment_state(world, payment, world.as_citizen(person)) == "PAID"
    assert finance_of(world.get(dossier, world.as_citizen(person))) == "PAID"


def test_a_wrong_amount_is_recorded_and_does_not_pay(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier, citizen = world.submitted(person), world.as_citizen(person)
    payment = world.open_payment(person, dossier)
    assert outcome(world.report(payment, amount=7999)) == "MISMATCHED"
    assert payment_state(world, payment, citizen) == "MISMATCHED"
    assert finance_of(world.get(dossier, citizen)) == "PENDING"
    assert world.events(dossier)[-1].payment_recorded.outcome == "MISMATCHED"
    assert reason_of(lambda: world.move("Accept", world.get(dossier, citizen), world.as_officer())) == (
        "PAYMENT_REQUIRED"
    )
    world.clock.advance(timedelta(seconds=1))
    assert outcome(world.report(world.open_payment(person, dossier))) == "PAID"


def test_money_that_comes_after_a_withdrawal_is_owed_back(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier, citizen = world.submitted(person), world.as_citizen(person)
    payment = world.open_payment(person, dossier)
    withdrawn = world.move("Withdraw", world.get(dossier, citizen), citizen, reason="Không cần nữa.")
    assert finance_of(withdrawn) == "CANCELLED"
    assert payment_state(world, payment, citizen) == "CANCELLED"
    assert outcome(world.report(payment)) == "REFUND_DUE"
    after = world.get(dossier, citizen)
    assert (state_of(after), finance_of(after)) == ("WITHDRAWN", "REFUND_DUE")
    assert payment_state(world, payment, citizen) == "REFUND_DUE"


def test_what_was_paid_before_a_refusal_goes_back_unless_the_procedure_keeps_it(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()

    def refused(dossier: Any) -> str:
        world.pay(person, dossier)
        world.clock.advance(timedelta(seconds=1))
        paid = world.get(dossier, world.as_officer())
        return finance_of(world.move("Refuse", paid, world.as_officer(), reason="Không thuộc thẩm quyền."))

    assert refused(world.submitted(person)) == "REFUND_DUE"
    answers = {"family_members": False, "has_electronic_identity": True}
    business = world.submitted(person, BUSINESS, components=["registration_request"], answers=answers)
    assert refused(business) == "PAID"


def test_a_declined_payment_leaves_the_fee_due(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier, citizen = world.submitted(person), world.as_citizen(person)
    payment = world.open_payment(person, dossier)
    assert outcome(world.report(payment, result_code="24")) == "FAILED"
    assert payment_state(world, payment, citizen) == "FAILED"
    assert world.facts(dossier)[-1] == "submitted"
    assert outcome(world.report(payment)) == "PAID"  # the bank changed its mind: money is money


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"secret": b"another secret of somebody else"}, "SIGNATURE_INVALID"),
        ({"currency": "USD"}, "NOTIFICATION_INVALID"),
        ({"payment_code": "HS-NOBODY-20261123090000"}, "PAYMENT_NOT_FOUND"),
    ],
)
def test_reports_that_are_not_taken(dossier_world: DossierWorld, changes: dict[str, Any], reason: str):
    world, person = dossier_world, dossier_world.person()
    payment = world.open_payment(person, world.submitted(person))
    assert reason_of(lambda: world.report(payment, **changes)) == reason
    assert world.rows("select count(*) from payment_notifications") == [(0,)]


def test_an_old_report_or_an_unknown_provider_is_not_taken(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    report = world.signed_report(world.open_payment(person, world.submitted(person)))
    world.clock.advance(timedelta(minutes=6))
    assert reason_of(lambda: world.payments.RecordPaymentNotification(report)) == "SIGNATURE_INVALID"
    report.provider = "stranger"
    assert reason_of(lambda: world.payments.RecordPaymentNotification(report)) == "PROVIDER_UNKNOWN"


def test_nothing_is_paid_where_nothing_is_due(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    draft = world.create(person)
    assert reason_of(lambda: world.open_payment(person, draft)) == "FEE_NOT_DUE"
    dossier = world.submitted(person)
    world.pay(person, dossier)
    assert reason_of(lambda: world.open_payment(person, dossier)) == "FEE_NOT_DUE"
    request = pb.CreatePaymentRequest(request_id=key(), dossier_id=dossier.id, return_url="http://evil.example")
    assert reason_of(lambda: world.payments.CreatePayment(request, metadata=world.as_citizen(person))) == (
        "INVALID_REQUEST"
    )


def test_a_payment_is_seen_by_its_citizen_and_their_officer_only(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    payment = world.open_payment(person, world.submitted(person))
    assert payment_state(world, payment, world.as_officer()) == "PENDING"
    for stranger in (world.as_citizen(world.person()), world.as_officer("H55.243")):
        assert reason_of(lambda stranger=stranger: payment_state(world, payment, stranger)) == "PAYMENT_NOT_FOUND"
