"""Builds the door of the register of breaches."""

from songcau_kit.cursors import CursorSigner

from songcau_identity.breaches.reading import BreachReading, Controller
from songcau_identity.breaches.steps import BreachSteps
from songcau_identity.officers import Desk
from songcau_identity.servers.admission import Admission
from songcau_identity.servers.breaches import BreachServer
from songcau_identity.settings import Settings


def build_breaches(settings: Settings, desk: Desk, admission: Admission, cursors: CursorSigner) -> BreachServer:
    """Return the door of breaches."""
    controller = Controller(settings.controller_name, settings.controller_contact)
    return BreachServer(
        admission=admission,
        steps=BreachSteps(desk),
        reading=BreachReading(desk, cursors, controller),
        clock=desk.clock,
    )
