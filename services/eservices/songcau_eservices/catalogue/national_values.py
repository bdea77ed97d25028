"""The dirty values of the national catalogue, one function each: text, fees, times, sub-cases, papers."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from songcau_kit.text import fold

from songcau_eservices.catalogue.model import (
    Channel,
    DocumentComponent,
    DocumentGroup,
    DocumentKind,
    Fee,
    FeeKind,
    GroupRule,
    ProcessingTime,
    SubCase,
    TimeUnit,
)
from songcau_eservices.catalogue.national_report import ImportReport, Normalisation

Values = Mapping[str, Any]

# At the beginning only: further on, `miễn lệ phí cho …` exempts some people from a fee that others pay.
FREE = re.compile(r"\W*(miễn (lệ )?phí|không thu|miễn thu|không mất phí)\b", re.IGNORECASE)
LATE_HOUR = re.compile(r"\bsau 15 ?(giờ|h)\b", re.IGNORECASE)
DONG = ("", "VND", "Việt Nam Đồng")
# Control, format, private and surrogate characters; the database cannot even hold some of them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ue000-\uf8ff\ud800-\udfff]"
)
_BULLET = re.compile(r"^[\s\-–+*•.]+")


def clean(value: object) -> str:
    """Return text in NFC without invisible characters, with single spaces inside a line; anything else as nothing."""
    if not isinstance(value, str):
        return ""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFC", value))
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def clean_line(value: object) -> str:
    """Return text on one line, without the bullets and commas around a list item."""
    return _BULLET.sub("", clean(value).replace("\n", " ")).rstrip(" ;,.")


def number(value: object) -> int | None:
    """Return a whole number written as one or as digits; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit() else None


def fees(methods: Sequence[Values], code: str, report: ImportReport) -> tuple[Fee, ...]:
    """Return the fees of every channel once; an amount that only the note sets is left open."""
    found: dict[Fee, None] = {}
    for method in methods:
        channel = Channel(method["submissionMethod"])
        for raw in method.get("fees") or ():
            fee = _fee(raw, channel, code, report)
            if fee in found:
                report.note(Normalisation.FEE_REPEATED, code)
            found[fee] = None
    return tuple(found)


def _fee(raw: Values, channel: Channel, code: str, report: ImportReport) -> Fee:
    note, amount = clean(raw.get("description")), number(raw.get("value"))
    is_free = amount == 0 and (not note or FREE.match(note) is not None)
    if clean(raw.get("currencyName")) not in DONG:
        report.note(Normalisation.FEE_NOT_IN_DONG, code)
        note, amount = f"{amount} {clean(raw.get('currencyName'))}. {note}".strip(), None
    elif not amount and not is_free:
        report.note(Normalisation.FEE_IN_NOTE, code)
        amount = None
    return Fee(amount, kind=FeeKind(raw.get("type") or "FEE"), channel=channel, note=note)


def sub_cases(record: Values, code: str, report: ImportReport) -> tuple[SubCase, ...]:
    """Return the sub-cases of the procedure, each once."""
    found: dict[str, SubCase] = {}
    for case in record.get("cases") or ():
        case_code = clean_line(case.get("code"))
        if not case_code.startswith(f"{code}."):
            report.note(Normalisation.SUB_CASE_FOREIGN, code)
        elif case_code in found:
            report.note(Normalisation.SUB_CASE_REPEATED, code)
        else:
            found[case_code] = SubCase(case_code, clean_line(case.get("name")), tuple(_case_times(case)))
    return tuple(found[key] for key in sorted(found))


def _case_times(case: Values) -> Iterator[ProcessingTime]:
    day = case.get("processingDay") or {}
    value = number(day.get("qty"))
    if value is not None and day.get("type") in TimeUnit.__members__:
        yield ProcessingTime(value, TimeUnit(day["type"]))


