"""No medical paper is signed while nobody vouches for the audit log; the rest of the care goes on."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from songcau.telehealth.v1 import consultation_pb2 as pb
from songcau_kit.audit_checkpoints import CheckpointKeeping
from songcau_kit.clock import FixedClock
from support.log_signer import LogSigner
from support.telehealth_service import Telehealth, reason_of, serving
from support.token_issuer import TokenIssuer

LONGEST_S = 60
LOG = LogSigner()


@pytest.fixture
def waiting(
    telehealth_url: str, fixed_clock: FixedClock, telehealth_issuer: TokenIssuer, tmp_path: Path
) -> Iterator[Telehealth]:
    """Return the service as one that waits for the log."""
    with serving(
        telehealth_url, fixed_clock, telehealth_issuer, tmp_path, audit_log_max_age_seconds=LONGEST_S
    ) as waiting:
        yield waiting


def vouch(telehealth: Telehealth, size: int) -> None:
    event = LOG.event(size, at=telehealth.clock.now(), previous=size - 1)
    with telehealth.database.transaction() as connection:
        CheckpointKeeping([LOG.signer.verifier], telehealth.clock).keep(connection, event)


def test_a_summary_waits_for_the_log_and_the_rest_of_the_care_does_not(waiting: Telehealth) -> None:
    citizen_id = waiting.link()
    in_call = waiting.in_call(citizen_id)
    assert reason_of(lambda: waiting.complete(in_call)) == "AUDIT_LOG_STALE"
    assert waiting.audit(citizen_id)[-1] == ("CLINICIAN", "COMPLETE_CONSULTATION", "FAILED", "AUDIT_LOG_STALE")
    assert waiting.rows("select count(*) from consultations where state = 'COMPLETED'") == [(0,)]
    vouch(waiting, 1)
    waiting.clock.advance(timedelta(seconds=LONGEST_S + 1))
    assert reason_of(lambda: waiting.complete(in_call)) == "AUDIT_LOG_STALE"
    vouch(waiting, 2)
    assert waiting.complete(in_call).state == pb.CONSULTATION_STATE_COMPLETED
