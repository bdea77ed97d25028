"""On a broker with TLS, SCRAM and permissions, a service writes its own topics and nobody else's."""

from contextlib import closing
from dataclasses import replace

import pytest
from songcau_kit.bus import BusUnavailableError, Record, UnknownTopicError, open_bus
from songcau_kit.topics import TopicSpec
from support.bus_sites import REAL_BROKER

pytestmark = REAL_BROKER
TOPICS = [
    TopicSpec("identity.citizen.v1", partitions=2, owner="identity", consumers=("eservices",)),
    TopicSpec("eservices.dossier.v1", partitions=2, owner="eservices"),
]


def planner(address, *, has_permissions=True):
    from kafka.admin import KafkaAdminClient
    from songcau_kit._kafka_bus.address import KafkaAddress
    from songcau_kit._kafka_bus.plan import ClusterPlanner

    admin = KafkaAdminClient(**KafkaAddress.parse(address).options("plan"))
    return admin, ClusterPlanner(admin, has_permissions=has_permissions)


@pytest.fixture(scope="module")
def declared(secured_kafka):
    admin, cluster = planner(secured_kafka.url("admin"))
    with closing(admin):
        from songcau_kit._kafka_bus.plan import with_dead_letters

        cluster.apply(cluster.plan(with_dead_letters(TOPICS)))
        assert cluster.plan(with_dead_letters(TOPICS)) == []
    return secured_kafka


def test_the_owner_writes_and_the_consumer_reads(declared):
    with closing(open_bus(declared.url("songcau-identity"), "owner")) as owner:
        owner.publish([Record("identity.citizen.v1", "a", b"1")])
    with closing(open_bus(declared.url("songcau-eservices"), "reader")) as reader:
        subscription = reader.subscribe("eservices", ["identity.citizen.v1"])
        got = []
        for _ in range(40):
            got += subscription.poll(0.5)
            if got:
                break
        subscription.commit(got)
        subscription.close()
    assert [record.value for record in got] == [b"1"]


def test_a_service_that_writes_to_another_s_topic_is_refused_by_the_broker(declared):
    with (
        closing(open_bus(declared.url("songcau-eservices"), "intruder")) as intruder,
        pytest.raises(BusUnavailableError, match="TopicAuthorizationFailed"),
    ):
        intruder.publish([Record("identity.citizen.v1", "a", b"forged")])


def test_a_service_starts_on_topics_that_somebody_else_keeps(declared):
    own = [topic for topic in TOPICS if topic.owner == "identity"]
    with closing(open_bus(declared.url("songcau-identity"), "start")) as bus:
        bus.ensure_topics(own)
        bus.ensure_topics([replace(topic, partitions=5) for topic in own])  # not yet added: fewer serve as well
        bus.publish([Record("identity.citizen.v1", "b", b"2")])


def test_a_topic_that_is_not_there_or_not_for_a_service_is_named(declared):
    with (
        closing(open_bus(declared.url("songcau-identity"), "start")) as bus,
        pytest.raises(UnknownTopicError, match=r"eservices\.dossier\.v1"),
    ):
        bus.ensure_topics(TOPICS)


def test_a_wrong_password_is_refused_and_does_not_appear_in_the_error(declared):
    bus = open_bus(declared.url("songcau-identity", "not-the-password"), "wrong")
    with closing(bus), pytest.raises(BusUnavailableError) as refusal:
        bus.publish([Record("identity.citizen.v1", "a", b"1")])
    assert "not-the-password" not in f"{refusal.value} {refusal.value.__cause__}"


def test_fewer_partitions_are_refused_and_settings_follow_the_file(declared):
    from datetime import timedelta

    from songcau_kit._kafka_bus.plan import StepKind, with_dead_letters

    admin, cluster = planner(declared.url("admin"), has_permissions=False)
    with closing(admin):
        smaller = TopicSpec("identity.citizen.v1", partitions=1, owner="identity")
        assert [step.kind for step in cluster.plan(with_dead_letters([smaller, TOPICS[1]]))] == [StepKind.REFUSED]
        longer = TopicSpec("eservices.dossier.v1", partitions=3, owner="eservices", retention=timedelta(days=3))
        topics = with_dead_letters([TOPICS[0], longer])
        steps = cluster.plan(topics)
        assert {step.kind for step in steps} == {StepKind.GROW, StepKind.SETTING}
        cluster.apply(steps)
        assert cluster.plan(topics) == []
