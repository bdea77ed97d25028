"""Holds what was written against what the bus carried and what its readers took in: nothing lost, nothing doubled."""

import sys
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing

import psycopg
from songcau_kit.bus import open_bus
from songcau_kit.dead_letters import list_dead_letters
from songcau_kit.topics import load_topics, topics_folder
from songcau_local.databases import SERVICES
from songcau_local.demo.client import StepError, expect, wait_until
from songcau_local.event_log import BusEvent, read_events, told_once
from songcau_local.layout import Layout

from songcau_cluster.demo import open_layout

_TAKEN_IN = "select entry_id::text from access_entries where service = '{service}'"


def main() -> int:
    """Return 0 where every effect is there once."""
    layout = open_layout()
    try:
        wait_until(lambda: not any(rows(layout, name, "select id from outbox") for name in SERVICES), "empty outboxes")
        wait_until(lambda: all(counts[1] == counts[2] for counts in accesses(layout).values()), "every access")
        events = read_events(layout)
        check_accesses(layout)
        check_order(events)
        check_inboxes(layout, events)
        check_dead_letters(layout)
    except StepError as error:
        sys.stderr.write(f"evidence: {error}\n")
        return 1
    again = len(events) - len(told_once(events))
    sys.stdout.write(f"{len(events)} records, {again} of them delivered again with their old ids; nothing is missing\n")
    return 0


def rows(layout: Layout, database: str, query: str) -> set[str]:
    """Return the first column of every row."""
    with psycopg.connect(layout.database("postgres", database)) as connection:
        return {str(value) for (value,) in connection.execute(query.encode())}


def accesses(layout: Layout) -> dict[str, tuple[set[str], set[str], set[str]]]:
    """Return the accesses of each service: as it noted them, as the bus carried them, as identity took them in."""
    found = {}
    for service in SERVICES:
        carried = {event.headers["ce_id"] for event in read_events(layout, topics=[f"{service}.access.v1"])}
        noted = rows(layout, service, "select id::text from audit_entries")
        is_own = service == "identity"  # it reads its own from where it noted them
        taken_in = carried if is_own else rows(layout, "identity", _TAKEN_IN.format(service=service))
        found[service] = noted, carried, taken_in
    return found


def check_accesses(layout: Layout) -> None:
    """Raise StepError where an access was lost or appeared from nowhere on its way to the citizen's list."""
    for service, (noted, carried, taken_in) in accesses(layout).items():
        expect(noted == carried, f"{service}: {len(noted ^ carried)} accesses are not both noted and on the bus")
        expect(carried == taken_in, f"{service}: {len(carried ^ taken_in)} accesses are not both carried and taken in")
        sys.stdout.write(f"{service}: {len(noted)} accesses noted, carried and taken in\n")


def check_order(events: Sequence[BusEvent]) -> None:
    """Raise StepError where an aggregate's versions are not each there once and in order."""
    versions: dict[tuple[str, str], list[int]] = defaultdict(list)
    for event in told_once(sorted(events, key=lambda event: (event.topic, event.partition, event.offset))):
        if event.version:
            versions[event.topic, event.key].append(event.version)
    for (topic, key), found in versions.items():
        expect(found == sorted(set(found)), f"{topic} tells of {key} in versions {found}")
    sys.stdout.write(f"{len(versions)} aggregates, each version once and in order\n")


def check_inboxes(layout: Layout, events: Sequence[BusEvent]) -> None:
    """Raise StepError where a consumer has neither had the effect of an event that was for it nor buried it."""
    buried = {event.headers["ce_id"] for event in events if event.topic.endswith(".dlq.v1")}
    for topic in load_topics(topics_folder()):
        carried = {event.headers["ce_id"] for event in events if event.topic == topic.name}
        for consumer in topic.consumers:
            missing = carried - buried - rows(layout, consumer, "select event_id::text from inbox")
            expect(not missing, f"{consumer} has not had {len(missing)} events of {topic.name}")


def check_dead_letters(layout: Layout) -> None:
    """Raise StepError where a dead letter waits that was neither put back nor given up."""
    with closing(open_bus(layout.bus, "songcau-evidence")) as bus:
        waiting = [letter for group in SERVICES for letter in list_dead_letters(bus, group)]
    expect(not waiting, f"{len(waiting)} dead letters wait")


if __name__ == "__main__":
    sys.exit(main())
