"""Two verifiers that share no code check an exported list: ours, and the script that is handed out by itself."""

import ast
import base64
import copy
import hashlib
import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from songcau.audit.v1 import log_service_pb2 as pb
from songcau.common.v1.event_meta_pb2 import Actor
from songcau_audit.verification import faults_of
from songcau_gateway.routes.access_schemas import Access
from songcau_kit.log_checkpoints import open_checkpoint
from support.audit_service import AuditLog, access_event, new_citizen
from support.merkle_oracle import MerkleOracle, OracleError

SCRIPT = Path(__file__).resolve().parents[3] / "services/audit/verify_accesses.py"
SPEC = importlib.util.spec_from_file_location("verify_accesses", SCRIPT)
assert SPEC
assert SPEC.loader
script = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(script)


def ours(export: Any, kept: str | None, log: AuditLog) -> list[str]:
    return faults_of(export, kept, [log.signer.verifier])


def handed_out(export: Any, kept: str | None, log: AuditLog) -> list[str]:
    try:
        return list(script.main(export, kept, log.signer.verifier.text))
    except ValueError as error:
        return [str(error)]


# What the gateway adds to an access: no service told it, so no leaf says it.
NEVER_LOGGED = {"own", "words"}
VERIFIERS = pytest.mark.parametrize("verify", [ours, handed_out])


KEPT_SIZE = 8


class Story:
    """A citizen with accesses before and after a checkpoint that was kept."""

    def __init__(self, log: AuditLog) -> None:
        self.log = log
        self.citizen = new_citizen()
        log.grow(new_citizen(), 3)
        self.events = [access_event(self.citizen) for _ in range(3)]
        self.events[0].assisted_by.CopyFrom(Actor(id="helper-1", kind="DIGITAL_TEAM", organization="H55.242"))
        log.tell(*self.events)
        log.grow(new_citizen(), 2)
        self.kept = log.checkpoint().note
        assert log.checkpoint().tree_size == KEPT_SIZE
        self.events += [access_event(self.citizen, outcome="ACCESS_OUTCOME_DENIED", reason="PURPOSE_REQUIRED")]
        log.tell(self.events[-1])
        log.grow(new_citizen(), 6)

    def export(self) -> dict[str, Any]:
        answer = self.log.own_proofs(self.citizen, [event.meta.id for event in self.events])
        proofs = [
            {
                "id": proof.entry_id,
                "leaf_index": proof.leaf_index,
                "leaf": proof.leaf.decode(),
                "opening": proof.opening.decode(),
                "inclusion": [base64.b64encode(part).decode() for part in proof.inclusion],
            }
            for proof in answer.proofs
        ]
        return {
            "accesses": [listed(event) for event in self.events],
            "proofs": proofs,
            "checkpoint": answer.checkpoint,
            "consistency": self.consistency(answer.tree_size),
        }

    def consistency(self, size: int) -> dict[str, Any] | None:
        """Return the proof that the kept tree begins this one; a smaller one has none."""
        if size < KEPT_SIZE:
            return None
        request = pb.GetConsistencyProofRequest(old_size=KEPT_SIZE, new_size=size)
        hashes = self.log.log.GetConsistencyProof(request).hashes
        return {"hashes": [base64.b64encode(part).decode() for part in hashes]}


def listed(event: Any) -> dict[str, Any]:
    """Return an access as the citizen's list shows it."""
    return {
        "id": event.meta.id,
        "occurred_at": event.meta.occurred_at.ToJsonString(),
        "service": event.service,
        "actor_id": event.meta.actor.id,
        "actor_kind": event.meta.actor.kind,
        "actor_organization": event.meta.actor.organization or None,
        "on_behalf_of": event.on_behalf_of or None,
        "assisted_by": event.assisted_by.id or None,
        "assisted_by_kind": event.assisted_by.kind or None,
        "assisted_by_organization": event.assisted_by.organization or None,
        "client_id": event.client_id,
        "operation": event.operation,
        "object_kind": event.object_kind,
        "object_id": event.object_id,
        "purpose": event.purpose or None,
        "outcome": "ALLOWED" if event.outcome == 1 else "DENIED",
        "reason": event.reason or None,
        "own": False,
    }


@pytest.fixture
def story(audit_log: AuditLog) -> Story:
    return Story(audit_log)


@VERIFIERS
def test_a_true_list_is_found_true_with_and_without_an_older_checkpoint(story: Story, verify: Callable[..., list[str]]):
    export = story.export()
    assert verify(export, story.kept, story.log) == []
    assert verify(export, None, story.log) == []


