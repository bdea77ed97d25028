"""Handing in: complete, linked, once, and in two round trips."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.struct_pb2 import Struct
from songcau.eservices.v1 import dossier_service_pb2 as pb
from songcau.eservices.v1.procedure_service_pb2 import CHANNEL_DIRECT
from songcau_kit.errors import DomainError
from support.dossier_world import (
    BIRTH,
    EXTRACT,
    LA_HIEN,
    MARITAL,
    DossierWorld,
    actions_of,
    finance_of,
    key,
    reason_of,
    refusal,
    state_of,
)

IDENTITY_CARD = "1.014061"  # asks for level 1
ACCOUNT_OF_LEVEL_2 = "3.000228"
NO_LETTERS = {"birth_proof": "certificate", "abandoned": False, "surrogacy": False, "authorised": False}


def test_a_draft_is_made_of_the_callers_own_profile(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier = world.create(person, helping_agency_code="H55.243", answers={"authorised": False, "copies": 2})
    assert (state_of(dossier), dossier.status.national_code, dossier.version) == ("DRAFT", 0, 1)
    assert dossier.applicant.full_name == person.full_name
    assert dossier.applicant.identifier_masked == "019•••••0001"
    assert MessageToDict(dossier.answers) == {"authorised": False, "copies": 2}
    assert dossier.fee_amount == 16_000
    assert dossier.reference.startswith("HS-")
    agencies = dossier.agencies
    assert (agencies.helping_agency_code, agencies.receiving_agency_code, agencies.authority_agency_code) == (
        "H55.243",
        LA_HIEN,
        LA_HIEN,
    )
    assert actions_of(dossier) == {"UPDATE", "ATTACH", "REUSE_PAPER", "SUBMIT"}


def test_the_police_of_the_place_decide_what_the_law_gives_them(dossier_world: DossierWorld):
    dossier = dossier_world.create(dossier_world.person(), "1.004222", answers={})
    assert dossier.agencies.authority_agency_code == "H55.442"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"procedure": "9.999999"}, "PROCEDURE_NOT_FOUND"),
        ({"procedure": "no\0code"}, "PROCEDURE_NOT_FOUND"),
        ({"sub_case_code": "2.000635.99"}, "SUB_CASE_NOT_FOUND"),
        ({"receiving_agency_code": "H55.999"}, "AGENCY_NOT_FOUND"),
        ({"receiving_agency_code": "x\0"}, "AGENCY_NOT_FOUND"),
        ({"receiving_agency_code": "H55.2"}, "AGENCY_CANNOT_RECEIVE"),
        ({"helping_agency_code": "H55.999"}, "AGENCY_NOT_FOUND"),
        ({"answers": {"authorised": "maybe"}}, "ANSWERS_INVALID"),
        ({"procedure": "1.011607"}, "CHANNEL_NOT_OFFERED"),
        ({"channel": 99}, "INVALID_REQUEST"),
    ],
)
def test_a_draft_is_refused_with_the_reason(dossier_world: DossierWorld, fields: dict[str, Any], reason: str):
    given = {"procedure": EXTRACT} | fields
    assert reason_of(lambda: dossier_world.create(dossier_world.person(), **given)) == reason


def test_the_provincial_form_of_a_procedure_code_is_understood(dossier_world: DossierWorld):
    assert dossier_world.create(dossier_world.person(), "2.000635.000.00.00.H55").procedure_code == EXTRACT


def test_a_procedure_asks_for_its_identity_level(dossier_world: DossierWorld):
    assert reason_of(lambda: dossier_world.create(dossier_world.person(level=1))) == "IDENTITY_LEVEL_TOO_LOW"


@pytest.mark.parametrize("stated", [0, -1, 3], ids=["unspecified", "no electronic identity", "not known here"])
def test_a_level_that_is_none_of_an_electronic_identity_is_too_low(dossier_world: DossierWorld, stated: int):
    error = refusal(
        lambda: dossier_world.create(dossier_world.person(level=stated), IDENTITY_CARD, channel=CHANNEL_DIRECT)
    )
    assert (error.reason.code, error.details) == ("IDENTITY_LEVEL_TOO_LOW", {"minimum_ial": "1"})


@pytest.fixture
def open_to_everybody(dossier_world: DossierWorld):
    """Let a procedure of the catalogue ask for no electronic identity, as an authority may configure it."""
    write = """update procedure_versions set content = jsonb_set(content, '{minimum_ial}', %s::jsonb)
        where procedure_code = %s"""
    dossier_world.execute(write, "0", ACCOUNT_OF_LEVEL_2)
    yield ACCOUNT_OF_LEVEL_2
    dossier_world.execute(write, "1", ACCOUNT_OF_LEVEL_2)


def test_a_procedure_that_asks_for_level_0_is_open_to_a_foreigner_without_electronic_identity(
    dossier_world: DossierWorld, open_to_everybody: str
):
    world, foreigner = dossier_world, dossier_world.person(level=-1)
    dossier = world.create(foreigner, open_to_everybody, channel=CHANNEL_DIRECT, answers={})
    assert state_of(dossier) == "DRAFT"
    unknown = world.person(level=3)
    error = refusal(lambda: world.create(unknown, open_to_everybody, channel=CHANNEL_DIRECT, answers={}))
    assert (error.reason.code, error.details) == ("IDENTITY_LEVEL_TOO_LOW", {"minimum_ial": "0"})


def test_an_account_that_is_no_citizen_cannot_open_a_draft(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    request = pb.CreateDossierRequest(request_id=key(), procedure_code=EXTRACT, receiving_agency_code=LA_HIEN)
    nobody = world.as_citizen(person, citizen_id=None)
    assert reason_of(lambda: world.dossiers.CreateDossier(request, metadata=nobody)) == "CITIZEN_NOT_LINKED"
    assert reason_of(lambda: world.dossiers.CreateDossier(request, metadata=world.as_officer())) == "PERMISSION_DENIED"


def test_missing_papers_and_open_questions_are_named(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier = world.create(person, BIRTH, answers={"birth_proof": "certificate"})
    error = refusal(lambda: world.move("Submit", dossier, world.as_citizen(person)))
    assert error.reason.code == "DOSSIER_INCOMPLETE"
    named = {(violation.pointer, violation.code) for violation in error.violations}
    assert ("/attachments", "birth_form") in named
    assert ("/answers/abandoned", "QUESTION_UNANSWERED") in named


def test_answers_decide_which_papers_the_checklist_asks_for(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    citizen = world.as_citizen(person)
    dossier = world.create(person, BIRTH, answers={})
    before = states_of(world.checklist(dossier, citizen))
    assert before["birth_certificate"] == "DEPENDS"
    request = pb.UpdateDossierRequest(request_id=key(), dossier_id=dossier.id, expected_version=1)
    ParseDict(NO_LETTERS, request.answers)
    dossier = world.dossiers.UpdateDossier(request, metadata=citizen).dossier
    checklist = world.checklist(dossier, citizen)
    after = states_of(checklist)
    assert (after["birth_certificate"], after["witness_statement"]) == ("MISSING", "NOT_NEEDED")
    assert (after["identity_card"], checklist.complete) == ("NOT_NEEDED", False)
    for component in ("birth_form", "birth_certificate"):
        world.attach(person, dossier, component)
    assert world.checklist(dossier, citizen).complete
    submitted = world.move("Submit", world.get(dossier, citizen), citizen)
    assert (state_of(submitted), finance_of(submitted)) == ("SUBMITTED", "EXEMPT")


def states_of(checklist: Any) -> dict[str, str]:
    return {
        item.component_key: pb.ChecklistItemState.Name(item.state).removeprefix("CHECKLIST_ITEM_STATE_")
        for item in checklist.items
    }


@pytest.mark.parametrize(
    ("status", "reason"),
    [("UNLINKED", "CITIZEN_NOT_LINKED"), ("BLOCKED", "CITIZEN_BLOCKED"), ("DECEASED", "CITIZEN_DECEASED")],
)
def test_a_citizen_whom_identity_no_longer_stands_for_cannot_submit(
    dossier_world: DossierWorld, status: str, reason: str
):
    world, person = dossier_world, dossier_world.person()
    dossier = world.ready_draft(person)
    world.execute("update citizens set status = %s, version = version + 1 where id = %s", status, person.citizen_id)
    assert reason_of(lambda: world.move("Submit", dossier, world.as_citizen(person))) == reason
    assert state_of(world.get(dossier, world.as_citizen(person))) == "DRAFT"


def test_a_submission_costs_two_round_trips_and_one_commit_and_calls_nobody(dossier_site: Any, dossier_world: Any):
    world = dossier_world
    people = [world.person() for _ in range(12)]
    drafts = [world.ready_draft(person) for person in people]
    for person, draft in list(zip(people, drafts, strict=True))[:8]:  # statements get prepared, versions known
        world.move("Submit", draft, world.as_citizen(person))
    calls = world.identity.calls
    for person, draft in list(zip(people, drafts, strict=True))[8:]:
        metadata = world.as_citizen(person)
        with dossier_site.proxy.counting() as count:
            world.move("Submit", draft, metadata)
        assert (count.round_trips, count.sendings, count.commits) == (2, 2, 1), count.statements
        assert len(count.statements) == 12, count.statements
    assert world.identity.calls == calls


def test_a_read_costs_one_statement_and_the_one_that_enters_it(dossier_site: Any, dossier_world: Any):
    world, person = dossier_world, dossier_world.person()
    draft, metadata = world.ready_draft(person), world.as_citizen(person)
    world.get(draft, metadata)  # the citizen's data key is in memory
    with dossier_site.proxy.counting() as count:
        world.get(draft, metadata)
    assert (len(count.statements), count.round_trips) == (2, 2), count.statements


def test_a_submission_is_two_round_trips_even_for_a_key_that_is_not_in_memory(dossier_site: Any, dossier_world: Any):
    world, person = dossier_world, dossier_world.person()
    draft = world.ready_draft(person)
    from datetime import timedelta

    world.clock.advance(timedelta(minutes=2))  # data keys are kept for a minute
    with dossier_site.proxy.counting() as count:
        world.move("Submit", draft, world.as_citizen(person))
    assert count.round_trips <= 2, count.statements


def test_of_many_submissions_at_once_one_counts(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    draft, metadata = world.ready_draft(person), world.as_citizen(person)

    def submit(_: int) -> str:
        try:
            return state_of(world.move("Submit", draft, metadata))
        except DomainError as error:
            return error.reason.code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(submit, range(16)))
    assert answers.count("SUBMITTED") == 1
    assert set(answers) <= {"SUBMITTED", "VERSION_CONFLICT"}
    assert world.facts(draft).count("submitted") == 1


def test_of_many_repetitions_of_one_request_all_get_one_answer(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    draft, metadata, same = world.ready_draft(person), world.as_citizen(person), key()

    def submit(_: int) -> str:
        try:
            return state_of(world.move("Submit", draft, metadata, request_id=same))
        except DomainError as error:
            return error.reason.code

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(submit, range(16)))
    assert answers <= {"SUBMITTED", "IDEMPOTENCY_KEY_IN_PROGRESS"}
    assert state_of(world.move("Submit", draft, metadata, request_id=same)) == "SUBMITTED"
    assert world.facts(draft).count("submitted") == 1


def test_a_repeated_draft_is_the_same_draft(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    request = pb.CreateDossierRequest(
        request_id=key(), procedure_code=MARITAL, receiving_agency_code=LA_HIEN, answers=Struct()
    )
    metadata = world.as_citizen(person)
    first = world.dossiers.CreateDossier(request, metadata=metadata).dossier
    again, call = world.dossiers.CreateDossier.with_call(request, metadata=metadata)
    assert again.dossier == first
    assert dict(call.trailing_metadata())["songcau-replayed"] == "true"
    assert world.rows("select count(*) from dossiers") == [(1,)]
    request.procedure_code = EXTRACT
    assert reason_of(lambda: world.dossiers.CreateDossier(request, metadata=metadata)) == "IDEMPOTENCY_KEY_REUSED"


def test_a_dossier_keeps_the_version_it_was_made_under(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    draft = world.ready_draft(person)
    world.execute("update procedure_versions set valid_to = valid_from where id = %s", draft.procedure_version_id)
    try:
        submitted = world.move("Submit", draft, world.as_citizen(person))
        assert submitted.procedure_version_id == draft.procedure_version_id
        assert reason_of(lambda: world.create(person)) == "PROCEDURE_NOT_VALID"
    finally:
        world.execute("update procedure_versions set valid_to = null where id = %s", draft.procedure_version_id)
