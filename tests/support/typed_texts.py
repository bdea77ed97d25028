"""What people of the end-to-end stories typed, recorded where it leaves for the gateway, to be searched for at the end.

Every text of a JSON body counts as personal unless its field is named here with a reason: a new story is searched for
without asking for it.
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

import httpx

# What stands openly for everybody, or is a code of ours.
OPEN = frozenset(
    {
        "answers",  # a form's answers, yes and no in these stories
        "actor_id",  # the pseudonym of an account
        "hold_id",
        "shown_licence_number",  # the law wants it shown
        "issuer",  # an authority, which stands in the list of agencies
        "categories",
        "reference",  # the number of an office's own letter about a breach
        "return_url",
        "component_key",
        "facts.label",  # the name of a result's field, as forms have it
        "items.name",  # the title of a paper, as the catalogue has it
        "procedure_code",
        "receiving_agency_code",
        "activity",
        "text_version",
    }
)
# A shorter text stands somewhere in a hundred megabytes by chance.
SHORTEST = 6
_CONSTANT = re.compile(r"[A-Z]+(_[A-Z0-9]+)*")
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Days and moments stand in every log line.
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}(T.*)?")
_PLAIN = (_CONSTANT, _ID, _TIME)


class TypedTexts:
    """The texts in the order they came, each with the request that carried it first; `fields` are all that did."""

    def __init__(self) -> None:
        self._sources: dict[str, str] = {}
        self.fields: set[str] = set()

    def __iter__(self) -> Iterator[str]:
        return iter(self._sources)

    def __len__(self) -> int:
        return len(self._sources)

    def listen_to(self, http: httpx.Client) -> None:
        """Record what this client sends from now on."""
        http.event_hooks["request"].append(self._hear)

    def add(self, texts: Sequence[str], source: str) -> None:
        """Record texts that reached the platform on another way."""
        for text in texts:
            self._sources.setdefault(text, source)

    def table(self) -> str:
        """Return number and source of each text, as a report of leaks counts them; no text is told."""
        return "\n".join(f"secret {number}: {source}" for number, source in enumerate(self._sources.values()))

    def _hear(self, request: httpx.Request) -> None:
        if request.headers.get("content-type") == "application/json":
            for field, text in texts_in(json.loads(request.content)):
                self.fields.add(field)
                self._sources.setdefault(text, f"{request.method} {request.url.path} {field}")


def texts_in(value: Any, field: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text of a body that is not open, with the dotted name of its field."""
    if field in OPEN or field.rpartition(".")[2] in OPEN:
        return
    if isinstance(value, dict):
        for name, part in value.items():
            yield from texts_in(part, f"{field}.{name}" if field else name)
    elif isinstance(value, list):
        for part in value:
            yield from texts_in(part, field)
    elif isinstance(value, str) and _is_personal(value):
        yield field, value


def _is_personal(text: str) -> bool:
    return len(text) >= SHORTEST and not any(form.fullmatch(text) for form in _PLAIN)
