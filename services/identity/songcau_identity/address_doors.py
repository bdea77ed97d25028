"""Builds the door of the addresses of citizens from the settings."""

from pathlib import Path

from songcau_units.boundaries import Boundaries

from songcau_identity.addresses.frame import AddressDesk
from songcau_identity.addresses.listing import AddressList
from songcau_identity.addresses.placing import Placing
from songcau_identity.addresses.proposing import Proposing
from songcau_identity.addresses.recording import Recording
from songcau_identity.addresses.resolving import Resolving
from songcau_identity.officers import Desk
from songcau_identity.servers.addresses import AddressServer, AddressUseCases
from songcau_identity.servers.admission import Admission
from songcau_identity.settings import Settings


def build_addresses(settings: Settings, desk: Desk, admission: Admission) -> AddressServer:
    """Return the server of AddressService; raises BoundariesError for a file that holds no boundaries."""
    file = settings.commune_boundaries_file
    boundaries = Boundaries.read(Path(file), code_property="code") if file else None
    addresses = AddressDesk(desk, Placing(boundaries))
    cases = AddressUseCases(
        proposing=Proposing(addresses),
        recording=Recording(addresses),
        resolving=Resolving(addresses),
        listing=AddressList(addresses),
    )
    return AddressServer(admission=admission, cases=cases)
