"""What a cluster lacks of the declared topics, shown before it is done; nothing is ever deleted or made smaller."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ConfigResource,
    ConfigResourceType,
    KafkaAdminClient,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
)

from songcau_kit._kafka_bus.topics import TopicKeeper, settings_of
from songcau_kit.topics import TopicSpec, dead_letter_topic

PRINCIPAL_PREFIX = "songcau-"


class StepKind(StrEnum):
    """What a step does."""

    CREATE = "create"
    GROW = "add partitions"
    SETTING = "change setting"
    GRANT = "grant"
    REFUSED = "refused"


@dataclass(frozen=True)
class Grant:
    """A permission: a principal may do an operation on a topic or group."""

    principal: str
    operation: str
    resource: str
    name: str


@dataclass(frozen=True)
class Step:
    """One difference between the declaration and the cluster."""

    kind: StepKind
    subject: str
    detail: str
    topic: TopicSpec | None = None
    grant: Grant | None = None


def with_dead_letters(topics: Sequence[TopicSpec]) -> list[TopicSpec]:
    """Return the declared topics and the dead-letter topic of every service that reads or writes one."""
    groups = sorted({service for topic in topics for service in (topic.owner, *topic.consumers)})
    return [*topics, *(dead_letter_topic(group) for group in groups)]


def grants_of(topics: Sequence[TopicSpec]) -> list[Grant]:
    """Return the permissions the declaration implies: the owner writes, consumers read in their own group."""
    grants: set[Grant] = set()
    for topic in topics:
        owner = PRINCIPAL_PREFIX + topic.owner
        grants |= {Grant(owner, operation, "TOPIC", topic.name) for operation in ("WRITE", "DESCRIBE")}
        for consumer in topic.consumers:
            reader = PRINCIPAL_PREFIX + consumer
            grants |= {Grant(reader, operation, "TOPIC", topic.name) for operation in ("READ", "DESCRIBE")}
            grants.add(Grant(reader, "READ", "GROUP", consumer))
    return sorted(grants, key=lambda grant: (grant.name, grant.principal, grant.operation))


class ClusterPlanner:
    """Compares topic files with a cluster and applies what is missing."""

    def __init__(self, admin: KafkaAdminClient, *, has_permissions: bool) -> None:
        self._admin = admin
        self._keeper = TopicKeeper(admin)
        self._has_permissions = has_permissions

    def plan(self, topics: Sequence[TopicSpec]) -> list[Step]:
        """Return the steps that bring the cluster to the declaration; none where it is there already."""
        present = self._keeper.partitions()
        steps = [step for topic in topics for step in self._topic_steps(topic, present)]
        if self._has_permissions:
            granted = self._granted()
            missing = [grant for grant in grants_of(topics) if grant not in granted]
            steps += [Step(StepKind.GRANT, g.name, f"{g.principal} may {g.operation}", grant=g) for g in missing]
        return steps

    def apply(self, steps: Sequence[Step]) -> None:
        """Carry out a plan; refused steps are passed over."""
        made = [step.topic for step in steps if step.topic and step.kind in {StepKind.CREATE, StepKind.GROW}]
        self._keeper.ensure(made)
        for step in steps:
            if step.kind is StepKind.SETTING and step.topic:
                configs = settings_of(step.topic)
                self._admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, step.subject, configs=configs)])
        if grants := [step.grant for step in steps if step.grant]:
            self._admin.create_acls([acl_of(grant) for grant in grants])

    def _topic_steps(self, topic: TopicSpec, present: Mapping[str, int]) -> list[Step]:
        count = present.get(topic.name)
        if count is None:
            return [Step(StepKind.CREATE, topic.name, f"{topic.partitions} partitions", topic)]
        if count > topic.partitions:
            text = f"has {count} partitions and {topic.partitions} are declared: a topic never gets smaller"
            return [Step(StepKind.REFUSED, topic.name, text)]
        steps = []
        if count < topic.partitions:
            steps.append(Step(StepKind.GROW, topic.name, f"{count} → {topic.partitions}", topic))
        if changed := self._changed_settings(topic):
            steps.append(Step(StepKind.SETTING, topic.name, ", ".join(changed), topic))
        return steps

    def _changed_settings(self, topic: TopicSpec) -> list[str]:
        resource = ConfigResource(ConfigResourceType.TOPIC, topic.name)
        described = self._admin.describe_configs([resource], config_filter="all")
        (by_name,) = described.values()
        found = {name: str(entry["value"]) for name, entry in by_name[topic.name].items()}
        wanted = settings_of(topic)
        return [f"{name}: {found.get(name)} → {value}" for name, value in wanted.items() if found.get(name) != value]

    def _granted(self) -> set[Grant]:
        everything = ACLFilter(
            principal=None,
            host=None,
            operation=ACLOperation.ANY,
            permission_type=ACLPermissionType.ALLOW,
            resource_pattern=ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY),
        )
        acls, _ = self._admin.describe_acls(everything)
        return {
            Grant(
                acl.principal.removeprefix("User:"),
                acl.operation.name,
                acl.resource_pattern.resource_type.name,
                acl.resource_pattern.resource_name,
            )
            for acl in acls
        }


def acl_of(grant: Grant) -> ACL:
    """Return Kafka's form of a permission, from any host."""
    return ACL(
        principal=f"User:{grant.principal}",
        host="*",
        operation=ACLOperation[grant.operation],
        permission_type=ACLPermissionType.ALLOW,
        resource_pattern=ResourcePattern(ResourceType[grant.resource], grant.name),
    )
