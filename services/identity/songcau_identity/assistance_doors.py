"""Builds what answers for assisted sessions, part of the composition root: the door, the calls, the work."""

from collections.abc import Sequence
from datetime import timedelta

from songcau_kit.cursors import CursorSigner
from songcau_kit.process import Component

from songcau_identity.assistance.listing import AssistedSessionList
from songcau_identity.assistance.push_client import HttpPushProvider, PushEndpoint
from songcau_identity.assistance.push_work import PushWork
from songcau_identity.assistance.running_out import RunningOut
from songcau_identity.assistance.sessions import AssistedSessions
from songcau_identity.look_up_limits import LookUpLimits
from songcau_identity.officers import Desk
from songcau_identity.servers.admission import Admission
from songcau_identity.servers.assistance import AssistanceServer, AssistanceUseCases
from songcau_identity.settings import Settings


def build_assistance(
    settings: Settings, desk: Desk, admission: Admission, cursors: CursorSigner, limits: LookUpLimits
) -> AssistanceServer:
    """Return the door of assisted sessions."""
    sessions = AssistedSessions(desk, limits, lasts=timedelta(minutes=settings.assisted_session_minutes))
    return AssistanceServer(admission=admission, cases=AssistanceUseCases(sessions, AssistedSessionList(desk, cursors)))


def build_assistance_work(settings: Settings, desk: Desk) -> Sequence[Component]:
    """Return the parts of `work`; nothing is pushed where no place to push to is set."""
    running_out = RunningOut(desk.database, desk.clock)
    if not settings.push_url:
        return [running_out]
    secret = settings.push_client_secret.get_secret_value()
    endpoint = PushEndpoint(settings.push_url, settings.push_client_id, secret, settings.push_timeout_seconds)
    return [running_out, PushWork(desk, HttpPushProvider(endpoint))]
