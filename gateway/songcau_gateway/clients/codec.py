"""Messages to plain values and back: enums lose their prefix, times are aware, nothing of protobuf goes further."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp

M = TypeVar("M", bound=Message)


def to_plain(message: Message) -> dict[str, Any]:
    """Return every field by its name; absent messages and UNSPECIFIED values are None."""
    return {field.name: _read(message, field) for field in message.DESCRIPTOR.fields}


def _read(message: Message, field: Any) -> Any:
    if field.is_repeated:
        return [_value(field, item) for item in getattr(message, field.name)]
    if field.has_presence and not message.HasField(field.name):
        return None
    return _value(field, getattr(message, field.name))


def _value(field: Any, value: Any) -> Any:
    if field.enum_type is not None:
        return enum_name(field.enum_type, value)
    if isinstance(value, Timestamp):
        return value.ToDatetime(tzinfo=UTC)
    if isinstance(value, Struct):
        return MessageToDict(value)
    return to_plain(value) if isinstance(value, Message) else value


def enum_name(kind: EnumDescriptor, number: int) -> str | None:
    """Return a value's name without the prefix of its enum; a number newer than this build is UNKNOWN."""
    if number == 0:
        return None
    value = kind.values_by_number.get(number)
    return value.name.removeprefix(enum_prefix(kind)) if value else "UNKNOWN"


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
