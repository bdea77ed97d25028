"""Drafts that are ready to be submitted, made over HTTP as an app makes them."""

import io
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from uuid import uuid4

from pypdf import PdfWriter

from load import http_client
from load.http_client import AnswerError
from load.stage import Stage

WISH = {
    "procedure_code": "2.000635",  # copies of civil status extracts: one paper, a fee
    "channel": "ONLINE",
    "receiving_agency_code": "H55.242",
    "answers": {"authorised": False},
}
COMPONENT = "copy_form"
BOUNDARY = "songcau-load"
CITIZEN_KNOWN_WITHIN_S = 30.0


@dataclass(frozen=True)
class Draft:
    """A draft and the version a move starts from."""

    id: str
    version: int


def headers(stage: Stage, **more: str) -> dict[str, str]:
    """Return what an app sends with every request of a signed-in person."""
    given = {"authorization": f"Bearer {stage.token()}", "accept-language": "vi", "accept": "application/json"}
    return given | {name.replace("_", "-"): value for name, value in more.items()}


def write_headers(stage: Stage, **more: str) -> dict[str, str]:
    """Return what an app sends with every write."""
    return headers(stage, idempotency_key=str(uuid4()), **more)


def make(stage: Stage, count: int, *, connections: int) -> list[Draft]:
    """Open so many drafts and attach their paper; a machine that stood still for a moment gets a second try."""
    try:
        return _make(stage, count, connections)
    except AnswerError:
        time.sleep(2.0)
        return _make(stage, count, connections)


def _make(stage: Stage, count: int, connections: int) -> list[Draft]:
    body = json.dumps(WISH).encode()
    port = stage.layout.port("gateway")
    created = _fetch(
        port,
        [
            http_client.request("POST", "/v1/dossiers", write_headers(stage, content_type="application/json"), body)
            for _ in range(count)
        ],
        connections,
    )
    parts = [_attachment(stage, one["id"]) for one in created]
    attached = _fetch(port, parts, connections)
    # Answers come in any order, but every draft has taken the same steps.
    (version,) = {int(one["version"]) for one in attached}
    return [Draft(one["id"], version) for one in created]


def wait_for_citizen(stage: Stage) -> None:
    """Wait until the public services have heard of the citizen who just signed in for the first time."""
    until = time.monotonic() + CITIZEN_KNOWN_WITHIN_S
    while True:
        try:
            make(stage, 1, connections=1)
        except AnswerError:
            if time.monotonic() > until:
                raise
            time.sleep(0.5)
        else:
            return


def submission(stage: Stage, draft: Draft) -> bytes:
    """Return the request that hands a draft in."""
    moving = write_headers(stage, if_match=f'"v{draft.version}"')
    return http_client.request("POST", f"/v1/dossiers/{draft.id}/submit", moving)


def _fetch(port: int, requests: Sequence[bytes], connections: int) -> list[dict[str, str]]:
    return [json.loads(body) for body in http_client.fetch(port, requests, connections=connections, expected=201)]


def _attachment(stage: Stage, dossier_id: str) -> bytes:
    lines = (
        f'--{BOUNDARY}\r\ncontent-disposition: form-data; name="component_key"\r\n\r\n{COMPONENT}\r\n--{BOUNDARY}\r\n'
        'content-disposition: form-data; name="file"; filename="giay.pdf"\r\ncontent-type: application/pdf\r\n\r\n'
    )
    body = lines.encode() + _paper() + f"\r\n--{BOUNDARY}--\r\n".encode()
    kind = write_headers(stage, content_type=f"multipart/form-data; boundary={BOUNDARY}")
    return http_client.request("POST", f"/v1/dossiers/{dossier_id}/attachments", kind, body)


@cache
def _paper() -> bytes:
    writer, content = PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    writer.write(content)
    return content.getvalue()
