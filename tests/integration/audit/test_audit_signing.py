"""The signer vouches for a tree that only grows; the witness, who asks nobody's database, does so for itself."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from songcau.common.v1.audit_checkpoint_event_pb2 import AuditCheckpointEvent
from songcau_audit.proofs import tiles_of
from songcau_audit.witness.memory import DamagedMemoryError, SeenTree, WitnessMemory
from songcau_audit.witness.requests import CosignRequest
from songcau_audit.witness.web import create_app
from songcau_audit.witness.witnessing import Verdict, Witnessing
from songcau_audit.witness_client import WitnessClient
from songcau_kit.http_serving import serve_wsgi
from songcau_kit.log_checkpoints import Checkpoint, open_checkpoint
from songcau_kit.loop import HaltError
from songcau_kit.merkle.hashing import EMPTY_ROOT, leaf_hash
from songcau_kit.merkle.proofs import consistency_proof
from songcau_kit.signed_notes import NoteError, NoteSigner, SignedNote, Use, new_private_key
from support.audit_service import ORIGIN, AuditLog, access_event, new_citizen
from support.merkle_oracle import MerkleOracle, OracleError

WITNESS = "witness.songcau.test"


class WitnessSite:
    """A witness as it runs, with its file."""

    def __init__(self, log: AuditLog, folder: Path) -> None:
        self.signer = NoteSigner.from_pem(WITNESS, Use.COSIGNATURE, new_private_key().encode())
        self.memory = WitnessMemory(folder / "witness.json")
        self.witnessing = Witnessing(self.signer, [log.signer.verifier], self.memory, log.clock)
        self.server = serve_wsgi(create_app(self.witnessing), "127.0.0.1:0")
        self.server.start()

    def client(self) -> WitnessClient:
        return WitnessClient(self.signer.verifier, f"http://127.0.0.1:{self.server.port}")


@pytest.fixture
def witness(audit_log: AuditLog, tmp_path: Path) -> Iterator[WitnessSite]:
    site = WitnessSite(audit_log, tmp_path)
    yield site
    site.server.stop(1)


def events(log: AuditLog) -> list[AuditCheckpointEvent]:
    rows = log.rows("select payload from outbox where topic = 'audit.checkpoint.v1' order by id")
    return [AuditCheckpointEvent.FromString(bytes(payload)) for (payload,) in rows]


def test_an_empty_log_is_signed_at_once_and_then_only_when_it_is_time(audit_log: AuditLog):
    signing = audit_log.signing()
    assert signing.sign_if_due().size == 0
    assert open_checkpoint(audit_log.checkpoint().note, audit_log.signer.verifier) == Checkpoint(ORIGIN, 0, EMPTY_ROOT)
    audit_log.clock.advance(timedelta(seconds=29))
    assert signing.sign_if_due() is None
    audit_log.clock.advance(timedelta(seconds=1))
    assert signing.sign_if_due().size == 0


def test_a_tree_that_grew_is_signed_after_a_second_and_announced(audit_log: AuditLog):
    signing = audit_log.signing()
    signing.sign_if_due()
    audit_log.tell(access_event(new_citizen()))
    audit_log.integrate()
    assert signing.sign_if_due() is None
    audit_log.clock.advance(timedelta(seconds=1))
    signed = signing.sign_if_due()
    told = events(audit_log)[-1]
    assert (signed.size, told.tree_size, told.root_hash, told.note) == (1, 1, signed.root, signed.note)
    assert told.meta.occurred_at.ToDatetime() == audit_log.clock.now().replace(tzinfo=None)
    assert told.meta.aggregate_id == ORIGIN


TAMPERINGS = {
    "an edited leaf hash": "update tiles set hashes = set_byte(hashes, 3, 255 - get_byte(hashes, 3))",
    "a deleted leaf hash": "update tiles set hashes = substring(hashes from 33)",
    "two leaf hashes in another order": """update tiles set hashes = substring(hashes from 33 for 32)
        || substring(hashes for 32) || substring(hashes from 65)""",
    "an inserted leaf hash": "update tiles set hashes = substring(hashes for 32) || hashes",
    "a log cut off": "update trees set size = 2",
}


@pytest.mark.parametrize("tampering", sorted(TAMPERINGS))
def test_the_signer_halts_rather_than_sign(audit_log: AuditLog, tampering: str):
    audit_log.grow(new_citizen(), 5)
    audit_log.tamper(TAMPERINGS[tampering])
    before = audit_log.checkpoint().note
    audit_log.clock.advance(timedelta(seconds=60))
    with pytest.raises(HaltError, match=r"LOG_CHANGED|LOG_WENT_BACK"):
        audit_log.sign()
    assert audit_log.checkpoint().note == before


def test_the_witness_cosigns_a_log_that_grows(audit_log: AuditLog, witness: WitnessSite, oracle: MerkleOracle):
    client = witness.client()
    for count in (0, 3, 300):
        for _ in range(count):
            audit_log.tell(access_event(new_citizen()))
        audit_log.integrate()
        audit_log.clock.advance(timedelta(seconds=60))
        audit_log.signing(client).sign_if_due()
        note = audit_log.checkpoint().note
        open_checkpoint(note, audit_log.signer.verifier, witness.signer.verifier)
        assert SignedNote.parse(note).check(witness.signer.verifier) == audit_log.clock.now()
        assert oracle.ask("open_note", note=note, key=audit_log.signer.verifier.text)


def test_a_signer_that_forgot_how_far_the_witness_is_learns_it(audit_log: AuditLog, witness: WitnessSite):
    audit_log.tell(*(access_event(new_citizen()) for _ in range(5)))
    audit_log.integrate()
    audit_log.sign(witness.client())
    audit_log.tell(*(access_event(new_citizen()) for _ in range(5)))
    audit_log.integrate()
    audit_log.sign(witness.client())  # a new process: it thinks the witness has seen nothing
    open_checkpoint(audit_log.checkpoint().note, witness_key := audit_log.signer.verifier, witness.signer.verifier)
    assert witness_key.name == ORIGIN


def test_a_log_without_its_witness_goes_on_and_is_cosigned_later(audit_log: AuditLog, witness: WitnessSite):
    client = witness.client()
    witness.server.stop(1)
    audit_log.tell(access_event(new_citizen()))
    audit_log.integrate()
    audit_log.sign(client)
    note = audit_log.checkpoint().note
    assert open_checkpoint(note, audit_log.signer.verifier).size == 1
    with pytest.raises(NoteError, match="did not sign"):
        open_checkpoint(note, audit_log.signer.verifier, witness.signer.verifier)


FORGERIES = {
    "edited": lambda leaves: [b"edited", *leaves[1:], b"more"],
    "deleted": lambda leaves: [*leaves[1:], b"more", b"more"],
    "inserted": lambda leaves: [b"new", *leaves],
    "reordered": lambda leaves: [leaves[1], leaves[0], *leaves[2:], b"more"],
    "cut off": lambda leaves: leaves[:3],
    "forked": lambda leaves: [*leaves[:-1], b"fork"],
}


@pytest.mark.parametrize("forgery", sorted(FORGERIES))
def test_the_witness_cosigns_no_log_that_was(
    audit_log: AuditLog, witness: WitnessSite, oracle: MerkleOracle, forgery: str
):
    """The forger holds the log's own key and has made every hash anew."""
    audit_log.tell(*(access_event(new_citizen()) for _ in range(6)))
    audit_log.integrate()
    audit_log.sign(witness.client())
    seen = open_checkpoint(audit_log.checkpoint().note, audit_log.signer.verifier, witness.signer.verifier)
    leaves = [bytes(leaf) for (leaf,) in audit_log.rows("select leaf from leaves order by leaf_index")]
    audit_log.tamper("truncate checkpoints, leaves, tiles")
    audit_log.tamper("update trees set size = 0")
    audit_log.forget_signed_trees()
    for leaf in FORGERIES[forgery](leaves):
        audit_log.tamper("insert into arrivals (entry_id, leaf) values (gen_random_uuid(), %s)", leaf)
    audit_log.integrate()
    forged = audit_log.sign(witness.client())
    tree = open_checkpoint(forged.note, audit_log.signer.verifier)
    with pytest.raises(NoteError, match="did not sign"):
        open_checkpoint(forged.note, audit_log.signer.verifier, witness.signer.verifier)
    assert witness.memory.seen(ORIGIN).root == seen.root
    proof = proof_of(audit_log, seen, tree)
    with pytest.raises(OracleError):
        oracle.ask("check_consistency", old=seen.size, was=seen.root, new=tree.size, root=tree.root, proof=proof)


