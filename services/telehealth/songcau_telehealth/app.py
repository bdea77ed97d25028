"""Builds the processes of telehealth from their settings: `serve` and `work`."""

import base64
from collections.abc import Sequence
from datetime import timedelta

from songcau.telehealth.v1 import (
    consultation_service_pb2_grpc,
    facility_service_pb2_grpc,
    refusal_service_pb2_grpc,
    slot_service_pb2_grpc,
)
from songcau_kit.assisted_acts import AssistedActs
from songcau_kit.audit import AuditJournal
from songcau_kit.audit_log_guard import AuditLogGuard
from songcau_kit.blind_index import BlindIndex
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
from songcau_kit.idempotency import IdempotencyRegister
from songcau_kit.objects import EncryptedObjects, ObjectStore
from songcau_kit.process import Closing, Component
from songcau_kit.relay import Relay
from songcau_kit.resealing import Resealing
from songcau_kit.rpc_server import RpcServer
from songcau_kit.signed_notes import parse_verifiers
from songcau_kit.step_up import StepUp
from songcau_kit.tls import TlsSource, open_tls
from songcau_kit.tokens import TokenVerifier
from songcau_kit.topics import load_topics, topics_folder, topics_of
from songcau_kit.wrapping_key_watch import WrappingKeyWatch
from songcau_kit.wrapping_keys import open_wrapping_keys

from songcau_telehealth import consumers
from songcau_telehealth.consultations.attendance import Attendance
from songcau_telehealth.consultations.booking import Booking
from songcau_telehealth.consultations.completion import Completion, Paper
from songcau_telehealth.consultations.own_consents import OwnConsents
from songcau_telehealth.consultations.plain_triage import PlainTriage
from songcau_telehealth.consultations.reading import Reading
from songcau_telehealth.consultations.refusals import Refusals
from songcau_telehealth.consultations.requests import Requests
from songcau_telehealth.consultations.signers import DevelopmentSigners, FolderSigners, Signers
from songcau_telehealth.consultations.steps import Desk
from songcau_telehealth.consultations.summaries import Summaries
from songcau_telehealth.consultations.terms import Terms
from songcau_telehealth.consultations.treatable import TreatableList
from songcau_telehealth.consultations.triage import Triage
from songcau_telehealth.facilities.directory import Directory
from songcau_telehealth.once import Register
from songcau_telehealth.rights_parts import build_rights
from songcau_telehealth.servers.consultations import ConsultationServer, Rooms
from songcau_telehealth.servers.directory import FacilityServer, SlotServer
from songcau_telehealth.servers.gate import DOOR_RULES, Gate
from songcau_telehealth.servers.refusals import RefusalServer
from songcau_telehealth.servers.sensitive import SENSITIVE
from songcau_telehealth.servers.step_ups import STEP_UP_LEVELS
from songcau_telehealth.servers.workloads import WORKLOADS
from songcau_telehealth.settings import Settings
from songcau_telehealth.slots.slots import Slots
from songcau_telehealth.sweeper import Sweeper

SERVICE = "telehealth"
WORKERS = 16


def terms_of(settings: Settings) -> Terms:
    """Return the times and limits of this installation."""
    return Terms(
        hold=timedelta(minutes=settings.hold_minutes),
        request_lifetime=timedelta(days=settings.request_days),
        check_in_opens=timedelta(minutes=settings.check_in_opens_minutes),
        no_show_grace=timedelta(minutes=settings.no_show_grace_minutes),
        unheld_after=timedelta(hours=settings.unheld_hours),
        child_below_years=settings.child_below_years,
        consent_versions=frozenset(settings.consent_versions),
        staff_level=settings.staff_acr_level,
    )


def build_desk(settings: Settings, database: Database, clock: Clock) -> Desk:
    """Return what every step of a consultation needs."""
    data_keys = DataKeys(open_wrapping_keys(settings), clock)
    return Desk(
        database=database,
        clock=clock,
        data_keys=data_keys,
        register=Register(IdempotencyRegister(), data_keys),
        journal=AuditJournal(database, clock=clock),
        staff_level=settings.staff_acr_level,
    )


def build_rooms(settings: Settings, desk: Desk) -> Rooms:
    """Return the use cases of consultations."""
    terms = terms_of(settings)
    objects = EncryptedObjects(ObjectStore(settings.object_store_url))
    blind_index = BlindIndex.parse(settings.blind_index_key.get_secret_value())
    cursors, attendance = build_cursors(settings), Attendance(desk, terms)
    reading = Reading(desk, cursors)
    paper = Paper(
        objects,
        build_signers(settings, desk.clock),
        blind_index,
        TreatableList.load(settings.treatment_list),
        settings.public_url,
    )
    return Rooms(
        requests=Requests(desk, terms),
        triage=Triage(desk),
        booking=Booking(desk, terms),
        attendance=attendance,
        completion=Completion(desk, paper),
        reading=reading,
        summaries=Summaries(desk, reading, objects, blind_index),
        own_consents=OwnConsents(desk, cursors, attendance),
    )


