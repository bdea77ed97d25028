"""The table of access of the identity service as tests play it: the scene of each RPC, the calls, the callers."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from google.protobuf import descriptor_pool, message_factory
from songcau.identity.v1 import access_complaint_service_pb2 as complaints_pb
from support import address_acts, anomalies, assistance, organisations, paper_acts
from support.access_table import ROLES, RPCS
from support.identity_scenes import (
    DOUBLE,
    UNKNOWN_NUMBER,
    Cast,
    Scene,
    Stage,
    about,
    accessed,
    account_act,
    answering_as_child,
    asked,
    assisted,
    authorising,
    bearing,
    breach_facts,
    complained,
    consenting,
    deciding_address,
    founded,
    granting,
    linking,
    listed_access,
    member,
    merging,
    noticed,
    opened,
    own_newborns,
    proposed,
    recording_request,
    registering,
    represented,
    settling,
    shown,
    version,
    watched,
    withdrawing_paper,
)
from support.identity_service import AGENCY, Identity, Person
from support.record_acts import document

PACKAGE = "songcau.identity.v1."
WORDS = {"answer": "Đã xem.", "legal_reference": "Luật 91/2025"}
HELP = {
    "operation": "ASSISTED_OPERATION_SUBMIT_DOSSIER",
    "digest": assistance.DIGEST,
    "facts": [{"code": code, "value": value} for code, value in assistance.SUBMIT_FACTS.items()],
}
STAGES: Mapping[str, Stage] = {
    "CitizenService/LinkCitizen": linking,
    "CitizenService/GetOwnProfile": shown(),
    "CitizenService/LookUpCitizen": about(number=Person().number),
    "CitizenService/UnlinkCitizen": version(),
    "CitizenService/BlockCitizen": version(),
    "CitizenService/UnblockCitizen": version(),
    "AccessListService/ListOwnAccesses": listed_access,
    "CitizenRecordService/MergeCitizens": merging,
    "CitizenRecordService/UnmergeCitizens": merging,
    "CitizenRecordService/ReplaceIdentifier": version(number=UNKNOWN_NUMBER, evidence=document()),
    "CitizenRecordService/CorrectCitizen": version(full_name="Hoàng Thị Thử Thách", evidence=document()),
    "CitizenRecordService/RecordDeath": version(evidence=document(kind="EVIDENCE_KIND_DEATH_RECORD")),
    "CitizenRecordService/AnnulDeath": version(evidence=document(kind="EVIDENCE_KIND_CIVIL_STATUS_RECORD")),
    "CitizenRecordService/ListIdentifiers": about(),
    "CitizenRecordService/ListRecordDoubts": settling,
    "CitizenRecordService/SettleRecordDoubt": settling,
    "SubjectRequestService/MakeSubjectRequest": about(kind="SUBJECT_REQUEST_KIND_VIEW"),
    "SubjectRequestService/RecordSubjectRequest": recording_request,
    "SubjectRequestService/ListOwnSubjectRequests": asked(),
    "SubjectRequestService/GetOwnSubjectRequest": asked(),
    "SubjectRequestService/WithdrawSubjectRequest": asked(),
    "SubjectRequestService/GetDataCopy": asked("COPY", form=1),
    "SubjectRequestService/ListSubjectRequests": asked(),
    "SubjectRequestService/GetSubjectRequest": asked(),
    "SubjectRequestService/AcknowledgeSubjectRequest": asked(),
    "SubjectRequestService/ExtendSubjectRequest": asked(**WORDS),
    "SubjectRequestService/RefuseSubjectRequest": asked(refusal=1, **WORDS),
    "SubjectRequestService/CompleteSubjectRequest": asked(**WORDS),
    "CitizenRegistrationService/RegisterNewborn": bearing,
    "CitizenRegistrationService/IssuePersonalNumber": version(number=UNKNOWN_NUMBER, evidence=document()),
    "CitizenRegistrationService/VoidNewborn": version(reason="VOID_REASON_DECEASED", evidence=document()),
    "CitizenRegistrationService/ListOwnNewborns": own_newborns,
    "CitizenRegistrationService/RegisterForeigner": registering,
    "AccessComplaintService/MakeAccessComplaint": accessed,
    "AccessComplaintService/ListOwnAccessComplaints": complained(),
    "AccessComplaintService/GetOwnAccessComplaint": complained(),
    "AccessComplaintService/WithdrawAccessComplaint": complained(),
    "AccessComplaintService/ListAccessComplaints": complained(),
    "AccessComplaintService/GetAccessComplaint": complained(),
    "AccessComplaintService/AcknowledgeAccessComplaint": complained(),
    "AccessComplaintService/AnswerAccessComplaint": complained(
        finding=complaints_pb.ACCESS_COMPLAINT_FINDING_JUSTIFIED, answer="Đã xem."
    ),
    "AnomalyService/ListAnomalies": noticed(),
    "AnomalyService/GetAnomaly": noticed(),
    "AnomalyService/AskAboutAnomaly": noticed(question=anomalies.QUESTION),
    "AnomalyService/DecideAnomaly": noticed(decision=1, note=anomalies.NOTE),
    "AnomalyService/GetAnomalyReport": about(month="2026-11"),
    "AnomalyService/ListOwnAnomalies": noticed(is_asked=True),
    "AnomalyService/GetOwnAnomaly": noticed(is_asked=True),
    "AnomalyService/ExplainAnomaly": noticed(is_asked=True, explanation=anomalies.EXPLANATION),
    "AnomalyService/ListWatchedCitizens": watched,
    "AnomalyService/WatchCitizen": about(reason="Người nổi tiếng."),
    "AnomalyService/UnwatchCitizen": watched,
    "PaperService/RecordPaper": version(paper=paper_acts.paper(), evidence=document()),
    "PaperService/WithdrawPaper": withdrawing_paper,
    "PaperService/ListPapers": about(),
    "PaperService/ListOwnPapers": withdrawing_paper,
    "AddressService/ProposeAddress": about(address=address_acts.written()),
    "AddressService/RecordAddress": version(address=address_acts.written(), evidence=document()),
    "AddressService/AcceptAddressProposal": deciding_address(),
    "AddressService/RefuseAddressProposal": deciding_address(refusal="ADDRESS_REFUSAL_INCOMPLETE"),
    "AddressService/ResolveAddress": deciding_address(unit_code="05500", hamlet="Xóm Thử"),
    "AddressService/ListAddresses": about(),
    "AddressService/ListOwnAddresses": deciding_address(),
    "OrganisationService/CreateOrganisation": about(
        kind="ORGANISATION_KIND_ENTERPRISE",
        identifier=organisations.UNREGISTERED,
        name=organisations.NAME,
        unit_code=organisations.UNIT,
        evidence=organisations.CERTIFICATE,
    ),
    "OrganisationService/DecideOrganisation": founded(is_active=False, decision=1),
    "OrganisationService/GetOrganisation": founded(),
    "OrganisationService/ListOwnOrganisations": founded(),
    "OrganisationService/ListOrganisationMembers": founded(),
    "OrganisationService/InviteOrganisationMember": founded(
        member_number=DOUBLE.number, member_name=DOUBLE.full_name, role=organisations.role("VIEWER")
    ),
    "OrganisationService/AnswerOrganisationInvitation": member("double", has_joined=False, answer=1),
    "OrganisationService/ChangeOrganisationMemberRole": member(
        "citizen", has_joined=True, role=organisations.role("SUBMITTER")
    ),
    "OrganisationService/RemoveOrganisationMember": member("citizen", has_joined=True),
    "OrganisationService/LeaveOrganisation": member("double", has_joined=True),
    "OrganisationService/ProposeOrganisationRepresentative": founded(identifier=organisations.UNREGISTERED),
    "OrganisationService/DecideOrganisationRepresentative": proposed,
    "OrganisationService/ListOrganisationCases": founded(is_active=False),
    "RepresentationService/GrantRepresentation": granting,
    "RepresentationService/AuthoriseRepresentative": authorising,
    "RepresentationService/AnswerRepresentation": answering_as_child,
    "RepresentationService/RevokeRepresentation": represented(),
    "RepresentationService/EndRepresentation": represented(cause="REPRESENTATION_END_CAUSE_COURT_DECISION"),
    "RepresentationService/ListOwnRepresentations": represented(),
    "RepresentationService/ListCitizenRepresentations": represented(),
    "AssistanceService/StartAssistedSession": about(
        personal_number=Person().number, purpose="ASSISTANCE_PURPOSE_SUBMIT_DOSSIER"
    ),
    "AssistanceService/ApproveAssistedSession": assisted(),
    "AssistanceService/ProposeAssistedAct": assisted(**HELP),
    "AssistanceService/GetAssistedSession": assisted(),
    "AssistanceService/ListAssistedSessions": assisted(),
    "AssistanceService/ConfirmAssistedAct": assisted(act_id=""),
    "AssistanceService/DeclineAssistedAct": assisted(act_id=""),
    "AssistanceService/EndAssistedSession": assisted(),
    "AccountService/BeginAccountAction": account_act(),
    "AccountService/FinishAccountAction": account_act(outcome="{}"),
    "AccountService/RecordAccountView": account_act(),
    "ConsentService/ListOwnConsents": consenting(),
    "ConsentService/GiveConsent": consenting(),
    "ConsentService/WithdrawConsent": consenting(),
    "ConsentService/RecordConsent": consenting(),
    "ConsentService/RecordConsentWithdrawal": consenting(),
    "BreachService/OpenBreach": lambda identity, cast: Scene({"facts": breach_facts()}),
    "BreachService/AmendBreach": opened(facts=breach_facts()),
    "BreachService/AssessBreach": opened(actor_id="officer-1"),
    "BreachService/RecordBreachNotice": opened(audience=1, reference="12/TB-UBND"),
    "BreachService/CloseBreach": opened(dismissed=True),
    "BreachService/GetBreach": opened(),
    "BreachService/ListBreaches": opened(),
    "BreachService/ListBreachPersons": opened(is_shown=False),
    "BreachService/GetBreachForm": opened(is_shown=False),
}
"""How each RPC comes to the point where it is asked who the caller is to the citizen."""

# What these make or end is always the caller's own, or of whom they stand for.
OWN_BY_NATURE = {
    f"{PACKAGE}{name}"
    for name in (
        "CitizenService/UnlinkCitizen",
        "SubjectRequestService/MakeSubjectRequest",
        "OrganisationService/CreateOrganisation",
        "OrganisationService/ProposeOrganisationRepresentative",
        "RepresentationService/AuthoriseRepresentative",
    )
}
# These concern nobody whom the platform knows, or nobody by name.
ABOUT_NOBODY = {
    f"{PACKAGE}{name}"
    for name in (
        "CitizenService/LinkCitizen",
        "CitizenRegistrationService/RegisterForeigner",
        "BreachService/OpenBreach",
        "BreachService/AmendBreach",
        "BreachService/AssessBreach",
        "BreachService/RecordBreachNotice",
        "BreachService/CloseBreach",
        "BreachService/GetBreach",
        "BreachService/ListBreaches",
        "BreachService/ListBreachPersons",
        "BreachService/GetBreachForm",
        "AnomalyService/GetAnomalyReport",
        "AccountService/FinishAccountAction",
    )
}
# What helpers call about a session that is theirs already.
OF_A_SESSION = {
    f"{PACKAGE}AssistanceService/{name}" for name in ("ProposeAssistedAct", "GetAssistedSession", "EndAssistedSession")
}
NOT_PLAYED: Mapping[str, str] = {
    f"{PACKAGE}RefusalService/RecordRefusal": "its row asks for a sign-in, not for a role: test_identity_refusals.py",
    f"{PACKAGE}ConsentService/ListConsentPurposes": "anyone may read the texts",
    f"{PACKAGE}AddressService/ListAddressDoubts": "it asks for the commune's agency: test_identity_address_doubts.py",
}
"""The RPCs that no role and no relation decides on, and why."""

PLAYED: Mapping[str, Stage] = {f"{PACKAGE}{name}": stage for name, stage in STAGES.items()}


def request_of(method: str, said: Mapping[str, Any]) -> Any:
    """Return a new request of the method that says of this what it has fields for."""
    service, _, name = method.partition("/")
    descriptor = descriptor_pool.Default().FindServiceByName(service).FindMethodByName(name).input_type
    given = {name: value for name, value in said.items() if name in descriptor.fields_by_name}
    if "request_id" in descriptor.fields_by_name:
        given["request_id"] = str(uuid4())
    return message_factory.GetMessageClass(descriptor)(**given)


def relations_of(method: str) -> tuple[str, ...]:
    """Return in which relations somebody can stand to whom a call of the method concerns."""
    if method in OWN_BY_NATURE:
        return ("own", "represented")
    return ("represented", "none") if method in ABOUT_NOBODY else ("own", "represented", "none")


def metadata(identity: Identity, cast: Cast, asked: tuple[str, Scene], standing: tuple[str, str]) -> Any:
    """Return the call of somebody with one role and every scope who stands so to whom it concerns."""
    (method, scene), (role, relation) = asked, standing
    is_for_others = any(RPCS[method].allows(one, "represented") for one in ROLES)
    names_citizen = relation == "represented" or (relation == "none" and is_for_others)
    concerned = scene.concerned or cast.citizen
    citizen_id = {"own": concerned, "represented": cast.guardian, "none": cast.stranger}[relation].citizen_id
    scopes = sorted(frozenset().union(*(row.scopes for row in RPCS.values())))
    return identity.call_as(
        sub=scene.staff if scene.staff and role != "citizen" else f"account-{uuid4()}",
        roles=[role],
        scopes=scopes,
        citizen_id=citizen_id,
        agency_codes=["H55", AGENCY],
        acr="aal2",
        purpose="INSPECTION",
        on_behalf_of=concerned.citizen_id if names_citizen else None,
    )
