"""Representations as identity tells them on the bus, for services that keep a copy."""

from datetime import date
from typing import Any
from uuid import uuid4

from songcau.common.v1.event_meta_pb2 import EventMeta
from songcau.identity.events.v1.representation_event_pb2 import RepresentationEvent, RepresentationGranted
from songcau.identity.v1.representation_pb2 import Representation

EVERYTHING = (
    "IDENTITY_READ",
    "ACCESS_READ",
    "CONSENT_WRITE",
    "DOSSIER_READ",
    "DOSSIER_WRITE",
    "CONSULTATION_READ",
    "CONSULTATION_WRITE",
)


def told(
    representative_id: str,
    represented_id: str,
    *,
    scopes: tuple[str, ...] = EVERYTHING,
    version: int = 1,
    representation_id: str = "",
    **changes: Any,
) -> RepresentationEvent:
    """Return the event of a parent's representation as it stands; without scopes it is over."""
    given = {
        "representation_id": representation_id or str(uuid4()),
        "kind": "REPRESENTATION_KIND_PARENT",
        "represented_kind": "REPRESENTED_KIND_CITIZEN",
        "represented_id": represented_id,
        "representative_id": representative_id,
        "scopes": [f"REPRESENTATION_SCOPE_{scope}" for scope in scopes],
        "status": "REPRESENTATION_STATUS_ACTIVE" if scopes else "REPRESENTATION_STATUS_REVOKED",
        "valid_from": date(2020, 1, 1).isoformat(),
        "version": version,
    } | changes
    state = Representation(**given)
    meta = EventMeta(id=str(uuid4()), aggregate_id=state.representation_id, aggregate_version=version)
    meta.occurred_at.GetCurrentTime()
    return RepresentationEvent(meta=meta, representation=state, representation_granted=RepresentationGranted())
