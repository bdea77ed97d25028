"""Builds the doors of who acts for whom: representations of people, organisations and their members."""

from pathlib import Path

from songcau_kit.cursors import CursorSigner

from songcau_identity.look_up_doors import build_naming_limits
from songcau_identity.officers import Desk
from songcau_identity.organisations.deciding import OrganisationDeciding
from songcau_identity.organisations.following import FollowingMemberships
from songcau_identity.organisations.founding import OrganisationFounding
from songcau_identity.organisations.limits import OrganisationLimits
from songcau_identity.organisations.listing import OrganisationList
from songcau_identity.organisations.members import Members
from songcau_identity.organisations.proposing import RepresentativeProposing
from songcau_identity.organisations.register import BusinessRegister, FileRegister, NoRegister
from songcau_identity.representations.granting import Granting
from songcau_identity.representations.listing import RepresentationList
from songcau_identity.representations.moving import Moving
from songcau_identity.servers.admission import Admission
from songcau_identity.servers.organisations import OrganisationServer, OrganisationUseCases
from songcau_identity.servers.representations import RepresentationServer, RepresentationUseCases
from songcau_identity.settings import Settings


def build_representations(
    settings: Settings, desk: Desk, admission: Admission, cursors: CursorSigner
) -> RepresentationServer:
    """Return the server of RepresentationService."""
    listing = RepresentationList(database=desk.database, cursors=cursors)
    moving = Moving(desk, FollowingMemberships(desk.clock))
    granting = Granting(desk, build_naming_limits(settings, desk))
    return RepresentationServer(admission=admission, cases=RepresentationUseCases(granting, moving, listing))


def build_organisations(
    settings: Settings, desk: Desk, admission: Admission, cursors: CursorSigner
) -> OrganisationServer:
    """Return the server of OrganisationService."""
    limits = OrganisationLimits(settings.organisation_cases_of_citizen, settings.organisation_invitations_open)
    cases = OrganisationUseCases(
        founding=OrganisationFounding(desk, open_register(settings), limits),
        deciding=OrganisationDeciding(desk),
        members=Members(desk, limits, build_naming_limits(settings, desk)),
        proposing=RepresentativeProposing(desk, limits),
        listing=OrganisationList(desk, cursors),
    )
    return OrganisationServer(admission=admission, cases=cases)


def open_register(settings: Settings) -> BusinessRegister:
    """Return the register of the settings."""
    file = settings.business_register_file
    return FileRegister(Path(file)) if file else NoRegister()
