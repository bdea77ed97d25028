"""A member files for an organisation within the role, on the service's own copy, until the membership ends."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from songcau.common.v1.event_meta_pb2 import EventMeta
from songcau.common.v1.subject_answer_event_pb2 import SubjectAnswerEvent
from songcau.eservices.v1 import dossier_service_pb2 as pb
from songcau.identity.events.v1.citizen_event_pb2 import CitizenEvent, ErasureCalledOff, ErasureProposed
from songcau_eservices.consumers import CITIZEN_TOPIC, handlers
from songcau_eservices.rights_parts import build_rights
from songcau_kit.data_keys import DataKeys
from songcau_kit.database import Database
from songcau_kit.wrapping_keys import open_wrapping_keys
from support.dossier_world import LA_HIEN, DossierWorld, Person, key, reason_of, state_of
from support.papers import words_of

VIEWER = ("IDENTITY_READ", "DOSSIER_READ")
SUBMITTER = (*VIEWER, "DOSSIER_WRITE")
ORGANISATION = {"kind": "REPRESENTATION_KIND_ORGANISATION", "represented_kind": "REPRESENTED_KIND_ORGANISATION"}


@pytest.fixture
def company(dossier_world: DossierWorld) -> Person:
    return dossier_world.organisation()


@pytest.fixture
def clerk(dossier_world: DossierWorld) -> Person:
    return dossier_world.known(dossier_world.person())


def acting(world: DossierWorld, who: Person, company: Person) -> Any:
    return world.as_citizen(who, on_behalf_of=company.citizen_id)


def file_for(world: DossierWorld, who: Person, company: Person) -> Any:
    request = pb.CreateDossierRequest(request_id=key(), procedure_code="2.000635", receiving_agency_code=LA_HIEN)
    return world.dossiers.CreateDossier(request, metadata=acting(world, who, company)).dossier


def test_a_submitter_files_and_the_organisation_is_the_applicant(
    dossier_world: DossierWorld, company: Person, clerk: Person
):
    world = dossier_world
    world.represent(clerk, company, scopes=SUBMITTER, **ORGANISATION)
    dossier = file_for(world, clerk, company)
    assert (state_of(dossier), dossier.citizen_id) == ("DRAFT", company.citizen_id)
    assert dossier.applicant.full_name == company.full_name
    assert world.rows("select account_kind from citizens where id = %s", company.citizen_id) == [("ORGANISATION",)]
    entered = world.rows("select actor_id, on_behalf_of from audit_entries where subject_id = %s", company.citizen_id)
    assert entered == [(clerk.account, company.citizen_id)]


def test_a_viewer_reads_and_files_nothing(dossier_world: DossierWorld, company: Person, clerk: Person):
    world, viewer = dossier_world, dossier_world.person()
    world.known(viewer)
    world.represent(clerk, company, scopes=SUBMITTER, **ORGANISATION)
    world.represent(viewer, company, scopes=VIEWER, **ORGANISATION)
    dossier = file_for(world, clerk, company)
    assert world.get(dossier, acting(world, viewer, company)).id == dossier.id
    assert reason_of(lambda: file_for(world, viewer, company)) == "NOT_REPRESENTED"


def test_who_is_removed_reads_and_files_nothing_more_and_the_dossier_stays_the_organisation_s(
    dossier_world: DossierWorld, company: Person, clerk: Person
):
    world, head = dossier_world, dossier_world.person()
    world.known(head)
    world.represent(head, company, scopes=SUBMITTER, **ORGANISATION)
    granted = world.represent(clerk, company, scopes=SUBMITTER, **ORGANISATION)
    dossier = file_for(world, clerk, company)
    one = granted.representation.representation_id
    world.represent(clerk, company, scopes=(), version=2, representation_id=one, **ORGANISATION)
    assert reason_of(lambda: world.get(dossier, acting(world, clerk, company))) == "NOT_REPRESENTED"
    assert reason_of(lambda: file_for(world, clerk, company)) == "NOT_REPRESENTED"
    assert world.get(dossier, acting(world, head, company)).id == dossier.id


def test_the_papers_of_an_organisation_name_it_with_its_number_and_its_legal_representative(
    dossier_world: DossierWorld, company: Person, clerk: Person
):
    world = dossier_world
    world.represent(clerk, company, scopes=SUBMITTER, **ORGANISATION)
    acting = replace(clerk, stands_for=company.citizen_id)
    dossier = world.resolved(acting, "Đồng ý.")
    receipt = words_of(world.receipt(dossier, world.as_citizen(acting)).pdf)
    for expected in (
        "Tiếp nhận hồ sơ của: CÔNG TY TNHH VÍ DỤ SÔNG CẦU",
        "Mã số doanh nghiệp/mã số thuế: 4600123000",
        "Người đại diện theo pháp luật: Hoàng Thị Thử Giám Đốc",
    ):
        assert expected in receipt
    result = words_of(world.result_file(dossier, world.as_citizen(acting)).pdf)
    assert "mã số doanh nghiệp/mã số thuế 4600123000, người đại diện theo pháp luật: Hoàng Thị Thử Giám Đốc" in result
    for words in (receipt, result):
        assert "ngày sinh" not in words.lower().replace("sinh ngày", "ngày sinh")
        assert "số định danh" not in words.lower()


def test_the_receipt_of_a_person_names_no_legal_representative(dossier_world: DossierWorld, clerk: Person):
    words = words_of(dossier_world.receipt(dossier_world.accepted(clerk), dossier_world.as_citizen(clerk)).pdf)
    assert "Ngày sinh: 02/03/1985 Số định danh: 019•••••0001" in words
    assert "Người đại diện" not in words


@pytest.fixture
def tell(dossier_world: DossierWorld) -> Iterator[Callable[..., None]]:
    """Return a function that hands facts about a citizen to the service."""
    world = dossier_world
    database = Database(world.url, max_size=2, application_name="eservices-work")
    keys = DataKeys(open_wrapping_keys(world.settings), world.clock)
    parts = build_rights(world.settings, database, world.clock, keys)
    handle = handlers(parts.rights, parts.gate.forget, ())[CITIZEN_TOPIC].handle

    def run(person: Person, version: int, **fact: Any) -> None:
        meta = EventMeta(id=str(world.clock.new_id()), aggregate_id=person.citizen_id, aggregate_version=version)
        with database.transaction() as conn:
            handle(conn, CitizenEvent(meta=meta, **fact))

    yield run
    database.close()


def test_dossiers_of_an_owner_s_household_business_hold_up_the_owner_s_erasure_and_no_more_are_handed_in(
    dossier_world: DossierWorld, company: Person, clerk: Person, tell: Callable[..., None]
):
    world, owner = dossier_world, dossier_world.person()
    world.represent(clerk, company, scopes=SUBMITTER, **ORGANISATION)
    acting = replace(clerk, stands_for=company.citizen_id)
    world.marital(acting)
    draft = world.ready_draft(acting)
    asked = {"request_id": key(), "citizen_ids": [owner.citizen_id, company.citizen_id]}
    tell(owner, 2, erasure_proposed=ErasureProposed(**asked))
    (payload,) = world.rows("select payload from outbox where topic = 'eservices.answer.v1'")[-1]
    (ground,) = SubjectAnswerEvent.FromString(bytes(payload)).erasure_held.grounds
    assert (ground.code, ground.count) == ("OPEN_DOSSIER", 1)
    assert reason_of(lambda: world.move("Submit", draft, world.as_citizen(acting))) == "CITIZEN_BLOCKED"
    tell(owner, 3, erasure_called_off=ErasureCalledOff(status=1, **asked))
    assert state_of(world.move("Submit", draft, world.as_citizen(acting))) == "SUBMITTED"
