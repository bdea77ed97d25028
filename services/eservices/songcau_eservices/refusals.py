"""Who is turned away at the door stands in the access list of the citizen whose dossier was named, like who is not."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from songcau_kit.audit import Outcome
from songcau_kit.clock import local_date
from songcau_kit.database import Connection
from songcau_kit.rpc_call import Call

from songcau_eservices.dossiers import access, parties
from songcau_eservices.dossiers import repository as dossiers
from songcau_eservices.dossiers.access import Trace
from songcau_eservices.dossiers.changes import Room
from songcau_eservices.dossiers.dossier import Dossier
from songcau_eservices.dossiers.model import Action
from songcau_eservices.payments import repository as payments
from songcau_eservices.results import repository as papers
from songcau_eservices.results.paper import printed

Named = Literal["dossier_id", "payment_id", "code"]


@dataclass(frozen=True)
class Operation:
    """What the access list calls an RPC, and the field by which the RPC names whose data it is about."""

    name: str
    named_by: Named = "dossier_id"


def _step(action: Action, named_by: Named = "dossier_id") -> Operation:
    return Operation(f"{action}_DOSSIER", named_by)


OPERATIONS = {
    "GetDossier": Operation("GET_DOSSIER"),
    "GetChecklist": Operation("GET_CHECKLIST"),
    "ListDossierHistory": Operation("LIST_DOSSIER_HISTORY"),
    "GetReceipt": Operation("GET_RECEIPT"),
    "GetResultFile": Operation("GET_RESULT_FILE"),
    "GetAttachment": Operation("GET_ATTACHMENT"),
    "GetPayment": Operation("GET_PAYMENT", "payment_id"),
    "UpdateDossier": _step(Action.UPDATE),
    "AttachFile": _step(Action.ATTACH),
    "ListReusablePapers": Operation("LIST_REUSABLE_PAPERS"),
    "ReusePaper": _step(Action.REUSE_PAPER),
    "RemoveAttachment": _step(Action.ATTACH),
    "SubmitDossier": _step(Action.SUBMIT),
    "CreatePayment": _step(Action.PAY),
    "AcceptDossier": _step(Action.ACCEPT),
    "RefuseDossier": _step(Action.REFUSE),
    "RequestSupplement": _step(Action.REQUEST_SUPPLEMENT),
    "SupplySupplement": _step(Action.SUPPLY_SUPPLEMENT),
    "RequirePayment": _step(Action.REQUIRE_PAYMENT),
    "StartProcessing": _step(Action.START_PROCESSING),
    "ProposeDecision": _step(Action.PROPOSE_DECISION),
    "ResolveDossier": _step(Action.RESOLVE),
    "ReturnResult": _step(Action.RETURN),
    "WithdrawDossier": _step(Action.WITHDRAW),
    "StopDossier": _step(Action.STOP),
    "RevokeResult": _step(Action.REVOKE_RESULT, "code"),
}
"""Every RPC that names a person's object; the others are refused about nobody."""


class Refusals:
    """Enters refusals."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def note(self, call: Call, operation: Operation, name: str, reason: str, outcome: Outcome = "DENIED") -> None:
        """Enter that the caller was refused, or had to wait (FAILED), where what they named exists.

        Raises UNAVAILABLE where it cannot be entered.
        """
        with self._room.database.read() as conn:
            dossier = _find(conn, operation.named_by, name)
            asked = parties.Asked(parties.READ, local_date(self._room.clock.now()))
            party = parties.find(conn, call, asked)
        if dossier is None:
            return
        capacity = access.find_capacity(call.known_caller, dossier, party)
        purpose = access.declared_purpose(call, capacity)
        kind, object_id = ("payment", name) if operation.named_by == "payment_id" else ("dossier", str(dossier.id))
        trace = Trace(operation.name, kind, object_id, dossier.citizen_id, purpose)
        self._room.journal.write(access.audit_entry(call, capacity, trace, outcome, reason))


def _find(conn: Connection, named_by: Named, name: str) -> Dossier | None:
    if named_by == "code":
        paper = papers.find_by_code(conn, printed(name))
        return dossiers.ask(conn, paper.dossier_id, lock=False)() if paper else None
    try:
        named = UUID(name)
    except ValueError:
        return None
    if named_by == "payment_id":
        payment = payments.find(conn, named)
        return dossiers.ask(conn, payment.dossier_id, lock=False)() if payment else None
    return dossiers.ask(conn, named, lock=False)()
