"""Who may act for whom: this service's own copy, asked in the transaction of the act."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

READ, WRITE, CONSENT = "CONSULTATION_READ", "CONSULTATION_WRITE", "CONSENT_WRITE"


@dataclass(frozen=True)
class RepresentationCopy:
    """What identity said last of one representation; no scope is left once it is over."""

    representation_id: UUID
    represented_id: UUID
    representative_id: UUID
    scopes: Sequence[str]
    valid_from: date
    valid_until: date | None
    version: int


@dataclass(frozen=True)
class Claim:
    """Somebody says to act for another in one matter, today."""

    own_ids: frozenset[UUID]
    represented_ids: frozenset[UUID]
    scope: str
    today: date
