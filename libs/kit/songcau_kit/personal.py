"""Values of people: names, numbers, phones, addresses; used at will, never written anywhere by accident."""

from typing import NoReturn, Self

_REFUSAL = "a personal value is not written out; call reveal() where the law allows it"


class PersonalDataError(TypeError):
    """Somebody tried to format, log or serialise a personal value."""


class Personal:
    """A text that only `reveal()` gives back; equal and hashable by value."""

    __slots__ = ("_text",)

    _text: str

    def __init__(self, text: str) -> None:
        if not isinstance(text, str):
            raise TypeError("a personal value is a text")
        object.__setattr__(self, "_text", text)

    def reveal(self) -> str:
        """Return the text; for encryption, the blind index and the answer to somebody who may see it."""
        return self._text

    def __repr__(self) -> str:
        return "Personal(•••)"

    def __eq__(self, other: object) -> bool:
        return self._text == other._text if isinstance(other, Personal) else NotImplemented

    def __hash__(self) -> int:
        return hash((Personal, self._text))

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a personal value does not change")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("a personal value does not change")

    def __str__(self) -> str:
        raise PersonalDataError(_REFUSAL)

    def __format__(self, specification: str) -> str:
        raise PersonalDataError(_REFUSAL)

    def __bytes__(self) -> bytes:
        raise PersonalDataError(_REFUSAL)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise PersonalDataError(_REFUSAL)
