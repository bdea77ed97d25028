"""Citizens get proofs of their own entries, nobody else does, and erasure leaves the log as it was."""

import json

import pytest
from songcau.identity.events.v1 import citizen_event_pb2 as citizen_events
from songcau_audit.leaves import is_opened_by
from songcau_kit.log_checkpoints import open_checkpoint
from songcau_kit.merkle.hashing import leaf_hash
from songcau_kit.merkle.proofs import check_inclusion
from support.audit_service import AuditLog, access_event, new_citizen, reason_of
from support.merkle_oracle import MerkleOracle


def test_a_citizen_s_entry_is_proved_to_stand_in_the_signed_log(audit_log: AuditLog, oracle: MerkleOracle):
    citizen_id = new_citizen()
    audit_log.grow(new_citizen(), 5)
    event = access_event(citizen_id)
    audit_log.tell(event)
    audit_log.grow(new_citizen(), 7)
    answer = audit_log.own_proofs(citizen_id, [event.meta.id])
    (proof,) = answer.proofs
    tree = open_checkpoint(answer.checkpoint, audit_log.signer.verifier)
    inclusion = list(proof.inclusion)
    check_inclusion(leaf_hash(proof.leaf), proof.leaf_index, tree.size, inclusion, tree.root)
    assert (answer.tree_size, proof.leaf_index) == (13, 5)
    assert oracle.ask("check_inclusion", new=13, root=tree.root, index=5, leaf=proof.leaf, proof=inclusion)
    opening = json.loads(proof.opening)
    assert is_opened_by(proof.leaf, proof.opening)
    assert (opening["subject_id"], opening["number"]) == (citizen_id, 1)
    assert opening["personal"]["object_id"] == event.object_id
    assert opening["personal"]["actor_id"] == "officer-9"


def test_the_entries_about_a_citizen_are_numbered_without_a_gap(audit_log: AuditLog):
    first, second = new_citizen(), new_citizen()
    ids = [audit_log.grow(citizen, 1)[0] for citizen in (first, second, first, second, first)]
    proofs = audit_log.own_proofs(first, [ids[0], ids[2], ids[4]]).proofs
    assert [json.loads(proof.opening)["number"] for proof in proofs] == [1, 2, 3]


def test_a_proof_can_be_had_in_an_older_signed_tree(audit_log: AuditLog):
    citizen_id = new_citizen()
    (entry_id,) = audit_log.grow(citizen_id, 1)
    old = open_checkpoint(audit_log.checkpoint().note, audit_log.signer.verifier)
    later = audit_log.grow(citizen_id, 4)
    answer = audit_log.own_proofs(citizen_id, [entry_id], tree_size=old.size)
    (proof,) = answer.proofs
    check_inclusion(leaf_hash(proof.leaf), proof.leaf_index, old.size, list(proof.inclusion), old.root)
    assert reason_of(lambda: audit_log.own_proofs(citizen_id, later, tree_size=old.size)) == "ENTRY_NOT_FOUND"
    assert reason_of(lambda: audit_log.own_proofs(citizen_id, later, tree_size=99)) == "TREE_SIZE_INVALID"
    assert reason_of(lambda: audit_log.own_proofs(citizen_id, later, tree_size=-1)) == "TREE_SIZE_INVALID"


def test_nobody_gets_a_proof_about_another(audit_log: AuditLog):
    citizen_id, stranger = new_citizen(), new_citizen()
    ids = audit_log.grow(citizen_id, 2)
    own = audit_log.grow(stranger, 1)
    assert reason_of(lambda: audit_log.own_proofs(stranger, ids)) == "ENTRY_NOT_FOUND"
    assert reason_of(lambda: audit_log.own_proofs(stranger, [*own, ids[0]])) == "ENTRY_NOT_FOUND"
    assert reason_of(lambda: audit_log.own_proofs("", ids)) == "ENTRY_NOT_FOUND"
    assert reason_of(lambda: audit_log.own_proofs(citizen_id, ids, roles=["officer"])) == "PERMISSION_DENIED"
    assert reason_of(lambda: audit_log.own_proofs(citizen_id, ids, scopes=["identity:read"])) == "PERMISSION_DENIED"


