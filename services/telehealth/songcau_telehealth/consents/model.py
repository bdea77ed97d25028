"""What this service knows of people's consents: the newest decision per purpose, as identity told it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Purpose(StrEnum):
    """The purposes of identity on which processing here rests."""

    REMOTE_CARE = "REMOTE_CARE"
    SHARE_CARE_RESULT = "SHARE_CARE_RESULT"


class ConsentState(StrEnum):
    """What holds."""

    GIVEN = "GIVEN"
    WITHDRAWN = "WITHDRAWN"
    LAPSED = "LAPSED"


@dataclass(frozen=True)
class ConsentNews:
    """What an event of identity says: one decision of one person for one purpose."""

    citizen_id: UUID
    purpose: str
    state: ConsentState
    text_version: str
    version: int
    decided_at: datetime
