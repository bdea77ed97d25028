"""The signer remembers outside its database what it signed: a log that went back or was made anew is not signed."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from songcau.common.v1.audit_checkpoint_event_pb2 import AuditCheckpointEvent
from songcau_audit.signer_memory import FalseMemoryError, MemoryBlockedError, SignerMemory
from songcau_audit.signing import NotComparedError, Signing
from songcau_kit.log_checkpoints import Checkpoint, open_dated_checkpoint
from songcau_kit.loop import HaltError
from songcau_kit.objects import ObjectStore
from songcau_kit.signed_notes import NoteSigner, SignedNote, Use, new_private_key
from support.audit_service import ORIGIN, PACE, AuditLog, access_event, new_citizen
from support.log_signer import LogSigner
from support.waiting import wait_until

GO_BACK = """
    delete from checkpoints where tree_size > 2; delete from leaves where leaf_index > 1;
    update tiles set hashes = substring(hashes for 64); update trees set size = 2"""


def halted(cause: str) -> float:
    return REGISTRY.get_sample_value("songcau_audit_signing_halted_count", {"cause": cause}) or 0


def test_a_database_that_was_restored_from_an_older_copy_is_not_signed(audit_log: AuditLog):
    audit_log.grow(new_citizen(), 2)
    audit_log.grow(new_citizen(), 3)
    audit_log.tamper(GO_BACK)
    with pytest.raises(HaltError, match="LOG_WENT_BACK: 5 entries were signed, 2 are there"):
        audit_log.sign()
    assert halted("LOG_WENT_BACK") == 1
    assert audit_log.rows("select max(tree_size) from checkpoints") == [(2,)]


def test_a_database_that_was_restored_and_grew_again_is_not_signed(audit_log: AuditLog):
    audit_log.grow(new_citizen(), 2)
    audit_log.grow(new_citizen(), 3)
    audit_log.tamper(GO_BACK)
    audit_log.tell(*(access_event(new_citizen()) for _ in range(4)))
    audit_log.integrate()
    with pytest.raises(HaltError, match="LOG_CHANGED"):
        audit_log.sign()
    assert audit_log.rows("select max(tree_size) from checkpoints") == [(2,)]


def test_an_empty_database_in_place_of_the_log_is_not_signed(audit_log: AuditLog):
    audit_log.grow(new_citizen(), 2)
    audit_log.tamper("truncate checkpoints, leaves, tiles; update trees set size = 0")
    with pytest.raises(HaltError, match="LOG_WENT_BACK: 2 entries were signed, 0 are there"):
        audit_log.sign()


def test_a_signer_that_runs_on_notices_too(audit_log: AuditLog):
    audit_log.grow(new_citizen(), 2)
    signing = audit_log.signing()
    audit_log.grow(new_citizen(), 3)
    audit_log.tamper(GO_BACK)
    with pytest.raises(HaltError, match="LOG_WENT_BACK"):
        signing.sign_if_due()


def test_a_signer_is_ready_once_it_has_compared(audit_log: AuditLog):
    audit_log.grow(new_citizen(), 2)
    signing = audit_log.signing()
    signing.start()
    wait_until(lambda: is_ready(signing))
    signing.stop(5)


def is_ready(signing: Signing) -> bool:
    try:
        signing.check()
    except NotComparedError:
        return False
    return True


def test_a_signer_that_may_not_sign_is_never_ready(audit_log: AuditLog):
    audit_log.grow(new_citizen(), 2)
    audit_log.grow(new_citizen(), 3)
    audit_log.tamper(GO_BACK)
    signing = audit_log.signing()
    signing.start()
    until = time.monotonic() + 5
    found: set[type[Exception]] = set()
    while time.monotonic() < until and HaltError not in found:
        with pytest.raises((NotComparedError, HaltError)) as caught:
            signing.check()
        found.add(caught.type)
    assert HaltError in found
    signing.stop(5)


def test_a_log_whose_memory_is_new_is_signed_and_remembered_from_then_on(audit_log: AuditLog):
    audit_log.grow(new_citizen(), 2)
    audit_log.forget_signed_trees()
    audit_log.grow(new_citizen(), 1)
    audit_log.tamper("truncate checkpoints, leaves, tiles; update trees set size = 0")
    with pytest.raises(HaltError, match="LOG_WENT_BACK: 3 entries were signed"):
        audit_log.sign()


def test_what_was_remembered_and_not_stored_before_a_crash_is_signed_again(audit_log: AuditLog):
    audit_log.grow(new_citizen(), 2)
    audit_log.tell(access_event(new_citizen()))
    audit_log.integrate()
    audit_log.sign()
    audit_log.tamper("delete from checkpoints where tree_size = 3")
    assert audit_log.sign().size == 3


def strange_objects() -> float:
    return REGISTRY.get_sample_value("songcau_audit_signer_memory_strange_objects") or 0


def another_keys_note(log: AuditLog) -> bytes:
    return LogSigner(ORIGIN).event(9, at=log.clock.now()).note.encode()


def signed_elsewhere(log: AuditLog) -> bytes:
    """Return an older note of the log itself."""
    return log.store.get(f"signed-trees/{ORIGIN}/{2:018d}")


RUBBISH = {
    "no note": lambda _: b"rubbish",
    "no text": lambda _: b"\xff\xfe",
    "too much of it": lambda _: b"x" * 2_000_000,
    "another key's note": another_keys_note,
    "an older note of the log": signed_elsewhere,
}


@pytest.mark.parametrize("rubbish", sorted(RUBBISH))
@pytest.mark.parametrize("name", [f"{3:018d}", f"{9:018d}", "zzz", "folder/of/others"])
def test_what_nobody_signed_is_told_and_neither_stops_the_signer_nor_hides_what_was_signed(
    audit_log: AuditLog, rubbish: str, name: str
):
    audit_log.grow(new_citizen(), 2)
    audit_log.store.put_new(f"signed-trees/{ORIGIN}/{name}", RUBBISH[rubbish](audit_log))
    signing = audit_log.signing()
    assert strange_objects() == 0
    for size in (3, 4):
        audit_log.tell(access_event(new_citizen()))
        audit_log.integrate()
        audit_log.clock.advance(PACE.at_most_every)
        signed = signing.sign_if_due()
        assert signed
        assert signed.size == size
        assert strange_objects() == 1
    audit_log.tamper(GO_BACK)
    with pytest.raises(HaltError, match="LOG_WENT_BACK: 4 entries were signed, 2 are there"):
        audit_log.sign()


def test_rubbish_at_the_place_of_every_size_to_come_keeps_no_tree_from_being_remembered(audit_log: AuditLog):
    for size in range(1, 6):
        audit_log.store.put_new(f"signed-trees/{ORIGIN}/{size:018d}", b"rubbish")
    audit_log.grow(new_citizen(), 2)
    audit_log.grow(new_citizen(), 3)
    audit_log.tamper(GO_BACK)
    with pytest.raises(HaltError, match="LOG_WENT_BACK: 5 entries were signed, 2 are there"):
        audit_log.sign()


def fork_of(log: AuditLog, size: int) -> bytes:
    fork = LogSigner(ORIGIN, entries="other entry")
    fork.signer = log.signer
    return fork.event(size, at=log.clock.now()).note.encode()


@pytest.mark.parametrize("name", [f"{3:018d}", f"{9:018d}", "zzz"])
def test_a_fork_that_the_log_s_key_signed_halts_the_signer_wherever_it_lies_and_whatever_lies_behind_it(
    audit_log: AuditLog, name: str
):
    audit_log.grow(new_citizen(), 2)
    audit_log.store.put_new(f"signed-trees/{ORIGIN}/{name}", fork_of(audit_log, 3))
    audit_log.store.put_new(f"signed-trees/{ORIGIN}/zzzz", b"rubbish")
    audit_log.tell(access_event(new_citizen()))
    audit_log.integrate()
    with pytest.raises(HaltError, match="LOG_CHANGED"):
        audit_log.sign()
    assert audit_log.rows("select max(tree_size) from checkpoints") == [(2,)]


def test_signers_at_once_make_one_chain_of_checkpoints(audit_log: AuditLog):
    signers = [audit_log.signing() for _ in range(3)]

    def signed_by() -> int:
        audit_log.tell(access_event(new_citizen()))
        audit_log.integrate()
        audit_log.clock.advance(PACE.at_most_every)
        with ThreadPoolExecutor(3) as pool:
            return sum(found is not None for found in pool.map(lambda one: one.sign_if_due(), signers))

    assert all(signed_by() >= 1 for _ in range(10))
    rows = audit_log.rows("select payload from outbox where topic = 'audit.checkpoint.v1' order by id")
    told = [AuditCheckpointEvent.FromString(bytes(payload)) for (payload,) in rows]
    assert [event.previous_size for event in told[1:]] == [event.tree_size for event in told[:-1]]
    assert told[-1].tree_size == 10


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    return ObjectStore("memory:///" if request.param == "memory" else tmp_path.as_uri())


def note_of(log: LogSigner, size: int, at) -> tuple[Checkpoint, SignedNote]:
    note = log.event(size, at=at).note
    return open_dated_checkpoint(note, [log.signer.verifier])[0], SignedNote.parse(note)


def test_of_one_size_one_tree_is_remembered(store: ObjectStore, fixed_clock):
    log = LogSigner(ORIGIN)
    fork = LogSigner(ORIGIN, entries="other entry")
    fork.signer = log.signer
    memory = SignerMemory(store, [log.signer.verifier])
    for size in (1, 300):
        memory.remember(*note_of(log, size, fixed_clock.now()))
    memory.remember(*note_of(log, 300, fixed_clock.now()))
    nothing = note_of(log, 0, fixed_clock.now())[0]
    assert SignerMemory(store, [log.signer.verifier]).newest(nothing) == [note_of(log, 300, fixed_clock.now())[0]]
    with pytest.raises(FalseMemoryError, match="another tree of 300"):
        memory.remember(*note_of(fork, 300, fixed_clock.now()))


def test_what_the_key_before_signed_is_remembered(store: ObjectStore, fixed_clock):
    before = LogSigner(ORIGIN)
    tree, note = note_of(before, 7, fixed_clock.now())
    SignerMemory(store, [before.signer.verifier]).remember(tree, note)
    new = NoteSigner.from_pem(ORIGIN, Use.NOTE, new_private_key().encode())
    nothing = note_of(before, 0, fixed_clock.now())[0]
    assert SignerMemory(store, [new.verifier, before.signer.verifier]).newest(nothing) == [tree]
    assert SignerMemory(store, [new.verifier]).newest(nothing) == []


def test_beside_rubbish_one_tree_of_a_size_is_remembered_by_signers_at_once(store: ObjectStore, fixed_clock):
    log = LogSigner(ORIGIN)
    fork = LogSigner(ORIGIN, entries="other entry")
    fork.signer = log.signer
    place = f"signed-trees/{ORIGIN}/{5:018d}"
    store.put_new(place, b"rubbish")
    trees = [note_of(one, 5, fixed_clock.now()) for one in (log, log, fork, log)]

    def refused(tree: tuple[Checkpoint, SignedNote]) -> bool:
        try:
            SignerMemory(store, [log.signer.verifier]).remember(*tree)
        except FalseMemoryError:
            return True
        return False

    with ThreadPoolExecutor(len(trees)) as pool:
        answers = dict(zip([tree.root for tree, _ in trees], pool.map(refused, trees), strict=True))
    assert any(answers.values())
    assert store.get(place) == b"rubbish"


def test_a_tree_both_of_whose_places_are_taken_is_not_vouched_for(store: ObjectStore, fixed_clock):
    log = LogSigner(ORIGIN)
    tree, note = note_of(log, 5, fixed_clock.now())
    place = f"signed-trees/{ORIGIN}/{5:018d}"
    for taken in (place, f"{place}-{tree.root.hex()}"):
        store.put_new(taken, b"rubbish")
    with pytest.raises(MemoryBlockedError):
        SignerMemory(store, [log.signer.verifier]).remember(tree, note)
