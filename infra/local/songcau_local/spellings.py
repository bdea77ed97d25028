"""The forms in which a text can slip out of a system: other letters, other bytes, and codings around them."""

import base64
import hashlib
import json
import unicodedata
from collections.abc import Iterator
from math import ceil
from urllib.parse import quote, quote_plus

from songcau_kit.text import fold

_BYTES = ("utf-8", "utf-16-le", "utf-16-be")
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def spellings(secret: str) -> dict[bytes, str]:
    """Return every form of a text with a name for it, such as `upper case, UTF-16-LE, hex`.

    Case × composed and decomposed × UTF-8 and both UTF-16, each plain, in hex and in base64 wherever it begins in a
    longer text, escaped for addresses and JSON, without marks, as a digest without a key; all once more in hex, as
    PostgreSQL prints bytes.
    """
    forms: dict[bytes, str] = {}
    for wording, text in _wordings(secret).items():
        for name, form in _codings(text):
            forms.setdefault(form, f"{wording}, {name}")
    # A digest without a key is as good as the number itself: twelve digits are soon counted through.
    digest = hashlib.sha256(secret.encode()).digest()
    for name, form in (("SHA-256", digest), *_wrapped("SHA-256", digest)):
        forms.setdefault(form, name)
    for form, name in list(forms.items()):
        forms.setdefault(form.hex().encode(), f"{name}, as SQL prints bytes")
    return forms


def _wordings(secret: str) -> dict[str, str]:
    if secret.startswith("+84"):
        # The nine digits alone would be found in the page numbers of a database now and then.
        return {"as written, international": secret[1:], "as written, national": f"0{secret[3:]}"}
    cases = {"as written": secret, "upper case": secret.upper(), "lower case": secret.lower()}
    folded = fold(secret)
    return (
        {name: unicodedata.normalize("NFC", text) for name, text in cases.items()}
        | {f"{name}, decomposed": unicodedata.normalize("NFD", text) for name, text in cases.items()}
        | {"without marks": folded, "without marks, upper case": folded.upper()}
    )


def _codings(text: str) -> Iterator[tuple[str, bytes]]:
    for charset in _BYTES:
        plain = text.encode(charset)
        yield charset.upper(), plain
        yield from _wrapped(charset.upper(), plain)
    for quoted in (quote(text, safe=""), quote_plus(text)):
        yield "in an address", quoted.encode()
        yield "in an address, lower case", _lower_escapes(quoted).encode()
    yield "in JSON", json.dumps(text)[1:-1].encode()


def _wrapped(name: str, plain: bytes) -> Iterator[tuple[str, bytes]]:
    yield f"{name}, hex", plain.hex().encode()
    yield f"{name}, hex in capitals", plain.hex().upper().encode()
    for offset in range(3):
        core = _base64_core(plain, offset)
        yield f"{name}, base64 at offset {offset}", core
        yield f"{name}, base64 for addresses at offset {offset}", core.translate(_URL_SAFE)


def _base64_core(plain: bytes, offset: int) -> bytes:
    # Only the characters that hold nothing of what stands before and behind the text.
    encoded = base64.b64encode(bytes(offset) + plain)
    return encoded[ceil(offset * 8 / 6) : (offset + len(plain)) * 8 // 6]


def _lower_escapes(quoted: str) -> str:
    first, *rest = quoted.split("%")
    return "%".join([first, *(part[:2].lower() + part[2:] for part in rest)])
