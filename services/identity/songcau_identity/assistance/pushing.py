"""Questions on their way to the citizen's electronic identity app: what is asked, and the port to whoever asks it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from songcau_kit.personal import Personal

from songcau_identity.assistance.details import Excerpt
from songcau_identity.assistance.words import Words


@dataclass(frozen=True)
class Push:
    """One question: about the session itself, or about one act of it."""

    push_id: UUID
    session_id: UUID
    act_id: UUID | None
    is_sent: bool = False


@dataclass(frozen=True)
class Question:
    """What the app is to show to whom, until when."""

    push_id: UUID
    number: Personal
    words: Words
    expires_at: datetime
    excerpt: Excerpt = field(default_factory=Excerpt)


class PushState(StrEnum):
    """What became of a question."""

    WAITING = "WAITING"
    APPROVED = "APPROVED"
    DECLINED = "DECLINED"
    EXPIRED = "EXPIRED"


class PushUnavailableError(Exception):
    """The app's provider did not answer in time or not as agreed; asking again may help."""


class PushProvider(Protocol):
    """Puts questions to citizens in the app of their electronic identity."""

    def send(self, question: Question) -> PushState:
        """Put a question, or the same again, and return its state; raises PushUnavailableError."""

    def look(self, push_id: UUID) -> PushState:
        """Return the state of a question that was put; raises PushUnavailableError."""
