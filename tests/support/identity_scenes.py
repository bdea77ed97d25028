"""What each RPC of the identity service is asked about one invented citizen, for the table of access to be played."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.timestamp_pb2 import Timestamp
from songcau.identity.v1 import access_complaint_service_pb2 as complaints_pb
from songcau.identity.v1 import account_service_pb2 as accounts_pb
from songcau.identity.v1 import address_service_pb2, anomaly_service_pb2, organisation_service_pb2  # noqa: F401
from songcau.identity.v1 import breach_service_pb2 as breaches_pb
from songcau.identity.v1 import representation_pb2 as representation_shapes
from songcau.identity.v1 import representation_service_pb2 as representations_pb
from songcau_kit.clock import SystemClock
from support import (
    access_complaints,
    address_acts,
    anomalies,
    assistance,
    consent_acts,
    organisations,
    paper_acts,
    registration_acts,
    representations,
    subject_requests,
)
from support.access_table import ROLES, RPCS
from support.identity_service import AGENCY, Identity, Person, link_request
from support.record_acts import document

PACKAGE = "songcau.identity.v1."
DOUBLE = Person(number="019185000002", full_name="Nông Văn Thử")
STRANGER = Person(number="019185000004", full_name="Lý Thị Thử Lạ")
GUARDIAN = Person(number="019185000005", full_name="Triệu Văn Thử Hộ")
UNKNOWN_NUMBER = "019185000003"
ACCOUNT = "0b0f8a5e-0000-4000-8000-000000000001"
LIMITED = representation_shapes.REPRESENTATION_KIND_LIMITED_CAPACITY
COURT = document(kind="EVIDENCE_KIND_COURT_DECISION")


@dataclass(frozen=True)
class Cast:
    """The citizen whom a call concerns, somebody who stands for them, somebody who does not, and a second record."""

    citizen: Any
    guardian: Any
    stranger: Any
    double: Any

    @staticmethod
    def of(identity: Identity) -> "Cast":
        people = (Person(), GUARDIAN, STRANGER, DOUBLE)
        cast = Cast(*(identity.link(person).citizen for person in people))
        representations.grant(identity, cast.citizen, cast.guardian, kind=LIMITED, evidence=COURT)
        return cast


@dataclass(frozen=True)
class Scene:
    """What the request says. `shows` is what an answer holds that told something of the citizen; empty: any answer did.

    `concerned` is whose own it is, where that is not the citizen; `staff` the account whose work it is.
    """

    said: Mapping[str, Any] = field(default_factory=dict)
    shows: str = ""
    concerned: Any = None
    staff: str = ""


Stage = Callable[[Identity, Cast], Scene]


def about(**said: Any) -> Stage:
    """Return the scene of a request that names the citizen, and says this besides."""
    return lambda identity, cast: Scene({"citizen_id": cast.citizen.citizen_id} | said)


def shown(**said: Any) -> Stage:
    """Return the scene of a request whose answer names the citizen by their id."""
    return lambda identity, cast: Scene(said, shows=cast.citizen.citizen_id)


def version(**said: Any) -> Stage:
    """Return the scene of a request that names the citizen in the version they have."""
    return lambda identity, cast: Scene(
        {"citizen_id": cast.citizen.citizen_id, "expected_version": cast.citizen.version} | said
    )


def now() -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(SystemClock().now())
    return stamp


# ----- citizens and their records
def linking(identity: Identity, cast: Cast) -> Scene:
    made = link_request(Person(number=UNKNOWN_NUMBER, full_name="Hoàng Thị Thử Mới"))
    return Scene({"facts": made.facts, "evidence": made.evidence})


def merging(identity: Identity, cast: Cast) -> Scene:
    said = {"surviving_citizen_id": cast.double.citizen_id, "expected_surviving_version": cast.double.version}
    merged = {"merged_citizen_id": cast.citizen.citizen_id, "expected_merged_version": cast.citizen.version}
    return Scene(said | merged | {"expected_version": cast.citizen.version, "evidence": document()})


def settling(identity: Identity, cast: Cast) -> Scene:
    with identity.database.transaction() as connection:
        found = connection.execute(
            "insert into record_doubts (doubt_id, citizen_id, doubt, raised_at)"
            " values (gen_random_uuid(), %s, 'SEX_MISMATCH', now()) returning doubt_id",
            (cast.citizen.citizen_id,),
        ).fetchone()
    assert found is not None
    return Scene({"doubt_id": str(found[0]), "expected_citizen_version": cast.citizen.version, "evidence": document()})


def bearing(identity: Identity, cast: Cast) -> Scene:
    mother = {"mother_citizen_id": cast.citizen.citizen_id, "expected_mother_version": cast.citizen.version}
    child = {"full_name": "Hoàng Thị Sao Băng", "birth_date": "2026-11-19", "sex": 2, "birth_order": 1}
    return Scene(mother | child | {"evidence": registration_acts.certificate()})


def own_newborns(identity: Identity, cast: Cast) -> Scene:
    child = registration_acts.register_newborn(identity, cast.citizen)
    return Scene(shows=child.citizen.citizen_id)


def registering(identity: Identity, cast: Cast) -> Scene:
    who = {"full_name": "Claire Inventée", "birth_date": "1990-05-01"}
    passport = {"passport_number": "12AB34567", "issuing_state": "FRA"}
    return Scene(who | passport | {"evidence": document(kind="EVIDENCE_KIND_IDENTITY_PAPER")})


def withdrawing_paper(identity: Identity, cast: Cast) -> Scene:
    made = paper_acts.record_paper(identity, cast.citizen)
    said = {"paper_id": made.paper_id, "expected_citizen_version": made.citizen.version, "withdrawal": 1}
    return Scene(said | {"evidence": document()}, shows=made.paper_id)


def deciding_address(**more: Any) -> Stage:
    def stage(identity: Identity, cast: Cast) -> Scene:
        made = address_acts.propose(identity, cast.citizen.citizen_id, address_acts.written())
        said = {"address_id": made.address_id, "expected_citizen_version": cast.citizen.version}
        return Scene(said | {"evidence": document()} | more, shows=made.address_id)

    return stage


# ----- rights, complaints, anomalies
def asked(kind: str = "VIEW", **more: Any) -> Stage:
    def stage(identity: Identity, cast: Cast) -> Scene:
        made = subject_requests.make(identity, cast.citizen.citizen_id, kind)
        said = {"subject_request_id": made.subject_request_id, "expected_version": made.version}
        return Scene(said | more, shows=made.subject_request_id)

    return stage


def recording_request(identity: Identity, cast: Cast) -> Scene:
    what = {"kind": 1, "details": "Đơn viết tay.", "channel": 2, "received_on": "2026-11-20"}
    return Scene(
        what | {"citizen_id": cast.citizen.citizen_id, "evidence": document(kind="EVIDENCE_KIND_OFFICE_RECORD")}
    )


def accessed(identity: Identity, cast: Cast) -> Scene:
    return Scene({"entry_id": identity.own_accesses(cast.citizen.citizen_id).accesses[0].entry_id, "details": "Ai?"})


def listed_access(identity: Identity, cast: Cast) -> Scene:
    entry_id = identity.own_accesses(cast.citizen.citizen_id).accesses[0].entry_id
    return Scene({"page_size": 100}, shows=entry_id)


def complained(**more: Any) -> Stage:
    def stage(identity: Identity, cast: Cast) -> Scene:
        entry_id = identity.own_accesses(cast.citizen.citizen_id).accesses[0].entry_id
        made = access_complaints.make(identity, cast.citizen.citizen_id, entry_id)
        said = {"access_complaint_id": made.access_complaint_id, "expected_version": made.version}
        return Scene(said | more, shows=made.access_complaint_id)

    return stage


def noticed(*, is_asked: bool = False, **more: Any) -> Stage:
    def stage(identity: Identity, cast: Cast) -> Scene:
        anomalies.call(identity, "WatchCitizen", citizen_id=cast.citizen.citizen_id, reason="Người nổi tiếng.")
        anomalies.enter(identity, cast.citizen.citizen_id)
        anomalies.Review(identity).run()
        anomaly = anomalies.only(identity, kinds=["ANOMALY_KIND_WATCHED_CITIZEN"])
        if is_asked:
            anomaly = anomalies.ask(identity, anomaly)
        said = {"anomaly_id": anomaly.anomaly_id, "expected_version": anomaly.version}
        return Scene(said | more, shows=anomaly.anomaly_id, staff="officer-1" if is_asked else "")

    return stage


def watched(identity: Identity, cast: Cast) -> Scene:
    made = anomalies.call(identity, "WatchCitizen", citizen_id=cast.citizen.citizen_id, reason="Người nổi tiếng.")
    said = {"watch_id": made.watched.watch_id, "expected_version": made.watched.version}
    return Scene(said, shows=said["watch_id"])


# ----- breaches and accounts
def breach_facts() -> Any:
    return breaches_pb.BreachFacts(
        detected_at=now(), categories=["health"], description="Một tài khoản bị chiếm.", measures="Đã khóa."
    )


def opened(*, is_shown: bool = True, **more: Any) -> Stage:
    def stage(identity: Identity, cast: Cast) -> Scene:
        request = breaches_pb.OpenBreachRequest(request_id=str(uuid4()), facts=breach_facts())
        made = identity.breaches.OpenBreach(request, metadata=anomalies.data_officer(identity)).breach
        said = {"breach_id": made.breach_id, "expected_version": made.version}
        return Scene(said | more, shows=made.breach_id if is_shown else "")

    return stage


def account_act(**more: Any) -> Stage:
    def stage(identity: Identity, cast: Cast) -> Scene:
        citizen_id = cast.citizen.citizen_id
        act = accounts_pb.AccountAct(
            action=accounts_pb.ACCOUNT_ACTION_DISABLE, account_id=ACCOUNT, citizen_id=citizen_id
        )
        return Scene({"act": act, "account_id": ACCOUNT, "citizen_id": citizen_id} | more)

    return stage


# ----- organisations
def founded(*, is_active: bool = True, **more: Any) -> Stage:
    def stage(identity: Identity, cast: Cast) -> Scene:
        made = _organisation(identity, cast, is_active=is_active)
        said = {"organisation_id": made.organisation_id, "expected_version": made.version}
        return Scene(said | {"evidence": organisations.CERTIFICATE} | more, shows=made.organisation_id)

    return stage


def member(of: str, *, has_joined: bool, **more: Any) -> Stage:
    """Return the scene of a request about the membership of the second record, whose own it is or the citizen's."""

    def stage(identity: Identity, cast: Cast) -> Scene:
        organisation = _organisation(identity, cast)
        made = organisations.invite(identity, organisation, cast.citizen.citizen_id, DOUBLE, "VIEWER")
        if has_joined:
            made = organisations.answer(identity, made, cast.double.citizen_id)
        said = {"member_id": made.member_id, "expected_version": made.version}
        return Scene(said | more, concerned=getattr(cast, of))

    return stage


