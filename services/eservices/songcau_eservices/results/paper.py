"""What a signed paper is: a receipt or a result, known by an unguessable code that is short enough to type."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from songcau_kit.short_codes import ALPHABET

CODE_LETTERS = 12
_MISREAD = str.maketrans("OIL", "011")


class PaperKind(StrEnum):
    """What the paper says."""

    RECEIPT = "RECEIPT"
    RESULT = "RESULT"


@dataclass(frozen=True)
class Paper:
    """A signed paper without its content; names stand as they were on the day of signing."""

    id: UUID
    dossier_id: UUID
    citizen_id: UUID
    kind: PaperKind
    code: str
    address: str
    sha256: bytes
    agency: str
    agency_name: str
    procedure_code: str
    procedure_name: str
    signer: str
    signed_at: datetime
    revoked_at: datetime | None = None
    revocation_reason_enc: bytes | None = None


def new_code() -> str:
    """Return a new code of 60 random bits, in groups of four letters."""
    return printed("".join(secrets.choice(ALPHABET) for _ in range(CODE_LETTERS)))


def printed(code: str) -> str:
    """Return the printed form of a code as somebody typed it; what is no code at all comes back without a match."""
    letters = "".join(letter for letter in code.upper().translate(_MISREAD) if letter in ALPHABET)
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))
