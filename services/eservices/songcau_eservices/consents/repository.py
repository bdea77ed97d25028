"""SQL of the local copy of consents."""

from collections.abc import Collection
from uuid import UUID

from songcau_kit.database import Connection

from songcau_eservices.consents.model import ConsentNews, ConsentState, Purpose

# Events of one consent come in order, but an old one may come again; the version keeps it from winning.
_APPLY = """
insert into citizen_consents (citizen_id, purpose, state, text_version, version, decided_at)
values (%s, %s, %s, %s, %s, %s)
on conflict (citizen_id, purpose) do update set state = excluded.state, text_version = excluded.text_version,
    version = excluded.version, decided_at = excluded.decided_at
where citizen_consents.version < excluded.version
"""
_NEWEST = """
select state from citizen_consents where citizen_id = any(%s) and purpose = %s
order by decided_at desc limit 1 for share
"""


def apply_news(conn: Connection, news: ConsentNews) -> None:
    """Bring the copy to what an event says, unless a newer one was here before."""
    conn.execute(_APPLY, tuple(vars(news).values()))


def hold_newest(conn: Connection, citizen_ids: Collection[UUID], purpose: Purpose) -> ConsentState | None:
    """Return what a person decided last, under any of their ids, and keep it so until the transaction ends."""
    row = conn.execute(_NEWEST, (list(citizen_ids), purpose)).fetchone()
    return ConsentState(row[0]) if row else None
