"""The last day of a paper, as the citizen states it when it is attached."""

from datetime import date

from songcau_eservices.pages import invalid


def read_last_day(text: str) -> str:
    """Return a stated last day as YYYY-MM-DD, empty where none is stated; raise INVALID_REQUEST."""
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        raise invalid("/valid_until", "MALFORMED") from None


def is_expired(valid_until: str, today: date) -> bool:
    """Say whether the last day stated of a paper is over; nothing stated is no last day."""
    return bool(valid_until) and date.fromisoformat(valid_until) < today
