"""The policy file of a service's clients: a deadline and retries per method, in gRPC's service config format."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Self

# An answer that names a hundred wrong fields is larger than gRPC expects (8 KiB).
LARGEST_METADATA = 64 * 1024

_DURATION = re.compile(r"(\d+(?:\.\d+)?)s")


class PolicyError(ValueError):
    """A policy file lacks a deadline or is not in the format."""


@dataclass(frozen=True)
class RetryPolicy:
    """What one policy file says."""

    text: str
    timeouts: Mapping[str, float]

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a policy file; raise PolicyError where an entry has no deadline."""
        return cls.parse(path.read_text(encoding="utf-8"))

    @classmethod
    def load_for(cls, package: str) -> Self:
        """Read the policy that lies beside the contracts of a package, as `songcau.identity.v1`."""
        service = package.split(".")[1]
        return cls.parse((resources.files(package) / f"{service}_grpc_service_config.json").read_text(encoding="utf-8"))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Understand a policy; raise PolicyError where an entry has no deadline."""
        timeouts: dict[str, float] = {}
        for entry in json.loads(text)["methodConfig"]:
            seconds = _seconds(entry)
            for name in entry["name"]:
                timeouts["/".join(filter(None, (name["service"], name.get("method"))))] = seconds
        return cls(text, timeouts)

    def timeout_seconds(self, method: str) -> float:
        """Return the deadline of `package.Service/Method`; raise PolicyError where the file gives none."""
        method = method.lstrip("/")
        timeout = self.timeouts.get(method, self.timeouts.get(method.partition("/")[0]))
        if timeout is None:
            raise PolicyError(f"the policy file gives no deadline for {method}")
        return timeout

    def channel_options(self) -> list[tuple[str, Any]]:
        """Return the options of a channel that follows this policy; for the synchronous and the asyncio client.

        The deadlines are left out: both clients set them on every call. gRPC itself ends a configured time-out one to
        two seconds early, by how far into a second the process began (grpcio 1.85).
        """
        return [
            ("grpc.service_config", json.dumps(_without_deadlines(self.text))),
            ("grpc.enable_retries", 1),
            ("grpc.max_metadata_size", LARGEST_METADATA),
            ("grpc.absolute_max_metadata_size", 2 * LARGEST_METADATA),
            ("grpc.keepalive_time_ms", 30_000),
            ("grpc.keepalive_timeout_ms", 5_000),
            ("grpc.initial_reconnect_backoff_ms", 100),
            # However gRPC calls it, this is how long a connection may take to come about, its handshake included.
            ("grpc.min_reconnect_backoff_ms", 3_000),
            ("grpc.max_reconnect_backoff_ms", 2_000),
        ]


def _without_deadlines(text: str) -> dict[str, Any]:
    config: dict[str, Any] = json.loads(text)
    entries = [{key: value for key, value in entry.items() if key != "timeout"} for entry in config["methodConfig"]]
    return config | {"methodConfig": entries}


def _seconds(entry: Mapping[str, Any]) -> float:
    match = _DURATION.fullmatch(str(entry.get("timeout", "")))
    if match is None:
        raise PolicyError(f"a policy entry has no deadline (`timeout`): {entry.get('name')}")
    return float(match.group(1))