def proposed(identity: Identity, cast: Cast) -> Scene:
    _organisation(identity, cast)
    made = organisations.propose(identity, cast.double.citizen_id, organisations.UNREGISTERED)
    said = {"proposal_id": made.proposal_id, "expected_version": made.version, "decision": 1}
    return Scene(said | {"evidence": organisations.CERTIFICATE}, concerned=cast.double)


def _organisation(identity: Identity, cast: Cast, *, is_active: bool = True) -> Any:
    made = organisations.found(identity, cast.citizen.citizen_id, organisations.UNREGISTERED).organisation
    return organisations.decide(identity, made, "CONFIRM") if is_active else made


# ----- representations, assistance, consents
def granting(identity: Identity, cast: Cast) -> Scene:
    parties = {"represented_id": cast.citizen.citizen_id, "representative_id": cast.double.citizen_id}
    kinds = {"kind": LIMITED, "represented_kind": representation_shapes.REPRESENTED_KIND_CITIZEN}
    return Scene(parties | kinds | {"evidence": COURT})


def authorising(identity: Identity, cast: Cast) -> Scene:
    taker = {"representative_number": DOUBLE.number, "representative_name": DOUBLE.full_name}
    purpose = {"purpose": representations_pb.AUTHORISATION_PURPOSE_CARE, "valid_until": "2027-01-31"}
    return Scene(taker | purpose)


