"""A personal value as a field of a record that is stored sealed: text only while it is read or written."""

from typing import Annotated

from pydantic import PlainSerializer, PlainValidator
from songcau_kit.personal import Personal


def _validate(value: object) -> Personal:
    return value if isinstance(value, Personal) else Personal(str(value))


PersonalText = Annotated[Personal, PlainValidator(_validate), PlainSerializer(Personal.reveal, return_type=str)]
