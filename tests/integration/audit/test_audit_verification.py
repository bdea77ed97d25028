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

import pytest
from songcau.audit.v1 import log_service_pb2 as pb
from songcau.common.v1.event_meta_pb2 import Actor
from songcau_audit.verification import faults_of
from support.audit_service import AuditLog, access_event, new_citizen

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


VERIFIERS = pytest.mark.parametrize("verify", [ours, handed_out])


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

    def consistency(self, size: int) -> dict[str, Any]:
        request = pb.GetConsistencyProofRequest(old_size=int(self.kept.split("\n")[1]), new_size=size)
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
def test_a_checkpoint_that_another_key_signed_is_not_believed(story: Story, verify: Callable[..., list[str]]):
    export = story.export()
    story.log.signer = type(story.log)(
        story.log.url, story.log.clock, story.log.issuer, story.log.database, story.log.channel, story.log.settings
    ).signer
    assert verify(export, None, story.log) != []


REWRITINGS = {
    "edited": "update leaves set leaf = convert_to(replace(convert_from(leaf, 'UTF8'), 'ALLOWED', 'DENIED'), 'UTF8')"
    " where leaf_index = 1",
    "deleted": "delete from leaves where leaf_index = 1",
    "reordered": "update leaves set leaf_index = 103 - leaf_index where leaf_index in (1, 2)",
}


@VERIFIERS
@pytest.mark.parametrize("rewriting", sorted(REWRITINGS))
def test_a_log_rewritten_with_all_its_hashes_and_signatures_does_not_continue_the_kept_checkpoint(
    story: Story, verify: Callable[..., list[str]], rewriting: str
):
    """Whoever holds database and key makes everything anew; only the paper in a drawer remembers."""
    log = story.log
    log.tamper(REWRITINGS[rewriting])
    leaves = log.rows("select entry_id, leaf from leaves order by leaf_index %% 100, leaf_index")
    log.tamper("truncate checkpoints, leaves, tiles")
    log.tamper("update trees set size = 0")
    log.forget_signed_trees()
    for entry_id, leaf in leaves:
        log.tamper("insert into arrivals (entry_id, leaf) values (%s, %s)", entry_id, bytes(leaf))
    log.integrate()
    log.sign()
    export = story.export()
    assert verify(export, None, log) == []
    assert verify(export, story.kept, log) != []


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
    assert run(exported) == (1, f"{exported['accesses'][0]['id']}: the list says something else\n")
