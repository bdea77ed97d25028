"""What makes a look-up an anomaly: pure rules over one officer's day; knows no database.

The kinds follow the usual catalogue of record snooping (neighbour, family, celebrity, own record, no case, volume). No
law names numbers, so every number is a setting with its reason in docs/operations/anomalies.md.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from uuid import UUID

from songcau_identity.anomalies.model import AnomalyKind


@dataclass(frozen=True)
class Thresholds:
    """From which numbers on look-ups need an explanation.

    `without_case` counts look-ups without a case of one officer and day; BULK is at least `bulk_per_hour` or
    `bulk_per_day` look-ups and more than `bulk_factor` times the median of days the officer or the agency worked. The
    officer's own act explains look-ups made at most `own_act_within` before it, and every later one.
    """

    without_case: int
    bulk_per_hour: int
    bulk_per_day: int
    bulk_factor: float
    own_act_within: timedelta


@dataclass(frozen=True)
class LookUp:
    """One look-up: when, and entry by citizen that it met (the surviving record); nobody met is an empty mapping."""

    at: datetime
    entries: dict[UUID, UUID]


@dataclass(frozen=True)
class Volume:
    """How much an officer looked up on one day."""

    look_ups: int
    busiest_hour: int


@dataclass(frozen=True)
class OfficerDay:
    """Everything the rules look at: an officer's look-ups of a day and what is known about whom they met.

    `with_case` had a case around the day on which others at the agency worked, `own_acts` says when the officer first
    acted on one; `history` and `colleagues` are earlier days with look-ups, of the officer and of others at the agency.
    """

    look_ups: Sequence[LookUp]
    with_case: frozenset[UUID] = frozenset()
    own_acts: Mapping[UUID, datetime] = field(default_factory=dict)
    own: frozenset[UUID] = frozenset()
    relatives: frozenset[UUID] = frozenset()
    neighbours: frozenset[UUID] = frozenset()
    watched: frozenset[UUID] = frozenset()
    history: Sequence[Volume] = ()
    colleagues: Sequence[Volume] = ()


@dataclass(frozen=True)
class Suspicion:
    """What one rule found: the citizen where it is about one, how many look-ups, and their entries."""

    kind: AnomalyKind
    citizen_id: UUID | None
    look_ups: int
    entry_ids: tuple[UUID, ...]


def judge(day: OfficerDay, thresholds: Thresholds) -> list[Suspicion]:
    """Return what needs an explanation; a look-up that met somebody with a case counts for BULK and OWN_RECORD only."""
    without_case = [one for one in day.look_ups if one.entries and not _is_founded(one, day, thresholds)]
    found = list(_about_citizens(without_case, day))
    if len(without_case) >= thresholds.without_case:
        found += _suspicions(AnomalyKind.LOOK_UP_WITHOUT_CASE, without_case)
    found += _own_record(day)
    if is_bulk(day, thresholds):
        found += _suspicions(AnomalyKind.BULK, day.look_ups)
    return found


def _is_founded(look_up: LookUp, day: OfficerDay, thresholds: Thresholds) -> bool:
    """Say whether somebody it met had a case; the own record is told by a kind of its own.

    Whoever looked somebody up could make up a reason days later by an act of their own: such an act comes too late.
    """
    until = look_up.at + thresholds.own_act_within
    acted_on = {citizen_id for citizen_id, began in day.own_acts.items() if began <= until}
    return not day.with_case.union(day.own, acted_on).isdisjoint(look_up.entries)


def _about_citizens(look_ups: Sequence[LookUp], day: OfficerDay) -> Iterator[Suspicion]:
    groups = {
        AnomalyKind.NEIGHBOUR: day.neighbours,
        AnomalyKind.RELATIVE: day.relatives,
        AnomalyKind.WATCHED_CITIZEN: day.watched,
    }
    for kind, citizens in groups.items():
        yield from _by_citizen(kind, citizens, look_ups)


def _own_record(day: OfficerDay) -> list[Suspicion]:
    return list(_by_citizen(AnomalyKind.OWN_RECORD, day.own, day.look_ups))


def _by_citizen(kind: AnomalyKind, citizens: Iterable[UUID], look_ups: Sequence[LookUp]) -> Iterator[Suspicion]:
    for citizen_id in sorted(citizens):
        met = tuple(one.entries[citizen_id] for one in look_ups if citizen_id in one.entries)
        if met:
            yield Suspicion(kind, citizen_id, len(met), met)


def _suspicions(kind: AnomalyKind, look_ups: Sequence[LookUp]) -> list[Suspicion]:
    entry_ids = tuple(entry_id for one in look_ups for entry_id in one.entries.values())
    return [Suspicion(kind, None, len(look_ups), entry_ids)]


def is_bulk(day: OfficerDay, thresholds: Thresholds) -> bool:
    """Say whether the day, or its busiest hour, is far beyond what the officer or the agency is used to."""
    if not day.look_ups:
        return False
    today = volume_of([one.at for one in day.look_ups])
    others = (day.history, day.colleagues)
    in_a_day = _is_beyond(
        today.look_ups, thresholds.bulk_per_day, [[one.look_ups for one in days] for days in others], thresholds
    )
    return in_a_day or _is_beyond(
        today.busiest_hour,
        thresholds.bulk_per_hour,
        [[one.busiest_hour for one in days] for days in others],
        thresholds,
    )


def _is_beyond(number: int, least: int, usual: Sequence[Sequence[int]], thresholds: Thresholds) -> bool:
    """Say whether a number is at least `least` and beyond either median; with nothing to compare, `least` decides."""
    known = [median(days) for days in usual if days]
    is_unusual = not known or any(number > thresholds.bulk_factor * middle for middle in known)
    return number >= least and is_unusual


def volume_of(moments: Sequence[datetime]) -> Volume:
    """Return how many look-ups there were, and how many in the clock hour that had most; needs one at least."""
    hours: dict[datetime, int] = {}
    for moment in moments:
        hour = moment.replace(minute=0, second=0, microsecond=0)
        hours[hour] = hours.get(hour, 0) + 1
    return Volume(len(moments), max(hours.values()))
