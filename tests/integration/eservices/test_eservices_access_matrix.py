"""Every row of the table of access about dossiers, played by every role in every relation to a real dossier."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from google.protobuf import descriptor_pool, message_factory
from songcau.eservices.v1 import attachment_service_pb2 as files_pb
from support.access_table import ROLES, ROUTES, RPCS, was_allowed
from support.dossier_world import LA_HIEN, TRANG_XA, DossierWorld, key

PLAYED = ("own", "represented", "same-agency", "none")
SERVICES = ("DossierService", "AttachmentService", "PaymentService", "ResultService")
METHODS = [
    name
    for name, row in RPCS.items()
    if name.startswith(tuple(f"songcau.eservices.v1.{service}/" for service in SERVICES)) and not row.is_open
]
CASES = [(method, role, relation) for method in METHODS for role in ROLES for relation in PLAYED]
SCOPES = frozenset().union(*(row.scopes for row in ROUTES.values()))
# What somebody is told who may not, whatever they asked.
DENIALS = {"PERMISSION_DENIED", "DOSSIER_NOT_FOUND", "PAYMENT_NOT_FOUND", "RESULT_NOT_FOUND", "ACTION_NOT_YOURS"}
DENIALS |= {"ATTACHMENT_NOT_FOUND", "CITIZEN_NOT_LINKED", "ON_BEHALF_NOT_POSSIBLE", "NOT_REPRESENTED"}


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.rpartition("/")[2])
def test_only_who_the_table_names_gets_past_the_relation(dossier_world: DossierWorld, method: str) -> None:
    world, person = dossier_world, dossier_world.person()
    make = scene(world, person, method)
    wrong = []
    # Those who may not come first: they change nothing for those who may.
    for _, role, relation in sorted(cases_of(method), key=lambda case: RPCS[method].allows(*case[1:])):
        allowed = was_allowed(
            lambda role=role, relation=relation: make(metadata(world, person, role, relation)), DENIALS
        )
        if allowed is not RPCS[method].allows(role, relation):
            wrong.append((role, relation, "allowed" if allowed else "denied"))
    assert wrong == []


def cases_of(method: str) -> list[tuple[str, str, str]]:
    # A new dossier is always the caller's own, or of whom the caller stands for.
    relations = ("own", "represented") if method.endswith("/CreateDossier") else PLAYED
    return [case for case in CASES if case[0] == method and case[2] in relations]


def metadata(world: DossierWorld, person: Any, role: str, relation: str) -> Any:
    """Return the call of somebody with one role and every scope who stands so to the person's dossier."""
    owner = person if relation == "own" else world.person()
    agency = TRANG_XA if relation in ("none", "represented") else LA_HIEN
    if relation == "represented":
        world.known(owner)
        world.represent(owner, person)
    return world.call_as(
        sub=owner.account if relation == "own" else f"account-{uuid4()}",
        roles=[role],
        scopes=sorted(SCOPES),
        citizen_id=owner.citizen_id,
        agency_codes=[agency],
        facility_codes=[agency],
        acr="aal2",
        purpose="DOSSIER_PROCESSING",
        on_behalf_of=person.citizen_id if relation == "represented" else None,
    )


def scene(world: DossierWorld, person: Any, method: str) -> Callable[[Any], bool | None]:
    """Return the call of the method about a dossier of the person that has come as far as the method needs."""
    service, _, name = method.rpartition(".")[2].partition("/")
    stub = {
        "DossierService": world.dossiers,
        "AttachmentService": world.files,
        "PaymentService": world.payments,
        "ResultService": world.results,
    }[service]
    dossier = dossier_for(world, person, name)
    fields = {
        "dossier_id": dossier.id,
        "expected_version": dossier.version,
        "attachment_id": dossier.attachments[0].id,
        "code": dossier.result.code,
        "reason": "Một lý do.",
        "decision": "Đồng ý.",
        "procedure_code": "2.000635",
        "receiving_agency_code": LA_HIEN,
    }
    if name == "GetPayment":
        fields["payment_id"] = world.open_payment(person, dossier).id
    if name == "AttachFile":
        return lambda who: stub.AttachFile(iter([header(dossier)]), metadata=who)
    if name == "GetAttachment":
        return lambda who: bool(list(stub.GetAttachment(request_of(method, **fields), metadata=who)))
    if name == "ListDossiers":
        return lambda who: (
            dossier.id in [one.id for one in stub.ListDossiers(request_of(method), metadata=who).dossiers]
        )
    return lambda who: getattr(stub, name)(request_of(method, **fields), metadata=who) and None


def dossier_for(world: DossierWorld, person: Any, name: str) -> Any:
    if name == "ResolveDossier":
        return world.processing(person)
    if name in ("CreatePayment", "GetPayment"):
        return world.submitted(person)
    return world.get(world.resolved(person), world.as_citizen(person))


def header(dossier: Any) -> Any:
    given = files_pb.AttachFileHeader(
        request_id=key(), dossier_id=dossier.id, component_key="status_form", file_name="giay.pdf"
    )
    return files_pb.AttachFileRequest(header=given)


def request_of(method: str, **fields: Any) -> Any:
    service, _, name = method.partition("/")
    descriptor = descriptor_pool.Default().FindServiceByName(service).FindMethodByName(name).input_type
    given = {field: value for field, value in fields.items() if field in descriptor.fields_by_name}
    if "request_id" in descriptor.fields_by_name:
        given["request_id"] = key()
    return message_factory.GetMessageClass(descriptor)(**given)
