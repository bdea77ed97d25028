"""What every server reads from requests: ids, times, enums; a wrong one is INVALID_REQUEST with its pointer."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from songcau_kit.errors import INVALID_REQUEST, DomainError, Violation
from songcau_kit.rpc_call import current_call

from songcau_telehealth.once import Once

E = TypeVar("E", bound=StrEnum)
V = TypeVar("V")


def read_id(text: str, pointer: str) -> UUID:
    """Return the id in a field."""
    found = find_id(text, pointer)
    if found is None:
        raise invalid(pointer, "REQUIRED")
    return found


def find_id(text: str, pointer: str) -> UUID | None:
    """Return the id in an optional field, None where it is empty."""
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise invalid(pointer, "MALFORMED") from None


def read_target(text: str) -> UUID | None:
    """Return the id of what a request is about, None for text that can name nothing."""
    try:
        return UUID(text)
    except ValueError:
        return None


def read_enum(message: Message, name: str, kind: type[E], *, pointer: str = "") -> E:
    """Return the value of an enum field; unspecified and unknown ones are refused."""
    found = find_enum(message, name, kind, pointer=pointer)
    if found is None:
        raise invalid(pointer or f"/{name}", "REQUIRED")
    return found


def find_enum(message: Message, name: str, kind: type[E], *, pointer: str = "") -> E | None:
    """Return the value of an optional enum field, None for unspecified."""
    number = getattr(message, name)
    if not number:
        return None
    descriptor = message.DESCRIPTOR.fields_by_name[name].enum_type
    value = descriptor.values_by_number.get(number) if descriptor else None
    if value is None or descriptor is None:
        raise invalid(pointer or f"/{name}", "UNKNOWN_VALUE")
    return kind(value.name.removeprefix(prefix_of(descriptor.values_by_number[0].name)))


def prefix_of(zero_name: str) -> str:
    """Return the prefix that the names of an enum share, from the name of its zero value."""
    return zero_name.removesuffix("UNSPECIFIED")


def read_instant(stamp: Timestamp, pointer: str) -> datetime:
    """Return the instant in a timestamp field that must be there."""
    if not stamp.seconds and not stamp.nanos:
        raise invalid(pointer, "REQUIRED")
    try:
        return stamp.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise invalid(pointer, "MALFORMED") from None


def once_of(request: Any, encode: Callable[[V], Message]) -> Once[V]:
    """Return how this request is answered once: the digest covers every field of it and for whom it is."""
    method = type(request).__name__.removesuffix("Request")
    represented_id = current_call().on_behalf_of
    content = request.SerializeToString(deterministic=True) + (represented_id.bytes if represented_id else b"")
    return Once(method, request.request_id, hashlib.sha256(content).digest(), lambda value: _bytes(encode(value)))


def invalid(pointer: str, code: str) -> DomainError:
    """Return the refusal of one field."""
    return DomainError(INVALID_REQUEST, violations=[Violation(pointer, code)])


def _bytes(message: Message) -> bytes:
    return message.SerializeToString()