def proof_of(log: AuditLog, seen: Checkpoint, tree: Checkpoint) -> list[bytes]:
    if tree.size < seen.size:
        return []
    with log.database.read() as connection:
        return consistency_proof(tiles_of(connection), seen.size, tree.size)


def request_body(log: AuditLog, *, old: int = 0, size: int = 1, origin: str = ORIGIN, signer: NoteSigner | None = None):
    text = Checkpoint(origin, size, leaf_hash(b"leaf")).text
    note = str(SignedNote(text, ((signer or log.signer).sign(text, at=log.clock.now()),)))
    return CosignRequest(old, [], note).body


def test_the_witness_answers_as_its_protocol_says(audit_log: AuditLog, witness: WitnessSite):
    def ask(body: bytes) -> tuple[Verdict, str]:
        decision = witness.witnessing.decide(body)
        return decision.verdict, decision.body

    stranger = NoteSigner.from_pem(ORIGIN, Use.NOTE, new_private_key().encode())
    assert ask(request_body(audit_log, signer=stranger))[0] is Verdict.UNSIGNED
    assert ask(request_body(audit_log, origin="other.test"))[0] is Verdict.UNKNOWN_LOG
    assert ask(request_body(audit_log, old=2, size=1))[0] is Verdict.MALFORMED
    assert ask(request_body(audit_log, old=1)) == (Verdict.OTHER_STATE, "0\n")
    for malformed in (b"", b"old\n\n", b"old 01\n\nx", b"old 0\nAAAA\n\nx\n", b"\xff", b"old 0\n\nno note"):
        assert ask(malformed)[0] is Verdict.MALFORMED
    assert ask(request_body(audit_log))[0] is Verdict.COSIGNED
    assert ask(request_body(audit_log, old=1))[0] is Verdict.COSIGNED  # the same tree again
    assert ask(request_body(audit_log)) == (Verdict.OTHER_STATE, "1\n")
    assert ask(request_body(audit_log, old=1, size=2))[0] is Verdict.INCONSISTENT


def test_the_witness_remembers_across_a_restart_and_signs_nothing_without_its_memory(tmp_path: Path):
    tree = SeenTree(7, bytes(range(32)))
    WitnessMemory(tmp_path / "witness.json").note(ORIGIN, tree)
    assert WitnessMemory(tmp_path / "witness.json").seen(ORIGIN) == tree
    (tmp_path / "witness.json").write_text("{")
    with pytest.raises(DamagedMemoryError):
        WitnessMemory(tmp_path / "witness.json").check()
