"""Imports the national catalogue: streams the list, joins the full records, refuses bad lines, loads what changed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from songcau_kit.clock import Clock
from songcau_kit.database import Database

from songcau_eservices.catalogue.loading import PlannedVersion, load_versions
from songcau_eservices.catalogue.model import ProcedureContent, ProcedureSource
from songcau_eservices.catalogue.national_lines import Line, Progress, Record, read_at, read_lines
from songcau_eservices.catalogue.national_records import RefusedError, content_of, field_codes_of, listed_from
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
        places[line.code] = Line(line.place, line.offset, line.code, {})
    return places, field_codes


def planned_versions(
    files: NationalFiles, report: ImportReport, *, valid_from: date, progress: Progress = lambda _: None
) -> Iterator[PlannedVersion]:
    """Yield what the files hold, put right; the report tells what was refused and why."""
    details, field_codes = _index(files, report, progress)
    for line, detail in _joined(files, details, report, progress):
        content = _content(line, detail, field_codes, report)
        if content is None and detail is not None:
            content = _content(line, None, field_codes, report)  # its full record is no good: what the list says stands
        if content is not None:
            yield PlannedVersion(content, valid_from)


def _content(
    line: Line, detail: Record | None, field_codes: Mapping[str, str], report: ImportReport
) -> ProcedureContent | None:
    try:
        return content_of(line.record, detail, field_codes, report)
    except RefusedError as refused:
        report.refuse(refused.why, line.place)
    except (TypeError, KeyError, ValueError, AttributeError):
        # The record has a shape nobody has seen yet: it is named in the report, the others go on.
        report.refuse(Refusal.RECORD_MALFORMED, line.place)
    return None


def _joined(
    files: NationalFiles, details: dict[str, Line], report: ImportReport, progress: Progress
) -> Iterator[tuple[Line, Record | None]]:
    """Yield each list record with its full record, then the full records that the list does not hold."""
    waiting = dict(details)
    for line in read_lines(files.listed, report, progress):
        place = waiting.pop(line.code, None)
        yield line, read_at(files.details, place.offset) if place and files.details else None
    for place in waiting.values():
        if files.details:
            detail = read_at(files.details, place.offset)
            yield Line(place.place, place.offset, place.code, listed_from(detail)), detail
