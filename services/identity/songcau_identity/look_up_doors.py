"""Builds what looks citizens up, part of the composition root."""

from songcau_identity.look_up_limits import NAMINGS, LookUpLimits
from songcau_identity.look_ups import LookUps
from songcau_identity.officers import Desk
from songcau_identity.profiles import Profiles
from songcau_identity.settings import Settings


def build_look_ups(settings: Settings, desk: Desk, profiles: Profiles) -> LookUps:
    """Return the use case LookUpCitizen with its limits."""
    limits = build_limits(settings, desk)
    return LookUps(database=desk.database, clock=desk.clock, vault=desk.vault, profiles=profiles, limits=limits)


def build_limits(settings: Settings, desk: Desk) -> LookUpLimits:
    """Return how many citizens one person may look up or ask."""
    return LookUpLimits(
        database=desk.database,
        clock=desk.clock,
        per_minute=settings.look_ups_per_minute,
        per_day=settings.look_ups_per_day,
    )


def build_naming_limits(settings: Settings, desk: Desk) -> LookUpLimits:
    """Return how many other people somebody may name by number and name."""
    return LookUpLimits(
        database=desk.database,
        clock=desk.clock,
        per_minute=settings.namings_per_minute,
        per_day=settings.namings_per_day,
        of=NAMINGS,
    )
