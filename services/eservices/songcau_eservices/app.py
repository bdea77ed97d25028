"""Builds the processes of the public services from their settings: `serve` and `work`."""

import base64
from collections.abc import Sequence

from songcau.eservices.v1.attachment_service_pb2_grpc import add_AttachmentServiceServicer_to_server
from songcau.eservices.v1.dossier_service_pb2_grpc import add_DossierServiceServicer_to_server
from songcau.eservices.v1.payment_service_pb2_grpc import add_PaymentServiceServicer_to_server
from songcau.eservices.v1.procedure_service_pb2_grpc import add_ProcedureServiceServicer_to_server
from songcau.eservices.v1.refusal_service_pb2_grpc import add_RefusalServiceServicer_to_server
from songcau.eservices.v1.result_service_pb2_grpc import add_ResultServiceServicer_to_server
from songcau.eservices.v1.unit_service_pb2_grpc import add_UnitServiceServicer_to_server
from songcau_kit.assisted_acts import AssistedActs
from songcau_kit.audit_log_guard import AuditLogGuard
from songcau_kit.bus import open_bus
from songcau_kit.clock import Clock, SystemClock
from songcau_kit.consumer import Consumer
from songcau_kit.crash import arm_crash
from songcau_kit.cursors import CursorSigner
from songcau_kit.data_keys import DataKeys
from songcau_kit.database import Database
from songcau_kit.heartbeat_guard import HeartbeatGuard
from songcau_kit.housekeeping import Housekeeping
from songcau_kit.http_ops import OpsServer
from songcau_kit.process import Closing, Component
from songcau_kit.relay import Relay
from songcau_kit.resealing import Resealing
from songcau_kit.rpc_client import RpcChannel
from songcau_kit.rpc_policy import RetryPolicy
from songcau_kit.rpc_server import RpcServer
from songcau_kit.signed_notes import parse_verifiers
from songcau_kit.step_up import StepUp
from songcau_kit.tls import TlsSource, open_tls
from songcau_kit.tokens import TokenVerifier
from songcau_kit.topics import load_topics, topics_folder, topics_of
from songcau_kit.wrapping_key_watch import WrappingKeyWatch
from songcau_kit.wrapping_keys import open_wrapping_keys

from songcau_eservices import consumers, dossier_doors
from songcau_eservices.catalogue.procedures import ProcedureCatalogue
from songcau_eservices.payments.return_addresses import PlainReturnAddresses
from songcau_eservices.rights_parts import build_rights
from songcau_eservices.servers import procedures, units
from songcau_eservices.servers.consents import RESTING_ON_CONSENT
from songcau_eservices.servers.sensitive import SENSITIVE
from songcau_eservices.servers.step_ups import STEP_UP_LEVELS
from songcau_eservices.servers.workloads import WORKLOADS
from songcau_eservices.settings import Settings
from songcau_eservices.units.units import UnitDirectory

SERVICE = "eservices"
WORKERS = 16


def build_heartbeats(settings: Settings, database: Database, clock: Clock) -> HeartbeatGuard:
    """Return what holds calls back while identity, whose facts are copied here, is not heard."""
    return HeartbeatGuard(
        database,
        clock,
        source=consumers.SOURCE,
        max_age_seconds=settings.oldest_copies_seconds,
        methods=RESTING_ON_CONSENT,
    )


