"""The two nets that keep people out of the logs: typed values are refused, and what looks like a number is masked."""

import re
import sys
import traceback
from collections.abc import Mapping
from types import TracebackType
from typing import Any

import psycopg
from structlog.typing import EventDict, Processor, WrappedLogger

from songcau_kit.errors import DomainError
from songcau_kit.personal import Personal, PersonalDataError

MASK = "•••"
_PLAIN = frozenset({str, int, float, bool, type(None)})

_KEPT = r"(?P<kept>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<![0-9a-f])[0-9a-f]{16,}(?![0-9a-f]))"
_NUMBER = r"(?<!\d)\d{12}(?!\d)|(?<!\d)\d{3}(?:[ .]\d{3}){3}(?!\d)"
_PHONE = r"(?<!\d)(?:\+84|0084|84|0)(?:[ .-]?\d){9,10}(?!\d)"
_DIGIT = re.compile(r"\d")
_SUSPECT = re.compile(f"{_KEPT}|{_NUMBER}|{_PHONE}", re.IGNORECASE)

# Messages of these tell about the machine or the code; any other message may quote what somebody typed.
_SPEAKING = (OSError, ImportError, NameError, DomainError, PersonalDataError, psycopg.OperationalError)


def mask(text: str) -> str:
    """Return the text with personal numbers and phones masked; UUIDs and long hexadecimal ids stay."""
    if not _DIGIT.search(text):
        return text
    return _SUSPECT.sub(lambda found: found.group() if found["kept"] else MASK, text)


def redacted(event: EventDict) -> EventDict:
    """Return a line with a mask over what looks like a personal number or a phone in any of its values."""
    return {name: _masked(value) for name, value in event.items()}


def refuse_personal(*, strict: bool) -> Processor:
    """Return the processor that raises on a Personal value anywhere in a line, or masks it where not strict."""

    def process(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        if strict and not _PLAIN.issuperset(map(type, event.values())) and _holds_personal(event):
            raise PersonalDataError("a personal value was given to the log; log the id of the object instead")
        return event

    return process


def describe_exception(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Replace exception information by types, places and only those messages that cannot quote a person."""
    given = event.pop("exc_info", None)
    if given:
        error = given if isinstance(given, BaseException) else (sys.exc_info()[1] if given is True else given[1])
        if error is not None:
            event["exception"] = describe(error)
    return event


def describe(error: BaseException) -> str:
    """Return the chain of an exception, innermost first, one line per frame."""
    parts = (
        [describe(cause)]
        if (cause := error.__cause__ or (None if error.__suppress_context__ else error.__context__))
        else []
    )
    parts += [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in _frames(error.__traceback__)]
    parts.append(f"{type(error).__qualname__}{_message(error)}")
    return "\n".join(parts)


def _message(error: BaseException) -> str:
    if isinstance(error, _SPEAKING):
        return f": {mask(str(error))}"
    if isinstance(error, psycopg.Error) and error.sqlstate:
        return f": SQLSTATE {error.sqlstate}"
    return ""


def _frames(trace: TracebackType | None) -> traceback.StackSummary:
    return traceback.extract_tb(trace)


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return mask(value)
    if value is None or isinstance(value, int | float):
        return MASK if isinstance(value, int) and 10**9 <= abs(value) < 10**12 else value
    if isinstance(value, Personal):
        return MASK
    if isinstance(value, Mapping):
        return {name: _masked(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(item) for item in value]
    return mask(repr(value))


def _holds_personal(value: Any) -> bool:
    if type(value) in _PLAIN:
        return False
    if isinstance(value, Mapping):
        return any(_holds_personal(item) for pair in value.items() for item in pair)
    if isinstance(value, list | tuple | set | frozenset):
        return any(_holds_personal(item) for item in value)
    return isinstance(value, Personal)