def times(
    methods: Sequence[Values], cases: Sequence[SubCase], code: str, report: ImportReport
) -> tuple[tuple[ProcessingTime, ...], tuple[str, ...]]:
    """Return the times of every channel once, and the texts of those that only words describe."""
    found: dict[ProcessingTime, None] = {}
    texts: dict[str, None] = {}
    for method in methods:
        time = _time(method, cases, code, report)
        if time is None:
            report.note(Normalisation.TIME_NOT_STATED, code)
            texts[clean(str(method.get("processingTime") or ""))] = None
        elif time in found:
            report.note(Normalisation.TIME_REPEATED, code)
        else:
            found[time] = None
    return tuple(found), tuple(text for text in texts if text and not text.isdigit())


def _time(method: Values, cases: Sequence[SubCase], code: str, report: ImportReport) -> ProcessingTime | None:
    value, unit = number(method.get("processingTime")), str(method.get("processingTimeUnit"))
    channel, note = Channel(method["submissionMethod"]), clean(method.get("description"))
    if unit in TimeUnit.__members__:
        return None if value is None else ProcessingTime(value, TimeUnit(unit), channel=channel, note=note)
    stated = [time for case in cases for time in case.times]
    same = [time for time in stated if time.value == value] if value is not None else stated
    units = {(time.value if value is None else value, time.unit) for time in same or stated}
    if value is not None and TimeUnit.WORKING_DAY in {unit for _, unit in units}:
        units = {(value, TimeUnit.WORKING_DAY)}
    if len(units) != 1:
        return None
    report.note(Normalisation.TIME_FROM_SUB_CASE, code)
    resolved, unit_of_case = units.pop()
    return ProcessingTime(resolved, unit_of_case, channel=channel, note=note)


def document_groups(
    record: Values, code: str, report: ImportReport
) -> tuple[tuple[DocumentGroup, ...], tuple[str, ...]]:
    """Return the papers, and the sentences of advice that stood among them."""
    groups: list[DocumentGroup] = []
    advice: dict[str, None] = {}
    keys: set[str] = set()
    for index, case in enumerate(record.get("executionCases") or (), start=1):
        title = clean_line(case.get("name")).rstrip(" :")
        rows = case.get("profileComponents") or ()
        papers = [row for row in rows if not _is_advice(row, title)]
        for row in rows:
            if _is_advice(row, title):
                report.note(Normalisation.GUIDANCE_MOVED, code)
                advice[clean_line(row.get("name"))] = None
        if papers:
            report.note(Normalisation.REQUIRED_FLAG_IGNORED, code, sum(not row.get("required") for row in papers))
            documents = tuple(_document(row, title, keys) for row in papers)
            groups.append(DocumentGroup(f"group_{index}", title or "Thành phần hồ sơ", documents, GroupRule.AS_NEEDED))
    return tuple(groups), tuple(text for text in advice if text)


def _is_advice(row: Values, title: str) -> bool:
    """Tell advice from paper: it stands under `Lưu ý`, or nothing of it is to be brought, not even a form."""
    nothing = not number(row.get("originalQty")) and not number(row.get("copyQty"))
    return "luu y" in fold_safely(title) or (nothing and not row.get("hasElectronicForm"))


def _document(row: Values, title: str, keys: set[str]) -> DocumentComponent:
    national_code = clean_line(row.get("code"))
    key = base = re.sub(r"[^0-9A-Za-z._-]", "_", national_code) or "paper"
    count = 1
    while key in keys:  # the same component may belong to several cases
        count += 1
        key = f"{base}_{count}"
    keys.add(key)
    return DocumentComponent(
        key=key,
        name=clean_line(row.get("name")),
        kind=DocumentKind.PRESENT if "xuat trinh" in fold_safely(title) else DocumentKind.SUBMIT,
        originals=number(row.get("originalQty")) or 0,
        copies=number(row.get("copyQty")) or 0,
        national_code=national_code,
        has_form=bool(row.get("hasElectronicForm")),
    )


@lru_cache(maxsize=4096)
def fold_safely(text: str) -> str:
    """Return text without accents; long national texts may hold foreign words that look like an old encoding."""
    try:
        return fold(text)
    except ValueError:
        return text.lower()
