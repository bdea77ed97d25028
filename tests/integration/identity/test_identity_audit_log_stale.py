"""Acts on other people's records wait while nobody vouches for the audit log; nothing else does."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from songcau.identity.v1 import citizen_service_pb2 as citizens
from songcau_identity import consumers
from songcau_identity.rights.answers import Answers
from songcau_kit.clock import SystemClock
from support.identity_service import Identity, reason_of
from support.identity_waiting import served_waiting
from support.log_signer import LogSigner

LONGEST_S = 2
LOG = LogSigner()


@pytest.fixture
def waiting(identity: Identity) -> Iterator[Identity]:
    """Return the service as one that waits for the log, beside the one of the other tests."""
    with served_waiting(identity, seconds=LONGEST_S) as waiting:
        yield waiting


def vouch(identity: Identity, size: int) -> None:
    event = LOG.event(size, at=datetime.now(UTC), previous=size - 1)
    with identity.database.transaction() as connection:
        handlers = consumers.handlers(Answers(SystemClock()), (), [LOG.signer.verifier])
        handlers["audit.checkpoint.v1"].handle(connection, event)


def test_a_block_waits_for_the_log_and_reads_do_not(waiting: Identity):
    citizen_id = waiting.link().citizen.citizen_id

    def block(request_id: str) -> citizens.BlockCitizenResponse:
        request = citizens.BlockCitizenRequest(citizen_id=citizen_id, request_id=request_id, expected_version=1)
        return waiting.citizens.BlockCitizen(request, metadata=waiting.as_data_officer())

    assert reason_of(lambda: block("b-1")) == "AUDIT_LOG_STALE"
    waiting.citizens.GetOwnProfile(citizens.GetOwnProfileRequest(), metadata=waiting.as_citizen(citizen_id))
    request = citizens.LookUpCitizenRequest(number="019185000001")
    waiting.citizens.LookUpCitizen(request, metadata=waiting.as_officer())
    vouch(waiting, 1)
    time.sleep(LONGEST_S + 0.2)
    assert reason_of(lambda: block("b-1")) == "AUDIT_LOG_STALE"
    vouch(waiting, 2)
    assert block("b-1").citizen.version == 2
