"""What the API says about accounts at the token issuer."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from songcau_gateway.routes.fields import AgencyCode, Answer, Body, Id, known

Username = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{1,63}$"), Field(examples=["officer.lahien"])]


class Account(Answer):
    """A person's account; `version` follows from its state."""

    id: Id
    kind: str | None = known("CITIZEN", "STAFF")
    enabled: bool = Field(examples=[True], description="whether anybody can sign in with it")
    citizen_id: str | None = Field(
        examples=["019ab6c2-7c1e-7000-8000-000000000002"], description="whose; null for staff"
    )
    linked: bool = Field(examples=[True], description="whether VNeID signs in to it")
    agency_codes: list[str] = Field(examples=[[]], description="agencies the next token carries")
    version: int = Field(examples=[4])


class AccountSearch(Body):
    """One way to name an account; a personal number is none."""

    citizen_id: Id | None = Field(default=None, examples=[None])
    username: Username | None = Field(default=None, description="of a member of staff")

    @model_validator(mode="after")
    def _one(self) -> "AccountSearch":
        if (self.citizen_id is None) == (self.username is None):
            raise ValueError("name either citizen_id or username")
        return self


class FoundAccounts(Answer):
    """The accounts that match; none where nobody does."""

    items: list[Account]


class Link(Body):
    """Whom the account is to sign in as."""

    citizen_id: Annotated[UUID, Field(strict=False, examples=["019ab6c2-7c1e-7000-8000-000000000002"])]


class Membership(Body):
    """An agency of the province."""

    agency_code: AgencyCode
