"""Points 10 to 12 of the story: what the event log, the citizen's access list and the files show afterwards."""

from collections import Counter
from functools import partial
from typing import Any

from songcau_local.demo.client import expect, wait_until
from songcau_local.demo.stage import Stage, tell
from songcau_local.event_log import BusEvent, read_events, told_once
from songcau_local.leaks import find_leaks

DOSSIER = [
    "DossierDrafted",
    "DossierSubmitted",
    "PaymentRecorded",
    "DossierAccepted",
    "SupplementRequested",
    "SupplementSupplied",
    "DecisionProposed",
    "DossierResolved",
    "ResultReturned",
]
CONSULTATION = [
    "ConsultationRequested",
    "ConsultationTriaged",
    "ConsultationOffered",
    "ConsultationScheduled",
    "ConsultationCheckedIn",
    "ConsultationAdmitted",
    "ConsultationCompleted",
]


def event_log(stage: Stage) -> None:
    """Each step stands in the event log once and in order."""
    for aggregate, expected in ((stage.dossier["id"], DOSSIER), (stage.consultation["id"], CONSULTATION)):
        records = wait_until(partial(_ended, stage, aggregate, expected[-1]), expected[-1])
        events = told_once(records)
        facts = [event.fact for event in events if event.fact != "ProcessingStarted"]
        versions = [event.version for event in events]
        expect(facts == expected, f"the log tells {facts}")
        expect(versions == sorted(set(versions)), f"versions {versions} are not each there once and in order")
        again = len(records) - len(events)
        tell(" → ".join(facts) + (f" ({again} delivered again after a crash, with their old ids)" if again else ""))


def access_list(stage: Stage) -> None:
    """The citizen finds every officer and doctor in their access list."""
    actors = {
        name: stage.person(name).subject for name in ("officer.lahien", "leader.lahien", "station.lahien", "doctor")
    }
    found = wait_until(lambda: _found_all(stage, set(actors.values())), "every access in the list")
    by_actor = Counter(entry["actor_id"] for entry in found)
    for name, subject in actors.items():
        purposes = sorted({entry["purpose"] for entry in found if entry["actor_id"] == subject and entry["purpose"]})
        tell(f"{name}: {by_actor[subject]} entries, purposes {', '.join(purposes)}")
    stranger = stage.person("officer.phandinhphung").subject
    # Elsewhere that officer may have had good reason: an organisation's case, a look-up at the counter.
    denied = [entry for entry in found if (entry["actor_id"], entry["service"]) == (stranger, "eservices")]
    outcomes = ", ".join(sorted({entry["outcome"] for entry in denied})) or "-"
    tell(f"officer.phandinhphung: {len(denied)} entries, outcome {outcomes}")
    expect(all(entry["outcome"] != "ALLOWED" for entry in denied), "the other commune's officer had access")


def leaks(stage: Stage) -> None:
    """No file, dump, row, event, log or metric holds a number, name or health word that was used."""
    report = find_leaks(stage.layout, stage.secrets, control=stage.control)
    expect(not report.found, "found in the clear: " + "; ".join(report.found[:10]))
    tell(
        f"{report.spellings} spellings of {len(set(stage.secrets))} secrets: none in {report.files} files "
        f"({report.mebibytes} MiB), {report.dumps} dumps, {report.rows} rows, {report.events} events "
        f"and the metrics of {report.measured} processes"
    )


def _ended(stage: Stage, aggregate_id: str, last: str) -> list[BusEvent] | None:
    events = sorted(read_events(stage.layout, aggregate_id=aggregate_id), key=lambda event: event.offset)
    events = [event for event in events if not event.topic.endswith((".access.v1", ".dlq.v1"))]
    return events if events and events[-1].fact == last else None


def _found_all(stage: Stage, subjects: set[str]) -> list[dict[str, Any]] | None:
    an = stage.person("an")
    entries: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    for _ in range(20):
        page = an.get("/v1/me/accesses", limit=200, **cursor)
        entries += page["items"]
        if not page["next_cursor"]:
            break
        cursor = {"cursor": page["next_cursor"]}
    return entries if subjects <= {entry["actor_id"] for entry in entries} else None
