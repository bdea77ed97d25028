"""The leaf of an access: in clear what tells of nobody, the rest behind a commitment and sealed for the citizen.

The commitment is the SHA-256 of the opening, which holds a random salt: who has the opening can check it, and when the
citizen's key is destroyed nothing leads from the leaf to the opening any more, while leaf and hash stay as they are.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from uuid import UUID

FORMAT = 1
SALT_BYTES = 32


@dataclass(frozen=True)
class Access:
    """An access as a service told of it; empty texts where a word does not apply."""

    entry_id: UUID
    occurred_at: str
    service: str
    operation: str
    object_kind: str
    purpose: str
    outcome: str
    reason: str
    actor_kind: str
    subject_id: UUID
    personal: Mapping[str, str]


@dataclass(frozen=True)
class Opening:
    """What a commitment commits to; `number` counts the entries about one citizen from 1, without a gap."""

    subject_id: str
    number: int
    personal: Mapping[str, str]
    salt: str

    @property
    def content(self) -> bytes:
        """The bytes that are hashed and sealed."""
        return canonical(asdict(self))


def make_opening(access: Access, number: int, salt: bytes) -> Opening:
    """Return the opening of an access, the `number`th about its citizen."""
    return Opening(str(access.subject_id), number, dict(access.personal), base64.b64encode(salt).decode())


def make_leaf(access: Access, opening: bytes, sealed: bytes) -> bytes:
    """Return the leaf: JSON in ASCII with sorted names and no blanks, the one form that is hashed."""
    return canonical(
        {
            "format": FORMAT,
            "entry_id": str(access.entry_id),
            "occurred_at": access.occurred_at,
            "service": access.service,
            "operation": access.operation,
            "object_kind": access.object_kind,
            "purpose": access.purpose,
            "outcome": access.outcome,
            "reason": access.reason,
            "actor_kind": access.actor_kind,
            "commitment": base64.b64encode(hashlib.sha256(opening).digest()).decode(),
            "sealed": base64.b64encode(sealed).decode(),
        }
    )


def sealed_part(leaf: bytes) -> bytes:
    """Return the sealed opening of a leaf."""
    return base64.b64decode(json.loads(leaf)["sealed"])


def is_opened_by(leaf: bytes, opening: bytes) -> bool:
    """Say whether an opening is the one a leaf commits to."""
    return bool(json.loads(leaf)["commitment"] == base64.b64encode(hashlib.sha256(opening).digest()).decode())


def canonical(value: object) -> bytes:
    """Return JSON in its one form."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()
