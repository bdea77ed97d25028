"""Builds the processes of the identity service from their settings: `serve`, `work` and `bridge`."""

from collections.abc import Sequence

from songcau.identity.v1 import (
    access_complaint_service_pb2_grpc,
    access_list_service_pb2_grpc,
    account_service_pb2_grpc,
    address_service_pb2_grpc,
    anomaly_service_pb2_grpc,
    assistance_service_pb2_grpc,
    breach_service_pb2_grpc,
    citizen_record_service_pb2_grpc,
    citizen_registration_service_pb2_grpc,
    citizen_service_pb2_grpc,
    consent_service_pb2_grpc,
    organisation_service_pb2_grpc,
    paper_service_pb2_grpc,
    refusal_service_pb2_grpc,
    representation_service_pb2_grpc,
    subject_request_service_pb2_grpc,
)
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
from songcau_kit.heartbeats import Heartbeat
from songcau_kit.housekeeping import Housekeeping
from songcau_kit.http_ops import OpsServer
from songcau_kit.process import Closing, Component
from songcau_kit.relay import Relay
from songcau_kit.rpc_server import RpcServer
from songcau_kit.signed_notes import parse_verifiers
from songcau_kit.tls import TlsSource, open_tls
from songcau_kit.tokens import TokenVerifier
from songcau_kit.topics import load_topics, topics_of
from songcau_kit.wrapping_key_watch import WrappingKeyWatch
from songcau_kit.wrapping_keys import open_wrapping_keys

from songcau_identity import (
    address_doors,
    anomaly_doors,
    assistance_doors,
    breach_doors,
    consent_doors,
    consumers,
    representation_doors,
    rights_doors,
)
from songcau_identity.accesses import AccessList
from songcau_identity.account_actions import AccountActions
from songcau_identity.assistance.carrying_out import ConfirmedActs
from songcau_identity.auditing import Auditor
from songcau_identity.corrections import Corrections
from songcau_identity.deaths import Deaths
from songcau_identity.doubts import RecordDoubts
from songcau_identity.events import CitizenEvents
from songcau_identity.foreigners import Foreigners
from songcau_identity.linking import Linking
from songcau_identity.look_up_doors import build_limits, build_look_ups
from songcau_identity.merging import Merging
from songcau_identity.newborns import Newborns
from songcau_identity.officers import Desk
from songcau_identity.papers import Papers
from songcau_identity.profiles import Profiles
from songcau_identity.refusals import Refusals
from songcau_identity.renumbering import Renumbering
from songcau_identity.repeatable import RepeatableWrites
from songcau_identity.representations.coming_of_age import ComingOfAge
from songcau_identity.representations.covering import Covering
from songcau_identity.rights.answers import Answers
from songcau_identity.servers.accesses import AccessListServer
from songcau_identity.servers.accounts import AccountServer
from songcau_identity.servers.admission import DOOR_RULES, Admission
from songcau_identity.servers.citizens import CitizenServer
from songcau_identity.servers.papers import PaperServer
from songcau_identity.servers.records import CitizenRecordServer
from songcau_identity.servers.refusals import RefusalServer
from songcau_identity.servers.registrations import CitizenRegistrationServer
from songcau_identity.servers.sensitive import SENSITIVE
from songcau_identity.servers.workloads import WORKLOADS
from songcau_identity.settings import Settings, cursor_key
from songcau_identity.standing import Standing
from songcau_identity.vault import Vault

SERVICE = "identity"
WORKERS = 16


def build_desk(settings: Settings, database: Database, clock: Clock) -> Desk:
    """Return what the use cases that write share."""
    return Desk(
        database=database,
        clock=clock,
        data_keys=DataKeys(open_wrapping_keys(settings), clock),
        vault=Vault(BlindIndex.parse(settings.blind_index_key.get_secret_value())),
        writes=RepeatableWrites(database=database, auditor=build_auditor(database, clock)),
        events=CitizenEvents(clock),
    )


def build_auditor(database: Database, clock: Clock) -> Auditor:
    """Return what puts accesses on record."""
    return Auditor(AuditJournal(database, clock=clock), clock)


