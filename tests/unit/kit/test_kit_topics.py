from datetime import timedelta
from pathlib import Path

import pytest
from songcau_kit.topics import TopicError, TopicSpec, dead_letter_topic, load_topics, topics_folder, topics_of

TEXT = """topic: sample.thing.v1
description: A thing changed.
owner: sample
consumers: [other]
message: songcau.sample.events.v1.ThingEvent
key: thing_id
partitions: 3
retention_days: 7
personal_data: false
compatibility: backward
"""


def write(folder: Path, text: str, name: str = "sample.thing.v1") -> Path:
    (folder / f"{name}.yaml").write_text(text)
    return folder


def test_a_topic_file_is_read_whole(tmp_path):
    (topic,) = load_topics(write(tmp_path, TEXT))
    assert topic == TopicSpec(
        "sample.thing.v1",
        partitions=3,
        retention=timedelta(days=7),
        owner="sample",
        consumers=("other",),
        message="songcau.sample.events.v1.ThingEvent",
        key="thing_id",
        description="A thing changed.",
    )


def test_a_topic_without_a_term_is_kept_for_ever(tmp_path):
    (topic,) = load_topics(write(tmp_path, TEXT.replace("retention_days: 7", "retention_days: null")))
    assert topic.retention is None


@pytest.mark.parametrize(
    ("text", "name", "complaint"),
    [
        (TEXT.replace("owner: sample\n", ""), "sample.thing.v1", "owner"),
        (TEXT + "colour: red\n", "sample.thing.v1", "colour"),
        (TEXT, "sample.other.v1", "named after it"),
        (TEXT.replace("sample.thing.v1", "sample_thing"), "sample_thing", "<service>"),
        (TEXT.replace("partitions: 3", "partitions: 0"), "sample.thing.v1", "partitions"),
        ("just a text", "sample.thing.v1", "missing or unknown"),
    ],
)
def test_an_unusable_file_is_named_with_what_is_wrong(tmp_path, text, name, complaint):
    with pytest.raises(TopicError, match=f"{name}.yaml.*{complaint}"):
        load_topics(write(tmp_path, text, name))


def test_the_platforms_own_topics_are_usable():
    assert {topic.name for topic in load_topics(topics_folder())} >= {"identity.citizen.v1"}


def test_dead_letters_go_to_one_partition_so_that_they_keep_their_order():
    assert (dead_letter_topic("telehealth").name, dead_letter_topic("telehealth").partitions) == (
        "telehealth.dlq.v1",
        1,
    )


def test_the_topics_of_a_service_are_those_it_owns_or_consumes():
    own, read, other = (
        TopicSpec("identity.citizen.v1", owner="identity", consumers=("eservices",)),
        TopicSpec("eservices.access.v1", owner="eservices", consumers=("identity",)),
        TopicSpec("eservices.dossier.v1", owner="eservices"),
    )

    assert topics_of("identity", [own, read, other]) == [own, read]
