"""The frame of every page: HTML written by hand, escaped everywhere, no script, no outside asset."""

import base64
import hashlib
from collections.abc import Iterable
from html import escape
from importlib import resources

from starlette.responses import HTMLResponse

STYLE = resources.files("songcau_gateway.pages").joinpath("style.css").read_text("utf-8")
_DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)


def page(title: str, body: str, *, language: str, status: int = 200) -> HTMLResponse:
    """Return a whole page around `body`, which is HTML already."""
    text = (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)} · Sông Cầu</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )
    headers = {"content-security-policy": POLICY, "content-language": language}
    return HTMLResponse(text, status_code=status, headers=headers)


def rows(pairs: Iterable[tuple[str, str | None]]) -> str:
    """Return a list of terms; a term without a value is left out."""
    return "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in pairs if value)
