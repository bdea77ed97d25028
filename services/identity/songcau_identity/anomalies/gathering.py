"""Gathers from access entries and records what the rules look at; opens addresses in memory, writes nothing."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from songcau_kit.audit import NOBODY
from songcau_kit.clock import VIETNAM
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError
from songcau_kit.logs import get_logger
from songcau_kit.protection_errors import DATA_KEY_DESTROYED

from songcau_identity.addresses import repository as addresses
from songcau_identity.addresses.frame import open_address
from songcau_identity.addresses.model import AddressState, AddressValue
from songcau_identity.addresses.writing import hamlet_key
from songcau_identity.anomalies import repository_days as days
from songcau_identity.anomalies import repository_facts as facts
from songcau_identity.anomalies.repository_days import OfficerDayRow
from songcau_identity.anomalies.repository_facts import Case, LookUpEntry, Span
from songcau_identity.anomalies.rules import LookUp, OfficerDay
from songcau_identity.officers import Desk

_log = get_logger(__name__)


@dataclass(frozen=True)
class Reach:
    """How many days before and after a look-up a case counts, and how many days back volumes are compared."""

    case_days: int
    history_days: int


def span_of(day: date) -> Span:
    """Return a legal day as the instants it begins and ends at."""
    begins = datetime.combine(day, time(), VIETNAM)
    return Span(begins, begins + timedelta(days=1))


class Gathering:
    """Reads one officer's day."""

    def __init__(self, desk: Desk, reach: Reach) -> None:
        self._desk = desk
        self._reach = reach

    def gather(self, conn: Connection, row: OfficerDayRow) -> OfficerDay:
        """Return what the rules look at."""
        look_ups = self._look_ups(conn, row)
        met = {citizen_id for one in look_ups for citizen_id in one.entries}
        own = frozenset(facts.list_own_records(conn, row.officer_id))
        since = row.day - timedelta(days=self._reach.history_days)
        cases = self._cases(conn, row, met)
        return OfficerDay(
            look_ups=look_ups,
            with_case=worked_on_by_others(cases, row),
            own_acts=own_acts(cases, row),
            own=own,
            relatives=frozenset(facts.list_relatives(conn, own)) - own,
            neighbours=self._neighbours(conn, own, met - own) if own else frozenset(),
            # A look-up is judged days later: who is taken off the list meanwhile was watched when it was made.
            watched=frozenset(facts.list_watched(conn, met, span_of(row.day))),
            history=days.list_volumes(conn, row, since=since, by_colleagues=False),
            colleagues=days.list_volumes(conn, row, since=since, by_colleagues=True),
        )

    def _look_ups(self, conn: Connection, row: OfficerDayRow) -> Sequence[LookUp]:
        entries = facts.list_look_ups(conn, row.officer_id, span_of(row.day))
        survivors = facts.survivors_of(conn, {entry.citizen_id for entry in entries})
        return [
            LookUp(
                group[0].at,
                {
                    survivors.get(entry.citizen_id, entry.citizen_id): entry.entry_id
                    for entry in group
                    if entry.citizen_id != NOBODY
                },
            )
            for group in look_ups_of(entries)
        ]

    def _cases(self, conn: Connection, row: OfficerDayRow, met: Collection[UUID]) -> Sequence[Case]:
        around = timedelta(days=self._reach.case_days)
        day = span_of(row.day)
        return facts.list_cases(conn, met, Span(day.begins - around, day.ends + around))

    def _neighbours(self, conn: Connection, own: Collection[UUID], met: Collection[UUID]) -> frozenset[UUID]:
        homes = self._homes(conn, own)
        if not homes:
            return frozenset()
        return frozenset(one for one in met if not homes.isdisjoint(self._homes(conn, [one])))

    def _homes(self, conn: Connection, citizen_ids: Collection[UUID]) -> frozenset[tuple[str, str]]:
        """Return where citizens live, as (unit of today, hamlet or whole address) that compares."""
        homes: set[tuple[str, str]] = set()
        for held in addresses.list_addresses(conn, facts.families_of(conn, citizen_ids)):
            if held.state is not AddressState.RECORDED:
                continue
            try:
                homes |= set(homes_of(open_address(self._desk.data_keys.get(conn, held.citizen_id), held)))
            except DomainError as error:
                if error.reason is not DATA_KEY_DESTROYED:
                    raise
                _log.info("address_of_an_erased_citizen_passed_over", address_id=str(held.address_id))
        return frozenset(homes)


def worked_on_by_others(cases: Sequence[Case], row: OfficerDayRow) -> frozenset[UUID]:
    """Return the citizens on whose cases somebody else at one of the officer's agencies worked."""
    agencies = set(filter(None, row.organization.split(",")))
    return frozenset(
        case.citizen_id
        for case in cases
        if case.actor_id != row.officer_id and agencies.intersection(case.organization.split(","))
    )


def own_acts(cases: Sequence[Case], row: OfficerDayRow) -> dict[UUID, datetime]:
    """Return when the officer first acted on a case of each citizen, for whatever agency."""
    first: dict[UUID, datetime] = {}
    for case in cases:
        if case.actor_id == row.officer_id:
            first[case.citizen_id] = min(case.began_at, first.get(case.citizen_id, case.began_at))
    return first


def homes_of(value: AddressValue) -> Iterable[tuple[str, str]]:
    """Return the keys by which two addresses are one hamlet or one house; none while the unit is open."""
    if value.placement.now is None:
        return
    unit = value.placement.now.code
    for name in (value.written.hamlet, value.written.text):
        if name:
            yield unit, hamlet_key(name)


def look_ups_of(entries: Sequence[LookUpEntry]) -> list[list[LookUpEntry]]:
    """Return entries in the order of time as look-ups: a search enters everybody it showed at one moment.

    A correlation id may be chosen by the client, so one that is used again, however soon, does not hide look-ups behind
    one another.
    """
    groups: list[list[LookUpEntry]] = []
    for entry in entries:
        group = groups[-1] if groups else []
        is_same = bool(group) and (
            entry.correlation_id == group[0].correlation_id
            and entry.operation == group[0].operation
            and entry.at == group[0].at
            and entry.citizen_id not in {one.citizen_id for one in group}
        )
        if is_same:
            group.append(entry)
        else:
            groups.append([entry])
    return groups
