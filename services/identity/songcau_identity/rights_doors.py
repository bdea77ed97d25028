"""Builds what answers for the rights of people: the door of their requests."""

from dataclasses import dataclass

from songcau_kit.cursors import CursorSigner
from songcau_kit.working_days import WorkingDays

from songcau_identity.officers import Desk
from songcau_identity.rights.carrying_out import CarryingOut
from songcau_identity.rights.own_requests import OwnRequests
from songcau_identity.rights.queue import RequestQueue
from songcau_identity.servers.admission import Admission
from songcau_identity.servers.subject_requests import SubjectRequestServer
from songcau_identity.settings import Settings


@dataclass(frozen=True)
class Ground:
    """What the doors stand on."""

    settings: Settings
    desk: Desk
    admission: Admission
    cursors: CursorSigner


def build_subject_requests(ground: Ground) -> SubjectRequestServer:
    """Return the door of requests of people about their data."""
    desk = ground.desk
    own = OwnRequests(desk, ground.cursors, WorkingDays(ground.settings.working_day_overrides))
    queue = RequestQueue(desk, ground.cursors, CarryingOut(desk))
    return SubjectRequestServer(admission=ground.admission, own=own, queue=queue, clock=desk.clock)
