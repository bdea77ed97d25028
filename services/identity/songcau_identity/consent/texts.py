"""The purposes for which people are asked and the texts they agree to, read from `texts.yaml` beside this module."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml
from songcau_kit.errors import DomainError

from songcau_identity.errors import CONSENT_PURPOSE_UNKNOWN


@dataclass(frozen=True)
class Wording:
    """A text in one language."""

    title: str
    body: str


@dataclass(frozen=True)
class ConsentText:
    """One version of what people agree to; the Vietnamese text is the one that counts."""

    version: str
    vi: Wording
    en: Wording

    @property
    def sha256(self) -> bytes:
        """The digest of the Vietnamese text, kept with every decision."""
        return hashlib.sha256(f"{self.vi.title}\n{self.vi.body}".encode()).digest()


@dataclass(frozen=True)
class Purpose:
    """One purpose, the processing activity that rests on it, and its texts, the one in use first."""

    code: str
    activity: str
    is_sensitive: bool
    texts: tuple[ConsentText, ...]

    @property
    def text(self) -> ConsentText:
        """The text in use."""
        return self.texts[0]


class Purposes:
    """Every purpose, in the order people are asked."""

    def __init__(self, purposes: Mapping[str, Purpose]) -> None:
        self.all = tuple(purposes.values())
        self._by_code = purposes

    @classmethod
    def parse(cls, content: Mapping[str, Any]) -> "Purposes":
        """Read the texts; raises KeyError for what is missing."""
        return cls({code: _purpose(code, fields) for code, fields in content.items()})

    def get(self, code: str) -> Purpose:
        """Return one purpose; raise CONSENT_PURPOSE_UNKNOWN."""
        if code not in self._by_code:
            raise DomainError(CONSENT_PURPOSE_UNKNOWN)
        return self._by_code[code]


@cache
def consent_purposes() -> Purposes:
    """Return the purposes of this release."""
    file = resources.files(__package__ or __name__) / "texts.yaml"
    return Purposes.parse(yaml.safe_load(file.read_text(encoding="utf-8")))


def _purpose(code: str, fields: Mapping[str, Any]) -> Purpose:
    texts = tuple(ConsentText(one["version"], _wording(one["vi"]), _wording(one["en"])) for one in fields["versions"])
    return Purpose(code, fields["activity"], fields["sensitive"] is True, texts)


def _wording(fields: Mapping[str, str]) -> Wording:
    return Wording(fields["title"], fields["body"])
