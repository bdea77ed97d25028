"""Takes in what services answer, in the consumer's transaction."""

from songcau_kit.clock import Clock
from songcau_kit.database import Connection

from songcau_identity.rights import repository_parts as parts
from songcau_identity.rights.repository_parts import Answer


class Answers:
    """Notes answers at the part they are for."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def take_in(self, conn: Connection, given: Answer) -> None:
        """Note one answer; one for a request that has ended changes nothing."""
        parts.answer(conn, given, self._clock.now())
