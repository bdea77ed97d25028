"""Puts an entry of the access list into words that people read: who, what, why, through which app, how it ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

Words = Mapping[str, str]
"""One text by language: `vi` and `en`."""


@dataclass(frozen=True)
class AccessWords:
    """The table `proto/access-words.yaml`; a code newer than this build gets general words or None, never an error."""

    operations: Mapping[str, Mapping[str, Words]]
    any_operation: Words
    purposes: Mapping[str, Words]
    actors: Mapping[str, Words]
    own_act: Words
    any_actor: Words
    applications: Mapping[str, Words]
    outcomes: Mapping[str, Words]
    helpers: Mapping[str, Words]

    def describe(self, entry: Mapping[str, Any]) -> Mapping[str, Words | None]:
        """Return the words of one entry: `actor`, `operation`, `purpose`, `application`, `outcome`, `assistance`."""
        purpose = entry["purpose"] or ("OWN_USE" if entry["own"] else "")
        return {
            "actor": self.own_act if entry["own"] else self.actors.get(entry["actor_kind"], self.any_actor),
            "operation": self.operations.get(entry["service"], {}).get(entry["operation"], self.any_operation),
            "purpose": self.purposes.get(purpose),
            "application": self.applications.get(entry["client_id"]),
            "outcome": self.outcomes.get(entry["outcome"]),
            "assistance": self._helper(entry),
        }

    def _helper(self, entry: Mapping[str, Any]) -> Words | None:
        words, organization = self.helpers.get(entry["assisted_by_kind"]), entry["assisted_by_organization"]
        if words is None:
            return None
        return {language: text.replace("{organization}", organization) for language, text in words.items()}


@cache
def access_words() -> AccessWords:
    """Return the table that lies inside the installed contracts, or beside them in a working tree."""
    import songcau.common.v1.event_meta_pb2 as contracts

    root = Path(contracts.__file__).parents[2]  # …/songcau
    for folder in (root, root.parent.parent):
        if (file := folder / "access-words.yaml").is_file():
            return AccessWords(**yaml.safe_load(file.read_text("utf-8")))
    raise LookupError("the contracts are installed without the words of the access list")
