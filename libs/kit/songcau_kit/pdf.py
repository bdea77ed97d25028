"""Makes legal forms: Typst templates to PDF/A-2b with the fonts of the wheel inside, and QR codes.

Data reaches a template as data, never as source: `#let form = json(bytes(sys.inputs.data))`.
"""

import io
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import segno
import typst

from songcau_kit.errors import DomainError
from songcau_kit.protection_errors import DOCUMENT_NOT_RENDERED

# Only the wheel's own fonts: a form must look the same on every machine.
FONTS = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)
UNDATED = datetime(2000, 1, 1, tzinfo=UTC)


def render_pdf(template: Path, data: Mapping[str, object], *, at: datetime = UNDATED) -> bytes:
    """Render a form; equal template, data and `at` give equal bytes.

    Bytes in `data` are pictures: the template shows them with `image(bytes(form.picture))`.
    Raises DOCUMENT_NOT_RENDERED, whose details name the template and never the data.
    """
    compiler = typst.Compiler(
        template, root=template.parent, font_paths=FONTS, sys_inputs={"data": json.dumps(_plain(data))}
    )
    try:
        document = compiler.compile(format="pdf", pdf_standards="a-2b", timestamp=_stamp(at))
    except typst.TypstError as error:
        # The compiler's own text may quote the data.
        raise DomainError(DOCUMENT_NOT_RENDERED, details={"template": template.name}) from _UnquotedError(error)
    if not isinstance(document, bytes):
        raise DomainError(DOCUMENT_NOT_RENDERED, details={"template": template.name})
    return document


def qr_svg(text: str) -> bytes:
    """Return a QR code as an SVG picture, with the quiet zone scanners need."""
    picture = io.BytesIO()
    segno.make(text, error="m", micro=False).save(picture, kind="svg", scale=4, border=4)
    return picture.getvalue()


def _stamp(at: datetime) -> datetime:
    # PDF dates have whole seconds and a fixed offset from UTC.
    return at.replace(microsecond=0, tzinfo=timezone(at.utcoffset() or timedelta()))


class _UnquotedError(Exception):
    """Stands for a compiler error in a traceback, without its text."""

    def __init__(self, error: Exception) -> None:
        super().__init__(type(error).__name__)


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return list(value)
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(inner) for inner in value]
    return value
