"""People as a test has officers enter them on papers."""

from typing import Any
from uuid import uuid4

from songcau.identity.v1 import citizen_registration_service_pb2 as pb
from songcau.identity.v1 import citizen_service_pb2 as citizens
from songcau.identity.v1.citizen_record_service_pb2 import SEX_FEMALE
from support.identity_service import Identity
from support.record_acts import document

PASSPORT = "12AB34567"


def certificate(**changes: Any) -> Any:
    given = {
        "kind": "EVIDENCE_KIND_BIRTH_CERTIFICATE",
        "document_number": "12/2026",
        "issuer": "Trạm Y tế xã La Hiên",
        "issued_on": "2026-11-20",
    }
    return document(**(given | changes))


def register_newborn(identity: Identity, mother: Any, *, metadata: Any = None, **changes: Any) -> Any:
    given = {
        "request_id": str(uuid4()),
        "mother_citizen_id": mother.citizen_id,
        "expected_mother_version": mother.version,
        "full_name": "Hoàng Thị Sao Băng",
        "birth_date": "2026-11-19",
        "sex": SEX_FEMALE,
        "birth_order": 1,
        "evidence": certificate(),
    } | changes
    metadata = metadata or identity.as_officer(acr="aal2", roles=["station-officer"], purpose="CARE")
    return identity.registrations.RegisterNewborn(pb.RegisterNewbornRequest(**given), metadata=metadata).newborn


def issue_number(
    identity: Identity, child: Any, number: str = "019326000001", *, metadata: Any = None, **changes: Any
) -> pb.IssuePersonalNumberResponse:
    given = {
        "request_id": str(uuid4()),
        "citizen_id": child.citizen_id,
        "expected_version": child.version,
        "number": number,
        "evidence": document(),
    } | changes
    request = pb.IssuePersonalNumberRequest(**given)
    metadata = metadata or identity.as_officer(acr="aal2")
    answer: pb.IssuePersonalNumberResponse = identity.registrations.IssuePersonalNumber(request, metadata=metadata)
    return answer


def void_newborn(
    identity: Identity, child: Any, reason: str = "ENTERED_IN_ERROR", *, metadata: Any = None, **changes: Any
) -> Any:
    given = {
        "request_id": str(uuid4()),
        "citizen_id": child.citizen_id,
        "expected_version": child.version,
        "reason": f"VOID_REASON_{reason}",
        "evidence": document(),
    } | changes
    request = pb.VoidNewbornRequest(**given)
    return identity.registrations.VoidNewborn(request, metadata=metadata or identity.as_data_officer()).newborn


def own_newborns(identity: Identity, mother_id: str) -> list[tuple[str, str, str]]:
    """Return id, shown number and state of a mother's children."""
    request = pb.ListOwnNewbornsRequest()
    listed = identity.registrations.ListOwnNewborns(request, metadata=identity.as_citizen(mother_id)).newborns
    return [
        (one.newborn.citizen.citizen_id, one.masked_number, pb.NewbornState.Name(one.newborn.state)[14:])
        for one in listed
    ]


def register_foreigner(identity: Identity, *, metadata: Any = None, **changes: Any) -> pb.RegisterForeignerResponse:
    given = {
        "request_id": str(uuid4()),
        "full_name": "Claire Inventée",
        "birth_date": "1990-05-01",
        "passport_number": PASSPORT,
        "issuing_state": "FRA",
        "evidence": document(kind="EVIDENCE_KIND_IDENTITY_PAPER"),
    } | changes
    metadata = metadata or identity.as_officer(acr="aal2", purpose="COUNTER_ASSISTANCE")
    request = pb.RegisterForeignerRequest(**given)
    answer: pb.RegisterForeignerResponse = identity.registrations.RegisterForeigner(request, metadata=metadata)
    return answer


def find_by_name(identity: Identity, full_name: str) -> list[citizens.FoundCitizen]:
    request = citizens.LookUpCitizenRequest(full_name=full_name)
    return list(identity.citizens.LookUpCitizen(request, metadata=identity.as_officer()).citizens)
