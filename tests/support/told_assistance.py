"""Acts that citizens confirmed in assisted sessions, as identity tells them, for services that keep a copy."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
from google.protobuf.message import Message
from songcau.identity.events.v1 import assistance_event_pb2 as events
from songcau_kit.assisted_acts import digest_of
from songcau_kit.database import Connection
from support.at_once import told_at_once

HELPER = "helper-1"
AGENCY = "H55.242"
ASSISTANCE = {
    "roles": ["digital-team"],
    "scopes": ["assistance:act"],
    "sub": HELPER,
    "agency_codes": [AGENCY],
    "acr": "aal2",
}


@dataclass
class Session:
    """One session of a citizen with a helper, told to the service whose database this is and which `follow`s it."""

    follow: Callable[[Connection, events.AssistanceEvent], None]
    url: str
    citizen_id: str
    now: datetime
    session_id: str = field(default_factory=lambda: str(uuid4()))
    confirmations: list[events.AssistanceEvent] = field(default_factory=list)

    def confirm(self, method: str, request: Message) -> str:
        """Tell that the citizen confirmed a request and return the act's id."""
        act_id = str(uuid4())
        fact = events.AssistedActConfirmed(act_id=act_id, method=method, digest=digest_of(method, request))
        self.confirmations.append(events.AssistanceEvent(assisted_act_confirmed=fact))
        self._tell(self.confirmations[-1])
        return act_id

    def confirm_again(self) -> None:
        """Tell once more what the citizen confirmed, as dead letters put back do."""
        for event in self.confirmations:
            self._tell(event)

    def end(self) -> None:
        """Tell that the session is over."""
        self._tell(events.AssistanceEvent(assisted_session_ended=events.AssistedSessionEnded(cause="EXPIRED")))

    def _tell(self, event: events.AssistanceEvent) -> None:
        event.meta.aggregate_id, event.citizen_id = self.session_id, self.citizen_id
        event.helper.id, event.helper.kind, event.helper.organization = HELPER, "DIGITAL_TEAM", AGENCY
        event.expires_at.FromDatetime(self.now + timedelta(minutes=30))
        with psycopg.connect(self.url) as connection:
            self.follow(connection, event)


def naming(metadata: Any, act_id: str) -> Any:
    """Return metadata that names the act to be carried out."""
    return (*metadata, ("songcau-assisted-act", act_id))


def outcomes(calls: Sequence[Callable[[], Any]]) -> list[str]:
    """Run calls at once and return the reasons of those that were refused, sorted."""
    return sorted(told_at_once(calls, done=""))
