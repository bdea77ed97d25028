"""Who is turned away for a missing role or scope, here or at the gateway, stands in the citizen's access list."""

from typing import Any
from uuid import uuid4

import pytest
from songcau.eservices.v1 import (
    attachment_service_pb2,
    dossier_service_pb2,
    payment_service_pb2,
    refusal_service_pb2,
    refusal_service_pb2_grpc,
    result_service_pb2,
)
from songcau_eservices.refusals import OPERATIONS
from support.dossier_world import DossierWorld, key, reason_of

MESSAGES = (dossier_service_pb2, attachment_service_pb2, payment_service_pb2, result_service_pb2)


def stranger(world: DossierWorld, **claims: Any) -> Any:
    given = {"sub": "nosy-1", "azp": "some-app", "roles": ["clinician"], "scopes": ["consultation:read"]} | claims
    return world.call_as(purpose="INSPECTION", **given)


def call(world: DossierWorld, rpc: str, names: dict[str, str], metadata: Any) -> Any:
    request_type = next(getattr(module, f"{rpc}Request") for module in MESSAGES if hasattr(module, f"{rpc}Request"))
    stub = next(one for one in (world.dossiers, world.files, world.payments, world.results) if hasattr(one, rpc))
    if rpc == "AttachFile":
        header = attachment_service_pb2.AttachFileHeader(request_id=key(), dossier_id=names["dossier_id"])
        return stub.AttachFile(iter([request_type(header=header)]), metadata=metadata)
    known = {field.name for field in request_type.DESCRIPTOR.fields}
    request = request_type(**{name: value for name, value in names.items() if name in known})
    answer = getattr(stub, rpc)(request, metadata=metadata)
    return list(answer) if rpc == "GetAttachment" else answer


@pytest.mark.parametrize("rpc", sorted(OPERATIONS))
def test_whoever_is_turned_away_at_the_door_is_entered(dossier_world: DossierWorld, rpc: str):
    world, person = dossier_world, dossier_world.person()
    dossier = world.resolved(person)
    paid = world.submitted(person)
    payment = world.open_payment(person, paid)
    names = {"dossier_id": dossier.id, "payment_id": payment.id, "code": dossier.result.code}
    before = len(world.audit(person))
    assert reason_of(lambda: call(world, rpc, names, stranger(world))) == "PERMISSION_DENIED"
    entries = world.audit(person)[before:]
    assert [(row[0], row[3], row[4], row[5]) for row in entries] == [
        (OPERATIONS[rpc].name, "INSPECTION", "DENIED", "PERMISSION_DENIED")
    ]
    ((actor, kind, object_id),) = world.rows(
        "select actor_id, object_kind, object_id from audit_entries order by occurred_at desc, id desc limit 1"
    )
    named = ("payment", payment.id) if rpc == "GetPayment" else ("dossier", dossier.id)
    assert (actor, kind, object_id) == ("nosy-1", *named)


def test_refusals_about_nobody_or_of_nobody_leave_no_entry(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier = world.submitted(person)
    before = world.rows("select count(*) from audit_entries")
    for unknown in (str(uuid4()), "nothing", ""):
        names = {"dossier_id": unknown, "payment_id": unknown, "code": unknown}
        for rpc in ("GetDossier", "GetPayment", "RevokeResult"):
            assert reason_of(lambda rpc=rpc, names=names: call(world, rpc, names, stranger(world))) == (
                "PERMISSION_DENIED"
            )
    assert reason_of(lambda: call(world, "ListDossiers", {}, stranger(world))) == "PERMISSION_DENIED"
    assert reason_of(lambda: call(world, "GetDossier", {"dossier_id": dossier.id}, ())) == "UNAUTHENTICATED"
    assert world.rows("select count(*) from audit_entries") == before


def record(world: DossierWorld, metadata: Any, **fields: Any) -> Any:
    stub = world.channel.stub(refusal_service_pb2_grpc.RefusalServiceStub)
    return stub.RecordRefusal(refusal_service_pb2.RecordRefusalRequest(**fields), metadata=metadata)


def test_the_gateways_refusals_are_entered_for_who_met_them(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier = world.submitted(person)
    before = len(world.audit(person))
    for cause in ("ROLE_MISSING", "SCOPE_MISSING"):
        record(world, stranger(world), rpc="AcceptDossier", object_id=dossier.id, cause=f"REFUSAL_CAUSE_{cause}")
    entries = [(row[0], row[1], row[4], row[5]) for row in world.audit(person)[before:]]
    assert entries == [
        ("ACCEPT_DOSSIER", "CITIZEN", "DENIED", "ROLE_MISSING"),
        ("ACCEPT_DOSSIER", "CITIZEN", "DENIED", "SCOPE_MISSING"),
    ]
    told = world.rows("select count(*) from outbox where topic = 'eservices.access.v1'")
    assert told == world.rows("select count(*) from audit_entries")


def test_recording_a_refusal_tells_nothing_and_takes_no_stray_words(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier, who = world.submitted(person), stranger(world)
    role = "REFUSAL_CAUSE_ROLE_MISSING"
    there = record(world, who, rpc="GetDossier", object_id=dossier.id, cause=role)
    assert record(world, who, rpc="GetDossier", object_id=str(uuid4()), cause=role) == there
    assert reason_of(lambda: record(world, who, rpc="ListDossiers", object_id=dossier.id, cause=role)) == (
        "INVALID_REQUEST"
    )
    assert reason_of(lambda: record(world, who, rpc="GetDossier", object_id=dossier.id)) == "INVALID_REQUEST"
    assert reason_of(lambda: record(world, (), rpc="GetDossier", object_id=dossier.id, cause=role)) == (
        "UNAUTHENTICATED"
    )
