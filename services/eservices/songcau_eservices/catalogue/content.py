"""How the content of a version is written down and read back: canonical JSON, its digest, and readable YAML."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from songcau_eservices.catalogue.model import ProcedureContent

_ADAPTER: TypeAdapter[ProcedureContent] = TypeAdapter(ProcedureContent)


class ContentError(ValueError):
    """The content is not that of a procedure; the text names the field."""


def to_json(content: ProcedureContent) -> str:
    """Return canonical JSON without defaults, the same text for the same content."""
    plain = _ADAPTER.dump_python(content, mode="json", exclude_defaults=True)
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def from_json(text: str) -> ProcedureContent:
    """Read content back; fields of a newer release are passed over."""
    return _ADAPTER.validate_json(text)


def from_plain(values: Mapping[str, Any]) -> ProcedureContent:
    """Read content written by hand. Raises ContentError with the place and what is wrong there."""
    try:
        content = _ADAPTER.validate_python(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ContentError(f"{place}: {first['msg']}") from None
    unknown = _unknown(values, _ADAPTER.dump_python(content, mode="json"), "")
    if unknown:
        raise ContentError(f"{unknown}: no such field")
    return content


def digest(text: str) -> bytes:
    """Return the SHA-256 that tells whether content changed."""
    return hashlib.sha256(text.encode()).digest()


def _unknown(given: Any, known: Any, place: str) -> str | None:
    """Return the first key a writer misspelt: it is in what was given and not in what was understood."""
    if isinstance(given, Mapping):
        for key, value in given.items():
            if key not in known:
                return f"{place}{key}"
            if found := _unknown(value, known[key], f"{place}{key}."):
                return found
    elif isinstance(given, list):
        pairs = zip(given, known, strict=True)
        return next((found for i, (a, b) in enumerate(pairs) if (found := _unknown(a, b, f"{place}{i}."))), None)
    return None
