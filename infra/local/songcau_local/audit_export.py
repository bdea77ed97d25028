"""Gathers a citizen's access list with the proof of every entry, as an app of theirs would."""

import json
import time
from typing import Any

import httpx

TIMEOUT_S = 30.0
# The log follows the list within seconds.
ARRIVES_WITHIN_S = 30.0
PAUSE_S = 0.5
AT_ONCE = 100


class ExportError(Exception):
    """The platform did not give what an export needs; the text says what."""


def newest_checkpoint(url: str) -> str:
    """Return the newest checkpoint; raises ExportError."""
    with httpx.Client(base_url=url, timeout=TIMEOUT_S) as http:
        return _checked(http.get("/v1/audit/checkpoint")).text


def export_list(url: str, token: str, *, since: str | None = None) -> dict[str, Any]:
    """Return the list, proofs in the tree of one checkpoint, and that it continues `since`; raises ExportError."""
    with httpx.Client(base_url=url, timeout=TIMEOUT_S, headers={"authorization": f"Bearer {token}"}) as http:
        until = time.monotonic() + ARRIVES_WITHIN_S
        while True:
            accesses = _accesses(http)
            note = _checked(http.get("/v1/audit/checkpoint")).text
            proofs = _proofs(http, [access["id"] for access in accesses], size_of(note))
            # An entry made since the list was read may have reached the log before one on the list.
            if (proofs is not None and not _has_gap(proofs)) or time.monotonic() > until:
                break
            time.sleep(PAUSE_S)
        consistency = _consistency(http, since, size_of(note))
    return {"accesses": accesses, "proofs": proofs or [], "checkpoint": note, "consistency": consistency}


def size_of(note: str) -> int:
    """Return the size of the tree that a checkpoint is of."""
    return int(note.split("\n")[1])


def _accesses(http: httpx.Client) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor = ""
    while True:
        query = {"limit": "200"} | ({"cursor": cursor} if cursor else {})
        page = _checked(http.get("/v1/me/accesses", params=query)).json()
        items += page["items"]
        cursor = page["next_cursor"] or ""
        if not cursor:
            return items


def _proofs(http: httpx.Client, ids: list[str], size: int) -> list[dict[str, Any]] | None:
    """Return the proofs of all entries, None while one of them is not in the signed log."""
    found: list[dict[str, Any]] = []
    for start in range(0, len(ids), AT_ONCE):
        query: dict[str, str | int] = {"ids": ",".join(ids[start : start + AT_ONCE]), "tree_size": size}
        answer = http.get("/v1/me/accesses/proofs", params=query)
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        found += _checked(answer).json()["items"]
    return found


def _has_gap(proofs: list[dict[str, Any]]) -> bool:
    numbers: dict[str, set[int]] = {}
    for proof in proofs:
        opened = json.loads(proof["opening"])
        numbers.setdefault(opened["subject_id"], set()).add(opened["number"])
    return any(len(found) != max(found) for found in numbers.values())


def _consistency(http: httpx.Client, since: str | None, size: int) -> dict[str, Any] | None:
    if since is None:
        return None
    sizes = {"old_size": size_of(since), "new_size": size}
    answer = http.get("/v1/audit/consistency-proof", params=sizes)
    # A log that was cut off cannot prove it; the verifier says so.
    if answer.status_code == httpx.codes.BAD_REQUEST:
        return None
    proof: dict[str, Any] = _checked(answer).json()
    return proof


def _checked(answer: httpx.Response) -> httpx.Response:
    if answer.status_code != httpx.codes.OK:
        raise ExportError(f"{answer.request.url.path} answered {answer.status_code}: {answer.text[:200]}")
    return answer
