"""Checks a citizen's exported list against the log: signatures, places, contents, numbers, and an older checkpoint.

An export is JSON: `accesses` as `GET /v1/me/accesses` lists them, `proofs` as `GET /v1/me/accesses/{id}/proof` gives
them, `checkpoint`, and `consistency` as `GET /v1/audit/consistency-proof`, or null.
"""

import base64
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from songcau_kit.log_checkpoints import Checkpoint, open_checkpoint
from songcau_kit.merkle.hashing import leaf_hash
from songcau_kit.merkle.proofs import ProofError, check_consistency, check_inclusion
from songcau_kit.signed_notes import NoteError, NoteVerifier

from songcau_audit.leaves import is_opened_by

# What a leaf holds and no list shows, or shows under another name or form.
NOT_LISTED = frozenset({"format", "entry_id", "occurred_at", "commitment", "sealed", "correlation_id"})
# Only in the openings of accesses in which somebody was helped; a list says of every access that nobody was, too.
NO_HELPER = dict.fromkeys(("assisted_by", "assisted_by_kind", "assisted_by_organization"), "")


def faults_of(export: Mapping[str, Any], since: str | None, keys: Sequence[NoteVerifier]) -> list[str]:
    """Return what is wrong with an export, in words; nothing where all is well.

    `since` is a checkpoint that was kept earlier; `keys` are those that must have signed: the log's, then witnesses'.
    """
    try:
        tree = open_checkpoint(export["checkpoint"], *keys)
        proofs = {proof["id"]: proof for proof in export["proofs"]}
        faults = [*_lost(export, proofs), *_gaps(proofs.values())]
        for access in export["accesses"]:
            if access["id"] in proofs:
                faults += [f"{access['id']}: {fault}" for fault in _of_access(access, proofs[access["id"]], tree)]
        if since:
            faults += _of_history(export["consistency"], open_checkpoint(since, keys[0]), tree)
        return faults
    except NoteError as error:
        return [str(error)]
    except (KeyError, TypeError, ValueError) as error:
        return [f"the export is not whole: {type(error).__name__} {error}"]


def _lost(export: Mapping[str, Any], proofs: Mapping[str, Any]) -> Iterator[str]:
    listed = {access["id"] for access in export["accesses"]}
    yield from (f"{access}: stands on the list and is not proved" for access in sorted(listed - proofs.keys()))
    yield from (f"{access}: is in the log and not on the list" for access in sorted(proofs.keys() - listed))


def _of_access(access: Mapping[str, Any], proof: Mapping[str, Any], tree: Checkpoint) -> Iterator[str]:
    leaf, opening = proof["leaf"].encode(), proof["opening"].encode()
    try:
        inclusion = [base64.b64decode(part) for part in proof["inclusion"]]
        check_inclusion(leaf_hash(leaf), proof["leaf_index"], tree.size, inclusion, tree.root)
    except ProofError as error:
        yield str(error)
    if not is_opened_by(leaf, opening):
        yield "the opening is not what the leaf commits to"
    said, opened = json.loads(leaf), json.loads(opening)
    if said["entry_id"] != access["id"] or _instant(said["occurred_at"]) != _instant(access["occurred_at"]):
        yield "the leaf is of another access"
    logged = {**NO_HELPER, **said, **opened["personal"]}
    for name in sorted(logged.keys() - NOT_LISTED):
        if name not in access:
            yield f"the list withholds {name}"
        elif (access[name] or "") != logged[name]:
            yield f"the list says another {name}"


def _gaps(proofs: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    numbers: dict[str, list[int]] = defaultdict(list)
    for proof in proofs:
        opened = json.loads(proof["opening"])
        numbers[opened["subject_id"]].append(opened["number"])
    for found in numbers.values():
        missing = set(range(1, max(found) + 1)) - set(found)
        if missing or len(found) != len(set(found)):
            yield f"entries are missing on the list, their numbers are {sorted(missing)}"


def _of_history(consistency: Mapping[str, Any] | None, old: Checkpoint, tree: Checkpoint) -> Iterator[str]:
    hashes = [base64.b64decode(part) for part in consistency["hashes"]] if consistency else []
    try:
        check_consistency((old.size, old.root), (tree.size, tree.root), hashes)
    except ProofError as error:
        yield str(error)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
