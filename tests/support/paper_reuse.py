"""Consents as identity tells them to the public services, and papers of one dossier used in another."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from songcau.common.v1.event_meta_pb2 import EventMeta
from songcau.eservices.v1 import attachment_service_pb2 as pb
from songcau.identity.events.v1.consent_event_pb2 import ConsentEvent
from songcau_eservices.consumers import on_consent
from songcau_kit.database import Database
from support.dossier_world import LA_HIEN, DossierWorld, Person, key

PERMANENT, TEMPORARY = "1.004222", "1.004194"
CONTRACT = "rental_contract"
RENTED = {"dwelling": "rented", "minor": False}
ALONE = {"by_list": False, "barracks": False}


def consent_event(
    world: DossierWorld, citizen_id: str, fact: str, version: int = 1, *, at: datetime | None = None, **changes: Any
) -> ConsentEvent:
    meta = EventMeta(id=str(uuid4()), aggregate_id=str(uuid4()), aggregate_version=version)
    meta.occurred_at.FromDatetime(at or world.clock.now())
    given = {"citizen_id": citizen_id, "purpose": "REUSE_PAPERS", "text_version": "reuse-papers-1"} | changes
    event = ConsentEvent(meta=meta, **given)
    if fact:
        getattr(event, fact).SetInParent()
    return event


def hear(world: DossierWorld, *events: ConsentEvent) -> None:
    """Apply events as the consumer does, one transaction each."""
    database = Database(world.url, max_size=2, application_name="eservices-work")
    for event in events:
        with database.transaction() as conn:
            on_consent(conn, event)
    database.close()


def decide(world: DossierWorld, person: Person, fact: str = "consent_given", version: int = 1) -> None:
    hear(world, consent_event(world, person.citizen_id, fact, version))


def accepted_residence(world: DossierWorld, person: Person, *, contract: bytes | None = None, last: str = "") -> Any:
    """Return an accepted dossier that holds a rental contract."""
    dossier = world.create(person, PERMANENT, answers=RENTED)
    for component in ("ct01", "owner_consent_rented"):
        world.attach(person, dossier, component)
    header = pb.AttachFileHeader(
        request_id=key(), dossier_id=dossier.id, component_key=CONTRACT, file_name="hợp đồng.pdf", valid_until=last
    )
    world.send_file(person, header, contract or b"%PDF-1.4\n" + uuid4().bytes)
    citizen = world.as_citizen(person)
    submitted = world.move("Submit", world.get(dossier, citizen), citizen)
    world.pay(person, submitted)
    submitted = world.get(submitted, citizen)
    return world.move("Accept", submitted, world.as_officer(LA_HIEN))


def temporary_draft(world: DossierWorld, person: Person) -> Any:
    """Return a draft that lacks proof of the dwelling."""
    dossier = world.create(person, TEMPORARY, answers=ALONE, sub_case_code="1.004194.01")
    world.attach(person, dossier, "ct01")
    return world.get(dossier, world.as_citizen(person))


def offered(world: DossierWorld, person: Person, dossier: Any, metadata: Any = None) -> Sequence[Any]:
    request = pb.ListReusablePapersRequest(dossier_id=dossier.id)
    return world.files.ListReusablePapers(request, metadata=metadata or world.as_citizen(person)).papers


def reuse(
    world: DossierWorld, person: Person, dossier: Any, paper: Any, *, metadata: Any = None, **changes: Any
) -> Any:
    given = {
        "request_id": key(),
        "dossier_id": dossier.id,
        "component_key": CONTRACT,
        "source_attachment_id": paper.attachment.id if paper else "",
    } | changes
    return world.files.ReusePaper(pb.ReusePaperRequest(**given), metadata=metadata or world.as_citizen(person))


def content_of(world: DossierWorld, dossier: Any, attachment_id: str, metadata: Any) -> bytes:
    request = pb.GetAttachmentRequest(dossier_id=dossier.id, attachment_id=attachment_id)
    _, *rest = list(world.files.GetAttachment(request, metadata=metadata))
    return b"".join(part.chunk for part in rest)
