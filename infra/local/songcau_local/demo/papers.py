"""The papers that people of the demo attach: small, real PDF files."""

import tempfile
from functools import cache
from pathlib import Path

from songcau_kit.pdf import render_pdf

TEMPLATE = """#let form = json(bytes(sys.inputs.data))
#set document(title: form.title, date: auto)
#set text(font: "Libertinus Serif", lang: "vi", size: 12pt)
= #form.title
Giấy tờ mẫu của bản trình diễn. Không có giá trị pháp lý.
"""


@cache
def paper(title: str) -> bytes:
    """Return a one-page PDF with a title."""
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "paper.typ"
        template.write_text(TEMPLATE, encoding="utf-8")
        return render_pdf(template, {"title": title})
