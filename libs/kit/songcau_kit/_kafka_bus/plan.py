"""How a cluster differs from the declared topics, shown before it is mended; nothing is deleted or made smaller."""

from collections.abc import Iterable, Mapping, Sequence
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
    UNDECLARED = "undeclared"


@dataclass(frozen=True)
class Grant:
    """A permission: a principal may do an operation on a topic or group; those of the declaration hold from any host.

    `permission` and `pattern` are Kafka's words: ALLOW or DENY, LITERAL or PREFIXED (every name that begins so).
    """

    principal: str
    operation: str
    resource: str
    name: str
    host: str = "*"
    permission: str = "ALLOW"
    pattern: str = "LITERAL"

    def __str__(self) -> str:
        """Return it as a person reads it; what is as usual is not said."""
        may = "may" if self.permission == "ALLOW" else "may not"
        where = "" if self.host == "*" else f" from {self.host}"
        names = "" if self.pattern == "LITERAL" else f" on every {self.resource.lower()} whose name begins so"
        return f"{self.principal} {may} {self.operation}{names}{where}"


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
    return _sorted(grants)


def _sorted(grants: Iterable[Grant]) -> list[Grant]:
    return sorted(grants, key=lambda grant: (grant.name, grant.principal, grant.operation, str(grant)))


def _step(kind: StepKind, grant: Grant) -> Step:
    return Step(kind, grant.name, str(grant), grant=grant)


def undeclared(topics: Sequence[TopicSpec], present: Iterable[str]) -> list[str]:
    """Return the topics under the name of a declared one's owner that are not declared; others are not ours."""
    services = {topic.owner for topic in topics}
    extra = set(present).difference(topic.name for topic in topics)
    return sorted(name for name in extra if name.partition(".")[0] in services)


class ClusterPlanner:
    """Compares topic files with a cluster and applies what is missing; what nobody declared is left to a person."""

    def __init__(self, admin: KafkaAdminClient, *, has_permissions: bool) -> None:
        self._admin = admin
        self._keeper = TopicKeeper(admin)
        self._has_permissions = has_permissions

    def plan(self, topics: Sequence[TopicSpec]) -> list[Step]:
        """Return the steps that bring the cluster to the declaration; none where it is there already."""
        present = self._keeper.partitions()
        steps = [step for topic in topics for step in self._topic_steps(topic, present)]
        steps += [
            Step(StepKind.UNDECLARED, name, "no file declares this topic") for name in undeclared(topics, present)
        ]
        if self._has_permissions:
            declared, granted = grants_of(topics), self._granted()
            steps += [_step(StepKind.GRANT, grant) for grant in declared if grant not in granted]
            steps += [_step(StepKind.UNDECLARED, grant) for grant in _sorted(granted.difference(declared))]
        return steps

    def apply(self, steps: Sequence[Step]) -> None:
        """Carry out a plan; refused and undeclared steps are passed over."""
        made = [step.topic for step in steps if step.topic and step.kind in {StepKind.CREATE, StepKind.GROW}]
        self._keeper.ensure(made)
        for step in steps:
            if step.kind is StepKind.SETTING and step.topic:
                configs = settings_of(step.topic)
                self._admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, step.subject, configs=configs)])
        if grants := [step.grant for step in steps if step.grant and step.kind is StepKind.GRANT]:
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
            permission_type=ACLPermissionType.ANY,
            resource_pattern=ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY),
        )
        acls, _ = self._admin.describe_acls(everything)
        return {
            Grant(
                acl.principal.removeprefix("User:"),
                acl.operation.name,
                acl.resource_pattern.resource_type.name,
                acl.resource_pattern.resource_name,
                acl.host,
                acl.permission_type.name,
                acl.resource_pattern.pattern_type.name,
            )
            for acl in acls
        }


def acl_of(grant: Grant) -> ACL:
    """Return Kafka's form of a permission."""
    return ACL(
        principal=f"User:{grant.principal}",
        host=grant.host,
        operation=ACLOperation[grant.operation],
        permission_type=ACLPermissionType[grant.permission],
        resource_pattern=ResourcePattern(
            ResourceType[grant.resource], grant.name, ACLResourcePatternType[grant.pattern]
        ),
    )
