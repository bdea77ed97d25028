"""The forms that schemas of every noun share: strict bodies, answers without empty texts, pages, money, clean text."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import Annotated, Any, Generic, Literal, TypeVar, get_args
from uuid import UUID

from fastapi import Path, Query
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

T = TypeVar("T")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_DEEPEST = 8
EXAMPLE_ID = "019ab6c2-7c1e-7000-8000-000000000001"


def _clean(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("control characters are not text")
    return text


def clean_tree(value: Any, depth: int = 0) -> Any:
    """Refuse what no service can keep in a free JSON value: control characters, deep nests, numbers beyond a double."""
    if depth > _DEEPEST:
        raise ValueError(f"nested deeper than {_DEEPEST}")
    if isinstance(value, str):
        _clean(value)
    elif isinstance(value, int) and abs(value) > 2**53:
        raise ValueError("a number beyond 2^53 is not exact in JSON")
    elif isinstance(value, dict | list):
        for inner in (*value, *value.values()) if isinstance(value, dict) else value:
            clean_tree(inner, depth + 1)
    return value


class Body(BaseModel):
    """What a client sends; an unknown field is an error, numbers are not read out of strings."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    def plain(self) -> dict[str, Any]:
        """Return the values for the message of the service."""
        return self.model_dump()


@cache
def _may_be_none(model: type[BaseModel]) -> frozenset[str]:
    """Return the fields of an answer for which an empty text means nothing."""
    return frozenset(name for name, field in model.model_fields.items() if type(None) in get_args(field.annotation))


class Answer(BaseModel):
    """What goes back; a service's empty text is null where the field may be null. Fields may be added any time."""

    model_config = ConfigDict(serialize_by_alias=True)

    @model_validator(mode="before")
    @classmethod
    def _empty_is_null(cls, values: Any) -> Any:
        if not isinstance(values, Mapping):
            return values
        nullable = _may_be_none(cls)
        return {name: None if value == "" and name in nullable else value for name, value in values.items()}


class Text(Answer):
    """One text in both languages."""

    vi: str = Field(examples=["Khám bệnh từ xa"])
    en: str = Field(examples=["Care at a distance"])


class Page(Answer, Generic[T]):
    """One page of a list; no totals."""

    items: list[T]
    next_cursor: str | None = Field(description="give it back as `cursor`; null on the last page")


class Money(BaseModel):
    """An amount in whole units."""

    amount: int = Field(examples=[20000])
    currency: Literal["VND"] = "VND"


def dong(amount: int | None) -> Money | None:
    """Return an amount of đồng as money; nothing where the amount is set elsewhere."""
    return None if amount is None else Money(amount=amount)


Line = Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True), AfterValidator(_clean)]
Note = Annotated[str, StringConstraints(min_length=1, max_length=4000, strip_whitespace=True), AfterValidator(_clean)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=1000, strip_whitespace=True), AfterValidator(_clean)]
Id = Annotated[UUID, Field(examples=[EXAMPLE_ID], strict=False)]
Instant = Annotated[
    AwareDatetime, Field(strict=False, examples=["2026-11-23T02:00:00Z"], description="RFC 3339 with offset")
]
LegalDate = Annotated[date, Field(strict=False, examples=["2026-11-23"], description="legal date in Vietnam")]
PartialDate = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$"),
    Field(examples=["1962-03-05"], description="YYYY-MM-DD; YYYY-MM or YYYY where no more is known"),
]
AgencyCode = Annotated[
    str, StringConstraints(pattern=r"^[GH][0-9]{2}(\.[0-9]{1,3}){0,3}$"), Field(examples=["H55.242"])
]
ProcedureCode = Annotated[
    str, StringConstraints(pattern=r"^[0-9]\.[0-9]{6}(\.[0-9A-Z.]{1,24})?$"), Field(examples=["1.001193"])
]
UnitCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{2,5}$"), Field(examples=["05740"])]
FacilityCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{5}$"), Field(examples=["19001"])]
ServiceCode = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{0,39}$"), Field(examples=["CARDIOLOGY"])]
Phone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 .()-]{7,19}$"), Field(examples=["0912000111"])]
VerificationCode = Annotated[
    str,
    Path(
        pattern=r"^[0-9A-Za-z-]{8,64}$", description="as printed beside the QR code", examples=["7K3M-9QXT-2HVB-W4PC"]
    ),
]


class PageQuery(BaseModel):
    """Which page of a list; a list with filters adds its own."""

    limit: int = Field(default=50, ge=1, le=200, description="entries on a page")
    cursor: str | None = Field(
        default=None,
        min_length=1,
        max_length=2048,
        pattern=r"^[A-Za-z0-9_.=-]+$",
        description="`next_cursor` of the page before",
    )

    def paging(self) -> dict[str, Any]:
        """Return the page for the message of a service."""
        return {"page_size": self.limit, "page_token": self.cursor}


On = Annotated[date | None, Query(description="validity date in Vietnam; today when absent", examples=["2026-11-23"])]


def known(*values: str, note: str = "") -> Any:
    """Describe an answer's code: the values of today; clients keep working when one is added."""
    listed = ", ".join(f"`{value}`" for value in values)
    return Field(
        description=f"{note + ': ' if note else ''}{listed}; more may be added",
        examples=[values[0]],
        json_schema_extra={"x-known-values": list(values)},
    )


def choices(*values: str) -> str:
    """Return the pattern of a filter that takes a comma-separated choice of values."""
    choice = "|".join(values)
    return rf"^({choice})(,({choice})){{0,{len(values)}}}$"


def several(one: str) -> str:
    """Return the pattern of a filter that takes up to twenty values of one form, comma between."""
    return rf"^{one}(,{one}){{0,19}}$"


def split(choice: str | None) -> list[str]:
    """Return the values of a comma-separated filter."""
    return choice.split(",") if choice else []


def iso(day: date | datetime | None) -> str | None:
    """Return a date as YYYY-MM-DD for a service."""
    return day.isoformat() if day else None
