"""Imports the national catalogue: streams the list, joins the full records, refuses bad lines, loads what changed."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

from songcau_kit.clock import Clock
from songcau_kit.database import Database

from songcau_eservices.catalogue.loading import PlannedVersion, load_versions
from songcau_eservices.catalogue.model import ProcedureContent, ProcedureSource
from songcau_eservices.catalogue.national_lines import Line, Progress, Record, read_at, read_lines
from songcau_eservices.catalogue.national_records import (
    RefusedError,
    detailed_content,
    field_codes_of,
    listed_content,
    listed_from,
)
from songcau_eservices.catalogue.national_report import ImportReport, Refusal

LIST_FILE, DETAILS_FILE = "catalog.jsonl", "details.jsonl"


@dataclass(frozen=True)
class NationalFiles:
    """The two files of the catalogue; the full records may be missing."""

    listed: Path
    details: Path | None

    @classmethod
    def find(cls, path: Path) -> "NationalFiles":
        """Return the files of a folder, or of the list file itself. Raises FileNotFoundError with a sentence."""
        folder = path if path.is_dir() else path.parent
        listed = path / LIST_FILE if path.is_dir() else path
        if not listed.is_file():
            raise FileNotFoundError(f"there is no {listed.name} at {path}: give the folder of the national catalogue")
        details = folder / DETAILS_FILE
        return cls(listed, details if details.is_file() else None)

    @property
    def size(self) -> int:
        """Return the bytes of both files."""
        return self.listed.stat().st_size + (self.details.stat().st_size if self.details else 0)


def import_national(
    files: NationalFiles, database: Database, clock: Clock, *, valid_from: date, progress: Progress = lambda _: None
) -> ImportReport:
    """Load the national catalogue in one transaction and return the report; a second run changes nothing.

    New and changed records hold from `valid_from` on. The province's own text of a procedure stays in front.
    """
    report = ImportReport()
    planned = planned_versions(files, report, valid_from=valid_from, progress=progress)
    with database.transaction() as conn:
        report.loaded = load_versions(conn, planned, source=ProcedureSource.NATIONAL, clock=clock)
    return report


def _index(files: NationalFiles, report: ImportReport, progress: Progress) -> tuple[dict[str, Line], dict[str, str]]:
    """Return where each full record begins, without keeping it, and the codes of the fields."""
    if files.details is None:
        return {}, {}
    places: dict[str, Line] = {}
    field_codes: dict[str, str] = {}
    for line in read_lines(files.details, report, progress):
        try:
            field_codes.update(field_codes_of(line.record))
        except (TypeError, KeyError, AttributeError):
            report.refuse(Refusal.RECORD_MALFORMED, line.place)
            continue
        places[line.code] = replace(line, record={})  # the text itself need not stay in memory
    return places, field_codes


def planned_versions(
    files: NationalFiles, report: ImportReport, *, valid_from: date, progress: Progress = lambda _: None
) -> Iterator[PlannedVersion]:
    """Yield what the files hold, put right; the report tells what was refused and why."""
    details, field_codes = _index(files, report, progress)
    for line, detail in _joined(files, details, report, progress):
        read = _read_full_as_listed if line is detail else listed_content
        content = _attempt(line, report, partial(read, field_codes=field_codes, report=report))
        if content is not None and detail is not None:
            # Where the full record is no good, what the list says stands.
            content = _attempt(detail, report, partial(detailed_content, content, report=report)) or content
        if content is not None:
            yield PlannedVersion(content, valid_from)


def _read_full_as_listed(detail: Record, field_codes: Mapping[str, str], report: ImportReport) -> ProcedureContent:
    return listed_content(listed_from(detail), field_codes, report)


def _attempt(line: Line, report: ImportReport, read: Callable[[Record], ProcedureContent]) -> ProcedureContent | None:
    try:
        return read(line.record)
    except RefusedError as refused:
        report.refuse(refused.why, line.place)
    except (TypeError, KeyError, ValueError, AttributeError):
        # The record has a shape nobody has seen yet: it is named in the report, the others go on.
        report.refuse(Refusal.RECORD_MALFORMED, line.place)
    return None


def _joined(
    files: NationalFiles, details: dict[str, Line], report: ImportReport, progress: Progress
) -> Iterator[tuple[Line, Line | None]]:
    """Yield each list record with its full record, then the full records that the list lacks, in both places."""
    if files.details is None:
        yield from ((line, None) for line in read_lines(files.listed, report, progress))
        return
    waiting = dict(details)
    for line in read_lines(files.listed, report, progress):
        place = waiting.pop(line.code, None)
        yield line, replace(place, record=read_at(files.details, place.offset)) if place else None
    for place in waiting.values():
        detail = replace(place, record=read_at(files.details, place.offset))
        yield detail, detail
