"""What a thief of the application's role can do to entries that no checkpoint covers yet: let them into the tree."""

from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg import sql
from support.audit_service import AuditLog, access_event, new_citizen

NEW_LEAF = "insert into leaves select size, gen_random_uuid(), 'forged' from trees"
THEFTS = {
    "to drop what waits": "delete from arrivals",
    "to change what waits": "update arrivals set leaf = 'forged'",
    "to empty the queue": "truncate arrivals",
    "to put another leaf in the place of one that waits": """
        with gone as (delete from arrivals returning entry_id)
        insert into leaves select size + row_number() over () - 1, entry_id, 'forged' from gone, trees;
        update trees set size = (select max(leaf_index) + 1 from leaves)""",
    "to set the tree back": "update trees set size = size - 1",
    "to set the tree ahead": "update trees set size = size + 1",
    "to remove the tree": "delete from trees",
    "to have a second tree": "insert into trees (id, size) values (false, 0)",
    "to place a leaf that is not counted": NEW_LEAF,
    "to remove a placed leaf": "delete from leaves where leaf_index = 0",
    "to change a tile": "update tiles set hashes = set_byte(hashes, 0, 255 - get_byte(hashes, 0))",
    "to number entries anew": "update entry_counts set entries = 1",
    "to leave numbers out": "update entry_counts set entries = entries + 2",
    "to begin in the middle": "insert into entry_counts values (decode(repeat('ab', 32), 'hex'), 7)",
    "to vouch for what is not there": """insert into checkpoints (tree_size, root_hash, note, signed_at)
        values (99, decode(repeat('ab', 32), 'hex'), 'note', now())""",
    "to lift what guards the queue": "alter table arrivals disable trigger all",
    "to do without triggers": "set session_replication_role = replica",
}


@pytest.fixture
def steal(audit_log: AuditLog) -> Iterator[Callable[[str], None]]:
    """Return what runs statements with the rights that every installation gives the application's role."""
    role = sql.Identifier("thief_of_" + audit_log.url.rpartition("/")[2].partition("?")[0][:40])
    with psycopg.connect(audit_log.url) as connection:
        connection.execute(sql.SQL("create role {}").format(role))
        for grant in (
            "grant usage on schema public to {}",
            "grant select, insert, update, delete on all tables in schema public to {}",
            "grant usage, select on all sequences in schema public to {}",
        ):
            connection.execute(sql.SQL(grant).format(role))

    def steal(statements: str) -> None:
        with psycopg.connect(audit_log.url) as connection:
            connection.execute(sql.SQL("set role {}").format(role))
            connection.execute(statements)
            connection.execute("set constraints all immediate")  # as the commit would

    yield steal
    with psycopg.connect(audit_log.url) as connection:
        connection.execute(sql.SQL("drop owned by {}").format(role))
        connection.execute(sql.SQL("drop role {}").format(role))


@pytest.mark.parametrize("theft", sorted(THEFTS))
def test_a_thief_of_the_role_fails(audit_log: AuditLog, steal: Callable[[str], None], theft: str):
    citizen = new_citizen()
    audit_log.grow(citizen, 2)
    audit_log.tell(access_event(citizen), access_event(citizen))
    before = audit_log.rows("select entry_id, leaf from arrivals order by sequence")
    with pytest.raises((psycopg.errors.RaiseException, psycopg.errors.InsufficientPrivilege)):
        steal(THEFTS[theft])
    assert audit_log.rows("select entry_id, leaf from arrivals order by sequence") == before
    audit_log.integrate()
    assert audit_log.sign().size == 4


def test_the_role_can_do_its_work(audit_log: AuditLog, steal: Callable[[str], None]):
    audit_log.tell(access_event(new_citizen()))
    steal("""
        with moved as (delete from arrivals returning entry_id, leaf)
        insert into leaves select size, entry_id, leaf from moved, trees;
        update trees set size = size + 1""")
    assert audit_log.rows("select leaf_index from leaves") == [(0,)]
