"""SQL of the local copy of consents."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from songcau_kit.database import Connection

from songcau_telehealth.consents.model import ConsentNews, ConsentState, Purpose

# Events of one consent come in order, but an old one may come again; the version keeps it from winning.
_APPLY = """
insert into citizen_consents (citizen_id, purpose, state, text_version, version, decided_at)
values (%s, %s, %s, %s, %s, %s)
on conflict (citizen_id, purpose) do update set state = excluded.state, text_version = excluded.text_version,
    version = excluded.version, decided_at = excluded.decided_at
where citizen_consents.version < excluded.version
"""
_NEWEST = """
select state, decided_at from citizen_consents where citizen_id = any(%s) and purpose = %s
order by decided_at desc limit 1
"""


def apply_news(connection: Connection, news: ConsentNews) -> None:
    """Bring the copy to what an event says, unless a newer one was here before."""
    connection.execute(_APPLY, tuple(vars(news).values()))


def find_newest(
    connection: Connection, citizen_ids: Collection[UUID], purpose: Purpose, *, holds: bool = False
) -> tuple[ConsentState, datetime] | None:
    """Return the newest decision of a person, under any of their ids, and when it was made.

    `holds` keeps a known decision as it is until the transaction ends.
    """
    query = f"{_NEWEST} for share" if holds else _NEWEST
    row = connection.execute(query, (list(citizen_ids), purpose)).fetchone()
    return (ConsentState(row[0]), row[1]) if row else None