def build_rpc_server(
    settings: Settings, database: Database, clock: Clock, *, tls: TlsSource | None = None
) -> RpcServer:
    """Return the gRPC server with all services."""
    desk = build_desk(settings, database, clock)
    refusals = RefusalServer(Refusals(database, build_auditor(database, clock)))
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
        note_refusal=refusals.at_door,
        audit_log=AuditLogGuard(
            database, clock, methods=SENSITIVE, max_age_seconds=settings.oldest_audit_checkpoint_seconds
        ),
        assisted=ConfirmedActs(database, clock),
    )
    server.add(refusal_service_pb2_grpc.add_RefusalServiceServicer_to_server, refusals)
    _add_services(server, settings, desk)
    return server


def _add_services(server: RpcServer, settings: Settings, desk: Desk) -> None:
    database, clock = desk.database, desk.clock
    admission = Admission(
        auditor=build_auditor(database, clock),
        clock=clock,
        step_up_max_age_seconds=settings.step_up_max_age_seconds,
    )
    profiles = Profiles(database=database, data_keys=desk.data_keys, vault=desk.vault, covering=Covering(clock))
    cursors = CursorSigner(cursor_key(settings))
    server.add(
        citizen_service_pb2_grpc.add_CitizenServiceServicer_to_server,
        CitizenServer(
            admission=admission,
            linking=Linking(desk),
            profiles=profiles,
            look_ups=build_look_ups(settings, desk, profiles),
            standing=Standing(desk),
        ),
    )
    server.add(
        citizen_record_service_pb2_grpc.add_CitizenRecordServiceServicer_to_server,
        CitizenRecordServer(
            admission=admission,
            merging=Merging(desk),
            renumbering=Renumbering(desk),
            corrections=Corrections(desk),
            deaths=Deaths(desk),
            doubts=RecordDoubts(desk, cursors),
        ),
    )
    _add_paper_services(server, admission, desk, profiles)
    _add_access_list_service(server, admission, desk, cursors)
    _add_representation_service(server, settings, desk, admission, cursors)
    _add_rights_services(server, rights_doors.Ground(settings, desk, admission, cursors))
    _add_account_service(server, admission, desk)
    _add_door_services(server, settings, desk, admission, cursors)


def _add_paper_services(server: RpcServer, admission: Admission, desk: Desk, profiles: Profiles) -> None:
    server.add(
        paper_service_pb2_grpc.add_PaperServiceServicer_to_server,
        PaperServer(admission=admission, papers=Papers(desk)),
    )
    server.add(
        citizen_registration_service_pb2_grpc.add_CitizenRegistrationServiceServicer_to_server,
        CitizenRegistrationServer(
            admission=admission, newborns=Newborns(desk), foreigners=Foreigners(desk), profiles=profiles
        ),
    )


def _add_access_list_service(server: RpcServer, admission: Admission, desk: Desk, cursors: CursorSigner) -> None:
    access_list = AccessList(database=desk.database, cursors=cursors, covering=Covering(desk.clock))
    accesses = AccessListServer(admission=admission, access_list=access_list)
    server.add(access_list_service_pb2_grpc.add_AccessListServiceServicer_to_server, accesses)


def _add_representation_service(
    server: RpcServer, settings: Settings, desk: Desk, admission: Admission, cursors: CursorSigner
) -> None:
    representations = representation_doors.build_representations(settings, desk, admission, cursors)
    server.add(representation_service_pb2_grpc.add_RepresentationServiceServicer_to_server, representations)


def _add_rights_services(server: RpcServer, ground: rights_doors.Ground) -> None:
    requests, complaints = rights_doors.build_subject_requests(ground), rights_doors.build_complaints(ground)
    server.add(subject_request_service_pb2_grpc.add_SubjectRequestServiceServicer_to_server, requests)
    server.add(access_complaint_service_pb2_grpc.add_AccessComplaintServiceServicer_to_server, complaints)


def _add_account_service(server: RpcServer, admission: Admission, desk: Desk) -> None:
    database, clock = desk.database, desk.clock
    actions = AccountActions(database=database, clock=clock, auditor=build_auditor(database, clock))
    accounts = AccountServer(admission=admission, actions=actions)
    server.add(account_service_pb2_grpc.add_AccountServiceServicer_to_server, accounts)


