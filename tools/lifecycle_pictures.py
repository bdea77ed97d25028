"""Draws the lifecycle tables of the services, read from their models: a column a state, a row a step."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

COLUMN, HEAD, ROW, MARGIN = 104, 58, 44, 20
SHADES = {
    "citizen": "#00695c", "represented": "#00695c", "station": "#00838f", "office": "#b26a00", "leader": "#8d3b00",
    "clinician": "#5e35b1", "system": "#607d8b", "founder": "#00695c", "member": "#00695c", "manager": "#00838f",
}  # fmt: skip
BEGIN = "UNKNOWN"


@dataclass(frozen=True)
class Row:
    """One step: from where, to where, who may take it, what it tells the others."""

    sources: tuple[str, ...]
    step: str
    target: str
    who: str
    fact: str
    note: str = ""


@dataclass(frozen=True)
class Lifecycle:
    """A named table of steps over states in the order of their enum."""

    name: str
    title: str
    states: tuple[str, ...]
    final: frozenset[str]
    rows: tuple[Row, ...]


def lifecycles() -> tuple[Lifecycle, ...]:
    """Return the lifecycle tables of the services, read from their models."""
    return (
        _of_citizens(),
        _of_consents(),
        _of_breaches(),
        _of_anomalies(),
        _of_representations(),
        _of_organisations(),
        _of_organisation_members(),
        _of_dossiers(),
        _of_consultations(),
    )


def _of_citizens() -> Lifecycle:
    model = importlib.import_module("songcau_identity.model")
    rows = [
        Row((str(step.before or BEGIN),), str(step.act), str(step.after), step.role, event("", step.fact))
        for step in model.LIFECYCLE
    ]
    states = (BEGIN, *map(str, model.CitizenStatus))
    return Lifecycle("citizen", "The link of a citizen", states, frozenset(), merged(rows))


def _of_consents() -> Lifecycle:
    model = importlib.import_module("songcau_identity.consent.model")
    rows = [
        Row((str(step.before or BEGIN),), str(step.act), str(step.after), named(step.who), event("", step.fact))
        for step in model.CONSENT_LIFECYCLE
    ]
    states = (BEGIN, *map(str, model.ConsentState))
    return Lifecycle("consent", "Consent to one purpose", states, frozenset(), merged(rows))


def _of_organisations() -> Lifecycle:
    model = importlib.import_module("songcau_identity.organisations.model")
    final = frozenset({"REFUSED", "DISSOLVED"})
    rows = _steps(model.ORGANISATION_LIFECYCLE)
    states = (BEGIN, *map(str, model.OrganisationState))
    return Lifecycle("organisation", "An organisation", states, final, merged(rows))


def _of_organisation_members() -> Lifecycle:
    model = importlib.import_module("songcau_identity.organisations.model")
    states = (BEGIN, *map(str, model.MemberState))
    rows = merged(_steps(model.MEMBER_LIFECYCLE))
    return Lifecycle("organisation-member", "A member of an organisation", states, frozenset({"ENDED"}), rows)


def _steps(lifecycle: Iterable[Any]) -> list[Row]:
    return [
        Row((str(step.before or BEGIN),), str(step.act), str(step.after), named(step.who), "") for step in lifecycle
    ]


def _of_representations() -> Lifecycle:
    model = importlib.import_module("songcau_identity.representations.model")
    rows = [
        Row((str(step.before or BEGIN),), str(step.act), str(step.after), named(step.who), event("", step.fact))
        for step in model.LIFECYCLE
    ]
    states = (BEGIN, *map(str, model.Status))
    return Lifecycle("representation", "One acts for another", states, frozenset(map(str, model.OVER)), merged(rows))


def _of_breaches() -> Lifecycle:
    model = importlib.import_module("songcau_identity.breaches.model")
    rows = [
        Row((str(step.before or BEGIN),), str(step.act), str(step.after), "data officer", "")
        for step in model.BREACH_LIFECYCLE
    ]
    states = (BEGIN, *map(str, model.BreachState))
    final = frozenset({str(model.BreachState.CLOSED), str(model.BreachState.DISMISSED)})
    return Lifecycle("breach", "A breach of personal data", states, final, merged(rows))


def _of_anomalies() -> Lifecycle:
    model = importlib.import_module("songcau_identity.anomalies.model")
    rows = [
        Row((str(step.before or BEGIN),), str(step.act), str(step.after), str(step.who).lower().replace("_", " "), "")
        for step in model.ANOMALY_LIFECYCLE
    ]
    states = (BEGIN, *map(str, model.AnomalyState))
    return Lifecycle(
        "anomaly", "A look-up that needs an explanation", states, frozenset(map(str, model.DECIDED)), merged(rows)
    )


def _of_dossiers() -> Lifecycle:
    model = importlib.import_module("songcau_eservices.dossiers.model")
    numbered = {None: "", True: "with a number", False: "without a number"}
    rows = [
        Row(
            (str(step.source),), str(step.action), str(step.target), named(step.who), step.event,
            numbered[step.is_numbered],
        )
        for step in model.TRANSITIONS
    ]  # fmt: skip
    return Lifecycle("dossier", "The way of a dossier", tuple(model.State), model.TERMINAL, merged(rows))


def _of_consultations() -> Lifecycle:
    model = importlib.import_module("songcau_telehealth.consultations.model")
    rows = [
        Row((str(step.start),), str(step.step), str(step.end), named(step.who), event("Consultation", step.fact))
        for step in model.LIFECYCLE
    ]
    return Lifecycle("consultation", "The life of a consultation", tuple(model.State), model.FINAL, merged(rows))


def named(who: Iterable[Any]) -> str:
    """Return the actors of a step as words, the clerk before the leader."""
    people = ["SELF", "REPRESENTED", "REPRESENTATIVE", "FOUNDER", "MEMBER", "MANAGER", "CITIZEN"]
    order = [*people, "STATION", "OFFICER", "LEADER", "CLINICIAN", "SYSTEM"]
    return ", ".join(actor.lower() for actor in sorted(map(str, who), key=order.index))


def event(aggregate: str, fact: str) -> str:
    """Return the name of an event's message for a fact of the model."""
    return aggregate + "".join(word.capitalize() for word in str(fact).split("_"))