@pytest.mark.parametrize("ids", [[], ["no id"], ["019b0000-0000-7000-8000-000000000001"] * 2])
def test_a_list_of_ids_that_is_none_is_refused(audit_log: AuditLog, ids: list[str]):
    audit_log.grow(new_citizen(), 1)
    assert reason_of(lambda: audit_log.own_proofs(new_citizen(), ids)) == "ENTRY_IDS_INVALID"


def test_every_read_of_proofs_and_every_refusal_is_an_access_itself(audit_log: AuditLog):
    citizen_id = new_citizen()
    ids = audit_log.grow(citizen_id, 1)
    audit_log.own_proofs(citizen_id, ids)
    reason_of(lambda: audit_log.own_proofs(citizen_id, [str(new_citizen())]))
    reason_of(lambda: audit_log.own_proofs(citizen_id, ids, roles=["officer"]))
    assert audit_log.rows(
        "select operation, outcome, reason, purpose from audit_entries where subject_id = %s order by id", citizen_id
    ) == [
        ("LIST_OWN_PROOFS", "ALLOWED", None, "OWN_USE"),
        ("LIST_OWN_PROOFS", "FAILED", "ENTRY_NOT_FOUND", "OWN_USE"),
        ("LIST_OWN_PROOFS", "DENIED", "PERMISSION_DENIED", "OWN_USE"),
    ]
    assert audit_log.rows("select count(*) from outbox where topic = 'audit.access.v1'") == [(3,)]


def test_a_merged_record_s_entries_are_proved_to_the_survivor_until_the_merge_is_undone(audit_log: AuditLog):
    survivor, merged = new_citizen(), new_citizen()
    ids = audit_log.grow(merged, 2)
    audit_log.grow(survivor, 1)
    fact = citizen_events.CitizensMerged(surviving_citizen_id=survivor)
    audit_log.tell_citizen(merged, 5, citizens_merged=fact)
    audit_log.tell_citizen(merged, 4, citizens_unmerged=citizen_events.CitizensUnmerged())  # older: no news
    assert len(audit_log.own_proofs(survivor, ids).proofs) == 2
    audit_log.tell_citizen(merged, 6, citizens_unmerged=citizen_events.CitizensUnmerged())
    assert reason_of(lambda: audit_log.own_proofs(survivor, ids)) == "ENTRY_NOT_FOUND"
    assert len(audit_log.own_proofs(merged, ids).proofs) == 2


def test_erasure_takes_the_openings_away_and_leaves_leaves_and_root_as_they_were(audit_log: AuditLog):
    citizen_id, other = new_citizen(), new_citizen()
    ids = audit_log.grow(citizen_id, 3)
    kept = audit_log.grow(other, 2)
    leaves, checkpoint = audit_log.rows("select leaf from leaves order by 1"), audit_log.checkpoint()
    audit_log.erase(citizen_id)
    audit_log.sign()
    assert audit_log.rows("select leaf from leaves order by 1") == leaves
    root = open_checkpoint(checkpoint.note, audit_log.signer.verifier).root
    assert audit_log.rows("select distinct root_hash from checkpoints where tree_size = 5") == [(root,)]
    assert audit_log.rows("select wrapped_key from data_keys where subject_id = %s", citizen_id) == [(b"",)]
    assert audit_log.rows("select count(*) from entry_counts") == [(1,)]
    assert len(audit_log.own_proofs(other, kept).proofs) == 2
    assert reason_of(lambda: audit_log.own_proofs(citizen_id, ids)) == "ENTRY_NOT_FOUND"


def test_an_access_told_after_the_erasure_is_in_the_log_and_opens_for_nobody(audit_log: AuditLog):
    citizen_id = new_citizen()
    audit_log.erase(citizen_id)
    audit_log.erase(citizen_id)  # told twice
    (entry_id,) = audit_log.grow(citizen_id, 1)
    ((leaf,),) = audit_log.rows("select leaf from leaves")
    assert json.loads(bytes(leaf))["sealed"] == ""
    assert reason_of(lambda: audit_log.own_proofs(citizen_id, [entry_id])) == "ENTRY_NOT_FOUND"
