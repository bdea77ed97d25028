"""The members of a group and what each of them holds: leases, rebalancing, fencing. All SQL of that."""

from collections.abc import Sequence
from dataclasses import dataclass

import psycopg

from songcau_kit._postgres_bus.sharing import Place, share
from songcau_kit.database import Connection

CHANNEL = "songcau_bus"
LEASE_SECONDS = 10

_JOIN_GROUP = "insert into bus.groups (name) values (%(group)s) on conflict do nothing"
_LOCK_GROUP = "select name from bus.groups where name = %(group)s for update"
_ENTER = """insert into bus.members (group_name, member, topics, lease_until)
    values (%(group)s, %(member)s, %(topics)s, clock_timestamp() + make_interval(secs => %(lease)s))
    on conflict (group_name, member) do update set lease_until = excluded.lease_until
    returning xmax = 0"""
# A member holds a lock as long as its session lives: whose lock is free has died, whose lease is over hangs.
_BURY = """delete from bus.members
    where group_name = %(group)s and member <> %(member)s
        and (lease_until < clock_timestamp() or pg_try_advisory_xact_lock(hashtextextended(member, 0)))"""
_FREE = """update bus.positions set owner = null where group_name = %(group)s and owner is not null
    and owner not in (select member from bus.members where group_name = %(group)s)"""
_ADD_POSITIONS = """insert into bus.positions (group_name, topic, partition)
    select %(group)s, topic, partition from bus.partitions where topic = any(%(topics)s) on conflict do nothing"""
_MEMBERS = "select member, topics from bus.members where group_name = %(group)s"
_POSITIONS = "select topic, partition, owner from bus.positions where group_name = %(group)s"
_RELEASE = """update bus.positions set owner = null
    where group_name = %s and owner = %s and (topic, partition) in (select * from unnest(%s::text[], %s::int[]))"""
_TAKE = """update bus.positions set owner = %(member)s, epoch = epoch + 1
    where group_name = %(group)s and owner is null
        and (topic, partition) in (select * from unnest(%(of)s::text[], %(at)s::int[]))"""
_HOLDINGS = "select topic, partition, epoch, next_offset from bus.positions where group_name = %s and owner = %s"
_RENEW = """update bus.members set lease_until = clock_timestamp() + make_interval(secs => %s)
    where group_name = %s and member = %s"""
_COMMIT = """update bus.positions set next_offset = greatest(positions.next_offset, done.next_offset)
    from unnest(%s::text[], %s::int[], %s::bigint[], %s::bigint[]) as done (topic, partition, epoch, next_offset)
    where group_name = %s and owner = %s and positions.topic = done.topic
        and positions.partition = done.partition and positions.epoch = done.epoch
    returning positions.topic, positions.partition"""


@dataclass
class Holding:
    """A partition this member reads: in which epoch it got it, and the offset it reads next."""

    epoch: int
    position: int


@dataclass(frozen=True)
class Membership:
    """One member of one group; its name is never used twice."""

    group: str
    member: str
    topics: tuple[str, ...]

    def announce(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        """Hold, as long as this session lives, the lock by which others see that the member lives."""
        connection.execute("select pg_advisory_lock(hashtextextended(%s, 0))", (self.member,))

    def attend(self, connection: Connection) -> dict[Place, Holding]:
        """Renew the lease, bury the dead, give and take partitions as the sharing says; return what is held now.

        The caller has dealt with every record it was handed, as released partitions may be read by others at once.
        """
        values = {"group": self.group, "member": self.member, "topics": list(self.topics), "lease": LEASE_SECONDS}
        connection.execute(_JOIN_GROUP, values)
        connection.execute(_LOCK_GROUP, values)
        entered = connection.execute(_ENTER, values)
        buried = connection.execute(_BURY, values)
        connection.execute(_FREE, values)
        connection.execute(_ADD_POSITIONS, values)
        found_members = connection.execute(_MEMBERS, values)
        found = connection.execute(_POSITIONS, values).fetchall()
        owners: dict[Place, str | None] = {(topic, partition): owner for topic, partition, owner in found}
        target = share(owners, dict(found_members.fetchall()))
        released = [place for place, owner in owners.items() if owner == self.member != target.get(place)]
        free = [place for place, owner in owners.items() if owner is None and target.get(place) == self.member]
        connection.execute(_RELEASE, (self.group, self.member, *_columns(released)))
        connection.execute(_TAKE, {**values, "of": [topic for topic, _ in free], "at": [number for _, number in free]})
        if released or buried.rowcount or entered.fetchone() == (True,):
            self._tell(connection)
        held = connection.execute(_HOLDINGS, (self.group, self.member)).fetchall()
        return {(topic, partition): Holding(epoch, offset) for topic, partition, epoch, offset in held}

    def renew(self, connection: Connection) -> None:
        """Prolong the lease while a handler works."""
        connection.execute(_RENEW, (LEASE_SECONDS, self.group, self.member))

    def commit(self, connection: Connection, ends: dict[Place, tuple[int, int]]) -> set[Place]:
        """Move positions to their ends, given as epoch and next offset; return where this member still had a say."""
        rows = [(topic, partition, epoch, end) for (topic, partition), (epoch, end) in sorted(ends.items())]
        columns = [list(column) for column in zip(*rows, strict=True)]
        done = connection.execute(_COMMIT, (*columns, self.group, self.member)).fetchall()
        return {(topic, partition) for topic, partition in done}

    def leave(self, connection: Connection) -> None:
        """Give everything back."""
        connection.execute(_LOCK_GROUP, {"group": self.group})
        connection.execute("delete from bus.members where group_name = %s and member = %s", (self.group, self.member))
        connection.execute(_FREE, {"group": self.group})
        self._tell(connection)

    def _tell(self, connection: Connection) -> None:
        connection.execute("select pg_notify(%s, %s)", (CHANNEL, f"group {self.group}"))


def _columns(places: Sequence[Place]) -> tuple[list[str], list[int]]:
    return [topic for topic, _ in places], [partition for _, partition in places]