def build_rpc_server(
    settings: Settings, database: Database, clock: Clock, identity: RpcChannel, *, tls: TlsSource | None = None
) -> RpcServer:
    """Return the gRPC server with every service of the public services; `identity` leads to the identity service."""
    cursors = CursorSigner(base64.b64decode(settings.blind_index_key.get_secret_value()))
    doors = dossier_doors.build_doors(dossier_doors.Ground(settings, database, clock, cursors, identity))
    server = RpcServer(
        address=settings.grpc_address,
        verifier=TokenVerifier(
            issuer=settings.token_issuer, audience=settings.token_audience, jwks_url=settings.jwks_url, clock=clock
        ),
        rules=procedures.RULES | units.RULES | dossier_doors.RULES,
        clock=clock,
        workers=WORKERS,
        service_name=SERVICE,
        workloads=WORKLOADS,
        tls=tls,
        audit_log=AuditLogGuard(
            database, clock, methods=SENSITIVE, max_age_seconds=settings.oldest_audit_checkpoint_seconds
        ),
        heartbeats=build_heartbeats(settings, database, clock),
        note_refusal=doors.refusals.at_door,
        assisted=AssistedActs(database, clock),
        step_ups={method: StepUp(level, settings.step_up_max_age_seconds) for method, level in STEP_UP_LEVELS.items()},
    )
    catalogue = ProcedureCatalogue(database, cursors)
    directory = UnitDirectory(database, cursors)
    server.add(add_ProcedureServiceServicer_to_server, procedures.ProcedureServer(catalogue, clock))
    server.add(add_UnitServiceServicer_to_server, units.UnitServer(directory, clock))
    server.add(add_DossierServiceServicer_to_server, doors.dossiers)
    server.add(add_AttachmentServiceServicer_to_server, doors.attachments)
    server.add(add_PaymentServiceServicer_to_server, doors.payments)
    server.add(add_ResultServiceServicer_to_server, doors.results)
    server.add(add_RefusalServiceServicer_to_server, doors.refusals)
    return server


def build_serve(settings: Settings) -> Sequence[Component]:
    """Return the components of `serve`."""
    clock = SystemClock()
    arm_crash(settings.crash_at)
    database = Database(settings.database_url, max_size=WORKERS, application_name="eservices-serve")
    watch = WrappingKeyWatch(database, open_wrapping_keys(settings))
    gate = build_rights(settings, database, clock, DataKeys(open_wrapping_keys(settings), clock)).gate
    checks = {"database": database.check, "wrapping_keys": watch.check, "erasures": gate.check}
    ops = OpsServer(settings.ops_address, checks)
    tls = open_tls(settings, SERVICE)
    policy = RetryPolicy.load_for("songcau.identity.v1")
    identity = RpcChannel(settings.identity_address, policy=policy, server="identity", tls=tls)
    server = build_rpc_server(settings, database, clock, identity, tls=tls)
    return [Closing(database), Closing(identity), ops, watch, gate, server]


def build_work(settings: Settings) -> Sequence[Component]:
    """Return the components of `work`: the relay of own events, the consumer of citizens, what tidies and seals."""
    arm_crash(settings.crash_at)
    database = Database(settings.database_url, application_name="eservices-work")
    bus = open_bus(settings.bus_url, "eservices-work")
    bus.ensure_topics(topics_of(SERVICE, load_topics(topics_folder())))
    relay = Relay(database, bus)
    clock = SystemClock()
    wrapping_keys = open_wrapping_keys(settings)
    keys = DataKeys(wrapping_keys, clock)
    parts = build_rights(settings, database, clock, keys)
    handlers = consumers.handlers(parts.rights, parts.gate.forget, parse_verifiers(settings.audit_log_keys))
    consumer = Consumer(bus, database, group=consumers.GROUP, handlers=handlers)
    resealing = Resealing(database, PlainReturnAddresses(keys).seal_portion)
    watch = WrappingKeyWatch(database, wrapping_keys)
    checks = {
        "database": database.check,
        "wrapping_keys": watch.check,
        "relay": relay.check,
        "consumer": consumer.check,
        "resealing": resealing.check,
        "erasures": parts.gate.check,
        "copying": parts.copying.check,
        "removal": parts.removal.check,
    }
    ops = OpsServer(settings.work_ops_address, checks)
    rooms: Sequence[Component] = [parts.copying, parts.removal, resealing, Housekeeping(database)]
    return [Closing(database), Closing(bus), ops, watch, parts.gate, relay, consumer, *rooms]
