"""What the API says about organisations, their members and their legal representatives."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from songcau_gateway.routes.citizen_record_schemas import DocumentEvidence
from songcau_gateway.routes.fields import Answer, Body, Id, Instant, Line, Page, known
from songcau_gateway.routes.representation_schemas import PersonalNumber

Identifier = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{10}(-?[0-9]{3})?$|^[0-9]{12}$"),
    Field(
        examples=["4600123000"],
        description="tax code; of a household business also the personal number of its owner, who is the caller",
    ),
]
CommuneCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{5}$"), Field(examples=["05443"])]
_KINDS = ("ENTERPRISE", "COOPERATIVE", "DEPENDENT_UNIT", "HOUSEHOLD_BUSINESS", "OTHER")
MemberRole = Literal["ADMINISTRATOR", "SUBMITTER", "VIEWER"]


class NewOrganisation(Body):
    """An organisation whose legal representative the signed-in citizen is, and the document that says so."""

    kind: Literal["ENTERPRISE", "COOPERATIVE", "DEPENDENT_UNIT", "HOUSEHOLD_BUSINESS", "OTHER"] = Field(
        examples=["ENTERPRISE"]
    )
    identifier: Identifier
    name: Line = Field(examples=["Công ty TNHH Ví Dụ Sông Cầu"])
    unit_code: CommuneCode = Field(description="commune or ward of the seat, one of today")
    evidence: DocumentEvidence


class OrganisationDecision(Body):
    """What an officer decides about an organisation, on which document."""

    decision: Literal["CONFIRM", "REFUSE", "DISSOLVE"] = Field(examples=["CONFIRM"])
    evidence: DocumentEvidence


class NewOrganisationMember(Body):
    """Whom to invite into what: number and name must be those of one citizen of the platform."""

    organisation_id: Id
    member_number: PersonalNumber
    member_name: Line = Field(examples=["Triệu Văn Thử"])
    role: MemberRole = Field(examples=["SUBMITTER"])


class InvitationAnswer(Body):
    """What the invited says."""

    answer: Literal["ACCEPTED", "DECLINED"] = Field(examples=["ACCEPTED"])


class MemberRoleChange(Body):
    """Which role a member has from now on."""

    role: MemberRole = Field(examples=["VIEWER"])


class NewRepresentativeProposal(Body):
    """Of which organisation the signed-in citizen is the legal representative, and the document that says so."""

    identifier: Identifier
    evidence: DocumentEvidence


class RepresentativeDecision(Body):
    """What an officer decides about a proposed legal representative, on which document."""

    decision: Literal["ACCEPT", "REFUSE"] = Field(examples=["ACCEPT"])
    evidence: DocumentEvidence


class Organisation(Answer):
    """An organisation; `id` goes into `X-On-Behalf-Of` of whoever acts for it."""

    id: Id
    version: int = Field(examples=[1])
    kind: str = known(*_KINDS)
    unit_code: CommuneCode
    state: str = known("AWAITING_CONFIRMATION", "ACTIVE", "AWAITING_REPRESENTATIVE", "REFUSED", "DISSOLVED")
    register_finding: str = known("CONFIRMED", "REPRESENTATIVE_DIFFERS", "NOT_FOUND", "NOT_CONNECTED")
    created_at: Instant


class OrganisationMember(Answer):
    """One membership; another role is another membership."""

    id: Id
    version: int = Field(examples=[1])
    organisation_id: Id
    citizen_id: Id
    role: str = known("LEGAL_REPRESENTATIVE", "ADMINISTRATOR", "SUBMITTER", "VIEWER")
    state: str = known("AWAITING_CONFIRMATION", "INVITED", "ACTIVE", "ENDED")
    end_cause: str | None = Field(examples=[None])
    created_at: Instant
    ended_at: Instant | None = Field(examples=[None])


class RepresentativeProposal(Answer):
    """One claim to be the legal representative of an organisation."""

    id: Id
    version: int = Field(examples=[1])
    organisation_id: Id
    citizen_id: Id
    state: str = known("PENDING", "ACCEPTED", "REFUSED", "LAPSED")
    created_at: Instant


class OrganisationFounded(Organisation):
    """The organisation as it was entered, and the founder's own membership."""

    member: OrganisationMember


class OrganisationRead(Organisation):
    """An organisation as its members see it."""

    name: str | None = Field(examples=["Công ty TNHH Ví Dụ Sông Cầu"], description="null once it is erased")
    identifier: str | None = Field(examples=["4600123000"], description="a personal number is masked")
    member: OrganisationMember = Field(description="the caller's own membership")


class OwnOrganisation(Answer):
    """A membership of the caller and what it is a membership of."""

    organisation: Organisation
    name: str | None = Field(examples=["Công ty TNHH Ví Dụ Sông Cầu"], description="null once it is erased")
    member: OrganisationMember


class OwnOrganisationPage(Page[OwnOrganisation]):
    """A page of the caller's memberships, newest first, those that are over among them."""

    proposals: list[RepresentativeProposal] = Field(description="the caller's newest 50, on the first page only")


class NamedOrganisationMember(OrganisationMember):
    """A member as those see who manage members."""

    full_name: str | None = Field(examples=["Triệu Văn Thử"], description="null once the person is erased")


class OrganisationMemberPage(Page[NamedOrganisationMember]):
    """A page of members, newest first, those that are over among them."""


class OrganisationCase(Answer):
    """What waits for an officer: an organisation to confirm, or a proposal of a representative."""

    organisation: Organisation
    name: str | None = Field(examples=["Công ty TNHH Ví Dụ Sông Cầu"])
    identifier: str | None = Field(examples=["4600123000"], description="a personal number is masked")
    proposal: RepresentativeProposal | None = Field(description="null: the organisation itself waits")
    citizen_id: Id = Field(description="who founded it or proposes")
    full_name: str | None = Field(examples=["Hoàng Thị Thử"])
    evidence: DocumentEvidence | None
    waiting_since: Instant


class OrganisationCasePage(Page[OrganisationCase]):
    """A page of what waits, oldest first."""


class RepresentativeSettled(RepresentativeProposal):
    """A proposal after the decision, and the organisation."""

    organisation: Organisation
