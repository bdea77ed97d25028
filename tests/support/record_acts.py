"""Acts of a data officer as a test orders them."""

from typing import Any
from uuid import uuid4

from songcau.identity.v1 import citizen_record_service_pb2 as pb
from songcau.identity.v1 import citizen_service_pb2 as citizens
from support.identity_service import Identity


def document(**changes: Any) -> pb.DocumentEvidence:
    given = {
        "kind": pb.EVIDENCE_KIND_POLICE_NOTICE,
        "document_number": "12/TB-CA",
        "issuer": "Công an xã La Hiên",
        "issued_on": "2026-10-01",
    }
    return pb.DocumentEvidence(**(given | changes))


def merge(identity: Identity, survivor: Any, merged: Any, *, metadata: Any = None, **changes: Any) -> Any:
    given = {
        "request_id": str(uuid4()),
        "surviving_citizen_id": survivor.citizen_id,
        "expected_surviving_version": survivor.version,
        "merged_citizen_id": merged.citizen_id,
        "expected_merged_version": merged.version,
        "evidence": document(),
    } | changes
    request = pb.MergeCitizensRequest(**given)
    return identity.records.MergeCitizens(request, metadata=metadata or identity.as_data_officer())


def unmerge(identity: Identity, merged: Any, *, metadata: Any = None, **changes: Any) -> Any:
    given = {
        "request_id": str(uuid4()),
        "merged_citizen_id": merged.citizen_id,
        "expected_version": merged.version,
        "evidence": document(),
    } | changes
    request = pb.UnmergeCitizensRequest(**given)
    return identity.records.UnmergeCitizens(request, metadata=metadata or identity.as_data_officer())


def renumber(identity: Identity, citizen: Any, number: str, *, metadata: Any = None, **changes: Any) -> Any:
    request = pb.ReplaceIdentifierRequest(**_on_record(citizen, {"number": number} | changes))
    return identity.records.ReplaceIdentifier(request, metadata=metadata or identity.as_data_officer())


def correct(identity: Identity, citizen: Any, *, metadata: Any = None, **changes: Any) -> Any:
    request = pb.CorrectCitizenRequest(**_on_record(citizen, changes))
    return identity.records.CorrectCitizen(request, metadata=metadata or identity.as_data_officer())


def record_death(identity: Identity, citizen: Any, *, metadata: Any = None, **changes: Any) -> Any:
    request = pb.RecordDeathRequest(
        **_on_record(citizen, {"evidence": document(kind=pb.EVIDENCE_KIND_DEATH_RECORD)} | changes)
    )
    return identity.records.RecordDeath(request, metadata=metadata or identity.as_data_officer()).citizen


def annul_death(identity: Identity, citizen: Any, *, metadata: Any = None, **changes: Any) -> Any:
    request = pb.AnnulDeathRequest(
        **_on_record(citizen, {"evidence": document(kind=pb.EVIDENCE_KIND_CIVIL_STATUS_RECORD)} | changes)
    )
    return identity.records.AnnulDeath(request, metadata=metadata or identity.as_data_officer()).citizen


def _on_record(citizen: Any, changes: dict[str, Any]) -> dict[str, Any]:
    given = {"request_id": str(uuid4()), "citizen_id": citizen.citizen_id, "expected_version": citizen.version}
    return given | {"evidence": document()} | changes


def identifiers_of(identity: Identity, citizen_id: str) -> list[tuple[str, bool, str]]:
    request = pb.ListIdentifiersRequest(citizen_id=citizen_id)
    answer = identity.records.ListIdentifiers(request, metadata=identity.as_data_officer())
    return [(one.masked_value, one.active, one.citizen_id) for one in answer.identifiers]


def open_doubts(identity: Identity) -> list[Any]:
    answer = identity.records.ListRecordDoubts(pb.ListRecordDoubtsRequest(), metadata=identity.as_data_officer())
    return list(answer.doubts)


def own_profile(identity: Identity, citizen_id: str, **claims: Any) -> Any:
    metadata = identity.as_citizen(citizen_id, **claims)
    return identity.citizens.GetOwnProfile(citizens.GetOwnProfileRequest(), metadata=metadata)


def look_up(identity: Identity, **query: str) -> list[Any]:
    answer = identity.citizens.LookUpCitizen(citizens.LookUpCitizenRequest(**query), metadata=identity.as_officer())
    return list(answer.citizens)
