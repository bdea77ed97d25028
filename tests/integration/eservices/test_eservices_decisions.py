"""An officer of the authority drafts the decision, its leader alone signs it."""

from typing import Any

import psycopg
import pytest
from songcau.eservices.v1 import dossier_service_pb2 as pb
from support.dossier_world import TRANG_XA, DossierWorld, actions_of, key, reason_of, refusal, state_of

DRAFT = "Xác nhận CANARY-DRAFT chưa đăng ký kết hôn với ai."
FACTS = [{"label": "Tình trạng", "value": "Chưa kết hôn"}]


def propose(world: DossierWorld, dossier: Any, who: Any = None, **fields: Any) -> Any:
    given = {"decision": DRAFT, "facts": FACTS} | fields
    return world.move("ProposeDecision", dossier, who or world.as_officer(), **given)


def test_the_officer_drafts_the_leader_signs_and_each_is_evidence_of_its_own(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier = world.processing(person)
    drafted = propose(world, dossier)
    assert (state_of(drafted), drafted.version) == ("PROCESSING", dossier.version + 1)
    seen = world.get(drafted, world.as_leader())
    assert (seen.proposed_decision.decision, seen.proposed_decision.facts[0].value) == (DRAFT, "Chưa kết hôn")
    assert not world.get(drafted, world.as_citizen(person)).HasField("proposed_decision")
    signed = world.move("Resolve", seen, world.as_leader())
    assert (state_of(signed), world.verify(signed.result.code)) == ("RESOLVED", "VALID")
    assert not signed.HasField("proposed_decision")
    told = [(event.WhichOneof("fact"), event.meta.actor.kind) for event in world.events(dossier)[-2:]]
    assert told == [("decision_proposed", "OFFICER"), ("resolved", "LEADER")]
    steps = [(row[0], row[1], row[4]) for row in world.audit(person)]
    assert ("PROPOSE_DECISION_DOSSIER", "OFFICER", "ALLOWED") in steps
    assert ("RESOLVE_DOSSIER", "LEADER", "ALLOWED") in steps


def test_an_officer_cannot_sign_and_that_is_on_the_access_list(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    drafted = propose(world, world.processing(person))
    assert "RESOLVE" not in actions_of(world.get(drafted, world.as_officer()))
    for fields in ({}, {"decision": DRAFT}):
        error = refusal(lambda fields=fields: world.move("Resolve", drafted, world.as_officer(), **fields))
        assert error.reason.code == "ACTION_NOT_YOURS"
    assert world.rows("select count(*) from papers where kind = 'RESULT'") == [(0,)]
    assert [row[5] for row in world.audit(person) if row[0] == "RESOLVE_DOSSIER"] == ["ACTION_NOT_YOURS"] * 2
    assert reason_of(lambda: world.move("Resolve", drafted, world.as_leader(TRANG_XA))) == "DOSSIER_NOT_FOUND"


def test_the_words_of_the_leader_count_over_the_draft_and_a_later_draft_over_the_first(dossier_world: DossierWorld):
    world = dossier_world
    first = propose(world, world.processing(world.person()))
    second = propose(world, first, decision="Bản thảo thứ hai.", facts=[])
    shown = world.get(second, world.as_officer()).proposed_decision
    assert (shown.decision, len(shown.facts)) == ("Bản thảo thứ hai.", 0)
    signed = world.move("Resolve", second, world.as_leader(), decision="Không đồng ý.")
    assert state_of(signed) == "RESOLVED"


def test_without_a_draft_the_leader_says_what_is_decided(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier = world.processing(person)
    error = refusal(lambda: world.move("Resolve", dossier, world.as_leader()))
    assert (error.reason.code, error.violations[0].pointer) == ("INVALID_REQUEST", "/decision")
    drafted = propose(world, dossier)
    error = refusal(lambda: world.move("Resolve", drafted, world.as_leader(), facts=FACTS))
    assert (error.reason.code, error.violations[0].pointer) == ("INVALID_REQUEST", "/decision")
    refused = [(row[4], row[5]) for row in world.audit(person) if row[0] == "RESOLVE_DOSSIER"]
    assert refused[0] == ("FAILED", "INVALID_REQUEST")


def test_a_draft_does_not_outlive_a_supplement(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    drafted = propose(world, world.processing(person))
    asked = world.move("RequestSupplement", drafted, world.as_officer(), items=[{"component_key": "status_form"}])
    world.attach(person, asked, "status_form")
    citizen = world.as_citizen(person)
    supplied = world.move("SupplySupplement", world.get(asked, citizen), citizen)
    assert not world.get(supplied, world.as_leader()).HasField("proposed_decision")
    assert reason_of(lambda: world.move("Resolve", supplied, world.as_leader())) == "INVALID_REQUEST"


def test_decisions_are_drafted_at_the_authority_while_it_works_on_the_dossier(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    accepted = world.accepted(person)
    assert reason_of(lambda: propose(world, accepted)) == "DOSSIER_STATE_CONFLICT"
    working = world.move("StartProcessing", accepted, world.as_officer())
    world.execute("update dossiers set receiving_agency = %s where id = %s", TRANG_XA, working.id)
    assert reason_of(lambda: propose(world, working, world.as_officer(TRANG_XA))) == "ACTION_NOT_YOURS"
    assert reason_of(lambda: propose(world, working, decision="")) == "INVALID_REQUEST"
    assert reason_of(lambda: propose(world, working, expected_version=1)) == "VERSION_CONFLICT"


def test_a_repeated_draft_is_kept_once(dossier_world: DossierWorld):
    world = dossier_world
    dossier = world.processing(world.person())
    request = pb.ProposeDecisionRequest(
        request_id=key(), dossier_id=dossier.id, expected_version=dossier.version, decision=DRAFT
    )
    first = world.dossiers.ProposeDecision(request, metadata=world.as_officer())
    assert world.dossiers.ProposeDecision(request, metadata=world.as_officer()) == first
    assert world.facts(dossier).count("decision_proposed") == 1


def test_the_draft_stands_nowhere_in_plain(dossier_world: DossierWorld):
    world = dossier_world
    propose(world, world.processing(world.person()))
    with psycopg.connect(world.url) as connection:
        for (table,) in connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall():
            for (row,) in connection.execute(f"select t::text from {table} t").fetchall():
                assert "CANARY-DRAFT" not in row, table
                assert b"CANARY-DRAFT".hex() not in row, table


@pytest.mark.parametrize("verb", ["ProposeDecision", "Resolve"])
def test_a_citizen_neither_drafts_nor_signs(dossier_world: DossierWorld, verb: str):
    world, person = dossier_world, dossier_world.person()
    dossier = world.processing(person)
    call = lambda: world.move(verb, dossier, world.as_citizen(person), decision=DRAFT)  # noqa: E731
    assert reason_of(call) == "PERMISSION_DENIED"
