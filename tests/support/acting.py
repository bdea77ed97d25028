"""People of the stories who act for somebody else in all they do."""

from dataclasses import dataclass
from typing import Any

from songcau_local.demo.client import Person


@dataclass
class Acting(Person):
    """Somebody who stands for a citizen or an organisation in all they do."""

    stands_for: str = ""

    def call(self, method: str, path: str, body: object = None, *, version: int = 0, **more: Any) -> Any:
        """Send one request in the name of whom they stand for."""
        headers = {"x-on-behalf-of": self.stands_for, **more.pop("headers", {})}
        return super().call(method, path, body, version=version, headers=headers, **more)


def acting(person: Person, represented_id: str) -> Acting:
    """Return the person as they act for somebody."""
    return Acting(person.name, person.http, person.tokens, person.purpose, person.facts, represented_id)
