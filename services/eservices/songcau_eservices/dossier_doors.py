"""Builds everything around dossiers, part of the composition root: objects and signers, use cases, their doors."""

import base64
from dataclasses import dataclass

from songcau.eservices.v1.attachment_service_pb2_grpc import add_AttachmentServiceServicer_to_server
from songcau.eservices.v1.dossier_service_pb2_grpc import add_DossierServiceServicer_to_server
from songcau.eservices.v1.payment_service_pb2_grpc import add_PaymentServiceServicer_to_server
from songcau.eservices.v1.result_service_pb2_grpc import add_ResultServiceServicer_to_server
from songcau_kit.audit import AuditJournal
from songcau_kit.clock import Clock
from songcau_kit.cursors import CursorSigner
from songcau_kit.data_keys import DataKeys
from songcau_kit.database import Database
from songcau_kit.idempotency import IdempotencyRegister
from songcau_kit.keyring import Keyring
from songcau_kit.objects import EncryptedObjects, ObjectStore
from songcau_kit.rpc_client import RpcChannel
from songcau_kit.rpc_server import RpcServer

from songcau_eservices.attachments.attaching import Attaching
from songcau_eservices.dossiers.changes import Changes, Room
from songcau_eservices.dossiers.citizen_steps import CitizenSteps
from songcau_eservices.dossiers.drafts import Drafts
from songcau_eservices.dossiers.office import Office
from songcau_eservices.dossiers.procedures import ProcedureVersions
from songcau_eservices.dossiers.reading import Reading
from songcau_eservices.dossiers.submission import Submission
from songcau_eservices.dossiers.views import Views
from songcau_eservices.identity_client import IdentityClient
from songcau_eservices.payments.notifications import Notifications
from songcau_eservices.payments.paying import Collector, Paying
from songcau_eservices.payments.signature import Signatures
from songcau_eservices.payments.vietqr import Account
from songcau_eservices.results.deciding import Deciding
from songcau_eservices.results.issuing import Issuing
from songcau_eservices.results.receipts import Receipts
from songcau_eservices.results.results import Results
from songcau_eservices.results.signers import Signers, SigningFiles
from songcau_eservices.results.verifying import Verifying
from songcau_eservices.servers import attachments, dossiers, payments, results
from songcau_eservices.settings import Settings

RULES = dossiers.RULES | attachments.RULES | payments.RULES | results.RULES


@dataclass(frozen=True)
class Ground:
    """What the use cases stand on."""

    settings: Settings
    database: Database
    clock: Clock
    cursors: CursorSigner
    identity: RpcChannel


def add_doors(server: RpcServer, ground: Ground) -> None:
    """Serve dossiers, attachments, payments and results."""
    settings = ground.settings
    room = build_room(ground)
    changes = Changes(room)
    objects = EncryptedObjects(ObjectStore(settings.object_store_url), max_bytes=settings.largest_attachment_bytes)
    signers = Signers(signing_files(settings), ground.clock)
    issuing = Issuing(objects, signers, room.views, ground.clock)
    cases = dossiers.DossierUseCases(
        drafts=Drafts(room, changes, IdentityClient(ground.identity)),
        submission=Submission(room, changes),
        steps=CitizenSteps(room, changes),
        office=Office(room, changes),
        deciding=Deciding(room, changes, issuing),
        reading=Reading(room, ground.cursors),
        receipts=Receipts(room, issuing),
    )
    attaching = Attaching(room, changes, objects)
    paying = Paying(room, changes, collector(settings))
    notifications = Notifications(room, Signatures(settings.payment_secrets))
    server.add(add_DossierServiceServicer_to_server, dossiers.DossierServer(cases))
    server.add(
        add_AttachmentServiceServicer_to_server,
        attachments.AttachmentServer(attaching, largest=settings.largest_attachment_bytes),
    )
    server.add(add_PaymentServiceServicer_to_server, payments.PaymentServer(paying, notifications))
    server.add(
        add_ResultServiceServicer_to_server,
        results.ResultServer(Results(room, changes, issuing), Verifying(ground.database, signers)),
    )


def build_room(ground: Ground) -> Room:
    """Return what all use cases of dossiers share."""
    settings = ground.settings
    keyring = Keyring.parse(settings.wrapping_keys.get_secret_value())
    return Room(
        database=ground.database,
        clock=ground.clock,
        keys=DataKeys(keyring, ground.clock),
        register=IdempotencyRegister(),
        journal=AuditJournal(ground.database, clock=ground.clock),
        versions=ProcedureVersions(),
        views=Views(ground.clock, f"{settings.public_url}/verify/{{code}}"),
        first_number=settings.first_dossier_number,
    )


def signing_files(settings: Settings) -> SigningFiles:
    """Return where the signing material stands."""
    return SigningFiles(
        settings.signer_folder,
        settings.signer_key,
        settings.signer_certificate,
        settings.signer_chain,
        settings.signer_roots,
    )


def collector(settings: Settings) -> Collector:
    """Return where fees go."""
    account = Account(settings.collector_bin, settings.collector_account, settings.collector_name)
    return Collector(account, settings.payment_page_url)


def cursor_signer(settings: Settings) -> CursorSigner:
    """Return the signer of page cursors."""
    return CursorSigner(base64.b64decode(settings.blind_index_key.get_secret_value()))
