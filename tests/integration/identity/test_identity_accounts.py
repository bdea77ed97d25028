"""Acts on accounts are admitted once, entered before they are done, and their outcome is answered again."""

from typing import Any
from uuid import uuid4

import pytest
from songcau.identity.v1 import account_service_pb2 as pb
from support.identity_service import Identity, reason_of

ACCOUNT = "0b0f8a5e-0000-4000-8000-000000000001"


def act(action: int, citizen_id: str = "", **changes: Any) -> pb.AccountAct:
    return pb.AccountAct(action=action, account_id=changes.get("account_id", ACCOUNT), citizen_id=citizen_id)


def begin(identity: Identity, act: pb.AccountAct, *, key: str = "k", **claims: Any) -> str:
    request = pb.BeginAccountActionRequest(request_id=key, act=act)
    return str(identity.accounts.BeginAccountAction(request, metadata=identity.as_administrator(**claims)).outcome)


def finish(identity: Identity, act: pb.AccountAct, *, key: str = "k", outcome: str = "", failure: str = "") -> None:
    request = pb.FinishAccountActionRequest(request_id=key, act=act, outcome=outcome, failure=failure)
    identity.accounts.FinishAccountAction(request, metadata=identity.as_administrator())


def test_an_act_stands_in_the_citizen_s_list_before_it_is_done(identity: Identity):
    citizen_id = identity.link().citizen.citizen_id
    assert begin(identity, act(pb.ACCOUNT_ACTION_DISABLE, citizen_id)) == ""
    listed = identity.own_accesses(citizen_id).accesses
    entry = next(entry for entry in listed if entry.operation == "DISABLE_ACCOUNT")
    assert (entry.object_kind, entry.object_id, entry.outcome) == ("account", ACCOUNT, "ALLOWED")
    assert (entry.actor_kind, entry.purpose) == ("OFFICER", "DATA_SUBJECT_REQUEST")


def test_what_was_finished_is_answered_again_and_another_request_with_the_key_is_refused(identity: Identity):
    disable = act(pb.ACCOUNT_ACTION_DISABLE)
    begin(identity, disable)
    finish(identity, disable, outcome='{"enabled":false}')
    assert begin(identity, disable) == '{"enabled":false}'
    other = act(pb.ACCOUNT_ACTION_DISABLE, account_id=str(uuid4()))
    assert reason_of(lambda: begin(identity, other)) == "IDEMPOTENCY_KEY_REUSED"


def test_a_running_act_is_not_begun_twice_and_one_that_was_given_up_is(identity: Identity):
    unlink = act(pb.ACCOUNT_ACTION_UNLINK)
    begin(identity, unlink)
    assert reason_of(lambda: begin(identity, unlink)) == "IDEMPOTENCY_KEY_IN_PROGRESS"
    with identity.database.transaction() as connection:
        connection.execute("update idempotency_keys set response = 'running 2026-01-01T00:00:00+00:00'")
    assert begin(identity, unlink) == ""


def test_a_failed_act_is_an_entry_and_may_begin_again(identity: Identity):
    citizen_id = identity.link().citizen.citizen_id
    unlink = act(pb.ACCOUNT_ACTION_UNLINK, citizen_id)
    begin(identity, unlink)
    finish(identity, unlink, failure="ISSUER_UNAVAILABLE")
    assert begin(identity, unlink) == ""
    ended = [(row[3], row[5], row[6]) for row in identity.audit() if row[3] == "UNLINK_ACCOUNT"]
    assert ended == [
        ("UNLINK_ACCOUNT", "ALLOWED", None),
        ("UNLINK_ACCOUNT", "FAILED", "ISSUER_UNAVAILABLE"),
        ("UNLINK_ACCOUNT", "ALLOWED", None),
    ]


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"acr": "aal1"}, "AUTHENTICATION_INSUFFICIENT"),
        ({"acr": None}, "AUTHENTICATION_INSUFFICIENT"),
        ({"purpose": None}, "PURPOSE_REQUIRED"),
        ({"purpose": "CURIOSITY"}, "PURPOSE_UNKNOWN"),
        ({"sub": ACCOUNT}, "OWN_ACCOUNT"),
        ({"roles": ["officer"]}, "PERMISSION_DENIED"),
        ({"roles": ["operator"]}, "PERMISSION_DENIED"),
    ],
)
def test_who_may_not_is_refused_and_the_refusal_is_an_entry(identity: Identity, claims: dict[str, Any], reason: str):
    link = act(pb.ACCOUNT_ACTION_LINK, str(uuid4()))
    assert reason_of(lambda: begin(identity, link, **claims)) == reason
    (entry,) = identity.audit()
    assert (entry[3], entry[5], entry[6]) == ("LINK_ACCOUNT", "DENIED", reason)


def test_agencies_are_the_operator_s_and_links_the_data_officer_s(identity: Identity):
    assign = act(pb.ACCOUNT_ACTION_ASSIGN_AGENCY)
    assert begin(identity, assign, roles=["operator"]) == ""
    assert reason_of(lambda: begin(identity, assign, key="k2")) == "PERMISSION_DENIED"


def test_only_an_active_citizen_is_linked(identity: Identity):
    citizen_id = identity.link().citizen.citizen_id
    assert begin(identity, act(pb.ACCOUNT_ACTION_LINK, citizen_id), key="k1") == ""
    nobody = act(pb.ACCOUNT_ACTION_LINK, str(uuid4()))
    assert reason_of(lambda: begin(identity, nobody, key="k2")) == "CITIZEN_NOT_FOUND"
    with identity.database.transaction() as connection:
        connection.execute("update citizens set status = 'BLOCKED'")
    blocked = act(pb.ACCOUNT_ACTION_LINK, citizen_id)
    assert reason_of(lambda: begin(identity, blocked, key="k3")) == "CITIZEN_NOT_ACTIVE"


def test_a_look_at_an_account_is_an_entry(identity: Identity):
    citizen_id = identity.link().citizen.citizen_id
    request = pb.RecordAccountViewRequest(account_id=ACCOUNT, citizen_id=citizen_id)
    identity.accounts.RecordAccountView(request, metadata=identity.as_administrator(auth_time=1_700_000_000))
    assert "VIEW_ACCOUNT" in [entry.operation for entry in identity.own_accesses(citizen_id).accesses]


@pytest.mark.parametrize(
    "act_of",
    [pb.AccountAct(), pb.AccountAct(action=3), pb.AccountAct(action=3, account_id="x", citizen_id="nobody")],
    ids=["no action", "no account", "no id"],
)
def test_what_is_not_an_act_is_refused(identity: Identity, act_of: pb.AccountAct):
    assert reason_of(lambda: begin(identity, act_of)) == "INVALID_REQUEST"
