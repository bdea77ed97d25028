"""Speaks to the provider of the electronic identity app over HTTP; where it listens is a setting.

`PUT <address>/<push id>` puts a question and may be repeated, `GET` looks after it; both answer `{"state": …}`. A
question about an act carries what the helper typed (`details`) and, where not all of it fits, a `hint` that says so.
How the real provider of a province is spoken to is not known: another client takes the place of this one then.
"""

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import urllib3
from songcau_kit.logs import get_logger

from songcau_identity.assistance.pushing import PushState, PushUnavailableError, Question
from songcau_identity.assistance.words import Words

LARGEST_ANSWER = 4096

_log = get_logger(__name__)


@dataclass(frozen=True)
class PushEndpoint:
    """Where questions are put and how the platform is known there; the timeout is in seconds."""

    url: str
    client_id: str
    client_secret: str = field(repr=False)
    timeout: float = 5.0


class HttpPushProvider:
    """The platform's side."""

    def __init__(self, endpoint: PushEndpoint) -> None:
        self._url = endpoint.url.rstrip("/")
        self._headers = urllib3.make_headers(basic_auth=f"{endpoint.client_id}:{endpoint.client_secret}")
        self._http = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(endpoint.timeout))

    def send(self, question: Question) -> PushState:
        """Put a question."""
        body = {
            "personal_number": question.number.reveal(),
            "text": _texts(question.words),
            "details": [{"label": _texts(one.label), "value": one.value.reveal()} for one in question.excerpt.details],
            "hint": _texts(question.excerpt.hint) if question.excerpt.hint else None,
            "expires_at": question.expires_at.isoformat(),
        }
        return self._ask("PUT", question.push_id, json.dumps(body, ensure_ascii=False).encode())

    def look(self, push_id: UUID) -> PushState:
        """Look after a question."""
        return self._ask("GET", push_id)

    def close(self) -> None:
        """Close the connections."""
        self._http.clear()

    def _ask(self, method: str, push_id: UUID, body: bytes | None = None) -> PushState:
        headers = {**self._headers, "content-type": "application/json"}
        try:
            answer = self._http.request(
                method, f"{self._url}/{push_id}", body=body, headers=headers, redirect=False, preload_content=False
            )
            content = answer.read(LARGEST_ANSWER)
            answer.release_conn()
        except urllib3.exceptions.HTTPError as error:
            _log.warning("push_provider_unreachable", error=type(error).__name__)
            raise PushUnavailableError from None
        if answer.status != 200:
            _log.warning("push_refused", status=answer.status)
            raise PushUnavailableError
        return _read_state(content)


def _texts(words: Words) -> dict[str, str]:
    return {"vi": words.vi, "en": words.en}


def _read_state(content: bytes) -> PushState:
    try:
        body: Any = json.loads(content)
        return PushState(body["state"])
    except (ValueError, KeyError, TypeError):
        raise PushUnavailableError from None
