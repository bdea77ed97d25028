"""Enums of the wire: their values carry the name of the enum before the word the model knows."""

import re
from typing import Any

from songcau_eservices.pages import invalid


def read_enum(kind: Any, number: int, pointer: str) -> str | None:
    """Return the model's word of an enum value, None for UNSPECIFIED. Raises INVALID_REQUEST for an unknown number."""
    if not number:
        return None
    if number not in kind.values():
        raise invalid(pointer, "UNKNOWN_VALUE")
    name: str = kind.Name(number)
    prefix = re.sub(r"(?<!^)(?=[A-Z])", "_", kind.DESCRIPTOR.name).upper()
    return name.removeprefix(f"{prefix}_")
