"""The audit service as a test holds it: what comes over the bus, a log that grows, a signer, a witness, the door."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from songcau.audit.v1 import log_service_pb2 as log_pb
from songcau.audit.v1 import log_service_pb2_grpc, proof_service_pb2_grpc
from songcau.audit.v1 import proof_service_pb2 as proof_pb
from songcau.common.v1.access_event_pb2 import AccessEvent
from songcau.identity.events.v1 import citizen_event_pb2 as citizen_events
from songcau_audit import app, consumers
from songcau_audit.integration import Integration
from songcau_audit.settings import Settings
from songcau_audit.signer_memory import SignerMemory
from songcau_audit.signing import Pace, Signing
from songcau_kit.clock import FixedClock
from songcau_kit.database import Database
from songcau_kit.errors import DomainError
from songcau_kit.objects import ObjectStore
from songcau_kit.rpc_client import RpcChannel, call_metadata
from songcau_kit.rpc_policy import RetryPolicy
from songcau_kit.signed_notes import NoteSigner, Use, new_private_key
from support.token_issuer import TokenIssuer

ORIGIN = "audit.songcau.test"
PACE = Pace(timedelta(seconds=1), timedelta(seconds=30))


@dataclass
class AuditLog:
    """One log and everything a test asks of it."""

    url: str
    clock: FixedClock
    issuer: TokenIssuer
    database: Database
    channel: RpcChannel
    settings: Settings
    signer: NoteSigner = field(
        default_factory=lambda: NoteSigner.from_pem(ORIGIN, Use.NOTE, new_private_key().encode())
    )
    store: ObjectStore = field(default_factory=lambda: ObjectStore("memory:///"))
    log: Any = field(init=False)
    proofs: Any = field(init=False)
    keeping: app.Keeping = field(init=False)

    def __post_init__(self) -> None:
        self.log = self.channel.stub(log_service_pb2_grpc.LogServiceStub)
        self.proofs = self.channel.stub(proof_service_pb2_grpc.ProofServiceStub)
        self.keeping = app.build_keeping(self.settings, self.database, self.clock)
        self.handlers = consumers.handlers(self.keeping.sealing, self.keeping.gate.forget)

    # what comes over the bus
    def tell(self, *events: AccessEvent) -> None:
        """Take accesses in, as the consumer does."""
        with self.database.transaction(pipeline=True) as connection:
            for event in events:
                self.handlers[f"{event.service}.access.v1"].handle(connection, event)

    def tell_citizen(self, citizen_id: str, version: int, **fact: Any) -> None:
        event = citizen_events.CitizenEvent(**fact)
        event.meta.aggregate_id, event.meta.aggregate_version = citizen_id, version
        event.meta.occurred_at.FromDatetime(self.clock.now())
        with self.database.transaction() as connection:
            self.handlers[consumers.CITIZEN_TOPIC].handle(connection, event)

    def erase(self, citizen_id: str) -> None:
        self.tell_citizen(
            citizen_id, 9, citizen_erased=citizen_events.CitizenErased(erasure_id=str(uuid4()), request_id=str(uuid4()))
        )

    # how the log grows
    def integrate(self) -> int:
        return Integration(self.database).integrate()

    def signing(self, *witnesses: Any) -> Signing:
        """Return a signer that has just started: it knows what database and memory know."""
        memory = SignerMemory(self.store, [self.signer.verifier])
        return Signing(
            self.database, self.clock, signer=self.signer, memory=memory, witnesses=list(witnesses), pace=PACE
        )

    def forget_signed_trees(self) -> None:
        """Empty the signer's memory, as whoever runs everything could."""
        self.store = ObjectStore("memory:///")

    def grow(self, citizen_id: str, count: int) -> list[str]:
        """Add accesses to one citizen's data, integrate and sign; return the ids of their entries."""
        events = [access_event(citizen_id) for _ in range(count)]
        self.tell(*events)
        self.integrate()
        self.sign()
        return [event.meta.id for event in events]

    def sign(self, *witnesses: Any) -> Any:
        self.clock.advance(timedelta(seconds=2))
        return self.signing(*witnesses).sign_if_due()

    # who calls
    def as_citizen(self, citizen_id: str, **claims: Any) -> Any:
        given = {
            "sub": f"account-of-{citizen_id}",
            "citizen_id": citizen_id,
            "azp": "citizen-app",
            "roles": ["citizen"],
            "scopes": ["access:read"],
        } | claims
        return call_metadata(token=self.issuer.token(**given), correlation_id=f"test-{uuid4()}")

    def own_proofs(self, citizen_id: str, entry_ids: list[str], *, tree_size: int = 0, **claims: Any) -> Any:
        request = proof_pb.ListOwnProofsRequest(entry_ids=entry_ids, tree_size=tree_size)
        return self.proofs.ListOwnProofs(request, metadata=self.as_citizen(citizen_id, **claims))

    def checkpoint(self) -> Any:
        return self.log.GetCheckpoint(log_pb.GetCheckpointRequest())

    def entries(self, size: int) -> bytes:
        """Return the bundles of a whole small log, one after another."""
        parts = []
        for index in range((size + 255) // 256):
            width = min(256, size - 256 * index)
            parts.append(self.log.GetEntryBundle(log_pb.GetEntryBundleRequest(index=index, width=width)).bundle)
        return b"".join(parts)

    # what is stored
    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(statement, values).fetchall()

    def tamper(self, statement: str, *values: Any) -> None:
        """Change the log as an administrator of the database could."""
        with psycopg.connect(self.url) as connection:
            connection.execute("set session_replication_role = replica")
            connection.execute(statement, values)


@contextmanager
def running_log(url: str, issuer: TokenIssuer, clock: FixedClock, **changes: Any) -> Iterator[AuditLog]:
    """Serve the log of a database."""
    settings = settings_for(url, issuer, **changes)
    database = Database(url, max_size=16, application_name="audit-serve")
    server = app.build_rpc_server(settings, database, clock, app.build_keeping(settings, database, clock).sealing)
    server.start()
    channel = RpcChannel(f"127.0.0.1:{server.port}", policy=RetryPolicy.load_for("songcau.audit.v1"))
    try:
        yield AuditLog(url, clock, issuer, database, channel, settings)
    finally:
        channel.close()
        server.stop(1)
        database.close()


def access_event(citizen_id: str, **changes: str) -> AccessEvent:
    event = AccessEvent(
        subject_id=citizen_id,
        service="eservices",
        client_id="officer-console",
        operation="GET_DOSSIER",
        object_kind="dossier",
        object_id=str(uuid4()),
        purpose="DOSSIER_PROCESSING",
        outcome="ACCESS_OUTCOME_ALLOWED",
    )
    event.meta.id, event.meta.aggregate_id = str(uuid4()), citizen_id
    event.meta.occurred_at.FromDatetime(datetime(2026, 11, 27, 2, 0, tzinfo=UTC))
    event.meta.actor.id, event.meta.actor.kind, event.meta.actor.organization = "officer-9", "OFFICER", "H55.242"
    event.meta.correlation_id = f"test-{uuid4()}"
    for name, value in changes.items():
        setattr(event, name, value)
    return event


def new_citizen() -> str:
    return str(UUID(int=uuid4().int))


def reason_of(call: Callable[[], Any]) -> str:
    with pytest.raises(DomainError) as caught:
        call()
    return caught.value.reason.code


def settings_for(url: str, issuer: TokenIssuer, **changes: Any) -> Settings:
    return Settings(
        **{
            "database_url": url,
            "grpc_address": "127.0.0.1:0",
            "token_issuer": issuer.issuer,
            "jwks_url": issuer.jwks_url,
            "origin": ORIGIN,
        }
        | changes
    )


def key_file(folder: Path, name: str) -> Path:
    file = folder / name
    file.write_text(new_private_key())
    return file
