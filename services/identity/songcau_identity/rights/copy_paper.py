"""The readable form of a copy: one PDF/A in Vietnamese, every section of every service."""

from datetime import datetime
from pathlib import Path

from songcau_kit.clock import VIETNAM
from songcau_kit.data_copy import CopyField, DataCopy
from songcau_kit.letters import printable
from songcau_kit.pdf import render_pdf

TEMPLATE = Path(__file__).parent / "templates" / "copy.typ"
HOLDERS = {
    "identity": "Định danh",
    "eservices": "Dịch vụ công",
    "telehealth": "Khám bệnh từ xa",
}
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
                        "records": [
                            {"title": one.title, "fields": [[f.label, shown(f)] for f in one.fields]}
                            for one in section.records
                        ],
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


def name_of(holder: str) -> str:
    """Return what people call a service."""
    return HOLDERS.get(holder, holder)


def shown(field: CopyField) -> str:
    """Return a fact as people read it: times of Vietnam, yes and no."""
    value = field.value
    if isinstance(value, bool):
        return "có" if value else "không"
    text = str(value)
    if field.code.endswith(("_at", "_from")) and ("T" in text or "+" in text):
        try:
            return f"{datetime.fromisoformat(text).astimezone(VIETNAM):%H:%M:%S %d/%m/%Y}"
        except ValueError:
            return text
    return text
