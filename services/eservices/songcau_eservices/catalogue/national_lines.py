"""Reads the national files line by line; a bad line is refused and the reading goes on."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from songcau_eservices.catalogue.national_report import ImportReport, Normalisation, Refusal

CODE = re.compile(r"^[0-9]\.[0-9]{6}$")

Record = Mapping[str, Any]
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Line:
    """A usable line: its place for the report, its position in the file and the record."""

    place: str
    offset: int
    code: str
    record: Record


def read_lines(path: Path, report: ImportReport, progress: Progress) -> Iterator[Line]:
    """Yield the records of a file that have a code, each code once; tell `progress` the bytes read.

    A code with spaces around it is taken last and only where no line has the code without them.
    """
    seen: set[str] = set()
    padded: list[Line] = []
    offset = 0
    with path.open("rb") as file:
        for number, raw in enumerate(file, start=1):
            line = _line(raw, f"{path.name}:{number}", offset, report)
            if line and line.code != line.record["code"]:
                padded.append(line)
            elif line and _is_new(line, seen, report):
                yield line
            offset += len(raw)
            progress(len(raw))
    for line in padded:
        if _is_new(line, seen, report):
            report.note(Normalisation.CODE_PADDED, line.code)
            yield line


def read_at(path: Path, offset: int) -> Record:
    """Return the record that begins at a position found before."""
    with path.open("rb") as file:
        file.seek(offset)
        record: Record = json.loads(file.readline().removeprefix(b"\xef\xbb\xbf"))
    return record


def _line(raw: bytes, place: str, offset: int, report: ImportReport) -> Line | None:
    text = raw.removeprefix(b"\xef\xbb\xbf").strip()
    if not text:
        return None
    report.count_line(place.partition(":")[0])
    record = _record(text)
    if isinstance(record, Refusal):
        report.refuse(record, place)
        return None
    code = str(record.get("code") or "").strip()
    if not CODE.match(code):
        report.refuse(Refusal.CODE_INVALID, place)
        return None
    return Line(place, offset, code, record)


def _is_new(line: Line, seen: set[str], report: ImportReport) -> bool:
    if line.code in seen:
        report.refuse(Refusal.CODE_REPEATED, line.place)
        return False
    seen.add(line.code)
    return True


def _record(text: bytes) -> Record | Refusal:
    try:
        record = json.loads(text.decode("utf-8"))
    except UnicodeDecodeError:
        return Refusal.NOT_UTF8
    except (ValueError, RecursionError):
        return Refusal.NOT_JSON
    return record if isinstance(record, dict) else Refusal.NOT_A_RECORD
