"""Assisted sessions: somebody helps a citizen, who approves the session and confirms each act with the own factor."""
