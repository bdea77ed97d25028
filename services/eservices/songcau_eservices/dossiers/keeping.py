"""How long an ended dossier is kept."""

from datetime import date, datetime

from songcau_kit.clock import local_date, years_after


def kept_until(ended_at: datetime | None, years: int) -> date | None:
    """Return the last day on which a dossier is kept, None while it has not ended or where no term is set (0 years)."""
    return years_after(local_date(ended_at), years) if ended_at and years else None
