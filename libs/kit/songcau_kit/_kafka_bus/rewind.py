"""Setting a group back to an earlier time, so that it reads again what followed; the inbox keeps effects single."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kafka import TopicPartition
from kafka.admin import KafkaAdminClient
from kafka.errors import NoError
from kafka.structs import OffsetAndMetadata

from songcau_kit.inbox import KEEP

# The inbox is pruned every so often, and clocks of brokers and operators differ.
MARGIN = timedelta(days=1)


class RewindRefusedError(Exception):
    """A group cannot be set back, for the reason the text gives; nothing has changed."""


@dataclass(frozen=True)
class Rewound:
    """A partition whose group stood before record `before` and stands before record `after` now."""

    partition: int
    before: int
    after: int


def rewind(admin: KafkaAdminClient, group: str, topic: str, *, to: datetime, now: datetime) -> list[Rewound]:
    """Set a group back to the first record at or after a time; return the partitions that moved, never forward.

    Raises RewindRefusedError where the group reads, never read the topic, or the time is so long ago that the inbox no
    longer knows every event since; KafkaError where the cluster refuses.
    """
    oldest = now - KEEP + MARGIN
    if to < oldest:
        text = (
            f"the inbox knows events for {KEEP.days} days: {oldest:%Y-%m-%dT%H:%M%z} is the earliest without doubling"
        )
        raise RewindRefusedError(text)
    _require_stopped(admin, group)
    kept = {
        place: found.offset
        for place, found in admin.list_group_offsets(group)[group].items()
        if place.topic == topic and found.offset >= 0
    }
    if not kept:
        raise RewindRefusedError(f"{group} has never read {topic}")
    moment = int(to.timestamp() * 1000)
    wanted = {place: found.offset for place, found in admin.list_partition_offsets(dict.fromkeys(kept, moment)).items()}
    moves = [
        Rewound(place.partition, kept[place], offset)
        for place, offset in sorted(wanted.items())
        if 0 <= offset < kept[place]
    ]
    _move(admin, group, topic, moves)
    return moves


def _require_stopped(admin: KafkaAdminClient, group: str) -> None:
    members = admin.describe_groups([group])[group]["members"]
    if members:
        raise RewindRefusedError(f"{group} is read by {len(members)} members: stop {group}-work first, start it after")


def _move(admin: KafkaAdminClient, group: str, topic: str, moves: Sequence[Rewound]) -> None:
    offsets = {TopicPartition(topic, move.partition): OffsetAndMetadata(move.after, "", -1) for move in moves}
    faults = [error for error in admin.alter_group_offsets(group, offsets).values() if error is not NoError]
    if faults:
        raise faults[0]
