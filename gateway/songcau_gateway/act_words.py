"""The words in which a citizen reads what the request of an assisted act holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml

Words = Mapping[str, str]
"""One text by language: `vi` and `en`."""


@dataclass(frozen=True)
class ActWords:
    """The table `act_words.yaml`; messages by their full name."""

    named: Mapping[str, Sequence[str]]
    fields: Mapping[str, Mapping[str, Words]]
    values: Mapping[str, str]
    yes_or_no: Mapping[bool, str]
    nothing: str

    def label(self, message: str, field: str) -> Words:
        """Return what a field is called; its own name where this build knows no other."""
        return self.fields.get(message, {}).get(field, {"vi": field, "en": field})


@cache
def act_words() -> ActWords:
    """Return the table, read once from the file beside this module."""
    text = resources.files(__package__ or __name__).joinpath("act_words.yaml").read_text("utf-8")
    return ActWords(**yaml.safe_load(text))