def merged(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Join the rows that differ in their source only, each at the place of the first."""
    joined: dict[tuple[str, ...], Row] = {}
    for row in rows:
        key = (row.step, row.target, row.who, row.fact, row.note)
        before = joined[key].sources if key in joined else ()
        joined[key] = Row((*before, *row.sources), row.step, row.target, row.who, row.fact, row.note)
    return tuple(joined.values())


def svg(life: Lifecycle) -> str:
    """Return the picture: states above, below them one arrow for each step from its states to the next one."""
    place = {state: MARGIN + COLUMN * number + COLUMN // 2 for number, state in enumerate(life.states)}
    width, height = 2 * MARGIN + COLUMN * len(life.states), MARGIN + HEAD + ROW * len(life.rows) + MARGIN
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
            f'height="{height}" role="img" aria-label="{escape(life.title)}">',
            "<style>text{font:11px system-ui,sans-serif;fill:#17211f;text-anchor:middle}.b{font-weight:600}"
            ".h{paint-order:stroke;stroke:#fafcfb;stroke-width:5px;stroke-linejoin:round}.s{fill:#455a64}.l{text-anchor:start}</style>",
            f'<rect width="{width}" height="{height}" fill="#fafcfb"/>',
            *(_column(state, place[state], height=height, is_final=state in life.final) for state in life.states),
            *(_arrow(row, place, y=MARGIN + HEAD + ROW * number + 22) for number, row in enumerate(life.rows)),
            "</svg>",
            "",
        ]
    )


def _column(state: str, x: int, *, height: int, is_final: bool) -> str:
    fill, edge = ("#eceff1", "#607d8b") if is_final else ("#e0f2f1", "#00695c")
    words = state.split("_")
    half = (len(words) + 1) // 2
    lines = [part for part in (" ".join(words[:half]), " ".join(words[half:])) if part] if len(state) > 11 else [state]
    texts = "".join(
        f'<text x="{x}" y="{MARGIN + 22 - 7 * (len(lines) - 1) + 14 * number}" class="b">{escape(line)}</text>'
        for number, line in enumerate(lines)
    )
    box = f'<rect x="{x - 47}" y="{MARGIN - 2}" width="94" height="40" rx="8" fill="{fill}" stroke="{edge}"/>'
    return f'<path d="M{x} {MARGIN + 38}V{height - MARGIN // 2}" stroke="#cfd8dc" stroke-dasharray="3 4"/>{box}{texts}'


def _arrow(row: Row, place: dict[str, int], *, y: int) -> str:
    shade, end = _shade(row.who), place[row.target]
    starts = [place[source] for source in row.sources]
    words = " · ".join(part for part in (row.who, row.fact, row.note) if part)
    if starts == [end]:  # a step that leaves the state where it is bends back to its own column
        loop = f'<path d="M{end} {y - 6}h30v12H{end + 8}" stroke="{shade}" stroke-width="1.8" fill="none"/>'
        head = f'<path d="M{end} {y + 6}l8 -5v10z" fill="{shade}"/>'
        texts = (
            f'<text x="{end + 38}" y="{y - 2}" class="b h l">{escape(row.step)}</text>'
            f'<text x="{end + 38}" y="{y + 13}" class="s h l">{escape(words)}</text>'
        )
        return f'{loop}<circle cx="{end}" cy="{y - 6}" r="4.5" fill="{shade}"/>{head}{texts}'
    sides = [(min(starts), -8), (max(starts), 8)]
    lines = "".join(
        f'<path d="M{far} {y}H{end + tip}" stroke="{shade}" stroke-width="1.8"/>'
        f'<path d="M{end} {y}l{tip} -5v10z" fill="{shade}"/>'
        for far, tip in sides
        if (far - end) * tip > 0
    )
    dots = "".join(f'<circle cx="{start}" cy="{y}" r="4.5" fill="{shade}"/>' for start in starts)
    middle = (max(starts, key=lambda start: abs(start - end)) + end) / 2
    return (
        f'{lines}{dots}<text x="{middle:g}" y="{y - 8}" class="b h">{escape(row.step)}</text>'
        f'<text x="{middle:g}" y="{y + 16}" class="s h">{escape(words)}</text>'
    )


def _shade(who: str) -> str:
    if who in ("system", "identity-linker"):
        return SHADES["system"]
    if who == "data-officer" or who.startswith("officer"):
        return SHADES["office"]
    return SHADES.get(who.split(", ", maxsplit=1)[0], SHADES["system"])
