"""The one table of reasons of the domain `identity.songcau`."""

from songcau_kit.errors import ReasonTable

REASONS = ReasonTable("identity")
