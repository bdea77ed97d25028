"""The readable form of a copy: one PDF/A in Vietnamese, every section of every service."""

import re
from datetime import datetime
from pathlib import Path

from songcau_kit.clock import VIETNAM
from songcau_kit.data_copy import CopyField, CopyRecord, DataCopy
from songcau_kit.letters import printable
from songcau_kit.pdf import render_pdf

from songcau_identity.rights.copy_words import Table, find_words, in_words, title_in_words

TEMPLATE = Path(__file__).parent / "templates" / "copy.typ"
HOLDERS = {
    "identity": "Định danh",
    "eservices": "Dịch vụ công",
    "telehealth": "Khám bệnh từ xa",
}
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(?:Z|[+-][0-9]{2}:[0-9]{2})")
CAUSES = {"ASKED": "chưa trả lời", "FAILED": "chưa cung cấp được"}


def render_copy(copy: DataCopy) -> bytes:
    """Return the PDF of a copy; a letter no paper can show is a question mark there, and whole in the other form."""
    made_at = copy.made_at.astimezone(VIETNAM)
    form = {
        "request": copy.subject_request_id,
        "made_at": f"{made_at:%H:%M} ngày {made_at:%d/%m/%Y}",
        "missing": [{"holder": name_of(part.holder), "cause": CAUSES[part.state]} for part in copy.missing],
        "parts": [
            {
                "holder": name_of(part.holder),
                "sections": [
                    {
                        "title": section.title,
                        "records": [_form_of(part.holder, section.code, one) for one in section.records],
                    }
                    for section in part.sections
                ],
            }
            for part in copy.parts
        ],
    }
    plain = printable(form)
    if not isinstance(plain, dict):
        raise TypeError("a form is a mapping")
    return render_pdf(TEMPLATE, plain, at=copy.made_at)


def _form_of(holder: str, section: str, record: CopyRecord) -> dict[str, object]:
    fields = [[one.label, shown(one, find_words(holder, section, one.code))] for one in record.fields]
    return {"title": title_in_words(holder, section, record), "fields": fields}


def name_of(holder: str) -> str:
    """Return what people call a service."""
    return HOLDERS.get(holder, holder)


def shown(field: CopyField, words: Table | None = None) -> str:
    """Return a fact as people read it: words for codes, times of Vietnam, yes and no."""
    value = field.value
    if isinstance(value, bool):
        return "có" if value else "không"
    text = str(value)
    if words is not None:
        return _INSTANT.sub(lambda found: _local(found[0]), in_words(text, words))
    if field.code.endswith(("_at", "_from")) and ("T" in text or "+" in text):
        try:
            return _local(text)
        except ValueError:
            return text
    return text


def _local(instant: str) -> str:
    return f"{datetime.fromisoformat(instant).astimezone(VIETNAM):%H:%M:%S %d/%m/%Y}"
