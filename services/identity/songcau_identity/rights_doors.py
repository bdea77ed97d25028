"""Builds what answers for the rights of people, part of the composition root: the doors, the gate, the work."""

from dataclasses import dataclass
from datetime import timedelta

from songcau_kit.cursors import CursorSigner
from songcau_kit.erasure_gate import ErasureGate, open_gate
from songcau_kit.erasure_ledger import ErasureLedgerWriter
from songcau_kit.objects import ObjectStore
from songcau_kit.subject_answers import Answering
from songcau_kit.working_days import WorkingDays

from songcau_identity.complaints.own_complaints import OwnComplaints
from songcau_identity.complaints.queue import ComplaintQueue
from songcau_identity.consent.consents import Consents
from songcau_identity.consent.texts import consent_purposes
from songcau_identity.officers import Desk
from songcau_identity.own_copy.sections import HOLDER, OwnCopies
from songcau_identity.rights.asking import Asking
from songcau_identity.rights.assembling import Assembling, Keeping
from songcau_identity.rights.carrying_out import CarryingOut
from songcau_identity.rights.erasing import Erasing, Forgetting
from songcau_identity.rights.fetching import CopyFetching
from songcau_identity.rights.own_requests import OwnRequests
from songcau_identity.rights.queue import RequestQueue
from songcau_identity.rights.receiving import Receiving
from songcau_identity.rights.recording import RequestRecording
from songcau_identity.rights.working import RightsWork, Workers
from songcau_identity.servers.admission import Admission
from songcau_identity.servers.complaints import AccessComplaintServer
from songcau_identity.servers.subject_requests import SubjectRequestServer
from songcau_identity.settings import Settings


@dataclass(frozen=True)
class Ground:
    """What the door stands on."""

    settings: Settings
    desk: Desk
    admission: Admission
    cursors: CursorSigner


@dataclass(frozen=True)
class WorkParts:
    """The parts of `work`: `gate` goes before whatever consumes."""

    gate: ErasureGate
    work: RightsWork


def build_subject_requests(ground: Ground) -> SubjectRequestServer:
    """Return the door of requests of people about their data."""
    desk, settings = ground.desk, ground.settings
    asking = Asking(desk, settings.data_holders)
    receiving = Receiving(desk, WorkingDays(settings.working_day_overrides), asking)
    return SubjectRequestServer(
        admission=ground.admission,
        own=OwnRequests(desk, ground.cursors, receiving),
        recording=RequestRecording(desk, receiving),
        fetching=CopyFetching(desk),
        queue=RequestQueue(desk, ground.cursors, CarryingOut(desk, asking, Consents(desk, consent_purposes()))),
        clock=desk.clock,
    )


def build_gate(settings: Settings, desk: Desk) -> ErasureGate:
    """Return the gate of this service's database; a process with the key begins the ledger where there is none."""
    forgetting = Forgetting(desk.clock, desk.events, Answering(HOLDER, desk.clock))
    gate = open_gate(settings, desk.database, desk.data_keys, forgetting.forget)
    if settings.erasure_ledger_key.get_secret_value():
        writer = build_writer(settings)
        gate.begin = lambda: writer.begin(desk.clock.new_id())
    return gate


def build_writer(settings: Settings) -> ErasureLedgerWriter:
    """Return what appends to the ledger; raises ErasureLedgerError without the key."""
    return ErasureLedgerWriter(ObjectStore(settings.erasure_ledger_url), settings.erasure_ledger_key.get_secret_value())


def build_work_parts(settings: Settings, desk: Desk) -> WorkParts:
    """Return the parts of `work`; raises ErasureLedgerError without the key of the ledger."""
    gate, asking = build_gate(settings, desk), Asking(desk, settings.data_holders)
    keeping = Keeping(ObjectStore(settings.exchange_store_url), timedelta(days=settings.data_copy_days))
    assembling = Assembling(desk, OwnCopies(desk).gather, keeping, Answering(HOLDER, desk.clock))
    workers = Workers(asking, assembling, Erasing(desk, asking, gate, build_writer(settings)))
    patience = timedelta(minutes=settings.answer_patience_minutes)
    return WorkParts(gate, RightsWork(desk, workers, patience=patience))


def build_complaints(ground: Ground) -> AccessComplaintServer:
    """Return the door of complaints about accesses."""
    desk = ground.desk
    own = OwnComplaints(desk, ground.cursors, WorkingDays(ground.settings.working_day_overrides))
    queue = ComplaintQueue(desk, ground.cursors)
    return AccessComplaintServer(admission=ground.admission, own=own, queue=queue, clock=desk.clock)
