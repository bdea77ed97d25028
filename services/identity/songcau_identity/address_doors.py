"""Builds the door of the addresses of citizens from the settings, and what places open addresses again."""

from collections.abc import Collection
from pathlib import Path

from songcau_kit.cursors import CursorSigner
from songcau_kit.logs import get_logger
from songcau_units.boundaries import Boundaries, BoundariesError
from songcau_units.registry import shipped_gazetteer

from songcau_identity.addresses.doubt_list import AddressDoubtList
from songcau_identity.addresses.frame import AddressDesk
from songcau_identity.addresses.listing import AddressList
from songcau_identity.addresses.placing import Placing
from songcau_identity.addresses.placing_again import PlacingAgain
from songcau_identity.addresses.proposing import Proposing
from songcau_identity.addresses.recording import Recording
from songcau_identity.addresses.resolving import Resolving
from songcau_identity.daily_look import AT_MOST
from songcau_identity.officers import Desk
from songcau_identity.servers.addresses import AddressServer, AddressUseCases
from songcau_identity.servers.admission import Admission
from songcau_identity.settings import Settings

BOUNDARIES = "commune_boundaries"

_log = get_logger(__name__)


def build_addresses(settings: Settings, desk: Desk, admission: Admission, cursors: CursorSigner) -> AddressServer:
    """Return the server of AddressService; raises what `open_boundaries` raises."""
    addresses = AddressDesk(desk, Placing(open_boundaries(settings)))
    cases = AddressUseCases(
        proposing=Proposing(addresses),
        recording=Recording(addresses),
        resolving=Resolving(addresses),
        listing=AddressList(addresses),
        doubts=AddressDoubtList(addresses, cursors),
    )
    return AddressServer(admission=admission, cases=cases)


def build_address_work(settings: Settings, desk: Desk, *, at_most: int = AT_MOST) -> PlacingAgain:
    """Return what places open addresses again, `at_most` in a transaction; raises what `open_boundaries` raises."""
    return PlacingAgain(AddressDesk(desk, Placing(open_boundaries(settings))), at_most=at_most)


def open_boundaries(settings: Settings) -> Boundaries | None:
    """Return the boundaries of the communes; None, which the log says, in an installation that has none.

    Raises BoundariesError for a file that holds no boundaries, and for one that is not about the communes of today.
    """
    if lacking(settings):
        _log.warning("commune_boundaries_absent", file=settings.commune_boundaries_file or "not set")
        return None
    boundaries = Boundaries.read(Path(settings.commune_boundaries_file), code_property="code")
    communes = {unit.code for unit in shipped_gazetteer().present_communes()}
    if strange := sorted(boundaries.codes - communes):
        raise BoundariesError(f"the boundaries name what is no commune of today: {', '.join(strange[:5])}")
    if missing := sorted(communes - boundaries.codes):
        _log.warning("commune_boundaries_incomplete", missing=len(missing), first=missing[0])
    return boundaries


def lacking(settings: Settings) -> Collection[str]:
    """Name what the installation lacks and works without, for `/readyz`."""
    file = settings.commune_boundaries_file
    return () if file and Path(file).exists() else (BOUNDARIES,)
