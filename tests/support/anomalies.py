"""Look-ups of days gone by, the job that judges them on a clock of its own, and calls about what it found."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import psycopg
from songcau.identity.v1 import anomaly_service_pb2 as pb
from songcau_identity.anomaly_doors import build_review
from songcau_identity.app import build_desk
from songcau_kit.clock import VIETNAM, FixedClock
from songcau_kit.database import Database
from support.identity_service import AGENCY, Identity

DAY = date(2026, 11, 16)
QUESTION = "Vì sao anh tra cứu người này?"
EXPLANATION = "Công dân đến hỏi thủ tục rồi về."
NOTE = "Đã đối chiếu sổ tiếp công dân."
NOBODY = "00000000-0000-0000-0000-000000000000"


def at(day: date = DAY, hour: int = 9, minute: int = 0, second: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute, second), VIETNAM)


def enter(identity: Identity, *citizen_ids: str, when: datetime | None = None, **changes: Any) -> list[str]:
    """Write what one access entered, and return the entries' ids: a look-up of `officer-1` unless told otherwise."""
    given = {
        "actor_id": "officer-1",
        "actor_kind": "OFFICER",
        "actor_organization": AGENCY,
        "operation": "LOOK_UP_CITIZEN",
        "object_kind": "citizen",
        "outcome": "ALLOWED",
        "correlation_id": str(uuid4()),
    } | changes
    made = []
    with psycopg.connect(identity.url) as connection:
        for citizen_id in citizen_ids:
            entry = {
                "id": str(uuid4()),
                "occurred_at": when or at(),
                "subject_id": citizen_id,
                "object_id": changes.get("object_id", citizen_id),
            } | {name: value for name, value in given.items() if name != "object_id"}
            connection.execute(
                """insert into audit_entries (id, occurred_at, subject_id, actor_id, actor_kind, actor_organization,
                    client_id, operation, object_kind, object_id, purpose, outcome, correlation_id)
                values (%(id)s, %(occurred_at)s, %(subject_id)s, %(actor_id)s, %(actor_kind)s, %(actor_organization)s,
                    'officer-console', %(operation)s, %(object_kind)s, %(object_id)s, 'DOSSIER_PROCESSING',
                    %(outcome)s, %(correlation_id)s)""",
                entry,
            )
            made.append(entry["id"])
    return made


def enter_case(identity: Identity, citizen_id: str, when: datetime, **changes: Any) -> None:
    """Write what another service reported: somebody of the agency works on a dossier."""
    given = {"actor_id": "officer-2", "actor_organization": AGENCY, "service": "eservices", "object_kind": "dossier"}
    with psycopg.connect(identity.url) as connection:
        connection.execute(
            """insert into access_entries (entry_id, occurred_at, subject_id, service, actor_id, actor_kind,
                actor_organization, on_behalf_of, client_id, operation, object_kind, object_id, purpose, outcome,
                reason)
            values (gen_random_uuid(), %(when)s, %(citizen)s, %(service)s, %(actor_id)s, %(actor_kind)s,
                %(actor_organization)s, '', 'officer-console', 'GET_DOSSIER', %(object_kind)s, 'd-1',
                'DOSSIER_PROCESSING', %(outcome)s, '')""",
            {"when": when, "citizen": citizen_id, "actor_kind": "OFFICER", "outcome": "ALLOWED"} | given | changes,
        )


def is_own(identity: Identity, officer_id: str, citizen_id: str) -> None:
    """Let an account read its own profile, by which its record is known."""
    changes = {"actor_id": officer_id, "actor_kind": "CITIZEN", "operation": "GET_OWN_PROFILE"}
    enter(identity, citizen_id, when=at(DAY - timedelta(days=20)), actor_organization=None, **changes)


class Review:
    """The job of `work` on a clock of its own."""

    def __init__(self, identity: Identity, *, database: Database | None = None, **settings: Any) -> None:
        self.clock = FixedClock(at(DAY + timedelta(days=4), 0, 1), seed=int(uuid4()) % 2**31)
        chosen = identity.settings.model_copy(update=settings)
        self.job = build_review(chosen, build_desk(chosen, database or identity.database, self.clock))

    def run(self) -> int:
        """Judge until nothing is left; return in how many steps."""
        steps = 0
        while self.job.review():
            steps += 1
        return steps

    def go_to(self, day: date, *, hour: int = 0, minute: int = 1) -> int:
        self.clock.set(at(day, hour, minute))
        return self.run()


def found(identity: Identity) -> set[tuple[Any, ...]]:
    """Return what was found: officer, day, kind, citizen, look-ups."""
    rows = identity.rows("select officer_id, day, kind, citizen_id::text, look_ups from anomalies")
    return set(rows)


def data_officer(identity: Identity, **claims: Any) -> Any:
    given = {"sub": "data-officer-1", "agency_codes": ["H55"], "acr": "aal2", "azp": "officer-console"} | claims
    return identity.call_as(roles=["data-officer"], scopes=["breach:manage"], purpose="INSPECTION", **given)


def officer(identity: Identity, **claims: Any) -> Any:
    return identity.as_officer(acr="aal2", **claims)


def call(identity: Identity, name: str, *, caller: Any = None, **fields: Any) -> Any:
    kind = getattr(pb, f"{name}Request")
    if "request_id" in kind.DESCRIPTOR.fields_by_name:
        fields = {"request_id": str(uuid4())} | fields
    return getattr(identity.anomalies, name)(kind(**fields), metadata=caller or data_officer(identity))


def listed(identity: Identity, **fields: Any) -> Sequence[Any]:
    return list(call(identity, "ListAnomalies", **fields).anomalies)


def only(identity: Identity, **fields: Any) -> Any:
    (anomaly,) = listed(identity, **fields)
    return anomaly


def step(identity: Identity, name: str, anomaly: Any, **fields: Any) -> Any:
    given = {"anomaly_id": anomaly.anomaly_id, "expected_version": anomaly.version} | fields
    return call(identity, name, **given).anomaly


def ask(identity: Identity, anomaly: Any, **fields: Any) -> Any:
    return step(identity, "AskAboutAnomaly", anomaly, **({"question": QUESTION} | fields))


def explain(identity: Identity, anomaly: Any, **fields: Any) -> Any:
    given = {"explanation": EXPLANATION, "caller": officer(identity)} | fields
    return step(identity, "ExplainAnomaly", anomaly, **given)


def decide(identity: Identity, anomaly: Any, decision: str, **fields: Any) -> Any:
    given = {"decision": f"ANOMALY_DECISION_{decision}", "note": NOTE} | fields
    return step(identity, "DecideAnomaly", anomaly, **given)


def state_of(anomaly: Any) -> str:
    return pb.AnomalyState.Name(anomaly.state).removeprefix("ANOMALY_STATE_")


def kind_of(anomaly: Any) -> str:
    return pb.AnomalyKind.Name(anomaly.kind).removeprefix("ANOMALY_KIND_")
