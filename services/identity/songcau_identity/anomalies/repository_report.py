"""SQL of the numbers in the report of a month."""

from collections.abc import Mapping
from datetime import date

from songcau_kit.database import Connection

from songcau_identity.anomalies.model import AnomalyKind, AnomalyState


def count_by_kind(conn: Connection, first: date, last: date) -> Mapping[tuple[AnomalyKind, AnomalyState], int]:
    """Return how many anomalies of each kind stand where."""
    rows = conn.execute(
        "select kind, state, count(*) from anomalies where day between %s and %s group by kind, state", (first, last)
    ).fetchall()
    return {(AnomalyKind(row[0]), AnomalyState(row[1])): row[2] for row in rows}


def count_by_day(conn: Connection, first: date, last: date) -> Mapping[date, int]:
    """Return how many anomalies each day has that is judged; a day that is not judged is missing."""
    rows = conn.execute(
        """select d.day, count(a.anomaly_id) from anomaly_days d left join anomalies a on a.day = d.day
        where d.day between %s and %s and d.finished_at is not null group by d.day""",
        (first, last),
    ).fetchall()
    return {row[0]: row[1] for row in rows}


def count_by_organization(conn: Connection, first: date, last: date) -> list[tuple[str, int, int, int]]:
    """Return of each agency: officers who looked anybody up, look-ups, anomalies; most anomalies first."""
    rows = conn.execute(
        """select o.organization, count(distinct o.officer_id), sum(o.look_ups)::bigint,
            (select count(*) from anomalies a
                where a.organization = o.organization and a.day between %(first)s and %(last)s)
        from officer_days o where o.day between %(first)s and %(last)s
        group by o.organization order by 4 desc, 3 desc, 1""",
        {"first": first, "last": last},
    ).fetchall()
    return [(row[0], row[1], row[2], row[3]) for row in rows]
