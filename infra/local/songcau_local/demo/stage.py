"""What the steps of the demo share: the people, what they hold in their hands, and how a step tells what came back."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
from rich.markup import escape

from songcau_local import console
from songcau_local.browser import SignInError, Tokens, sign_in
from songcau_local.demo.client import AWAY_AT_MOST_SECONDS, TIMEOUT_SECONDS, Person
from songcau_local.layout import Layout
from songcau_local.people import get_citizen, people

PURPOSES = {"officer": "DOSSIER_PROCESSING", "leader": "DOSSIER_PROCESSING", "station": "CARE", "doctor": "CARE"}


@dataclass
class Stage:
    """The state of one run of the demo."""

    layout: Layout
    http: httpx.Client
    cast: dict[str, Person] = field(default_factory=dict)
    dossier: dict[str, Any] = field(default_factory=dict)
    result: bytes = b""
    consultation: dict[str, Any] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)
    control: str = ""
    sign_in: Callable[[Layout, str], Tokens] = sign_in

    @classmethod
    def open(cls, layout: Layout, sign_in: Callable[[Layout, str], Tokens] = sign_in) -> "Stage":
        """Set the stage in front of a running stack."""
        http = httpx.Client(base_url=layout.url("gateway"), timeout=TIMEOUT_SECONDS)
        return cls(layout, http, sign_in=sign_in)

    @property
    def anybody(self) -> Person:
        """Somebody without a token."""
        return Person("anybody", self.http)

    def person(self, name: str) -> Person:
        """Return a person of the seed file, signed in at their first appearance."""
        if name not in self.cast:
            purpose = PURPOSES.get(name.partition(".")[0], "")
            self.cast[name] = Person(name, self.http, self._signed_in(name), purpose)
            if name in people()["citizens"]:
                entry = get_citizen(name)
                self.cast[name].facts = entry
                self.secrets += [
                    str(entry[key]) for key in ("personal_number", "full_name", "phone_number") if key in entry
                ]
        return self.cast[name]

    def _signed_in(self, name: str) -> Tokens:
        until = time.monotonic() + AWAY_AT_MOST_SECONDS
        while True:
            try:
                return self.sign_in(self.layout, name)
            except (httpx.TransportError, SignInError):
                if time.monotonic() > until:
                    raise
            time.sleep(0.5)


Step = tuple[str, Callable[[Stage], None]]


def tell(text: str) -> None:
    """Print one line of what came back."""
    console.OUT.print(f"    {escape(text)}", soft_wrap=True)