def change_access(name: str, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda export: export["accesses"][0].update({name: value})


def change_opening(export: dict[str, Any]) -> None:
    opening = json.loads(export["proofs"][0]["opening"])
    opening["personal"]["actor_id"] = export["accesses"][0]["actor_id"] = "somebody-else"
    export["proofs"][0]["opening"] = json.dumps(opening, sort_keys=True, separators=(",", ":"))


def graft_leaf(export: dict[str, Any]) -> None:
    """Put another leaf under the true root: the two hashes of its place, joined, pass for the hash beside nothing."""
    proof = export["proofs"][0]
    true_leaf = hashlib.sha256(b"\x00" + proof["leaf"].encode()).digest()
    beside, *above = proof["inclusion"]
    is_right = proof["leaf_index"] % 2
    joined = base64.b64decode(beside) + true_leaf if is_right else true_leaf + base64.b64decode(beside)
    proof["inclusion"] = [beside, base64.b64encode(joined).decode(), *above]
    proof["leaf"] = proof["leaf"].replace("GET_DOSSIER", "PUT_DOSSIER")
    export["accesses"][0]["operation"] = "PUT_DOSSIER"


def drop_second(export: dict[str, Any]) -> None:
    del export["accesses"][1], export["proofs"][1]


FORGERIES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "another actor on the list": change_access("actor_id", "somebody-else"),
    "another purpose on the list": change_access("purpose", "INSPECTION"),
    "a helper left off the list": change_access("assisted_by", None),
    "a helper put on the list": lambda export: export["accesses"][1].update(assisted_by="helper-1"),
    "another time on the list": change_access("occurred_at", "2026-11-27T02:00:01Z"),
    "another object on the list": change_access("object_id", "019b0000-0000-7000-8000-000000000001"),
    "an opening that fits the list": change_opening,
    "an entry taken off list and proofs": drop_second,
    "an entry without its proof": lambda export: export["proofs"].pop(0),
    "a leaf edited": lambda export: export["proofs"][0].update(
        leaf=export["proofs"][0]["leaf"].replace("GET_DOSSIER", "PUT_DOSSIER")
    ),
    "a leaf grafted by a longer proof": graft_leaf,
    "a leaf moved": lambda export: export["proofs"][0].update(leaf_index=export["proofs"][0]["leaf_index"] + 1),
    "a proof cut": lambda export: export["proofs"][0]["inclusion"].pop(),
    "a checkpoint of another size": lambda export: export.update(
        checkpoint=export["checkpoint"].replace("\n15\n", "\n16\n")
    ),
    "a proof of consistency cut": lambda export: export["consistency"]["hashes"].pop(),
    "no proof of consistency": lambda export: export.update(consistency=None),
}


@VERIFIERS
@pytest.mark.parametrize("forgery", sorted(FORGERIES))
def test_a_forged_export_is_found_out(story: Story, verify: Callable[..., list[str]], forgery: str):
    export = copy.deepcopy(story.export())
    FORGERIES[forgery](export)
    assert verify(export, story.kept, story.log) != []


@VERIFIERS
@pytest.mark.parametrize("which", [slice(1), slice(1, 2), slice(None)], ids=["of one helped", "of one", "of all"])
def test_a_field_withheld_from_entries_or_from_the_whole_list_is_found_out(
    story: Story, verify: Callable[..., list[str]], which: slice
):
    true = story.export()
    names = Access.model_fields.keys() - NEVER_LOGGED
    assert names == true["accesses"][0].keys() - NEVER_LOGGED

    def without(name: str) -> dict[str, Any]:
        export = copy.deepcopy(true)
        for access in export["accesses"][which]:
            del access[name]
        return export

    assert [name for name in sorted(names) if verify(without(name), story.kept, story.log) == []] == []


@VERIFIERS
def test_a_checkpoint_that_another_key_signed_is_not_believed(story: Story, verify: Callable[..., list[str]]):
    export = story.export()
    story.log.signer = type(story.log)(
        story.log.url, story.log.clock, story.log.issuer, story.log.database, story.log.channel, story.log.settings
    ).signer
    assert verify(export, None, story.log) != []


Leaves = list[tuple[str, bytes]]


def forged(count: int) -> Leaves:
    """Return leaves of accesses that never were."""
    ids = [str(uuid4()) for _ in range(count)]
    return [(one, json.dumps({"entry_id": one, "outcome": "ALLOWED"}).encode()) for one in ids]


def edit(leaves: Leaves) -> Leaves:
    (before, (entry_id, leaf), *after) = leaves
    return [before, (entry_id, leaf.replace(b"ALLOWED", b"DENIED")), *after]


