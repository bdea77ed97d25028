"""What a dossier costs: the fees of its version for its channel, sub-case and facts, in whole đồng."""

from collections.abc import Mapping
from dataclasses import replace

from songcau_eservices.catalogue.model import Channel, FeeBasis, FeeCollection, ProcedureContent
from songcau_eservices.catalogue.terms import fees_for
from songcau_eservices.dossiers.dossier import Dossier, FeeDue
from songcau_eservices.dossiers.model import PAYABLE, Finance, FinanceCause, move_finance

QUANTITY_ANSWERS = {FeeBasis.COPY: "copies", FeeBasis.PAGE: "pages", FeeBasis.PERSON: "persons"}
"""The answer that says how many times a fee per copy, page or person counts; one where it is not given."""

MOST = 10_000

KEPT_ON_REFUSAL = frozenset({"1.001612"})
"""Procedures whose fee is not paid back on refusal (business households; said in the procedure itself)."""


def fee_of(content: ProcedureContent, channel: Channel, facts: Mapping[str, str]) -> FeeDue:
    """Return the sum of all fees that apply; one whose amount is set elsewhere counts nothing until it is known."""
    return FeeDue(sum(total or 0 for total in _totals(content, channel, facts)), content.fee_collection)


def finance_at_submission(content: ProcedureContent, channel: Channel, facts: Mapping[str, str]) -> Finance:
    """Return where the finance axis starts; a fee the province's council sets is asked for by the officer later."""
    totals = _totals(content, channel, facts)
    if None in totals:
        return Finance.NOT_DUE
    if sum(total or 0 for total in totals) == 0:
        return Finance.EXEMPT
    return Finance.DUE if content.fee_collection is FeeCollection.BEFORE else Finance.NOT_DUE


def with_fee_of(dossier: Dossier, content: ProcedureContent, facts: Mapping[str, str]) -> Dossier:
    """Return the dossier with the fee that its answers make now; the difference to what was paid is due, or due back.

    A fee that the province's council sets is not touched: the officer asks for it.
    """
    amount = fee_of(content, dossier.channel, facts).amount
    if amount == dossier.fee.amount or None in _totals(content, dossier.channel, facts):
        return dossier
    paid = dossier.fee.paid
    fee = replace(dossier.fee, amount=amount, refund_due=max(0, paid - amount))
    finance = move_finance(dossier.axes.finance, _cause(fee, dossier.axes.finance))
    return replace(dossier, fee=fee, axes=replace(dossier.axes, finance=finance))


def _cause(fee: FeeDue, finance: Finance) -> FinanceCause:
    """Return what a new fee does to the finance axis."""
    if fee.refund_due:
        return FinanceCause.MONEY_OWED_BACK
    if fee.rest == 0:
        return FinanceCause.FEE_COVERED if fee.paid else FinanceCause.FEE_LIFTED
    if fee.collection is FeeCollection.BEFORE or fee.paid or finance in PAYABLE:
        return FinanceCause.DIFFERENCE_DUE
    return FinanceCause.FEE_IMPOSED


def _totals(content: ProcedureContent, channel: Channel, facts: Mapping[str, str]) -> list[int | None]:
    if content.fee_collection is FeeCollection.EXEMPT:
        return []
    fees = fees_for(content, channel, facts)
    return [fee.total(_quantity(facts.get(QUANTITY_ANSWERS.get(fee.basis, "")))) for fee in fees]


def _quantity(text: str | None) -> int:
    return min(int(text), MOST) if text and text.isascii() and text.isdigit() and int(text) > 0 else 1
