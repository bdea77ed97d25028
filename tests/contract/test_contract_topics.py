"""Topics, their messages, their examples and their consumers agree with one another and with the code."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path

import pytest
from google.protobuf import descriptor_pool, json_format, message_factory
from songcau_kit.topics import load_topics

ROOT = Path(__file__).resolve().parents[2]
TOPICS = {spec.name: spec for spec in load_topics(ROOT / "proto/topics")}
SERVICES = ("identity", "eservices", "telehealth", "audit")
# A value that looks like a person: twelve digits in a row, a telephone number, an address of mail.
PERSONAL = re.compile(r"(?<![\d-])\d{12}(?!\d)|(?<![\d-])0\d{9}(?!\d)|[\w.]+@[\w.]+")


def message_of(topic: str) -> type:
    for contract in sorted((ROOT / "proto/songcau").rglob("*.proto")):
        importlib.import_module(str(contract.relative_to(ROOT / "proto").with_suffix("")).replace("/", ".") + "_pb2")
    descriptor = descriptor_pool.Default().FindMessageTypeByName(TOPICS[topic].message)
    return message_factory.GetMessageClass(descriptor)


def examples_of(topic: str) -> list[Path]:
    return sorted((ROOT / "proto/examples" / topic).glob("*.json"))


@pytest.mark.parametrize("topic", sorted(TOPICS))
def test_a_topic_is_owned_by_the_service_in_its_name(topic):
    assert TOPICS[topic].owner == topic.split(".")[0]
    assert TOPICS[topic].owner in SERVICES


@pytest.mark.parametrize("topic", sorted(TOPICS))
def test_every_example_decodes_into_the_topic_s_message(topic):
    message = message_of(topic)
    assert examples_of(topic)
    for example in examples_of(topic):
        parsed = json_format.Parse(example.read_text(), message())
        assert parsed.meta.id
        assert parsed.meta.aggregate_id
        assert parsed.SerializeToString()


@pytest.mark.parametrize("topic", sorted(TOPICS))
def test_every_fact_of_a_topic_has_an_example(topic):
    oneofs = message_of(topic).DESCRIPTOR.oneofs
    facts = {field.name for field in oneofs[0].fields} if oneofs else set()
    shown = {
        field
        for example in examples_of(topic)
        for field in (json_format.Parse(example.read_text(), message_of(topic)()).WhichOneof(oneofs[0].name),)
        if oneofs
    } if oneofs else set()  # fmt: skip
    assert facts == shown


@pytest.mark.parametrize("topic", sorted(TOPICS))
def test_no_example_carries_a_person(topic):
    for example in examples_of(topic):
        text = json.dumps(json.loads(example.read_text()), ensure_ascii=False)
        assert PERSONAL.findall(text) == []
    assert TOPICS[topic].has_personal_data is False


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_reads_exactly_the_topics_that_name_it_as_consumer(service):
    consumers = importlib.import_module(f"songcau_{service}.consumers")
    declared = {name for name, spec in TOPICS.items() if service in spec.consumers}
    assert set(consumers.TOPICS) == declared


def test_examples_belong_to_topics():
    assert {path.name for path in (ROOT / "proto/examples").iterdir()} == set(TOPICS)
