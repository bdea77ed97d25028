"""Reads the event bus of a stack for people: what happened, in which order, and what could not be handled."""

import importlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from google.protobuf import json_format, message_factory
from google.protobuf.descriptor_pool import Default
from google.protobuf.message import DecodeError
from songcau_kit.topics import load_topics, topics_folder

from songcau_local.errors import StackError
from songcau_local.layout import Layout

_RECORDS = """select topic, partition, record_offset, key, value, headers, published_at from bus.records
    where (%(topics)s::text[] is null or topic = any(%(topics)s))
    order by published_at, topic, partition, record_offset"""


@dataclass(frozen=True)
class BusEvent:
    """One record of the bus, its message read."""

    topic: str
    partition: int
    offset: int
    key: str
    published_at: datetime
    headers: dict[str, str]
    value: bytes
    content: dict[str, Any]

    @property
    def fact(self) -> str:
        """The name of what happened, such as `DossierSubmitted`."""
        return self.headers.get("ce_type", "?").rpartition(".")[2]

    @property
    def version(self) -> int:
        """The version of the aggregate after it."""
        return int(self.content.get("meta", {}).get("aggregateVersion", 0))


def read_events(layout: Layout, *, topics: list[str] | None = None, aggregate_id: str = "") -> list[BusEvent]:
    """Return the records of some topics, or all, oldest first; raises StackError where the bus is not there."""
    messages = _messages()
    if layout.is_full:
        from songcau_local.full.kafka_log import read_records

        rows: Sequence[tuple[Any, ...]] = read_records(layout.bus, topics)
    else:
        rows = _stored_rows(layout, topics)
    return [_event(row, messages) for row in rows if not aggregate_id or row[3] == aggregate_id]


def told_once(events: Sequence[BusEvent]) -> list[BusEvent]:
    """Return each event where it first stands: a relay that died before it noted what it published does so again."""
    firsts: dict[str, BusEvent] = {}
    for event in events:
        firsts.setdefault(event.headers["ce_id"], event)
    return list(firsts.values())


def _stored_rows(layout: Layout, topics: list[str] | None) -> Sequence[tuple[Any, ...]]:
    try:
        with psycopg.connect(layout.bus, connect_timeout=3) as connection:
            return connection.execute(_RECORDS, {"topics": topics}).fetchall()
    except psycopg.errors.UndefinedTable:
        return []
    except psycopg.OperationalError:
        raise StackError("the bus does not answer: is the stack up? `songcau status` tells") from None


def _event(row: tuple[Any, ...], messages: dict[str, str]) -> BusEvent:
    topic, partition, offset, key, value, headers, published_at = row
    content: dict[str, Any] = {}
    if topic in messages:
        kind = message_factory.GetMessageClass(Default().FindMessageTypeByName(messages[topic]))
        # What nobody can read stands on its topic all the same; its consumer buries it.
        with suppress(DecodeError):
            content = json_format.MessageToDict(kind.FromString(bytes(value)))
    return BusEvent(topic, partition, offset, key, published_at, dict(headers), bytes(value), content)


def _messages() -> dict[str, str]:
    messages = {topic.name: topic.message for topic in load_topics(topics_folder())}
    for package in {message.rpartition(".")[0] for message in messages.values()}:
        _import_generated(package)
    return messages


def _import_generated(package: str) -> None:
    # The generated packages have no __init__.py, so their modules are found as files.
    for folder in importlib.import_module(package).__path__:
        for file in Path(folder).glob("*_pb2.py"):
            importlib.import_module(f"{package}.{file.stem}")
