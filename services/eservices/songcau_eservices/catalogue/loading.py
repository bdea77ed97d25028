"""Brings versions into the catalogue: unchanged ones are left alone, changed ones end and a new version begins."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from songcau_kit.clock import Clock
from songcau_kit.database import Connection

from songcau_eservices.catalogue import repository_loading as repository
from songcau_eservices.catalogue.content import digest, to_json
from songcau_eservices.catalogue.model import ProcedureContent, ProcedureSource, ProcedureVersion
from songcau_eservices.catalogue.repository_loading import NewVersion, StoredVersion


@dataclass(frozen=True)
class PlannedVersion:
    """Content that shall hold from a day on, until the day before `valid_to`."""

    content: ProcedureContent
    valid_from: date
    valid_to: date | None = None


@dataclass
class LoadCounts:
    """What a load did."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0


@dataclass
class _Plan:
    counts: LoadCounts = field(default_factory=LoadCounts)
    ends: list[tuple[UUID, date | None]] = field(default_factory=list)
    additions: list[NewVersion] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)


def load_versions(
    conn: Connection, planned: Iterable[PlannedVersion], *, source: ProcedureSource, clock: Clock
) -> LoadCounts:
    """Bring versions of one source into the catalogue inside the caller's transaction.

    A national version replaces the one that is open. A curated version stands beside versions of other periods and
    replaces, as a correction, the one of the same first day.
    """
    repository.lock_catalogue(conn)
    known: dict[str, list[StoredVersion]] = {}
    for stored in repository.stored_versions(conn):
        known.setdefault(stored.code, []).append(stored)
    plan = _Plan()
    numbers = {code: versions[-1].number for code, versions in known.items()}
    kept: set[tuple[str, date]] = set()
    for item in planned:
        kept.add((item.content.code, item.valid_from))
        versions = [v for v in known.get(item.content.code, []) if v.source is source and v.stands]
        _decide(plan, item, _predecessor(versions, item, source), source=source, numbers=numbers, clock=clock)
    if source is ProcedureSource.CURATED:
        _withdraw(plan, [v for code in {code for code, _ in kept} for v in known.get(code, [])], kept)
    _write(conn, plan)
    return plan.counts


def _predecessor(versions: list[StoredVersion], item: PlannedVersion, source: ProcedureSource) -> StoredVersion | None:
    if source is ProcedureSource.NATIONAL:
        return next((v for v in versions if v.valid_to is None), None)
    return next((v for v in versions if v.valid_from == item.valid_from), None)


def _withdraw(plan: _Plan, versions: list[StoredVersion], kept: set[tuple[str, date]]) -> None:
    """End curated versions whose first day the files no longer name: the procedure would hold twice on one day."""
    for old in versions:
        if old.source is ProcedureSource.CURATED and old.stands and (old.code, old.valid_from) not in kept:
            plan.ends.append((old.id, old.valid_from))
            plan.touched.add(old.code)


def _decide(
    plan: _Plan,
    item: PlannedVersion,
    old: StoredVersion | None,
    *,
    source: ProcedureSource,
    numbers: dict[str, int],
    clock: Clock,
) -> None:
    code, text = item.content.code, to_json(item.content)
    sha256 = digest(text)
    if old is not None and old.sha256 == sha256:
        if old.valid_to == item.valid_to:
            plan.counts.unchanged += 1
            return
        plan.ends.append((old.id, item.valid_to))
        plan.counts.changed += 1
        plan.touched.add(code)
        return
    if old is not None:
        plan.ends.append((old.id, max(item.valid_from, old.valid_from)))
    plan.counts.changed += old is not None
    plan.counts.new += old is None
    plan.touched.add(code)
    numbers[code] = numbers.get(code, 0) + 1
    version = ProcedureVersion(clock.new_id(), numbers[code], source, item.valid_from, item.valid_to, item.content)
    plan.additions.append(NewVersion(version, text, sha256))


def _write(conn: Connection, plan: _Plan) -> None:
    if not plan.touched:
        return
    repository.add_procedures(conn, sorted(plan.touched))
    repository.close_versions(conn, plan.ends)
    repository.add_versions(conn, plan.additions)
    repository.mark_overlaid(conn)
    repository.refresh_statistics(conn)
