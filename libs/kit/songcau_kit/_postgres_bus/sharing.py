"""Which member reads which partition: as even as can be, and moving as few as can be. Knows no database."""

from collections.abc import Mapping, Sequence

Place = tuple[str, int]


def share(owners: Mapping[Place, str | None], members: Mapping[str, Sequence[str]]) -> dict[Place, str]:
    """Give every partition a member that subscribed to its topic.

    `owners` holds each partition with its present owner, `members` each member with its topics. The answer is the same
    whoever computes it.
    """
    given: dict[Place, str] = {}
    for topic in sorted({topic for topic, _ in owners}):
        able = sorted(member for member, topics in members.items() if topic in topics)
        if able:
            places = sorted(place for place in owners if place[0] == topic)
            given |= _share_topic(places, owners, able=able, load=_loads(given, able))
    return given


def _share_topic(
    places: Sequence[Place], owners: Mapping[Place, str | None], *, able: Sequence[str], load: Mapping[str, int]
) -> dict[Place, str]:
    few, rest = divmod(len(places), len(able))
    # Who holds most keeps one of the partitions that are over; then who has least from the topics before.
    held = {member: sum(1 for place in places if owners[place] == member) for member in able}
    favoured = sorted(able, key=lambda member: (-held[member], load[member], member))[:rest]
    room = {member: few + (member in favoured) for member in able}
    given: dict[Place, str] = {}
    for place in places:
        owner = owners[place]
        if owner is not None and room.get(owner, 0) > 0:
            given[place] = owner
            room[owner] -= 1
    free = [place for place in places if place not in given]
    open_seats = [member for member in able for _ in range(room[member])]
    return given | dict(zip(free, open_seats, strict=True))


def _loads(given: Mapping[Place, str], members: Sequence[str]) -> dict[str, int]:
    return {member: sum(1 for owner in given.values() if owner == member) for member in members}
