"""Refusals before a use case stand on the list of whom they were about: of the gateway, and while the log is stale."""

from collections.abc import Iterator
from typing import Any

import pytest
from songcau.identity.v1 import citizen_service_pb2 as citizens
from songcau.identity.v1 import refusal_service_pb2 as pb
from songcau.identity.v1.refusal_service_pb2_grpc import RefusalServiceStub
from support.identity_service import Identity, reason_of
from support.identity_waiting import served_waiting


def entries(identity: Identity, citizen_id: str) -> list[tuple[Any, ...]]:
    with identity.database.read() as connection:
        return connection.execute(
            """select operation, outcome, reason from audit_entries
            where subject_id = %s and outcome <> 'ALLOWED' order by operation""",
            (citizen_id,),
        ).fetchall()


@pytest.fixture
def waiting(identity: Identity) -> Iterator[Identity]:
    """Return the service as one that waits for a log nobody vouches for."""
    with served_waiting(identity, seconds=1) as waiting:
        yield waiting


def test_an_act_that_must_wait_for_the_log_is_entered_as_failed(waiting: Identity):
    citizen_id = waiting.link().citizen.citizen_id
    request = citizens.BlockCitizenRequest(citizen_id=citizen_id, request_id="b-1", expected_version=1)
    call = lambda: waiting.citizens.BlockCitizen(request, metadata=waiting.as_data_officer())  # noqa: E731
    assert reason_of(call) == "AUDIT_LOG_STALE"
    # The client tries again what is unavailable, and each attempt is entered.
    assert set(entries(waiting, citizen_id)) == {("BLOCK_CITIZEN", "FAILED", "AUDIT_LOG_STALE")}


def record(identity: Identity, **facts: Any) -> None:
    request = pb.RecordRefusalRequest(**{"rpc": "BlockCitizen", "cause": pb.REFUSAL_CAUSE_ROLE_MISSING} | facts)
    identity.channel.stub(RefusalServiceStub).RecordRefusal(request, metadata=identity.as_officer())


def test_who_the_gateway_turned_away_is_entered(identity: Identity):
    citizen_id = identity.link().citizen.citizen_id
    record(identity, citizen_id=citizen_id)
    record(identity, citizen_id=citizen_id, rpc="UnblockCitizen", cause=pb.REFUSAL_CAUSE_SCOPE_MISSING)
    assert entries(identity, citizen_id) == [
        ("BLOCK_CITIZEN", "DENIED", "ROLE_MISSING"),
        ("UNBLOCK_CITIZEN", "DENIED", "SCOPE_MISSING"),
    ]


@pytest.mark.parametrize("citizen_id", ["", "nobody", "019b0000-0000-4000-8000-00000000dead"])
def test_a_refusal_about_nobody_is_no_entry(identity: Identity, citizen_id: str):
    with identity.database.read() as connection:
        before = connection.execute("select count(*) from audit_entries").fetchone()
        record(identity, citizen_id=citizen_id)
        assert connection.execute("select count(*) from audit_entries").fetchone() == before


@pytest.mark.parametrize("facts", [{"rpc": "NoSuchCall"}, {"cause": pb.REFUSAL_CAUSE_UNSPECIFIED}])
def test_a_refusal_without_call_or_cause_is_refused(identity: Identity, facts: dict[str, Any]):
    citizen_id = identity.link().citizen.citizen_id
    assert reason_of(lambda: record(identity, citizen_id=citizen_id, **facts)) == "INVALID_REQUEST"
    assert entries(identity, citizen_id) == []
