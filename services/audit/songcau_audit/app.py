"""Builds the processes of the audit service from their settings: `serve`, `work` and `sign`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from songcau.audit.v1 import log_service_pb2_grpc, proof_service_pb2_grpc
from songcau_kit.audit import AuditJournal
from songcau_kit.blind_index import BlindIndex
from songcau_kit.bus import open_bus
from songcau_kit.clock import Clock, SystemClock
from songcau_kit.consumer import Consumer
from songcau_kit.crash import arm_crash
from songcau_kit.data_keys import DataKeys
from songcau_kit.database import Database
from songcau_kit.erasure_gate import ErasureGate, open_gate
from songcau_kit.housekeeping import Housekeeping
from songcau_kit.http_ops import OpsServer
from songcau_kit.objects import ObjectStore
from songcau_kit.process import Closing, Component
from songcau_kit.relay import Relay
from songcau_kit.rpc_server import RpcServer
from songcau_kit.signed_notes import NoteError, NoteSigner, Use, parse_verifiers
from songcau_kit.tls import TlsSource, open_tls
from songcau_kit.tokens import TokenVerifier
from songcau_kit.topics import load_topics, topics_folder, topics_of
from songcau_kit.wrapping_key_watch import WrappingKeyWatch
from songcau_kit.wrapping_keys import open_wrapping_keys

from songcau_audit import consumers
from songcau_audit.auditing import Auditor
from songcau_audit.integration import Integration
from songcau_audit.proofs import LogReading, OwnProofReading
from songcau_audit.sealing import Sealing
from songcau_audit.servers import log, proofs
from songcau_audit.servers.workloads import WORKLOADS
from songcau_audit.settings import Settings
from songcau_audit.signer_memory import SignerMemory
from songcau_audit.signing import Pace, Signing
from songcau_audit.witness_client import WitnessClient

SERVICE = "audit"
WORKERS = 16


class KeyMissingError(OSError):
    """A signing key is not there, cannot be read or is none; the text names the setting."""


@dataclass(frozen=True)
class Keeping:
    """What seals and opens leaves, and the gate by which erased people are forgotten before anybody works."""

    sealing: Sealing
    gate: ErasureGate


def build_keeping(settings: Settings, database: Database, clock: Clock) -> Keeping:
    """Return both on the same keys; raises ErasureLedgerError for a ledger key that is none."""
    data_keys = DataKeys(open_wrapping_keys(settings), clock)
    sealing = Sealing(data_keys, BlindIndex.parse(settings.blind_index_key.get_secret_value()))
    return Keeping(sealing, open_gate(settings, database, data_keys, sealing.forget))


def build_rpc_server(
    settings: Settings, database: Database, clock: Clock, sealing: Sealing, *, tls: TlsSource | None = None
) -> RpcServer:
    """Return the gRPC server with both services."""
    own = OwnProofReading(database, sealing)
    own_proofs = proofs.ProofServer(own, Auditor(AuditJournal(database, clock=clock)))
    server = RpcServer(
        address=settings.grpc_address,
        verifier=TokenVerifier(
            issuer=settings.token_issuer, audience=settings.token_audience, jwks_url=settings.jwks_url, clock=clock
        ),
        rules=log.RULES | proofs.RULES,
        clock=clock,
        workers=WORKERS,
        service_name=SERVICE,
        workloads=WORKLOADS,
        tls=tls,
        note_refusal=own_proofs.at_door,
    )
    server.add(log_service_pb2_grpc.add_LogServiceServicer_to_server, log.LogServer(LogReading(database)))
    server.add(proof_service_pb2_grpc.add_ProofServiceServicer_to_server, own_proofs)
    return server


def build_serve(settings: Settings) -> Sequence[Component]:
    """Return the components of `serve`."""
    arm_crash(settings.crash_at)
    database = Database(settings.database_url, max_size=WORKERS, application_name="audit-serve")
    watch = WrappingKeyWatch(database, open_wrapping_keys(settings))
    keeping = build_keeping(settings, database, SystemClock())
    checks = {"database": database.check, "wrapping_keys": watch.check, "erasures": keeping.gate.check}
    ops = OpsServer(settings.ops_address, checks)
    server = build_rpc_server(settings, database, SystemClock(), keeping.sealing, tls=open_tls(settings, SERVICE))
    return [Closing(database), ops, watch, keeping.gate, server]


def build_work(settings: Settings) -> Sequence[Component]:
    """Return the components of `work`: accesses in, the tree grown, own events out, housekeeping."""
    arm_crash(settings.crash_at)
    database = Database(settings.database_url, application_name="audit-work")
    bus = open_bus(settings.bus_url, "audit-work")
    bus.ensure_topics(topics_of(SERVICE, load_topics(topics_folder())))
    relay = Relay(database, bus)
    keeping = build_keeping(settings, database, SystemClock())
    handlers = consumers.handlers(keeping.sealing, keeping.gate.forget)
    consumer = Consumer(bus, database, group=consumers.GROUP, handlers=handlers)
    integration = Integration(database)
    watch = WrappingKeyWatch(database, open_wrapping_keys(settings))
    checks = {
        "database": database.check,
        "wrapping_keys": watch.check,
        "erasures": keeping.gate.check,
        "relay": relay.check,
        "consumer": consumer.check,
        "integration": integration.check,
    }
    ops = OpsServer(settings.work_ops_address, checks)
    own: list[Component] = [relay, consumer, integration]
    return [Closing(database), Closing(bus), ops, watch, keeping.gate, *own, Housekeeping(database)]


def build_sign(settings: Settings) -> Sequence[Component]:
    """Return the components of `sign`; raises KeyMissingError."""
    arm_crash(settings.crash_at)
    database = Database(settings.database_url, application_name="audit-sign")
    signer = read_signer(settings, "signing_key", settings.origin, Use.NOTE)
    believed = [signer.verifier, *parse_verifiers(settings.audit_log_keys)]
    signing = Signing(
        database,
        SystemClock(),
        signer=signer,
        memory=SignerMemory(ObjectStore(settings.object_store_url), believed),
        witnesses=[WitnessClient(key, url) for key, url in settings.witness_list],
        pace=Pace(
            timedelta(seconds=settings.sign_at_most_every_seconds),
            timedelta(seconds=settings.sign_at_least_every_seconds),
        ),
    )
    ops = OpsServer(settings.sign_ops_address, {"database": database.check, "signing": signing.check})
    return [Closing(database), ops, signing]


def read_signer(settings: Settings, field: str, name: str, use: Use) -> NoteSigner:
    """Return the signer whose key file a setting names; raises KeyMissingError."""
    file: Path | None = getattr(settings, field)
    variable = settings.variable(field)
    if file is None:
        raise KeyMissingError(f"{variable} names no key file; `keys FOLDER` makes development keys")
    try:
        return NoteSigner.from_pem(name, use, file.read_bytes())
    except (OSError, NoteError) as error:
        cause = error.strerror if isinstance(error, OSError) else error
        raise KeyMissingError(f"{variable} names no usable key file: {cause}") from None
