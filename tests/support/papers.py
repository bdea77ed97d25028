"""What stands on a paper, as somebody reads it."""

import io

from pypdf import PdfReader


def words_of(content: bytes) -> str:
    """Return the text of a PDF with single spaces."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())
