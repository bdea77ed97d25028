"""Says everything the request of an act holds beside what its question names, in words a citizen reads.

It is read from the very message the digest is of: a field that is set is said, so that nothing is done unread.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp
from songcau_kit.clock import VIETNAM

from songcau_gateway.act_words import Words, act_words
from songcau_gateway.routes.procedure_schemas import Question

WITHIN = " › "


@dataclass(frozen=True)
class Detail:
    """One thing of a request: what it is and what was given, a choice by its text."""

    label: Words
    value: str = field(repr=False)


@dataclass(frozen=True)
class Catalogued:
    """What the catalogues say of a request: the questions of its form, and the names of codes by field."""

    questions: Sequence[Question] = ()
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def details_of(request: Message, catalogued: Catalogued) -> list[Detail]:
    """Return what a request holds, answers in the order of the form."""
    return list(_fields(request, catalogued))


def _fields(message: Message, catalogued: Catalogued) -> Iterator[Detail]:
    kind, words = message.DESCRIPTOR.full_name, act_words()
    for descriptor, value in message.ListFields():
        name, label = descriptor.name, words.label(kind, descriptor.name)
        if name in words.named.get(kind, ()):
            continue
        if isinstance(value, Struct):
            yield from _answers(MessageToDict(value), catalogued.questions)
        elif isinstance(value, Message) and not isinstance(value, Timestamp):
            yield from (Detail(_within(label, one.label), one.value) for one in _fields(value, catalogued))
        else:
            yield Detail(label, _said(descriptor, value, catalogued.names.get(name, {})))


def _said(descriptor: Any, value: Any, names: Mapping[str, str]) -> str:
    if isinstance(value, Timestamp):
        return f"{value.ToDatetime(tzinfo=UTC).astimezone(VIETNAM):%H:%M %d/%m/%Y}"
    if descriptor.enum_type is not None:
        known = descriptor.enum_type.values_by_number.get(value)
        return act_words().values.get(known.name, known.name) if known else str(value)
    name = names.get(str(value))
    return f"{name} ({value})" if name else _simple(value)


def _answers(answers: Mapping[str, Any], questions: Sequence[Question]) -> Iterator[Detail]:
    asked = {question.key: question for question in questions}
    for key in (*(key for key in asked if key in answers), *sorted(answers.keys() - asked.keys())):
        question = asked.get(key)
        label = question.text if question else key
        choices = {choice.value: choice.text for choice in question.choices} if question else {}
        yield from _leaves({"vi": label, "en": label}, answers[key], choices)


def _leaves(label: Words, value: Any, choices: Mapping[str, str]) -> Iterator[Detail]:
    """Say a value: what lies within it one by one, a list of simple ones in one line."""
    if isinstance(value, dict) and value:
        for key in sorted(value):
            yield from _leaves(_within(label, {"vi": key, "en": key}), value[key], {})
    elif isinstance(value, list) and any(isinstance(one, dict | list) for one in value):
        for at, one in enumerate(value, 1):
            yield from _leaves(_within(label, {"vi": str(at), "en": str(at)}), one, {})
    elif isinstance(value, list) and value:
        yield Detail(label, "; ".join(_choice(one, choices) for one in value))
    else:
        yield Detail(label, _choice(value, choices))


def _choice(value: Any, choices: Mapping[str, str]) -> str:
    code = str(value).lower() if isinstance(value, bool) else _simple(value)
    return choices.get(code, _simple(value))


def _simple(value: Any) -> str:
    match value:
        case bool():
            return act_words().yes_or_no[value]
        case float() if value.is_integer():
            return str(int(value))
        case None | "" | {} | []:
            return act_words().nothing
        case str() if not value.strip():
            return act_words().nothing
    return str(value)


def _within(outer: Words, inner: Words) -> Words:
    return {language: outer[language] + WITHIN + inner[language] for language in ("vi", "en")}
