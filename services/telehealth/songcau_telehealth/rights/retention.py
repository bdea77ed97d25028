"""What the law makes this service keep of a person: care under way, and health records until their time is over."""

from collections.abc import Sequence
from uuid import UUID

from songcau_kit.clock import Clock, local_date, years_after
from songcau_kit.database import Connection
from songcau_kit.subject_answers import RetentionGround

from songcau_telehealth.rights import repository

OPEN_CONSULTATION, HEALTH_RECORD_RETENTION = "OPEN_CONSULTATION", "HEALTH_RECORD_RETENTION"
CARE = "Luật Khám bệnh, chữa bệnh 15/2023"
# In- and outpatient records stay ten years.
HEALTH_RECORDS = "Thông tư 33/2025/TT-BYT"


class Retention:
    """Knows the grounds to keep consultations; `years` from the day a health record ended."""

    def __init__(self, clock: Clock, years: int) -> None:
        self._clock = clock
        self._years = years

    def grounds(self, connection: Connection, citizen_ids: Sequence[UUID]) -> list[RetentionGround]:
        """Return why the person cannot be erased here today; nothing where they can."""
        kept = repository.count_kept(connection, citizen_ids)
        grounds = []
        if kept.open:
            grounds.append(RetentionGround(OPEN_CONSULTATION, CARE, None, kept.open))
        if kept.last_ended_at is not None and self._years:
            until = years_after(local_date(kept.last_ended_at), self._years)
            if until >= local_date(self._clock.now()):
                grounds.append(RetentionGround(HEALTH_RECORD_RETENTION, HEALTH_RECORDS, until, kept.records))
        return grounds