REWRITINGS: dict[str, Callable[[Leaves], Leaves]] = {
    "an inserted entry": lambda leaves: [*leaves[:2], *forged(1), *leaves[2:]],
    "a deleted entry": lambda leaves: [*leaves[:1], *leaves[2:]],
    "an edited entry": edit,
    "two entries in another order": lambda leaves: [leaves[0], leaves[2], leaves[1], *leaves[3:]],
    "a log cut off": lambda leaves: leaves[: KEPT_SIZE - 1],
    "a fork before the checkpoint's end": lambda leaves: [*leaves[: KEPT_SIZE - 2], *forged(9)],
}
OF_REWRITINGS = pytest.mark.parametrize("rewriting", sorted(REWRITINGS))


def rewrite(story: Story, rewriting: str) -> Leaves:
    """Make the whole log anew with its hashes and signatures, as whoever holds database and key can; return it.

    The citizen's list is shortened by what the log does not hold any more.
    """
    log = story.log
    rows = log.rows("select entry_id::text, leaf from leaves order by leaf_index")
    leaves = REWRITINGS[rewriting]([(entry_id, bytes(leaf)) for entry_id, leaf in rows])
    log.tamper("truncate checkpoints, leaves, tiles")
    log.tamper("update trees set size = 0")
    log.forget_signed_trees()
    for entry_id, leaf in leaves:
        log.tamper("insert into arrivals (entry_id, leaf) values (%s, %s)", entry_id, leaf)
    assert log.integrate() == len(leaves)
    log.sign()
    story.events = [event for event in story.events if event.meta.id in dict(leaves)]
    return leaves


@VERIFIERS
@OF_REWRITINGS
def test_a_log_rewritten_with_all_its_hashes_and_signatures_does_not_continue_the_kept_checkpoint(
    story: Story, verify: Callable[..., list[str]], rewriting: str
):
    """Only the paper in a drawer remembers."""
    rewrite(story, rewriting)
    export = story.export()
    assert verify(export, None, story.log) == []
    assert verify(export, story.kept, story.log) != []


@OF_REWRITINGS
def test_others_find_no_fault_in_a_rewritten_log_either_but_that_it_does_not_continue_the_kept_checkpoint(
    story: Story, rewriting: str, oracle: MerkleOracle
):
    before = open_checkpoint(story.kept, story.log.signer.verifier)
    leaves = rewrite(story, rewriting)
    export = story.export()
    tree = open_checkpoint(export["checkpoint"], story.log.signer.verifier)
    assert oracle.ask("open_note", note=export["checkpoint"], key=story.log.signer.verifier.text)
    assert (tree.size, tree.root) == (len(leaves), oracle.digest("root", leaves=[leaf for _, leaf in leaves]))
    old = {"old": before.size, "was": before.root}
    new = {"new": tree.size, "root": tree.root}
    for proof in (hashes_of(export), proof_of_others(oracle, leaves, before.size)):
        with pytest.raises(OracleError):
            oracle.ask("check_consistency", **old, **new, proof=proof)


def hashes_of(export: dict[str, Any]) -> list[bytes]:
    return [base64.b64decode(part) for part in (export["consistency"] or {"hashes": []})["hashes"]]


def proof_of_others(oracle: MerkleOracle, leaves: Leaves, old_size: int) -> list[bytes]:
    """Return the proof that other code makes of the rewritten log; none where it became smaller."""
    if old_size > len(leaves):
        return []
    return oracle.hashes("prove_consistency", leaves=[leaf for _, leaf in leaves], old=old_size)


def test_the_script_is_read_in_one_sitting_and_needs_python_alone():
    text = SCRIPT.read_text()
    assert len(text.splitlines()) <= 100
    imports = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import | ast.ImportFrom)]
    modules = {getattr(node, "module", None) or node.names[0].name for node in imports}
    assert modules <= sys.stdlib_module_names


@pytest.mark.parametrize("with_kept", [True, False])
def test_the_script_says_what_it_found_and_its_exit_code_too(story: Story, tmp_path: Path, with_kept: bool):
    export, kept = tmp_path / "list.json", tmp_path / "kept.txt"
    kept.write_text(story.kept)
    arguments = [export, *[kept] * with_kept, story.log.signer.verifier.text]

    def run(exported: dict[str, Any]) -> tuple[int, str]:
        export.write_text(json.dumps(exported))
        command = [sys.executable, "-I", "-S", SCRIPT, *arguments]
        done = subprocess.run(command, text=True, capture_output=True, check=False)
        return done.returncode, done.stdout

    exported = story.export()
    assert run(exported) == (0, "all entries stand in the log as the list says\n")
    exported["accesses"][0]["purpose"] = "INSPECTION"
    assert run(exported) == (1, f"{exported['accesses'][0]['id']}: the list says something else, or less\n")
