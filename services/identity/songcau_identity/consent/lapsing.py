"""Ends consents whose text is in use no more, so that people are asked again; a component of `work`."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from songcau_kit import outbox
from songcau_kit.clock import Clock
from songcau_kit.database import Connection, Database
from songcau_kit.events import Actor
from songcau_kit.loop import Loop, Looping

from songcau_identity.consent import repository, repository_halves
from songcau_identity.consent.entering import write_decision
from songcau_identity.consent.events import consent_event
from songcau_identity.consent.model import Consent, ConsentFact, ConsentState, Decider, Proof
from songcau_identity.consent.texts import Purposes

SYSTEM_NAME = "identity"
PORTION = 500
EVERY_S = 600.0


class ConsentLapsing(Looping):
    """Looks for old texts when it starts and now and then; several at once do no harm."""

    def __init__(self, database: Database, clock: Clock, purposes: Purposes, *, every: float = EVERY_S) -> None:
        self._database = database
        self._clock = clock
        self._purposes = purposes
        self._every = every
        self._loop = Loop("identity-consent-lapsing", self._step, longest_pause=every)

    def lapse_portion(self) -> int:
        """End at most one portion and return how many."""
        in_use = [(one.code, one.text.version) for one in self._purposes.all]
        with self._database.transaction() as conn:
            found = repository.hold_given_under_old_texts(conn, in_use, limit=PORTION)
            for consent in found:
                lapse(conn, self._clock, consent)
        return len(found)

    def _step(self) -> float:
        return 0.0 if self.lapse_portion() >= PORTION else self._every


def lapse_since(conn: Connection, clock: Clock, citizen_ids: Collection[UUID], since: datetime) -> None:
    """End what was agreed to under these ids, or waits, since a moment, as nobody can tell whose yes it was.

    The caller holds the citizens, so that no decision comes in between.
    """
    for consent in repository.hold_given_since(conn, citizen_ids, since):
        lapse(conn, clock, consent)
    repository_halves.end_since(conn, citizen_ids, since, clock.now())


def lapse(conn: Connection, clock: Clock, before: Consent) -> None:
    """End a consent that is held; the person is asked again."""
    after = replace(before, state=ConsentState.LAPSED, version=before.version + 1, decided_at=clock.now())
    proof = Proof(Decider.SYSTEM, None, None, SYSTEM_NAME, client_id=SYSTEM_NAME)
    write_decision(conn, after, proof, repository.find_text_digest(conn, before))
    by = (Actor(SYSTEM_NAME, "SYSTEM"), str(clock.new_id()))
    outbox.append(conn, consent_event(clock, after, ConsentFact.CONSENT_LAPSED, proof, by=by))
