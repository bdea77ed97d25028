"""Who sees which dossier, for which purpose, and that every access is on the citizen's list."""

from typing import Any

import pytest
from songcau.eservices.v1 import dossier_pb2
from songcau.eservices.v1 import dossier_service_pb2 as pb
from support.dossier_world import LA_HIEN, TRANG_XA, DossierWorld, actions_of, reason_of, refusal


def listed(world: DossierWorld, metadata: Any, **fields: Any) -> Any:
    return world.dossiers.ListDossiers(pb.ListDossiersRequest(**fields), metadata=metadata)


def test_a_citizen_sees_only_their_own(dossier_world: DossierWorld):
    world, person, other = dossier_world, dossier_world.person(), dossier_world.person()
    dossier = world.submitted(person)
    stranger = world.as_citizen(other)
    assert reason_of(lambda: world.get(dossier, stranger)) == "DOSSIER_NOT_FOUND"
    assert reason_of(lambda: world.checklist(dossier, stranger)) == "DOSSIER_NOT_FOUND"
    assert reason_of(lambda: world.move("Withdraw", dossier, stranger, reason="x")) == "DOSSIER_NOT_FOUND"
    assert reason_of(lambda: world.receipt(dossier, stranger)) == "DOSSIER_NOT_FOUND"
    assert reason_of(lambda: world.attach(other, dossier)) == "DOSSIER_NOT_FOUND"
    assert len(listed(world, stranger).dossiers) == 0


