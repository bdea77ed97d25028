"""What each RPC of the identity service is asked about one invented citizen, for the table of access to be played."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from google.protobuf.timestamp_pb2 import Timestamp
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
from support.identity_service import Identity, Person, link_request
from support.record_acts import document

DOUBLE = Person(number="019185000002", full_name="Nông Văn Thử")
STRANGER = Person(number="019185000004", full_name="Lý Thị Thử Lạ")
GUARDIAN = Person(number="019185000005", full_name="Triệu Văn Thử Hộ")
UNKNOWN_NUMBER = "019185000003"
ACCOUNT = "0b0f8a5e-0000-4000-8000-000000000001"
COURT = representations.COURT
LIMITED = {
    "kind": representations.LIMITED_CAPACITY,
    "scopes": [one for one in representation_shapes.RepresentationScope.values() if one],
    "evidence": COURT,
}


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
        representations.grant(identity, cast.citizen, cast.guardian, **LIMITED)
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
    passport = {"passport_number": "XK3456789", "issuing_state": "FRA"}
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
    return Scene(parties | LIMITED | {"represented_kind": representation_shapes.REPRESENTED_KIND_CITIZEN})


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
