"""`songcau topics` on a real broker: what nobody declared is shown and left, nothing is deleted or made smaller."""

import os
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from kafka import TopicPartition
from kafka.admin import (
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    KafkaAdminClient,
    NewPartitions,
    NewTopic,
    OffsetSpec,
    ResourcePatternFilter,
    ResourceType,
)
from songcau_kit._kafka_bus.address import KafkaAddress
from songcau_kit._kafka_bus.plan import ClusterPlanner, Grant, StepKind, acl_of
from songcau_kit.bus import Record, open_bus
from songcau_local.commands.topics import steps_for
from support.bus_sites import REAL_BROKER

pytestmark = REAL_BROKER
ROOT = Path(__file__).resolve().parents[2]
FORGED = Grant("songcau-eservices", "WRITE", "TOPIC", "identity.citizen.v1")
BY_HAND = {
    "on another's topic": FORGED,
    "by somebody unknown": replace(FORGED, principal="somebody"),
    "from one host": replace(FORGED, principal="songcau-identity", host="192.0.2.7"),
    "that denies": replace(FORGED, principal="somebody", permission="DENY"),
    "on every name that begins so": replace(FORGED, name="identity.", pattern="PREFIXED"),
    "on the cluster": replace(FORGED, operation="ALTER", resource="CLUSTER", name="kafka-cluster"),
}


def songcau(secured, *words):
    environment = {**os.environ, "SONGCAU_BUS_URL": secured.url("admin"), "COLUMNS": "200"}
    command = [sys.executable, "-m", "songcau_local", "topics", *words, "--permissions"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=90, check=False)


@pytest.fixture(scope="module")
def declared(secured_kafka):
    done = songcau(secured_kafka, "apply")
    assert done.returncode == 0, done.stderr
    return secured_kafka


@pytest.fixture
def admin(declared):
    with closing(KafkaAdminClient(**KafkaAddress.parse(declared.url("admin")).options("by-hand"))) as admin:
        yield admin


@pytest.fixture
def grant_by_hand(admin):
    """Return a function that grants something past the topic files; it is taken back afterwards."""
    made = []

    def make(grant):
        assert not admin.create_acls([acl_of(grant)])["failed"]
        made.append(acl_of(grant))

    yield make
    admin.delete_acls(made)


def permissions(admin):
    everything = ACLFilter(
        principal=None,
        host=None,
        operation=ACLOperation.ANY,
        permission_type=ACLPermissionType.ANY,
        resource_pattern=ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY),
    )
    acls, _ = admin.describe_acls(everything)
    return set(acls)


def test_a_cluster_that_was_brought_is_as_the_files_declare_and_one_more_apply_does_nothing(declared):
    for word in ("plan", "apply"):
        done = songcau(declared, word)
        assert (done.returncode, "as the topic files declare" in done.stdout) == (0, True), done.stdout


@pytest.mark.parametrize("grant", BY_HAND.values(), ids=BY_HAND)
def test_a_permission_made_by_hand_is_undeclared_and_left(admin, grant_by_hand, grant):
    planner = ClusterPlanner(admin, has_permissions=True)
    grant_by_hand(grant)
    steps = steps_for(planner)
    assert [(step.kind, step.subject, step.grant) for step in steps] == [(StepKind.UNDECLARED, grant.name, grant)]
    planner.apply(steps)
    assert acl_of(grant) in permissions(admin)


def test_a_permission_from_one_host_only_is_not_the_declared_one(admin, grant_by_hand):
    narrow = replace(FORGED, principal="songcau-identity", host="192.0.2.7")
    wide = acl_of(replace(narrow, host="*"))
    grant_by_hand(narrow)
    admin.delete_acls([wide])
    planner = ClusterPlanner(admin, has_permissions=True)
    steps = steps_for(planner)
    assert {(step.kind, step.grant.host) for step in steps} == {
        (StepKind.GRANT, "*"),
        (StepKind.UNDECLARED, "192.0.2.7"),
    }
    planner.apply(steps)
    assert wide in permissions(admin)


def test_a_permission_made_by_hand_fails_the_check_and_the_operator_reads_who_may_what(declared, grant_by_hand):
    grant_by_hand(FORGED)
    checked, applied = songcau(declared, "plan"), songcau(declared, "apply")
    assert (checked.returncode, applied.returncode) == (2, 1)
    for told in (checked.stdout, applied.stdout):
        (line,) = [line for line in told.splitlines() if "undeclared" in line]
        assert "identity.citizen.v1" in line
        assert "songcau-eservices may WRITE" in line
    assert "left to a person" in applied.stdout + applied.stderr


def test_apply_never_deletes_a_topic_a_record_a_partition_or_a_permission(declared, admin, grant_by_hand):
    grant_by_hand(FORGED)
    admin.create_topics([NewTopic("identity.former.v1", 3, -1)])
    with closing(open_bus(declared.url("admin"), "writer")) as bus:
        bus.publish([Record("identity.former.v1", "a", b"kept"), Record("identity.citizen.v1", "a", b"kept")])
    before = state_of(admin)
    applied = songcau(declared, "apply")
    assert applied.returncode == 1
    (line,) = [line for line in applied.stdout.splitlines() if "identity.former.v1" in line]
    assert "undeclared" in line
    assert state_of(admin) == before
    admin.delete_topics(["identity.former.v1"])


def state_of(admin):
    """Return every partition with the places of its first and next record, and every permission."""
    described = [topic for topic in admin.describe_topics() if not topic["name"].startswith("__")]
    places = [
        TopicPartition(topic["name"], number) for topic in described for number in range(len(topic["partitions"]))
    ]
    ends = [
        {place: found.offset for place, found in admin.list_partition_offsets(dict.fromkeys(places, spec)).items()}
        for spec in (OffsetSpec.EARLIEST, OffsetSpec.LATEST)
    ]
    return ends, permissions(admin)


def test_fewer_partitions_than_there_are_fail_the_check_and_apply_and_the_topic_stays_as_it_is(declared, admin):
    (found,) = admin.describe_topics(["eservices.answer.v1"])
    more = len(found["partitions"]) + 1
    admin.create_partitions({"eservices.answer.v1": NewPartitions(more)})
    checked, applied = songcau(declared, "plan"), songcau(declared, "apply")
    assert (checked.returncode, applied.returncode) == (2, 1)
    assert all("refused" in done.stdout and "a topic never gets smaller" in done.stdout for done in (checked, applied))
    (found,) = admin.describe_topics(["eservices.answer.v1"])
    assert len(found["partitions"]) == more
