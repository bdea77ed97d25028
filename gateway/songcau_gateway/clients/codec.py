"""Messages to plain values and back: enums lose their prefix, times are aware, nothing of protobuf goes further."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp

M = TypeVar("M", bound=Message)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


Reader = Callable[[Any], Any]


def to_plain(message: Message) -> dict[str, Any]:
    """Return every field by its name; absent messages and UNSPECIFIED values are None."""
    return {name: read(message) for name, read in _readers(message.DESCRIPTOR)}


@cache
def _readers(kind: Descriptor) -> Sequence[tuple[str, Reader]]:
    """Return how each field of a kind of message is read; asking the descriptors costs more than reading."""
    return [(field.name, _reader(field)) for field in kind.fields]


def _reader(field: Any) -> Reader:
    take, name, convert = attrgetter(field.name), field.name, _converter(field)
    if field.is_repeated:
        return (lambda message: list(map(convert, take(message)))) if convert else (lambda message: [*take(message)])
    if field.has_presence:
        keep = convert or (lambda value: value)
        return lambda message: keep(take(message)) if message.HasField(name) else None
    return (lambda message: convert(take(message))) if convert else take


def _converter(field: Any) -> Reader | None:
    """Return what makes a field's value plain, None where it is."""
    if field.enum_type is not None:
        names = {value.number: enum_name(field.enum_type, value.number) for value in field.enum_type.values}
        return lambda number: names.get(number, "UNKNOWN")
    if field.message_type is None:
        return None
    special: dict[str, Reader] = {Timestamp.DESCRIPTOR.full_name: _moment, Struct.DESCRIPTOR.full_name: MessageToDict}
    found: Reader = special.get(field.message_type.full_name, to_plain)
    return found


def _moment(value: Timestamp) -> datetime:
    return _EPOCH + timedelta(seconds=value.seconds, microseconds=value.nanos // 1000)


def enum_name(kind: EnumDescriptor, number: int) -> str | None:
    """Return a value's name without the prefix of its enum; a number newer than this build is UNKNOWN."""
    if number == 0:
        return None
    value = kind.values_by_number.get(number)
    return value.name.removeprefix(enum_prefix(kind)) if value else "UNKNOWN"


@cache
def enum_prefix(kind: EnumDescriptor) -> str:
    """Return the prefix of an enum's values: DossierState → DOSSIER_STATE_."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", str(kind.name)).upper() + "_"


def build(message: M, values: Mapping[str, Any]) -> M:
    """Fill a message from plain values; None leaves a field out."""
    for name, value in values.items():
        if value is not None:
            _write(message, message.DESCRIPTOR.fields_by_name[name], value)
    return message


def _write(message: Message, field: Any, value: Any) -> None:
    if field.is_repeated:
        target = getattr(message, field.name)
        for item in value:
            if field.message_type is None:
                target.append(_scalar(field, item))
            else:
                build(target.add(), item)
    elif field.message_type is None:
        setattr(message, field.name, _scalar(field, value))
    else:
        _write_message(getattr(message, field.name), value)


def _write_message(target: Message, value: Any) -> None:
    target.SetInParent()
    if isinstance(target, Timestamp):
        moment: datetime = value
        target.FromDatetime(moment.astimezone(UTC))
    elif isinstance(target, Struct):
        target.update(value)
    else:
        build(target, value)


def _scalar(field: Any, value: Any) -> Any:
    if field.enum_type is not None:
        return field.enum_type.values_by_name[enum_prefix(field.enum_type) + str(value)].number
    return str(value) if field.type == FieldDescriptor.TYPE_STRING else value
