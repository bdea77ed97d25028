"""What the law makes this service keep of a person: cases that are worked on, and dossiers until their time is over."""

from collections.abc import Sequence
from uuid import UUID

from songcau_kit.clock import Clock, local_date
from songcau_kit.database import Connection
from songcau_kit.subject_answers import RetentionGround

from songcau_eservices.dossiers.keeping import kept_until
from songcau_eservices.rights import repository

OPEN_DOSSIER, DOSSIER_RETENTION = "OPEN_DOSSIER", "DOSSIER_RETENTION"
ONE_STOP_DECREE = "Nghị định 118/2025/NĐ-CP"
# The controller names the term of archiving; the setting holds it.
ARCHIVING = "Luật Lưu trữ; thời hạn do bên kiểm soát quy định"


class Retention:
    """Knows the grounds to keep dossiers; `years` from the day a dossier ended, 0 for none."""

    def __init__(self, clock: Clock, years: int) -> None:
        self._clock = clock
        self._years = years

    def grounds(self, conn: Connection, citizen_ids: Sequence[UUID]) -> list[RetentionGround]:
        """Return why the person cannot be erased here today; nothing where they can."""
        kept = repository.count_kept(conn, citizen_ids)
        grounds = []
        if kept.open:
            grounds.append(RetentionGround(OPEN_DOSSIER, ONE_STOP_DECREE, None, kept.open))
        until = kept_until(kept.last_ended_at, self._years)
        if until is not None and until >= local_date(self._clock.now()):
            grounds.append(RetentionGround(DOSSIER_RETENTION, ARCHIVING, until, kept.ended))
        return grounds