def _add_door_services(
    server: RpcServer, settings: Settings, desk: Desk, admission: Admission, cursors: CursorSigner
) -> None:
    breaches = breach_doors.build_breaches(settings, desk, admission, cursors)
    server.add(breach_service_pb2_grpc.add_BreachServiceServicer_to_server, breaches)
    anomalies = anomaly_doors.build_anomalies(settings, desk, admission, cursors)
    server.add(anomaly_service_pb2_grpc.add_AnomalyServiceServicer_to_server, anomalies)
    organisations = representation_doors.build_organisations(settings, desk, admission, cursors)
    server.add(organisation_service_pb2_grpc.add_OrganisationServiceServicer_to_server, organisations)
    addresses = address_doors.build_addresses(settings, desk, admission, cursors)
    server.add(address_service_pb2_grpc.add_AddressServiceServicer_to_server, addresses)
    assistance = assistance_doors.build_assistance(settings, desk, admission, cursors, build_limits(settings, desk))
    server.add(assistance_service_pb2_grpc.add_AssistanceServiceServicer_to_server, assistance)
    consents = consent_doors.build_consents(desk, admission)
    server.add(consent_service_pb2_grpc.add_ConsentServiceServicer_to_server, consents)


def build_serve(settings: Settings) -> Sequence[Component]:
    """Return the components of `serve`."""
    clock = SystemClock()
    arm_crash(settings.crash_at)
    database = Database(settings.database_url, max_size=WORKERS, application_name="identity-serve")
    watch = WrappingKeyWatch(database, open_wrapping_keys(settings))
    gate = rights_doors.build_gate(settings, build_desk(settings, database, clock))
    checks = {"database": database.check, "wrapping_keys": watch.check, "erasures": gate.check}
    ops = OpsServer(settings.ops_address, checks, without=address_doors.lacking(settings))
    server = build_rpc_server(settings, database, clock, tls=open_tls(settings, SERVICE))
    return [Closing(database), ops, watch, gate, server]


def build_work(settings: Settings) -> Sequence[Component]:
    """Return the components of `work`: the relay, the consumer of accesses and answers, requests, housekeeping."""
    arm_crash(settings.crash_at)
    clock = SystemClock()
    database = Database(settings.database_url, application_name="identity-work")
    bus = open_bus(settings.bus_url, "identity-work")
    bus.ensure_topics(topics_of(SERVICE, load_topics(settings.topics_folder)))
    relay = Relay(database, bus)
    desk = build_desk(settings, database, clock)
    parts = rights_doors.build_work_parts(settings, desk)
    handlers = consumers.handlers(Answers(clock), settings.data_holders, parse_verifiers(settings.audit_log_keys))
    consumer = Consumer(bus, database, group=consumers.GROUP, handlers=handlers)
    consents = consent_doors.build_consent_work(desk)
    coming_of_age = ComingOfAge(desk)
    supervision = anomaly_doors.build_supervision(settings, desk)
    placing = address_doors.build_address_work(settings, desk)
    assisting = assistance_doors.build_assistance_work(settings, desk)
    heartbeat = Heartbeat(database, clock)
    watch = WrappingKeyWatch(database, open_wrapping_keys(settings))
    checks = {
        "database": database.check,
        "wrapping_keys": watch.check,
        "relay": relay.check,
        "heartbeat": heartbeat.check,
        "consumer": consumer.check,
        "consent_lapsing": consents.lapsing.check,
        "consent_ageing": consents.ageing.check,
        "coming_of_age": coming_of_age.check,
        "supervision": supervision.check,
        "placing": placing.check,
        "erasures": parts.gate.check,
        "rights": parts.work.check,
    }
    ops = OpsServer(settings.work_ops_address, checks, without=address_doors.lacking(settings))
    daily: list[Component] = [consents.lapsing, consents.ageing, coming_of_age, supervision, placing]
    own: list[Component] = [parts.work, *daily, *assisting, heartbeat, Housekeeping(database)]
    return [Closing(database), Closing(bus), ops, watch, parts.gate, relay, consumer, *own]