def test_what_does_not_exist_and_what_is_not_yours_look_the_same(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    theirs = refusal(lambda: world.get(world.submitted(person), world.as_officer(TRANG_XA)))
    nothing = dossier_pb2.Dossier(id="01997a10-5c00-7d11-8a44-2f6d1e0b7c31")
    missing = refusal(lambda: world.get(nothing, world.as_officer(TRANG_XA)))
    malformed = refusal(lambda: world.get(dossier_pb2.Dossier(id="x"), world.as_officer(TRANG_XA)))
    assert (theirs.reason, theirs.details) == (missing.reason, missing.details) == (malformed.reason, malformed.details)


def test_an_officer_needs_a_purpose_to_read_personal_data(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier = world.submitted(person)
    assert reason_of(lambda: world.get(dossier, world.as_officer(purpose=None))) == "PURPOSE_REQUIRED"
    assert reason_of(lambda: world.get(dossier, world.as_officer(purpose="CURIOSITY"))) == "PURPOSE_UNKNOWN"
    world.get(dossier, world.as_officer(purpose="INSPECTION"))
    accesses = world.audit(person)
    assert ("GET_DOSSIER", "OFFICER", LA_HIEN, "", "FAILED", "PURPOSE_REQUIRED") in accesses
    assert ("GET_DOSSIER", "OFFICER", LA_HIEN, "", "FAILED", "PURPOSE_UNKNOWN") in accesses
    assert ("GET_DOSSIER", "OFFICER", LA_HIEN, "INSPECTION", "ALLOWED", None) in accesses


def test_a_draft_is_the_citizens_alone(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    draft = world.create(person)
    assert reason_of(lambda: world.get(draft, world.as_officer())) == "DOSSIER_NOT_FOUND"
    assert len(listed(world, world.as_officer()).dossiers) == 0


def test_nobody_works_on_their_own_dossier(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier = world.marital(person)
    both = world.as_officer(roles=("officer", "citizen"), citizen_id=person.citizen_id)
    assert actions_of(world.get(dossier, both)) == {"WITHDRAW"}
    assert reason_of(lambda: world.move("Accept", dossier, both)) == "ACTION_NOT_YOURS"


def test_a_step_of_another_desk_is_not_yours(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    draft = world.create(person, "1.004222", answers={})
    world.execute("update dossiers set state = 'SUBMITTED', finance = 'PAID' where id = %s", draft.id)
    at_counter, police = world.as_officer(), world.as_officer("H55.442")
    assert "ACCEPT" in actions_of(world.get(draft, at_counter))
    assert "ACCEPT" not in actions_of(world.get(draft, police))
    assert reason_of(lambda: world.move("Accept", draft, police)) == "ACTION_NOT_YOURS"
    accepted = world.move("Accept", draft, at_counter)
    assert reason_of(lambda: world.move("StartProcessing", accepted, at_counter)) == "ACTION_NOT_YOURS"
    started = world.move("StartProcessing", accepted, police)
    assert {"PROPOSE_DECISION", "RESOLVE"} & actions_of(started) == {"PROPOSE_DECISION"}
    assert "RESOLVE" in actions_of(world.get(started, world.as_leader("H55.442")))


@pytest.mark.parametrize("missing", ["role", "scope"])
def test_a_caller_without_role_or_scope_is_turned_away_at_the_door(dossier_world: DossierWorld, missing: str):
    world, person = dossier_world, dossier_world.person()
    dossier = world.submitted(person)
    claims = {"citizen_id": person.citizen_id, "sub": person.account}
    if missing == "role":
        metadata = world.call_as(scopes=["dossier:read", "dossier:write"], **claims)
    else:
        metadata = world.call_as(roles=["citizen"], **claims)
    assert reason_of(lambda: world.get(dossier, metadata)) == "PERMISSION_DENIED"
    assert reason_of(lambda: world.dossiers.GetDossier(pb.GetDossierRequest(dossier_id=dossier.id))) == (
        "UNAUTHENTICATED"
    )


def test_the_access_list_names_every_step_and_every_refusal(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier = world.accepted(person)
    world.receipt(dossier, world.as_officer())
    assert reason_of(lambda: world.move("Resolve", dossier, world.as_officer(), decision="x")) == (
        "DOSSIER_STATE_CONFLICT"
    )
    operations = [(row[0], row[1], row[4], row[5]) for row in world.audit(person)]
    assert operations == [
        ("CREATE_DOSSIER", "CITIZEN", "ALLOWED", None),
        ("ATTACH_DOSSIER", "CITIZEN", "ALLOWED", None),
        ("GET_DOSSIER", "CITIZEN", "ALLOWED", None),
        ("SUBMIT_DOSSIER", "CITIZEN", "ALLOWED", None),
        ("ACCEPT_DOSSIER", "OFFICER", "ALLOWED", None),
        ("GET_RECEIPT", "OFFICER", "ALLOWED", None),
        ("RESOLVE_DOSSIER", "OFFICER", "FAILED", "DOSSIER_STATE_CONFLICT"),
    ]
    told = world.rows("select count(*) from outbox where topic = 'eservices.access.v1'")
    assert told == [(len(operations),)]


def test_lists_hold_nothing_personal_and_are_on_the_access_list(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    world.submitted(person)
    (found,) = listed(world, world.as_officer(purpose=None)).dossiers
    assert not found.HasField("applicant")
    assert (len(found.answers), len(found.attachments), found.status.reason) == (0, 0, "")
    assert ("LIST_DOSSIERS", "OFFICER", LA_HIEN, "DOSSIER_PROCESSING", "ALLOWED", None) in world.audit(person)


def test_queues_are_of_ones_own_agencies(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    here = world.submitted(person)
    there = world.submitted(person, receiving_agency_code=TRANG_XA)
    both = world.as_officer(agency_codes=[LA_HIEN, TRANG_XA])
    assert [one.id for one in listed(world, both).dossiers] == [there.id, here.id]
    assert [one.id for one in listed(world, both, agency_code=LA_HIEN).dossiers] == [here.id]
    assert [one.id for one in listed(world, world.as_officer(TRANG_XA)).dossiers] == [there.id]
    assert reason_of(lambda: listed(world, world.as_officer(TRANG_XA), agency_code=LA_HIEN)) == "PERMISSION_DENIED"


def test_lists_come_in_pages_that_stand_still_while_new_ones_arrive(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    citizen = world.as_citizen(person)
    created = [world.create(person).id for _ in range(5)]
    first = listed(world, citizen, page_size=2)
    world.create(person)
    second = listed(world, citizen, page_size=2, page_token=first.next_page_token)
    third = listed(world, citizen, page_size=2, page_token=second.next_page_token)
    found = [one.id for page in (first, second, third) for one in page.dossiers]
    assert found == created[::-1]
    assert third.next_page_token == ""


def test_lists_filter_by_state(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    draft, submitted = world.create(person), world.submitted(person)
    citizen = world.as_citizen(person)
    states = [dossier_pb2.DOSSIER_STATE_DRAFT]
    assert [one.id for one in listed(world, citizen, states=states).dossiers] == [draft.id]
    states.append(dossier_pb2.DOSSIER_STATE_SUBMITTED)
    assert {one.id for one in listed(world, citizen, states=states).dossiers} == {draft.id, submitted.id}


def test_a_cursor_counts_for_its_own_list_only(dossier_world: DossierWorld):
    world, person, other = dossier_world, dossier_world.person(), dossier_world.person()
    for _ in range(3):
        world.create(person)
    token = listed(world, world.as_citizen(person), page_size=1).next_page_token
    for metadata, fields in (
        (world.as_citizen(other), {}),
        (world.as_citizen(person), {"states": [dossier_pb2.DOSSIER_STATE_DRAFT]}),
    ):
        error = reason_of(lambda m=metadata, f=fields: listed(world, m, page_token=token, **f))
        assert error == "CURSOR_INVALID"
    assert reason_of(lambda: listed(world, world.as_citizen(person), page_token="x")) == "CURSOR_INVALID"
    assert reason_of(lambda: listed(world, world.as_citizen(person), page_size=201)) == "INVALID_REQUEST"


def test_an_officer_who_is_a_citizen_too_finds_their_own_dossiers(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    own = world.create(person)
    both = world.as_officer(roles=("officer", "citizen"), citizen_id=person.citizen_id)
    assert [one.id for one in listed(world, both, own=True).dossiers] == [own.id]


@pytest.mark.parametrize(
    ("status", "reason"),
    [("UNLINKED", "CITIZEN_NOT_LINKED"), ("BLOCKED", "CITIZEN_BLOCKED"), ("DECEASED", "CITIZEN_DECEASED")],
)
def test_a_citizen_whom_identity_no_longer_stands_for_changes_nothing(
    dossier_world: DossierWorld, status: str, reason: str
):
    world, person = dossier_world, dossier_world.person()
    draft, submitted = world.create(person), world.marital(person)
    owing = world.submitted(person)
    world.execute("update citizens set status = %s, version = version + 1 where id = %s", status, person.citizen_id)
    citizen = world.as_citizen(person)
    edit = pb.UpdateDossierRequest(request_id="edit", dossier_id=draft.id, expected_version=draft.version)
    steps = [
        lambda: world.dossiers.UpdateDossier(edit, metadata=citizen),
        lambda: world.attach(person, draft),
        lambda: world.move("Withdraw", submitted, citizen, reason="Không cần nữa."),
        lambda: world.open_payment(person, owing),
    ]
    assert [reason_of(step) for step in steps] == [reason] * 4
    assert world.get(draft, citizen).version == draft.version
    assert ("WITHDRAW_DOSSIER", "CITIZEN", None, "OWN_USE", "FAILED", reason) in world.audit(person)


def test_a_draft_asked_for_again_is_on_the_list_again(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    first, again = (world.create(person, request_id="once") for _ in range(2))
    assert first.id == again.id
    assert [entry[0] for entry in world.audit(person)].count("CREATE_DOSSIER") == 2
