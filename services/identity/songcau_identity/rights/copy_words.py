"""The words a copy says for codes: `copy_words.yaml`, those of the access list, the names of the register."""

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources

import yaml
from songcau_kit.access_words import access_words
from songcau_kit.data_copy import CopyRecord
from songcau_kit.processing import processing_register

from songcau_identity.breaches.facts import known_categories
from songcau_identity.consent.texts import consent_purposes

Table = Mapping[str, str]
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[_-][A-Za-z0-9]+)*")


@cache
def copy_words() -> Mapping[tuple[str, str, str], Table]:
    """Return the words of each coded field by service, section and code of the field."""
    text = resources.files("songcau_identity.rights").joinpath("copy_words.yaml").read_text("utf-8")
    written: Mapping[str, Mapping[str, Mapping[str, Table]]] = yaml.safe_load(text)
    words = {
        (holder, section, field): table
        for holder, sections in written.items()
        for section, fields in sections.items()
        for field, table in fields.items()
    }
    return words | _told_elsewhere()


def _told_elsewhere() -> dict[tuple[str, str, str], Table]:
    told = access_words()
    operations = {code: words["vi"] for table in told.operations.values() for code, words in table.items()}
    actors, purposes, outcomes, applications = (
        {code: words["vi"] for code, words in table.items()}
        for table in (told.actors, told.purposes, told.outcomes, told.applications)
    )
    consents = {one.code: one.text.vi.title for one in consent_purposes().all}
    activities = {one.id: one.title.vi for one in processing_register().activities.values()}
    return {
        ("identity", "accesses", "operation"): operations,
        ("identity", "accesses", "actor_kind"): actors,
        ("identity", "accesses", "purpose"): purposes,
        ("identity", "accesses", "outcome"): outcomes,
        ("identity", "complaints", "operation"): operations,
        ("identity", "sign_ins", "client_id"): applications,
        ("identity", "assisted_sessions", "helper_kind"): actors,
        ("identity", "consents", "purpose"): consents,
        ("telehealth", "followed_consents", "purpose"): consents,
        ("identity", "requests", "activity"): activities,
        ("identity", "breaches", "categories"): known_categories(),
    }


def find_words(holder: str, section: str, field: str) -> Table | None:
    """Return the words of a field, None where it holds no code."""
    return copy_words().get((holder, section, field))


def in_words(text: str, table: Table) -> str:
    """Return a text with words for its codes; a code of a later release stays as it is."""
    return _CODE.sub(lambda found: table.get(found[0], found[0]), text)


def title_in_words(holder: str, section: str, record: CopyRecord) -> str:
    """Return the title of a record with words for the codes of its fields, and nothing else of it changed."""
    used: dict[str, str] = {}
    for field in reversed(record.fields):
        table = find_words(holder, section, field.code)
        if table and isinstance(field.value, str) and field.value in table:
            used[field.value] = table[field.value]
    return in_words(record.title, used)
