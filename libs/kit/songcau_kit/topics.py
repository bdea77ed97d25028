"""The topics of the platform, as `proto/topics/<topic>.yaml` declares them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

# <service>.<aggregate>.v<major>, or <consumer>.dlq.v1; dots and never underscores.
_NAME = re.compile(r"[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*\.v[1-9][0-9]*")
_FIELDS = {
    "topic",
    "description",
    "owner",
    "consumers",
    "message",
    "key",
    "partitions",
    "retention_days",
    "personal_data",
    "compatibility",
}


class TopicError(ValueError):
    """A topic file is not usable; the text names it and what is wrong."""


@dataclass(frozen=True)
class TopicSpec:
    """One topic: who writes it, who reads it, how it is cut and how long it is kept (None: for ever)."""

    name: str
    partitions: int = 8
    retention: timedelta | None = timedelta(days=30)
    owner: str = ""
    consumers: tuple[str, ...] = field(default=())
    message: str = ""
    key: str = ""
    has_personal_data: bool = False
    description: str = ""
    compatibility: str = "backward"


def dead_letter_topic(group: str) -> TopicSpec:
    """Return the topic to which a consumer group puts what it cannot handle; it is no aggregate and has no file."""
    return TopicSpec(f"{group}.dlq.v1", partitions=1, retention=timedelta(days=90), owner=group, key="as the origin's")


def load_topics(folder: Path) -> list[TopicSpec]:
    """Read every topic file of a folder, in order of names; raises TopicError."""
    return [_load(path) for path in sorted(folder.glob("*.yaml"))]


def topics_of(service: str, topics: Sequence[TopicSpec]) -> list[TopicSpec]:
    """Return the topics a service owns or consumes: on a cluster with permissions it sees no others."""
    return [topic for topic in topics if topic.owner == service or service in topic.consumers]


def topics_folder() -> Path:
    """Return the folder of the topic files: inside the installed contracts, or beside them in a working tree."""
    import songcau.common.v1.event_meta_pb2 as contracts

    root = Path(contracts.__file__).parents[2]  # …/songcau
    for folder in (root / "topics", root.parent.parent / "topics"):
        if folder.is_dir():
            return folder
    raise TopicError("the contracts are installed without their topic files")


def _load(path: Path) -> TopicSpec:
    content: Any = yaml.safe_load(path.read_text())
    wrong = content.keys() ^ _FIELDS if isinstance(content, dict) else _FIELDS
    if wrong:
        raise TopicError(f"{path.name}: missing or unknown fields: {', '.join(sorted(map(str, wrong)))}")
    name, days = content["topic"], content["retention_days"]
    if name != path.stem or not _NAME.fullmatch(name):
        raise TopicError(f"{path.name}: a topic is <service>.<aggregate>.v<major> and its file is named after it")
    if not isinstance(content["partitions"], int) or content["partitions"] < 1:
        raise TopicError(f"{path.name}: partitions is a number from 1")
    return TopicSpec(
        name,
        partitions=content["partitions"],
        retention=None if days is None else timedelta(days=days),
        owner=content["owner"],
        consumers=tuple(content["consumers"]),
        message=content["message"],
        key=content["key"],
        has_personal_data=content["personal_data"],
        description=content["description"],
        compatibility=content["compatibility"],
    )
