"""SQL of the local copy of representations."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from songcau_kit.database import Connection

from songcau_telehealth.citizens.representations import Claim, RepresentationCopy

# Facts of one representation come in order, but an old one may come again; the version keeps it from winning.
_SAVE = """
insert into representations (representation_id, represented_id, representative_id, scopes, valid_from, valid_until,
    version) values (%(id)s, %(represented)s, %(representative)s, %(scopes)s, %(first)s, %(last)s, %(version)s)
on conflict (representation_id) do update set scopes = excluded.scopes, valid_from = excluded.valid_from,
    valid_until = excluded.valid_until, version = excluded.version
where representations.version < excluded.version
"""
_IN_FORCE = "valid_from <= %(today)s and (valid_until is null or valid_until >= %(today)s)"
_HELD = f"""
select 1 from representations where representative_id = any(%(own)s) and represented_id = any(%(represented)s)
    and %(scope)s = any(scopes) and {_IN_FORCE} limit 1
"""  # noqa: S608 -- names of this module
_REPRESENTED = f"""
with meant as (
    select coalesce(alias.surviving_id, held.represented_id) as id from representations as held
    left join citizen_aliases as alias on alias.citizen_id = held.represented_id
    where representative_id = any(%(own)s) and cardinality(scopes) > 0 and {_IN_FORCE})
select id from meant union select citizen_id from citizen_aliases where surviving_id in (select id from meant)
"""  # noqa: S608 -- names of this module


def save(connection: Connection, copy: RepresentationCopy) -> None:
    """Bring the copy to what an event says, unless a newer one was here before."""
    parameters = {
        "id": copy.representation_id,
        "represented": copy.represented_id,
        "representative": copy.representative_id,
        "scopes": list(copy.scopes),
        "first": copy.valid_from,
        "last": copy.valid_until,
        "version": copy.version,
    }
    connection.execute(_SAVE, parameters)


def holds(connection: Connection, claim: Claim, *, lock: bool) -> bool:
    """Say whether a representation covers the claim; with `lock` it stays so until the transaction ends."""
    parameters = {
        "own": list(claim.own_ids),
        "represented": list(claim.represented_ids),
        "scope": claim.scope,
        "today": claim.today,
    }
    return connection.execute(_HELD + (" for share" if lock else ""), parameters).fetchone() is not None


def list_represented(connection: Connection, own_ids: Collection[UUID], today: date) -> frozenset[UUID]:
    """Return every id of those somebody stands for today, in whatever matter."""
    rows = connection.execute(_REPRESENTED, {"own": list(own_ids), "today": today})
    return frozenset(row[0] for row in rows)
