"""Which letters a signed paper can show: those the fonts of the papers have; archival PDF refuses any other."""

from collections.abc import Mapping, Sequence

_RANGES = (
    (0x20, 0x7E),
    (0xA0, 0x24F),
    (0x300, 0x36F),
    (0x1E00, 0x1EFF),
    (0x2010, 0x2027),
    (0x2030, 0x2040),
    (0x20A0, 0x20BF),
    (0x2190, 0x2199),
    (0x2200, 0x2265),
)
_KEPT = frozenset("\n\t")
STAND_IN = "?"


def is_printable(text: str) -> bool:
    """Say whether a paper can show every letter of a text."""
    return all(_is_known(letter) for letter in text)


def printable(value: object) -> object:
    """Return a value of a paper's data with a question mark for every letter that no paper can show."""
    if isinstance(value, str):
        return "".join(letter if _is_known(letter) else STAND_IN for letter in value)
    if isinstance(value, Mapping):
        return {name: printable(inner) for name, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [printable(inner) for inner in value]
    return value


def _is_known(letter: str) -> bool:
    return letter in _KEPT or any(first <= ord(letter) <= last for first, last in _RANGES)
