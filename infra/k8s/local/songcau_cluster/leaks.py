"""Searches what a pod can reach, tables and events, for texts that must not be there in the clear."""

from songcau_local.databases import SERVICES
from songcau_local.demo.client import expect
from songcau_local.demo.stage import Stage, tell
from songcau_local.event_log import read_events
from songcau_local.leaks import rows_of
from songcau_local.needles import Needles

# Keycloak keeps accounts, sessions and sign-in events in the same server.
DATABASES = (*SERVICES, "keycloak")


def search(stage: Stage) -> None:
    """No row and no event holds a number, name or health word that was used, in a search that finds a known text."""
    needles = Needles(stage.secrets)
    control, found, rows = str(stage.dossier["id"]).encode(), list[str](), 0
    seen = False
    for name, row in rows_of(stage.layout, DATABASES):
        rows += 1
        text = row.encode()
        seen = seen or control in text
        found += [f"{name}: {spelling}" for spelling in needles.find(text)]
    events = read_events(stage.layout)
    for event in events:
        text = event.value + repr(event.headers).encode() + repr(event.content).encode()
        found += [f"{event.topic}: {spelling}" for spelling in needles.find(text)]
    expect(seen, "the search does not even find what stands there openly")
    expect(not found, f"found in the clear in {sorted(set(found))}")
    tell(f"{len(needles)} spellings: none in {rows} rows and {len(events)} events")
