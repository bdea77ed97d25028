"""The register of processing activities (Law 91/2025), as `proto/processing-activities.yaml` declares it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml

NO_PERSONAL_DATA = "no-personal-data"
"""What a method or route says in place of an activity where it touches nobody's data."""

_ID = re.compile(r"[a-z]+(-[a-z]+)*")
_DURATION = re.compile(r"P[1-9][0-9]*[YMD]")
_FIELDS = {
    "title",
    "purpose",
    "meaning",
    "subjects",
    "categories",
    "legal_basis",
    "legal_reference",
    "retention",
    "recipients",
    "operations",
}


class RegisterError(ValueError):
    """The register is not usable, or something names an activity that is not in it."""


class LegalBasis(StrEnum):
    """What makes a processing lawful: consent, or a ground of Law 91/2025 Art. 19(1)."""

    CONSENT = "consent"
    LIFE_AND_HEALTH = "life-and-health"
    EMERGENCY_AND_SECURITY = "emergency-and-security"
    STATE_AGENCY = "state-agency"
    CONTRACT = "contract"
    OTHER_LAW = "other-law"

    @property
    def allows_objection(self) -> bool:
        """Say whether a person may object to the processing or restrict it: only where no law asks for it."""
        return self is LegalBasis.CONSENT


@dataclass(frozen=True)
class Text:
    """One text in both languages."""

    vi: str
    en: str


@dataclass(frozen=True)
class Cited:
    """A text with the source it rests on; `is_confirmed` says whether the source was read."""

    text: Text
    source: Text
    is_confirmed: bool


@dataclass(frozen=True)
class Category:
    """One kind of personal data; `is_sensitive` as the law calls it."""

    id: str
    name: Text
    is_sensitive: bool


@dataclass(frozen=True)
class Retention:
    """How long, as an ISO 8601 duration from an event; None where the controller has yet to set it."""

    period: str | None
    rule: Cited


@dataclass(frozen=True)
class ProcessingActivity:
    """One entry of the register."""

    id: str
    title: Text
    purpose: Text
    meaning: Text
    """What it means for a person, in plain words."""
    subjects: tuple[Text, ...]
    categories: tuple[Category, ...]
    legal_basis: LegalBasis
    legal_reference: Cited
    retention: Retention
    recipients: tuple[Text, ...]
    operations: Mapping[str, tuple[str, ...]]
    """The operations of the access list that belong to it, by service."""


@dataclass(frozen=True)
class Register:
    """Every activity, by id, and the names of the legal bases."""

    activities: Mapping[str, ProcessingActivity]
    bases: Mapping[LegalBasis, Text]

    @classmethod
    def load(cls, path: Path) -> "Register":
        """Read a register; raises RegisterError, which names the activity and what is wrong with it."""
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        try:
            bases = {LegalBasis(basis): _text(name) for basis, name in content["legal_bases"].items()}
            activities = {one: _activity(one, content, fields) for one, fields in content["activities"].items()}
        except (KeyError, TypeError, AttributeError) as error:
            raise RegisterError(f"{path.name}: missing or malformed: {error}") from error
        if missing := set(LegalBasis) - bases.keys():
            raise RegisterError(f"{path.name}: no name for the legal bases {', '.join(sorted(missing))}")
        return cls(activities, bases)

    def check(self, named: Mapping[str, str | None]) -> None:
        """Raise RegisterError for methods or routes that name no activity, or one that is not in the register."""
        if silent := _listed(name for name, activity in named.items() if activity is None):
            raise RegisterError(f"no processing activity is named by {silent}")
        known = {NO_PERSONAL_DATA, *self.activities}
        if unknown := _listed(f"{name} ({activity})" for name, activity in named.items() if activity not in known):
            raise RegisterError(f"not in the register of processing activities: {unknown}")


@cache
def processing_register() -> Register:
    """Return the register that lies inside the installed contracts, or beside them in a working tree."""
    import songcau.common.v1.event_meta_pb2 as contracts

    root = Path(contracts.__file__).parents[2]  # …/songcau
    for folder in (root, root.parent.parent):
        if (file := folder / "processing-activities.yaml").is_file():
            return Register.load(file)
    raise RegisterError("the contracts are installed without the register of processing activities")


def _activity(one: str, content: Mapping[str, Any], fields: Mapping[str, Any]) -> ProcessingActivity:
    if not _ID.fullmatch(one) or one == NO_PERSONAL_DATA:
        raise RegisterError(f"{one}: an activity has an id in kebab-case")
    if wrong := fields.keys() ^ _FIELDS:
        raise RegisterError(f"{one}: missing or unknown fields: {_listed(wrong)}")
    if empty := _listed(name for name, value in fields.items() if not value and name != "operations"):
        raise RegisterError(f"{one}: not filled: {empty}")
    try:
        return ProcessingActivity(
            one,
            title=_text(fields["title"]),
            purpose=_text(fields["purpose"]),
            meaning=_text(fields["meaning"]),
            subjects=tuple(_text(content["subjects"][name]) for name in fields["subjects"]),
            categories=tuple(_category(name, content["categories"][name]) for name in fields["categories"]),
            legal_basis=LegalBasis(fields["legal_basis"]),
            legal_reference=_cited(fields["legal_reference"]),
            retention=_retention(fields["retention"]),
            recipients=tuple(_text(content["recipients"][name]) for name in fields["recipients"]),
            operations={service: tuple(names) for service, names in fields["operations"].items()},
        )
    except (KeyError, ValueError) as error:
        raise RegisterError(f"{one}: unknown or missing: {error}") from error


def _retention(fields: Mapping[str, Any]) -> Retention:
    period = fields["period"]
    if period is not None and not _DURATION.fullmatch(period):
        raise RegisterError("a period is an ISO 8601 duration like P10Y, or null")
    return Retention(period, _cited(fields))


def _cited(fields: Mapping[str, Any]) -> Cited:
    return Cited(_text(fields["text"]), _text(fields["source"]), fields["confirmed"] is True)


def _category(one: str, fields: Mapping[str, Any]) -> Category:
    return Category(one, _text(fields), fields["sensitive"] is True)


def _text(fields: Mapping[str, Any]) -> Text:
    text = Text(str(fields["vi"] or "").strip(), str(fields["en"] or "").strip())
    if not (text.vi and text.en):
        raise RegisterError("a text stands in both languages")
    return text


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
