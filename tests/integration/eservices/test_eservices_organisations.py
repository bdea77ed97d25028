"""A member files for an organisation within the role, on the service's own copy, until the membership ends."""

from typing import Any

import pytest
from songcau.eservices.v1 import dossier_service_pb2 as pb
from support.dossier_world import LA_HIEN, DossierWorld, Person, key, reason_of, state_of

VIEWER = ("IDENTITY_READ", "DOSSIER_READ")
SUBMITTER = (*VIEWER, "DOSSIER_WRITE")
ORGANISATION = {"kind": "REPRESENTATION_KIND_ORGANISATION", "represented_kind": "REPRESENTED_KIND_ORGANISATION"}


@pytest.fixture
def company(dossier_world: DossierWorld) -> Person:
    return dossier_world.organisation()


@pytest.fixture
def clerk(dossier_world: DossierWorld) -> Person:
    person = dossier_world.person()
    dossier_world.known(person)
    return person


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
