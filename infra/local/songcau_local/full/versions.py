"""Which version of each real part this project runs, from the one file that pins them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

VERSIONS = Path(__file__).parent / "versions.yaml"


@dataclass(frozen=True)
class Part:
    """One published part: its coordinates and the SHA-256 of each of its files."""

    name: str
    version: str
    group: str
    artefact: str
    files: Mapping[str, str]


def part(name: str) -> Part:
    """Return a part as the version file pins it."""
    entry = yaml.safe_load(VERSIONS.read_text())[name]
    group, artefact = entry["artefact"].split(":")
    return Part(name, str(entry["version"]), group, artefact, entry["files"])


def describe(process: str) -> str:
    """Return what a process of the stack is: a real part with its version, a stand-in, or one of ours."""
    if process in ("kafka", "keycloak"):
        return f"real: {'Apache Kafka' if process == 'kafka' else 'Keycloak'} {part(process).version}"
    known = {
        "postgres": "real: PostgreSQL 18",
        "issuer": "stands in for Keycloak",
        "simulators": "stand in for VNeID, payment, portal, messages, hospital",
    }
    return known.get(process, "ours")