def represented(**more: Any) -> Stage:
    def stage(identity: Identity, cast: Cast) -> Scene:
        made = representations.authorise(identity, cast.citizen, DOUBLE)
        said = {"representation_id": made.representation_id, "expected_version": made.version, "evidence": COURT}
        return Scene(said | {"citizen_id": cast.citizen.citizen_id} | more, shows=made.representation_id)

    return stage


def answering_as_child(identity: Identity, cast: Cast) -> Scene:
    family = representations.family(identity, birth_date=representations.born(years_ago=16))
    made = representations.grant(identity, family.child, family.mother)
    said = {"representation_id": made.representation_id, "expected_version": made.version, "answer": 1}
    return Scene(said, concerned=family.child)


def assisted(**more: Any) -> Stage:
    def stage(identity: Identity, cast: Cast) -> Scene:
        citizen_id = cast.citizen.citizen_id
        helper = assistance.as_helper(identity, role="officer", sub="helper-of-tests")
        session = assistance.start(identity, metadata=helper)
        said: dict[str, Any] = {"session_id": session.session_id}
        if "act_id" in more:
            assistance.approve(identity, citizen_id, session.session_id)
            made = assistance.propose(identity, session.session_id, metadata=helper)
            said |= {"act_id": made.act_id}
        elif "operation" in more:
            assistance.approve(identity, citizen_id, session.session_id)
        return Scene(more | said, shows=session.session_id, staff="helper-of-tests")

    return stage


def consenting(**more: Any) -> Stage:
    def stage(identity: Identity, cast: Cast) -> Scene:
        consent_acts.give(identity, cast.citizen.citizen_id)
        said = {"citizen_id": cast.citizen.citizen_id, "purpose": consent_acts.PURPOSE, "agreed": True}
        paper = {"text_version": consent_acts.VERSION, "channel": "CONSENT_CHANNEL_PAPER"}
        return Scene(said | paper | {"evidence": document()} | more)

    return stage


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
