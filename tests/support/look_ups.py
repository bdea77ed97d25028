"""How officers of the stories find people."""

from typing import Any

from songcau_local.demo.client import Person, checked


def found(officer: Person, person: Person) -> Any:
    """Return the record an officer finds by a person's number; whoever signed in before is known."""
    number = str(person.facts["personal_number"])
    (hit,) = checked(officer.call("POST", "/v1/citizens/search", {"number": number})).json()["items"]
    return hit
