"""What consumers made of numbered events: a table of effects, and whether a group has read all there is."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager

from kafka import TopicPartition
from kafka.admin import KafkaAdminClient, OffsetSpec
from songcau_kit.consumer import EventHandler
from songcau_kit.database import Connection, Database
from songcau_kit.process import Component

Numbered = tuple[str, int]
TABLE = "create table effects (place bigserial primary key, key text, number int, member text)"


def recorder(
    topic: str, member: str, *, before_effect: Callable[[], None] = lambda: None
) -> Mapping[str, EventHandler[Numbered]]:
    """Return handlers that note each event in the table of effects, with the member that handled it."""

    def handle(connection: Connection, event: Numbered) -> None:
        before_effect()
        connection.execute("insert into effects (key, number, member) values (%s, %s, %s)", (*event, member))

    return {topic: EventHandler(decode_numbered, handle)}


def decode_numbered(value: bytes) -> Numbered:
    """Return key and number of an event; raises ValueError where it is none of ours."""
    key, _, number = value.partition(b"/")
    return key.decode(), int(number)


def effects(database: Database) -> list[Numbered]:
    """Return all effects in the order they were had."""
    with database.read() as connection:
        return connection.execute("select key, number from effects order by place").fetchall()


def effects_by_key(database: Database) -> dict[str, list[int]]:
    """Return the numbers of each key in the order they had their effect."""
    by_key = defaultdict(list)
    for key, number in effects(database):
        by_key[key].append(number)
    return dict(by_key)


def effects_of(database: Database) -> dict[str, int]:
    """Return how many effects each member had."""
    with database.read() as connection:
        return dict(connection.execute("select member, count(*) from effects group by member").fetchall())


def effect_count(database: Database) -> int:
    """Return how many effects there are."""
    return sum(effects_of(database).values())


def has_read_all(address: str, group: str, topic: str) -> bool:
    """Say whether a group has dealt with every record of a topic, those that lie there twice too."""
    with closing(KafkaAdminClient(bootstrap_servers=address)) as admin:
        (described,) = admin.describe_topics([topic])
        places = [TopicPartition(topic, number) for number in range(len(described["partitions"]))]
        kept = {place: at.offset for place, at in admin.list_group_offsets(group)[group].items()}
        ends = admin.list_partition_offsets(dict.fromkeys(places, OffsetSpec.LATEST))
    return all(kept.get(place, 0) == end.offset for place, end in ends.items())


def members_of(address: str, group: str) -> set[str]:
    """Return the names of the members that a group is shared out to; none while it is being shared out."""
    with closing(KafkaAdminClient(bootstrap_servers=address)) as admin:
        described = admin.describe_groups([group])[group]
    if described["group_state"] != "Stable":
        return set()
    return {member["client_id"] for member in described["members"]}


@contextmanager
def running(*parts: Component) -> Iterator[None]:
    """Run parts of a process during the block, as `work` does."""
    for part in parts:
        part.start()
    try:
        yield
    finally:
        for part in reversed(parts):
            part.stop(10)
