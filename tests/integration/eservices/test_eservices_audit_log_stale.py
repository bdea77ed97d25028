"""Nobody decides on a dossier while nobody vouches for the audit log; everything else goes on."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from songcau_eservices.app import build_rpc_server
from songcau_kit.audit_checkpoints import CheckpointKeeping
from songcau_kit.database import Database
from songcau_kit.rpc_client import RpcChannel
from songcau_kit.rpc_policy import RetryPolicy
from support.dossier_world import DossierWorld, reason_of, state_of
from support.log_signer import LogSigner

LONGEST_S = 60
LOG = LogSigner()


@pytest.fixture
def waiting(dossier_world: DossierWorld) -> Iterator[DossierWorld]:
    """Return the service as one that waits for the log, beside the one of the other tests."""
    world = dossier_world
    settings = world.settings.model_copy(update={"audit_log_max_age_seconds": LONGEST_S})
    database = Database(world.url, application_name="eservices-serve")
    nobody = RpcChannel("127.0.0.1:9", policy=RetryPolicy.load_for("songcau.identity.v1"))
    server = build_rpc_server(settings, database, world.clock, nobody)
    server.start()
    channel = RpcChannel(f"127.0.0.1:{server.port}", policy=RetryPolicy.load_for("songcau.eservices.v1"))
    yield DossierWorld(world.url, world.issuer, world.clock, channel, world.identity, settings)
    for end in (channel, nobody):
        end.close()
    server.stop(1)
    database.close()


def vouch(world: DossierWorld, size: int) -> None:
    database = Database(world.url, application_name="eservices-work")
    with database.transaction() as connection:
        event = LOG.event(size, at=world.clock.now(), previous=size - 1)
        CheckpointKeeping([LOG.signer.verifier], world.clock).keep(connection, event)
    database.close()


def test_a_decision_waits_for_the_log_and_other_steps_do_not(dossier_world: DossierWorld, waiting: DossierWorld):
    person = dossier_world.person()
    submitted = dossier_world.submitted(person)
    grounds = {"reason": "Không thuộc thẩm quyền."}
    officer = waiting.as_officer()
    assert reason_of(lambda: waiting.move("Refuse", submitted, officer, **grounds)) == "AUDIT_LOG_STALE"
    assert waiting.audit(person)[-1][4:] == ("FAILED", "AUDIT_LOG_STALE")
    assert state_of(waiting.get(submitted, officer)) == "SUBMITTED"
    vouch(waiting, 1)
    waiting.clock.advance(timedelta(seconds=LONGEST_S + 1))
    assert reason_of(lambda: waiting.move("Refuse", submitted, officer, **grounds)) == "AUDIT_LOG_STALE"
    vouch(waiting, 2)
    assert state_of(waiting.move("Refuse", submitted, officer, **grounds)) == "NOT_ACCEPTED"
