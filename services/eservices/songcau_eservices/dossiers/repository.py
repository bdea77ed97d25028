"""All SQL of dossiers: the row itself, its steps, its number, the supplements asked for."""

from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Json
from pydantic import TypeAdapter
from songcau_kit.database import Connection

from songcau_eservices.calendar.model import Deadline
from songcau_eservices.catalogue.model import Channel, FeeCollection
from songcau_eservices.dossiers.dossier import (
    Agencies,
    Axes,
    Dossier,
    FeeDue,
    HistoryEntry,
    Milestones,
    ProcedureRef,
    Sealed,
    Supplement,
)
from songcau_eservices.dossiers.model import Action, Delivery, Finance, State, Synchronisation

DEADLINE = TypeAdapter(Deadline)
COLUMNS = (
    "id", "reference", "code", "version", "citizen_id", "procedure_code", "procedure_version_id", "procedure_name",
    "sub_case_code", "channel", "state", "finance", "delivery", "synchronisation", "helping_agency",
    "receiving_agency", "authority_agency", "fee_amount", "fee_collection", "fee_paid",
    "fee_refund_due", "deadline", "answers_enc", "applicant_enc",
    "reason_enc", "proposal_enc", "created_at", "updated_at", "submitted_at", "accepted_at", "finished_at",
)  # fmt: skip
_SELECT = f"select {', '.join(COLUMNS)} from dossiers"  # noqa: S608 -- names of this module
_INSERT = (
    f"insert into dossiers ({', '.join(COLUMNS)}) "  # noqa: S608 -- names of this module
    f"values ({', '.join(f'%({name})s' for name in COLUMNS)})"
)
_CHANGED = tuple(name for name in COLUMNS if name not in ("id", "reference", "citizen_id", "created_at"))
_UPDATE = (
    f"update dossiers set {', '.join(f'{name} = %({name})s' for name in _CHANGED)} "  # noqa: S608
    "where id = %(id)s and version = %(version)s - 1"
)


def ask(conn: Connection, dossier_id: UUID, *, lock: bool) -> Callable[[], Dossier | None]:
    """Send the question for one dossier, locked against other writers or not, and return how to take its answer."""
    cursor = conn.execute(f"{_SELECT} where id = %s {'for update' if lock else ''}", (dossier_id,))

    def answer() -> Dossier | None:
        row = cursor.fetchone()
        return dossier_of(row) if row else None

    return answer


def add(conn: Connection, dossier: Dossier) -> None:
    """Insert a new dossier."""
    conn.execute(_INSERT, _values(dossier))


def save(conn: Connection, dossier: Dossier) -> None:
    """Write a dossier whose version is one above the stored one; the caller holds its row lock."""
    conn.execute(_UPDATE, _values(dossier))


def list_own(
    conn: Connection, citizen_ids: Collection[UUID], *, states: Sequence[State], before: UUID | None, limit: int
) -> list[Dossier]:
    """Return the dossiers of a citizen under all their ids, newest first, that come after `before` in that order."""
    rows = conn.execute(
        f"""{_SELECT} where citizen_id = any(%s) and (%s::uuid is null or id < %s::uuid)
        and (cardinality(%s::text[]) = 0 or state = any(%s::text[])) order by id desc limit %s""",
        (list(citizen_ids), before, before, list(states), list(states), limit),
    ).fetchall()
    return [dossier_of(row) for row in rows]


def list_queue(
    conn: Connection, agencies: Sequence[str], *, states: Sequence[State], before: UUID | None, limit: int
) -> list[Dossier]:
    """Return what the agencies received or decide, newest first, without drafts."""
    rows = conn.execute(
        f"""{_SELECT} where (receiving_agency = any(%s) or authority_agency = any(%s)) and state <> 'DRAFT'
        and (%s::uuid is null or id < %s::uuid) and (cardinality(%s::text[]) = 0 or state = any(%s::text[]))
        order by id desc limit %s""",
        (list(agencies), list(agencies), before, before, list(states), list(states), limit),
    ).fetchall()
    return [dossier_of(row) for row in rows]


def next_number(conn: Connection, agency: str, day: date, *, start: int) -> int:
    """Take the agency's next number of a local day; others wait until this transaction ends.

    A transaction that rolls back has taken none.
    """
    row = conn.execute(
        """insert into dossier_numbers (agency, day, last) values (%s, %s, %s)
        on conflict (agency, day) do update set last = dossier_numbers.last + 1 returning last""",
        (agency, day, start),
    ).fetchone()
    return int(row[0]) if row else start


