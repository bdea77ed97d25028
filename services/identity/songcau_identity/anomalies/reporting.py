"""Makes the report of a month: numbers by kind, state, day and agency; it names no officer and no citizen."""

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from songcau_kit.clock import VIETNAM, local_date
from songcau_kit.pdf import render_pdf

from songcau_identity.anomalies import repository_report as repository
from songcau_identity.anomalies.model import DECIDED, AnomalyKind, AnomalyState
from songcau_identity.auditing import Asker, require_agency, require_purpose
from songcau_identity.errors import ANOMALY_INVALID
from songcau_identity.officers import Desk
from songcau_identity.rights import words

TEMPLATE = Path(__file__).parent.parent / "templates" / "anomaly_report.typ"
MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
KINDS: Mapping[AnomalyKind, str] = {
    AnomalyKind.LOOK_UP_WITHOUT_CASE: "Tra cứu không gắn với hồ sơ",
    AnomalyKind.NEIGHBOUR: "Tra cứu hàng xóm, người cùng địa chỉ",
    AnomalyKind.RELATIVE: "Tra cứu người thân",
    AnomalyKind.WATCHED_CITIZEN: "Tra cứu người trong danh sách theo dõi",
    AnomalyKind.BULK: "Tra cứu hàng loạt",
    AnomalyKind.OWN_RECORD: "Tra cứu chính mình",
}


@dataclass(frozen=True)
class Month:
    """A month as its first and last legal day."""

    first: date
    last: date


class AnomalyReporting:
    """The use case GetAnomalyReport."""

    def __init__(self, desk: Desk, controller_name: str) -> None:
        self._desk = desk
        self._controller_name = controller_name

    def report(self, asker: Asker, month: str) -> bytes:
        """Return the report as PDF/A; raises ANOMALY_INVALID for what is no month or has not begun."""
        require_agency(asker)
        require_purpose(asker)
        now = self._desk.clock.now()
        return render_pdf(TEMPLATE, self.form(read_month(month, today=local_date(now)), now), at=now)

    def form(self, month: Month, now: datetime) -> dict[str, object]:
        """Return what the template shows."""
        with self._desk.database.read() as conn:
            kinds = repository.count_by_kind(conn, month.first, month.last)
            judged = repository.count_by_day(conn, month.first, month.last)
            agencies = repository.count_by_organization(conn, month.first, month.last)
        made_at = now.astimezone(VIETNAM)
        return {
            "controller": self._controller_name,
            "month": month.first.strftime("%m/%Y"),
            "made": {"day": made_at.strftime("%d"), "month": made_at.strftime("%m"), "year": made_at.strftime("%Y")},
            "kinds": [row_of(kind, kinds) for kind in AnomalyKind],
            "days": [{"day": day, "count": judged.get(month.first.replace(day=day))} for day in days_of(month)],
            "judged": len(judged),
            "agencies": [
                {"code": code or "—", "officers": officers, "look_ups": look_ups, "anomalies": anomalies}
                for code, officers, look_ups, anomalies in agencies
            ],
        }


def read_month(month: str, *, today: date) -> Month:
    """Return a month; raises ANOMALY_INVALID for what is none, and for one that has not begun."""
    found = MONTH.fullmatch(month)
    if found is None or not int(found[1]) >= 2000:
        raise words.invalid("month", reason=ANOMALY_INVALID)
    year, number = int(found[1]), int(found[2])
    first = date(year, number, 1)
    if first > today:
        raise words.invalid("month", "OUT_OF_RANGE", ANOMALY_INVALID)
    return Month(first, date(year, number, calendar.monthrange(year, number)[1]))


def days_of(month: Month) -> range:
    """Return the numbers of the days of a month."""
    return range(1, month.last.day + 1)


def row_of(kind: AnomalyKind, counts: Mapping[tuple[AnomalyKind, AnomalyState], int]) -> dict[str, object]:
    """Return the row of a kind: found, waiting, and how they ended."""
    of_kind = {state: counts.get((kind, state), 0) for state in AnomalyState}
    return {
        "name": KINDS[kind],
        "found": sum(of_kind.values()),
        "waiting": sum(count for state, count in of_kind.items() if state not in DECIDED),
        "explained": of_kind[AnomalyState.EXPLAINED],
        "dismissed": of_kind[AnomalyState.DISMISSED],
        "escalated": of_kind[AnomalyState.ESCALATED],
    }
