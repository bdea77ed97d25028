"""A helper carries out what a citizen confirmed: to the byte, once, while the session lasts, seeing next to nothing."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from google.protobuf.json_format import ParseDict
from google.protobuf.struct_pb2 import Struct
from songcau.eservices.v1 import dossier_service_pb2 as pb
from songcau_eservices.consumers import on_assistance
from songcau_kit import assisted_acts
from songcau_kit.errors import DomainError
from support.dossier_world import DossierWorld, Person, key, reason_of, state_of
from support.told_assistance import ASSISTANCE, HELPER, Session, naming, outcomes

UPDATE = "songcau.eservices.v1.DossierService/UpdateDossier"
SUBMIT = "songcau.eservices.v1.DossierService/SubmitDossier"


@dataclass
class Help:
    """A citizen with a draft, and the session in which they are helped."""

    world: DossierWorld
    citizen: Person
    dossier: Any
    session: Session

    def update(self, answers: dict[str, Any], *, dossier: Any = None) -> Any:
        dossier = dossier or self.dossier
        return pb.UpdateDossierRequest(
            request_id=key(),
            dossier_id=dossier.id,
            expected_version=dossier.version,
            answers=ParseDict(answers, Struct()),
        )

    def carry_out(self, act_id: str, request: Any, **claims: Any) -> Any:
        metadata = naming(self.world.call_as(**(ASSISTANCE | claims)), act_id)
        method = type(request).__name__.removesuffix("Request")
        return getattr(self.world.dossiers, method)(request, metadata=metadata).dossier


@pytest.fixture
def helped(dossier_world: DossierWorld) -> Help:
    world, citizen = dossier_world, dossier_world.person()
    world.known(citizen)
    session = Session(on_assistance, world.url, citizen.citizen_id, world.clock.now())
    return Help(world, citizen, world.create(citizen), session)


def entries(helped: Help) -> list[tuple[Any, ...]]:
    return helped.world.rows(
        """select operation, actor_id, actor_kind, assisted_by, assisted_by_kind, outcome, reason from audit_entries
        where subject_id = %s and (assisted_by is not null or actor_id = %s) order by occurred_at, id""",
        helped.citizen.citizen_id,
        HELPER,
    )


def test_what_was_confirmed_is_done_as_the_citizen_and_the_helper_stands_beside(helped: Help):
    request = helped.update({"authorised": True})
    act_id = helped.session.confirm(UPDATE, request)
    shown = helped.carry_out(act_id, request)
    assert {descriptor.name for descriptor, _ in shown.ListFields()} == {"id", "reference", "version", "status"}
    own = helped.world.get(helped.dossier, helped.world.as_citizen(helped.citizen))
    assert (own.version, own.answers["authorised"]) == (2, True)
    citizen_id = helped.citizen.citizen_id
    assert entries(helped) == [("UPDATE_DOSSIER", citizen_id, "CITIZEN", HELPER, "DIGITAL_TEAM", "ALLOWED", None)]


def test_another_request_than_the_confirmed_one_is_refused_and_entered(helped: Help):
    act_id = helped.session.confirm(UPDATE, helped.update({"authorised": True}))
    assert reason_of(lambda: helped.carry_out(act_id, helped.update({"authorised": False}))) == "ASSISTED_ACT_DIFFERS"
    submit = pb.SubmitDossierRequest(request_id=key(), dossier_id=helped.dossier.id, expected_version=1)
    assert reason_of(lambda: helped.carry_out(act_id, submit)) == "ASSISTED_ACT_DIFFERS"
    assert [entry[0] for entry in entries(helped)] == ["CARRY_OUT_ASSISTED_ACT"] * 2
    assert {entry[1] for entry in entries(helped)} == {HELPER}
    assert helped.world.get(helped.dossier, helped.world.as_citizen(helped.citizen)).version == 1


@pytest.mark.parametrize("acr", ["aal1", None])
def test_a_helper_without_a_second_factor_carries_nothing_out(helped: Help, acr: str | None):
    request = helped.update({"authorised": True})
    act_id = helped.session.confirm(UPDATE, request)
    with pytest.raises(DomainError) as caught:
        helped.carry_out(act_id, request, acr=acr)
    assert (caught.value.reason.code, caught.value.details) == (
        "AUTHENTICATION_INSUFFICIENT",
        {"acr_values": "aal2"},
    )
    assert helped.world.get(helped.dossier, helped.world.as_citizen(helped.citizen)).version == 1
    assert helped.carry_out(act_id, request).version == 2


def test_answers_shown_with_the_questions_of_another_procedure_are_refused(helped: Help):
    request = helped.update({"authorised": True})
    request.procedure_code = "1.001193"
    assert reason_of(lambda: helped.carry_out(helped.session.confirm(UPDATE, request), request)) == "ANSWERS_INVALID"
    request.procedure_code = helped.dossier.procedure_code
    assert helped.carry_out(helped.session.confirm(UPDATE, request), request).version == 2


def test_an_act_is_carried_out_once_however_many_try_at_once(helped: Help):
    request = helped.update({"authorised": True})
    act_id = helped.session.confirm(UPDATE, request)
    copies = [pb.UpdateDossierRequest.FromString(request.SerializeToString()) for _ in range(4)]
    for copy in copies:
        copy.request_id = key()
    refused = outcomes([lambda c=copy: helped.carry_out(act_id, c) for copy in copies])
    assert refused == ["", *["ASSISTED_ACT_USED"] * 3]
    assert helped.world.rows("select count(*) from assisted_act_uses where act_id = %s", act_id) == [(1,)]


def test_the_same_request_again_gets_the_same_answer_while_the_session_lasts(helped: Help):
    request = helped.update({"authorised": True})
    act_id = helped.session.confirm(UPDATE, request)
    assert helped.carry_out(act_id, request) == helped.carry_out(act_id, request)
    helped.session.end()
    assert reason_of(lambda: helped.carry_out(act_id, request)) == "ASSISTED_ACT_OVER"


def test_nothing_is_carried_out_after_the_end_or_the_time_of_the_session(helped: Help):
    request = helped.update({"authorised": True})
    ended, late = (helped.session.confirm(UPDATE, request) for _ in range(2))
    helped.session.end()
    assert reason_of(lambda: helped.carry_out(ended, request)) == "ASSISTED_ACT_OVER"
    lasting = Session(
        on_assistance, helped.world.url, helped.citizen.citizen_id, helped.world.clock.now() - timedelta(minutes=31)
    )
    late = lasting.confirm(UPDATE, request)
    assert reason_of(lambda: helped.carry_out(late, request)) == "ASSISTED_ACT_OVER"
    assert helped.world.get(helped.dossier, helped.world.as_citizen(helped.citizen)).version == 1


def test_a_confirmation_told_again_or_for_the_first_time_after_the_end_is_of_no_use(helped: Help):
    request = helped.update({"authorised": True})
    told = helped.session.confirm(UPDATE, request)
    helped.session.end()
    helped.session.confirm_again()
    late = helped.session.confirm(UPDATE, request)
    for act_id in (told, late):
        assert reason_of(lambda a=act_id: helped.carry_out(a, request)) == "ASSISTED_ACT_OVER"
    other = Session(on_assistance, helped.world.url, helped.citizen.citizen_id, helped.world.clock.now())
    assert helped.carry_out(other.confirm(UPDATE, request), request).version == 2


def test_an_end_is_forgotten_a_day_after_the_time_of_its_session(helped: Help):
    helped.session.end()
    remembered = "select count(*) from assisted_session_ends where session_id = %s"
    for minutes, left in ((29, 1), (31, 0)):
        with psycopg.connect(helped.world.url) as conn:
            assisted_acts.prune(conn, helped.world.clock.now() + timedelta(days=1, minutes=minutes), at_most=100)
        assert helped.world.rows(remembered, helped.session.session_id) == [(left,)]


def test_an_effect_that_fails_leaves_the_act_to_be_carried_out(helped: Help):
    submit = pb.SubmitDossierRequest(request_id=key(), dossier_id=helped.dossier.id, expected_version=1)
    act_id = helped.session.confirm(SUBMIT, submit)
    assert reason_of(lambda: helped.carry_out(act_id, submit)) == "DOSSIER_INCOMPLETE"
    assert helped.world.rows("select count(*) from assisted_act_uses where act_id = %s", act_id) == [(0,)]
    assert state_of(helped.world.get(helped.dossier, helped.world.as_citizen(helped.citizen))) == "DRAFT"


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"sub": "helper-2"}, "ASSISTED_ACT_NOT_CONFIRMED"),
        ({"roles": ["officer"], "sub": HELPER}, ""),
        ({"roles": ["leader"]}, "PERMISSION_DENIED"),
        ({"roles": ["citizen"]}, "PERMISSION_DENIED"),
        ({"scopes": ["dossier:write"]}, "PERMISSION_DENIED"),
    ],
)
def test_only_the_helper_of_the_session_carries_an_act_out(helped: Help, claims: dict[str, Any], reason: str):
    request = helped.update({"authorised": True})
    act_id = helped.session.confirm(UPDATE, request)
    if reason:
        assert reason_of(lambda: helped.carry_out(act_id, request, **claims)) == reason
    else:
        assert helped.carry_out(act_id, request, **claims).version == 2


def test_an_act_about_somebody_else_s_dossier_finds_none(helped: Help):
    stranger = helped.world.person()
    request = helped.update({"authorised": True}, dossier=helped.world.create(stranger))
    act_id = helped.session.confirm(UPDATE, request)
    assert reason_of(lambda: helped.carry_out(act_id, request)) == "DOSSIER_NOT_FOUND"


def test_what_only_the_citizen_does_refuses_an_act(helped: Help):
    request = pb.WithdrawDossierRequest(request_id=key(), dossier_id=helped.dossier.id, expected_version=1, reason="x")
    act_id = helped.session.confirm("songcau.eservices.v1.DossierService/WithdrawDossier", request)
    assert reason_of(lambda: helped.carry_out(act_id, request)) == "ASSISTED_ACT_NOT_POSSIBLE"
    reading = naming(helped.world.call_as(**ASSISTANCE), act_id)
    assert reason_of(lambda: helped.world.get(helped.dossier, reading)) == "ASSISTED_ACT_NOT_POSSIBLE"
