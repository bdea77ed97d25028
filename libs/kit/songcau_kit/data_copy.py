"""The form of a copy of a person's data: sections of records of labelled fields, alike from every service.

The one schema of the machine-readable copy; `docs/data-copy.schema.json` is generated from it.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Value = str | int | bool | None


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CopyField(_Part):
    """One fact: a stable code for machines, a Vietnamese label for people."""

    code: str = Field(min_length=1, description="stable name of the fact; `answers.…` is a question of a procedure")
    label: str = Field(description="what the fact is, in Vietnamese")
    value: Value = Field(repr=False, description="the fact; times are RFC 3339, dates YYYY-MM-DD")


class CopyRecord(_Part):
    """One thing that is held: a dossier, a consultation, an identifier."""

    id: str = Field(description="internal id of the thing")
    title: str = Field(repr=False, description="what it is, in Vietnamese")
    fields: tuple[CopyField, ...] = Field(repr=False)


class CopySection(_Part):
    """Everything of one kind; empty where nothing of the kind is held."""

    code: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="stable name of the section")
    title: str = Field(description="its name in Vietnamese")
    title_en: str = Field(description="its name in English")
    records: tuple[CopyRecord, ...] = Field(repr=False)


class CopyPart(_Part):
    """What one service holds."""

    holder: str = Field(description="the service")
    sections: tuple[CopySection, ...] = Field(repr=False)


class MissingPart(_Part):
    """A service whose part is not in the copy, and why."""

    holder: str
    state: Literal["ASKED", "FAILED"] = Field(description="no answer came, or the service could not provide it")
    cause: str = Field(description="a code; empty where no answer came")


class DataCopy(_Part):
    """A copy of a person's data across all services."""

    format: Literal["songcau.data-copy"] = "songcau.data-copy"
    version: Literal[1] = 1
    subject_request_id: str
    citizen_id: str
    made_at: datetime
    parts: tuple[CopyPart, ...] = Field(repr=False)
    missing: tuple[MissingPart, ...] = Field(description="empty: the copy is whole")


def section(code: str, title: str, title_en: str, records: Sequence[CopyRecord]) -> CopySection:
    """Return a section."""
    return CopySection(code=code, title=title, title_en=title_en, records=tuple(records))


def record(id: object, title: str, fields: Sequence[CopyField]) -> CopyRecord:
    """Return a record without the fields that hold nothing."""
    return CopyRecord(id=str(id), title=title, fields=tuple(one for one in fields if one.value not in (None, "")))


def field(code: str, label: str, value: Value | date) -> CopyField:
    """Return a field; a day becomes text, an instant text with its offset."""
    return CopyField(code=code, label=label, value=value.isoformat() if isinstance(value, date) else value)
