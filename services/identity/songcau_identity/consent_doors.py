"""Builds the door of consents and what lets them lapse."""

from dataclasses import dataclass

from songcau_identity.consent.ageing import ConsentAgeing
from songcau_identity.consent.consents import Consents
from songcau_identity.consent.lapsing import ConsentLapsing
from songcau_identity.consent.recording import ConsentRecording
from songcau_identity.consent.texts import consent_purposes
from songcau_identity.officers import Desk
from songcau_identity.servers.admission import Admission
from songcau_identity.servers.consents import ConsentServer


@dataclass(frozen=True)
class ConsentWork:
    """The components of `work`: consents to old texts, consents of children who are older now."""

    lapsing: ConsentLapsing
    ageing: ConsentAgeing


def build_consents(desk: Desk, admission: Admission) -> ConsentServer:
    """Return the server of ConsentService."""
    consents = Consents(desk, consent_purposes())
    return ConsentServer(admission=admission, consents=consents, recording=ConsentRecording(desk, consents))


def build_consent_work(desk: Desk) -> ConsentWork:
    """Return what ends consents that hold no more."""
    return ConsentWork(ConsentLapsing(desk.database, desk.clock, consent_purposes()), ConsentAgeing(desk))
