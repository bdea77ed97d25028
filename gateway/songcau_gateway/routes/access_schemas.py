"""What the API says about who touched a citizen's data."""

from typing import Annotated, Any

from pydantic import AwareDatetime, Field, StringConstraints

from songcau_gateway.routes.fields import (
    EXAMPLE_ID,
    Answer,
    Instant,
    Page,
    PageQuery,
    Text,
    choices,
    known,
    several,
    split,
)

SERVICES = ("identity", "eservices", "telehealth", "audit")
ACTOR_KINDS = ("CITIZEN", "OFFICER", "LEADER", "STATION_OFFICER", "CLINICIAN", "DIGITAL_TEAM", "USER", "SYSTEM")
PURPOSES = (
    "OWN_USE",
    "DOSSIER_PROCESSING",
    "CARE",
    "COUNTER_ASSISTANCE",
    "DATA_SUBJECT_REQUEST",
    "INSPECTION",
    "FEE_COLLECTION",
    "REPRESENTATION",
)
OUTCOMES = ("ALLOWED", "DENIED", "FAILED")
CLIENT = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
ID = "[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"


class AccessQuery(PageQuery):
    """Which accesses a citizen lists; filters narrow together, a filter takes one or more values, comma between."""

    since: AwareDatetime | None = Field(
        default=None, description="at or after this time", examples=["2026-11-01T00:00:00+07:00"]
    )
    until: AwareDatetime | None = Field(
        default=None, description="before this time; later than `since`", examples=["2026-12-01T00:00:00+07:00"]
    )
    service: Annotated[str, StringConstraints(pattern=choices(*SERVICES))] | None = Field(
        default=None, description="which services held the data", examples=["eservices,telehealth"]
    )
    actor_kind: Annotated[str, StringConstraints(pattern=choices(*ACTOR_KINDS))] | None = Field(
        default=None, description="who acted, by kind", examples=["OFFICER,LEADER"]
    )
    purpose: Annotated[str, StringConstraints(pattern=choices(*PURPOSES))] | None = Field(
        default=None, description="what for", examples=["INSPECTION"]
    )
    outcome: Annotated[str, StringConstraints(pattern=choices(*OUTCOMES))] | None = Field(
        default=None, description="how it ended", examples=["DENIED,FAILED"]
    )
    client_id: Annotated[str, StringConstraints(pattern=several(CLIENT))] | None = Field(
        default=None,
        description="through which apps, as the entries name them",
        examples=["citizen-app,officer-console"],
    )
    on_behalf_of: Annotated[str, StringConstraints(pattern=several(ID))] | None = Field(
        default=None,
        description="in whose name, citizens or organisations; with `for_others` whom the citizen acted for",
        examples=[EXAMPLE_ID],
    )
    for_others: bool = Field(
        default=False, description="true: what the citizen did in the name of others or helped them with"
    )

    def filters(self) -> dict[str, Any]:
        """Return the filters for the message of the service."""
        return {
            "since": self.since,
            "until": self.until,
            "services": split(self.service),
            "actor_kinds": split(self.actor_kind),
            "purposes": split(self.purpose),
            "outcomes": split(self.outcome),
            "client_ids": split(self.client_id),
            "on_behalf_of": split(self.on_behalf_of),
            "for_others": self.for_others,
        }


class AccessWords(Answer):
    """An access in words for people; null where a code has none yet."""

    actor: Text = Field(examples=[{"vi": "Cán bộ", "en": "An officer"}])
    operation: Text = Field(examples=[{"vi": "Xem hồ sơ của bạn", "en": "Read your dossier"}])
    purpose: Text | None = Field(examples=[{"vi": "Giải quyết hồ sơ thủ tục hành chính", "en": "Work on a dossier"}])
    application: Text | None = Field(examples=[{"vi": "Bàn làm việc cán bộ", "en": "Console of officers"}])
    outcome: Text | None = Field(examples=[{"vi": "Đã thực hiện", "en": "Done"}])
    assistance: Text | None = Field(examples=[None], description="who helped; null where nobody did")


class Access(Answer):
    """One access to the citizen's data, allowed or not."""

    id: str = Field(examples=["019ab6c2-7c1e-7000-8000-00000000000a"])
    occurred_at: Instant
    service: str = known(*SERVICES)
    actor_id: str = Field(description="a pseudonym, never a personal number", examples=["3f0c7a52"])
    actor_kind: str = known(*ACTOR_KINDS)
    actor_organization: str | None = Field(examples=["H55.242"])
    on_behalf_of: str | None = Field(examples=[None], description="whom the actor stood in for")
    client_id: str = Field(examples=["officer-console"], description="through which app")
    operation: str = Field(examples=["GET_DOSSIER"])
    object_kind: str = Field(examples=["dossier"])
    object_id: str | None = Field(examples=["019ab6c2-7c1e-7000-8000-000000000001"])
    purpose: str | None = Field(examples=["DOSSIER_PROCESSING"])
    outcome: str = known(*OUTCOMES)
    reason: str | None = Field(examples=[None], description="error reason of a refused or failed access")
    own: bool = Field(description="the citizen's own account acted")
    assisted_by: str | None = Field(examples=[None], description="who helped the citizen in an assisted session")
    assisted_by_kind: str | None = Field(examples=[None], description="OFFICER, STATION_OFFICER or DIGITAL_TEAM")
    assisted_by_organization: str | None = Field(examples=[None])
    words: AccessWords


class AccessPage(Page[Access]):
    """A page of the citizen's own access list, newest first."""
