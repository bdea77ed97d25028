"""Builds everything around dossiers, part of the composition root: objects and signers, use cases, their doors."""

from dataclasses import dataclass

from songcau_kit.audit import AuditJournal
from songcau_kit.clock import Clock
from songcau_kit.cursors import CursorSigner
from songcau_kit.data_keys import DataKeys
from songcau_kit.database import Database
from songcau_kit.idempotency import IdempotencyRegister
from songcau_kit.objects import EncryptedObjects, ObjectStore
from songcau_kit.rpc_client import RpcChannel
from songcau_kit.wrapping_keys import open_wrapping_keys

from songcau_eservices.attachments.attaching import Attaching
from songcau_eservices.attachments.reuse import PaperReuse
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
from songcau_eservices.refusals import Refusals
from songcau_eservices.results.deciding import Deciding
from songcau_eservices.results.issuing import Issuing
from songcau_eservices.results.receipts import Receipts
from songcau_eservices.results.results import Results
from songcau_eservices.results.signers import Signers, SigningFiles
from songcau_eservices.results.verifying import Verifying
from songcau_eservices.servers import attachments, dossiers, payments, refusals, results
from songcau_eservices.settings import Settings

RULES = dossiers.RULES | attachments.RULES | payments.RULES | results.RULES | refusals.RULES


@dataclass(frozen=True)
class Ground:
    """What the use cases stand on."""

    settings: Settings
    database: Database
    clock: Clock
    cursors: CursorSigner
    identity: RpcChannel


@dataclass(frozen=True)
class Doors:
    """The servicers of everything around dossiers."""

    dossiers: dossiers.DossierServer
    attachments: attachments.AttachmentServer
    payments: payments.PaymentServer
    results: results.ResultServer
    refusals: refusals.RefusalServer


def build_doors(ground: Ground) -> Doors:
    """Return the servicers of dossiers, attachments, payments and results."""
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
    largest = settings.largest_attachment_bytes
    reuse = PaperReuse(room, changes, objects, years=settings.dossier_retention_years)
    notifications = Notifications(room, Signatures(settings.payment_secrets))
    return Doors(
        dossiers=dossiers.DossierServer(cases),
        attachments=attachments.AttachmentServer(Attaching(room, changes, objects), reuse, largest=largest),
        payments=payments.PaymentServer(Paying(room, changes, collector(settings)), notifications),
        results=results.ResultServer(Results(room, changes, issuing), Verifying(ground.database, signers)),
        refusals=refusals.RefusalServer(Refusals(room)),
    )


def build_room(ground: Ground) -> Room:
    """Return what all use cases of dossiers share."""
    settings = ground.settings
    return Room(
        database=ground.database,
        clock=ground.clock,
        keys=DataKeys(open_wrapping_keys(settings), ground.clock),
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