def build_signers(settings: Settings, clock: Clock) -> Signers:
    """Return the practitioners' signers; only development makes certificates of its own."""
    if settings.environment == "development":
        return DevelopmentSigners(settings.signer_folder, clock)
    return FolderSigners(settings.signer_folder)


def build_cursors(settings: Settings) -> CursorSigner:
    """Return the signer of page cursors, the same in every process that serves."""
    return CursorSigner(base64.b64decode(settings.blind_index_key.get_secret_value()))


def build_heartbeats(settings: Settings, database: Database, clock: Clock) -> HeartbeatGuard:
    """Return what holds calls back while identity, whose facts are copied here, is not heard."""
    return HeartbeatGuard(
        database,
        clock,
        source=consumers.SOURCE,
        max_age_seconds=settings.oldest_copies_seconds,
    )


def build_rpc_server(
    settings: Settings, database: Database, clock: Clock, *, tls: TlsSource | None = None
) -> RpcServer:
    """Return the gRPC server with every service of telehealth."""
    desk, cursors = build_desk(settings, database, clock), build_cursors(settings)
    refusals = Refusals(database, desk.journal)
    refusal_server = RefusalServer(refusals)
    server = RpcServer(
        address=settings.grpc_address,
        verifier=TokenVerifier(
            issuer=settings.token_issuer, audience=settings.token_audience, jwks_url=settings.jwks_url, clock=clock
        ),
        rules=DOOR_RULES,
        clock=clock,
        workers=WORKERS,
        service_name=SERVICE,
        workloads=WORKLOADS,
        tls=tls,
        note_refusal=refusal_server.at_door,
        audit_log=AuditLogGuard(
            database, clock, methods=SENSITIVE, max_age_seconds=settings.oldest_audit_checkpoint_seconds
        ),
        heartbeats=build_heartbeats(settings, database, clock),
        assisted=AssistedActs(database, clock),
        step_ups={method: StepUp(level, settings.step_up_max_age_seconds) for method, level in STEP_UP_LEVELS.items()},
    )
    server.add(
        facility_service_pb2_grpc.add_FacilityServiceServicer_to_server,
        FacilityServer(Directory(database, clock, cursors)),
    )
    server.add(
        slot_service_pb2_grpc.add_SlotServiceServicer_to_server,
        SlotServer(Slots(database, clock, cursors, desk.register), clock),
    )
    server.add(
        consultation_service_pb2_grpc.add_ConsultationServiceServicer_to_server,
        ConsultationServer(build_rooms(settings, desk), Gate(refusals)),
    )
    server.add(refusal_service_pb2_grpc.add_RefusalServiceServicer_to_server, refusal_server)
    return server


def build_serve(settings: Settings) -> Sequence[Component]:
    """Return the components of `serve`."""
    arm_crash(settings.crash_at)
    clock = SystemClock()
    database = Database(settings.database_url, max_size=WORKERS, application_name="telehealth-serve")
    watch = WrappingKeyWatch(database, open_wrapping_keys(settings))
    gate = build_rights(settings, database, clock, DataKeys(open_wrapping_keys(settings), clock)).gate
    checks = {"database": database.check, "wrapping_keys": watch.check, "erasures": gate.check}
    ops = OpsServer(settings.ops_address, checks)
    server = build_rpc_server(settings, database, clock, tls=open_tls(settings, SERVICE))
    return [Closing(database), ops, watch, gate, server]


def build_work(settings: Settings) -> Sequence[Component]:
    """Return the components of `work`: the relay of own events, identity's events, and what only time brings about."""
    arm_crash(settings.crash_at)
    clock = SystemClock()
    database = Database(settings.database_url, application_name="telehealth-work")
    bus = open_bus(settings.bus_url, "telehealth-work")
    bus.ensure_topics(topics_of(SERVICE, load_topics(topics_folder())))
    relay = Relay(database, bus)
    terms = terms_of(settings)
    desk = build_desk(settings, database, clock)
    parts = build_rights(settings, database, clock, desk.data_keys)
    handlers = consumers.handlers(parts.rights, parts.gate.forget, parse_verifiers(settings.audit_log_keys))
    consumer = Consumer(bus, database, group=consumers.GROUP, handlers=handlers)
    booking = Booking(desk, terms)
    resealing = Resealing(database, PlainTriage(desk.data_keys).seal_portion)
    sweeper = Sweeper(database, clock, booking, terms, pause=settings.sweep_seconds)
    watch = WrappingKeyWatch(database, open_wrapping_keys(settings))
    checks = {
        "database": database.check,
        "wrapping_keys": watch.check,
        "relay": relay.check,
        "consumer": consumer.check,
        "sweeper": sweeper.check,
        "resealing": resealing.check,
        "erasures": parts.gate.check,
        "copying": parts.copying.check,
        "removal": parts.removal.check,
    }
    ops = OpsServer(settings.work_ops_address, checks)
    rooms: Sequence[Component] = [parts.copying, parts.removal, sweeper, resealing, Housekeeping(database)]
    return [Closing(database), Closing(bus), ops, watch, parts.gate, relay, consumer, *rooms]
