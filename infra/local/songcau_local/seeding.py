"""Fills a fresh stack with what the services ship: units, agencies, procedures, facilities, practitioners, slots."""

from collections.abc import Callable

from songcau_local.layout import Layout


def seed(layout: Layout, say: Callable[[str], None]) -> None:
    """Bring the shipped data up to date; safe to repeat."""