def add_history(conn: Connection, entry: HistoryEntry) -> None:
    """Insert one step."""
    conn.execute(
        """insert into dossier_history
        (dossier_id, version, action, source, target, at, actor_kind, actor_agency, reason_enc)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        (
            entry.dossier_id, entry.version, entry.action, entry.source, entry.target, entry.at, entry.actor_kind,
            entry.actor_agency, entry.reason_enc,
        ),
    )  # fmt: skip


def list_history(conn: Connection, dossier_id: UUID, *, after: int, limit: int) -> list[HistoryEntry]:
    """Return the steps after a version, oldest first."""
    rows = conn.execute(
        """select dossier_id, version, action, source, target, at, actor_kind, actor_agency, reason_enc
        from dossier_history where dossier_id = %s and version > %s order by version limit %s""",
        (dossier_id, after, limit),
    ).fetchall()
    return [
        HistoryEntry(
            row[0], row[1], Action(row[2]), State(row[3]), State(row[4]), row[5], row[6], row[7], reason_enc=row[8]
        )
        for row in rows
    ]


def add_supplement(conn: Connection, supplement: Supplement) -> None:
    """Insert a request for papers."""
    conn.execute(
        """insert into supplements (id, dossier_id, component_keys, body_enc, requested_at)
        values (%s, %s, %s, %s, %s)""",
        (
            supplement.id, supplement.dossier_id, list(supplement.component_keys), supplement.body_enc,
            supplement.requested_at,
        ),
    )  # fmt: skip


def close_supplement(conn: Connection, supplement: Supplement) -> None:
    """Write when a request for papers was met."""
    conn.execute("update supplements set supplied_at = %s where id = %s", (supplement.supplied_at, supplement.id))


# A value beside a row of dossiers; JSON has no bytes.
SUPPLEMENTS_OF_DOSSIER = """(select json_agg(json_build_array(id, dossier_id, component_keys, requested_at,
    supplied_at, encode(body_enc, 'hex')) order by requested_at desc, id desc)
    from supplements where dossier_id = dossiers.id)"""


def supplements_of_json(rows: list[list[Any]] | None) -> list[Supplement]:
    """Return the requests for papers that SUPPLEMENTS_OF_DOSSIER gave, newest first."""
    return [
        Supplement(
            UUID(own), UUID(dossier), tuple(keys), datetime.fromisoformat(asked),
            datetime.fromisoformat(supplied) if supplied else None, bytes.fromhex(body),
        )
        for own, dossier, keys, asked, supplied, body in rows or ()
    ]  # fmt: skip


def _values(dossier: Dossier) -> dict[str, object]:
    return {
        "id": dossier.id,
        "reference": dossier.reference,
        "code": dossier.code or None,
        "version": dossier.version,
        "citizen_id": dossier.citizen_id,
        "procedure_code": dossier.procedure.code,
        "procedure_version_id": dossier.procedure.version_id,
        "procedure_name": dossier.procedure.name,
        "sub_case_code": dossier.procedure.sub_case,
        "channel": dossier.channel,
        **{f"{name}_agency": getattr(dossier.agencies, name) for name in ("helping", "receiving", "authority")},
        **{name: getattr(dossier.axes, name) for name in ("state", "finance", "delivery", "synchronisation")},
        "fee_amount": dossier.fee.amount,
        "fee_collection": dossier.fee.collection,
        **_stored_money(dossier),
        "deadline": Json(DEADLINE.dump_python(dossier.deadline, mode="json")) if dossier.deadline else None,
        **{f"{name}_enc": getattr(dossier.sealed, name) for name in vars(dossier.sealed)},
        **vars(dossier.times),
    }


def dossier_of(row: tuple[Any, ...]) -> Dossier:
    """Return the dossier of a row of COLUMNS."""
    of = dict(zip(COLUMNS, row, strict=True))
    return Dossier(
        id=of["id"],
        reference=of["reference"],
        code=of["code"] or "",
        version=of["version"],
        citizen_id=of["citizen_id"],
        procedure=ProcedureRef(
            of["procedure_code"], of["procedure_version_id"], of["procedure_name"], of["sub_case_code"]
        ),
        channel=Channel(of["channel"]),
        agencies=Agencies(of["receiving_agency"], of["authority_agency"], of["helping_agency"]),
        fee=_fee(of),
        times=Milestones(*(of[name] for name in Milestones.__dataclass_fields__)),
        axes=Axes(
            State(of["state"]), Finance(of["finance"]), Delivery(of["delivery"]), Synchronisation(of["synchronisation"])
        ),
        deadline=DEADLINE.validate_python(of["deadline"]) if of["deadline"] else None,
        sealed=Sealed(of["answers_enc"], of["applicant_enc"], of["reason_enc"], of["proposal_enc"]),
    )


def _fee(of: dict[str, Any]) -> FeeDue:
    amount, finance = of["fee_amount"], Finance(of["finance"])
    paid, refund_due = _usual_money(amount, finance)
    return FeeDue(
        amount,
        FeeCollection(of["fee_collection"]),
        paid if of["fee_paid"] is None else of["fee_paid"],
        refund_due if of["fee_refund_due"] is None else of["fee_refund_due"],
    )


def _stored_money(dossier: Dossier) -> dict[str, int | None]:
    # Only what the finance axis does not say by itself is written: rows of the release before have none of it, and
    # its processes, which know of no part payment, go on moving the axis alone.
    fee = dossier.fee
    paid, refund_due = _usual_money(fee.amount, dossier.axes.finance)
    return {
        "fee_paid": None if fee.paid == paid else fee.paid,
        "fee_refund_due": None if fee.refund_due == refund_due else fee.refund_due,
    }


def _usual_money(amount: int, finance: Finance) -> tuple[int, int]:
    """Return what was paid and what goes back where the fee was paid in one sum and goes back in one."""
    paid = amount if finance in (Finance.PAID, Finance.REFUND_DUE) else 0
    return paid, paid if finance is Finance.REFUND_DUE else 0
