"""Organisations: who founded them, who represents them by law, who is a member in which role."""
