"""Rights of people over HTTP, as an app and a data officer use them."""

import time
from collections.abc import Callable
from typing import Any

from songcau_local.demo.client import Person
from songcau_local.demo.stage import Stage

ENDED = ("COMPLETED", "REFUSED", "WITHDRAWN")


def data_officer(stage: Stage) -> Person:
    """Return the data officer, who says what for they look."""
    officer = stage.person("data.officer")
    officer.purpose = "DATA_SUBJECT_REQUEST"
    return officer


def ask(person: Person, kind: str, details: str = "") -> Any:
    """Make a request of a citizen."""
    return person.post("/v1/me/subject-requests", {"kind": kind, "details": details})


def step(officer: Person, request: Any, verb: str, **body: Any) -> Any:
    """Let the data officer take a step."""
    return officer.post(f"/v1/subject-requests/{request['id']}/{verb}", body, version=request["version"])


def ended(read: Callable[[], Any], seconds: float = 60.0) -> Any:
    """Return a request once it has ended."""
    until = time.monotonic() + seconds
    while (request := read())["state"] not in ENDED:
        assert time.monotonic() < until, f"the request is still {request['state']}: {request['parts']}"
        time.sleep(0.5)
    return request
