"""Accesses that come over the bus become a log that only grows, in tiles that others can read."""

import json
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from songcau.audit.v1 import log_service_pb2 as pb
from songcau_audit.integration import Integration
from songcau_audit.tiles import split_bundle, split_hashes
from songcau_kit.audit import access_topic
from songcau_kit.bus import Record, open_bus
from songcau_kit.consumer import Consumer
from songcau_kit.log_checkpoints import open_checkpoint
from songcau_kit.merkle.hashing import leaf_hash
from songcau_kit.topics import load_topics, topics_folder, topics_of
from support.audit_service import AuditLog, access_event, new_citizen, reason_of
from support.merkle_oracle import MerkleOracle
from support.waiting import wait_until


def test_an_access_becomes_a_leaf_that_names_nobody(audit_log: AuditLog):
    citizen_id = new_citizen()
    event = access_event(citizen_id)
    audit_log.tell(event)
    audit_log.integrate()
    ((leaf,),) = audit_log.rows("select leaf from leaves")
    content = json.loads(bytes(leaf))
    assert (content["entry_id"], content["operation"], content["outcome"]) == (event.meta.id, "GET_DOSSIER", "ALLOWED")
    assert (content["service"], content["purpose"], content["actor_kind"]) == (
        "eservices",
        "DOSSIER_PROCESSING",
        "OFFICER",
    )
    hidden = (citizen_id, event.object_id, "officer-9", "H55.242", "officer-console", event.meta.correlation_id)
    assert not [value for value in hidden if value.encode() in bytes(leaf)]


def test_nothing_outside_the_keys_leads_from_the_log_to_a_citizen(audit_log: AuditLog):
    citizen_id = new_citizen()
    audit_log.grow(citizen_id, 3)
    for (table,) in audit_log.rows("select tablename from pg_tables where schemaname = 'public'"):
        rows = str(audit_log.rows(f"select t::text from {table} t"))
        assert (citizen_id in rows) is (table == "data_keys"), table


def test_the_tree_is_the_one_that_others_compute_from_the_entries(audit_log: AuditLog, oracle: MerkleOracle):
    citizen_id = new_citizen()
    for count in (1, 5, 300, 7):
        audit_log.grow(citizen_id, count)
    checkpoint = audit_log.checkpoint()
    leaves = split_bundle(audit_log.entries(checkpoint.tree_size))
    tree = open_checkpoint(checkpoint.note, audit_log.signer.verifier)
    assert (tree.size, len(leaves)) == (313, 313)
    assert oracle.digest("root", leaves=leaves) == tree.root
    assert oracle.ask("open_note", note=checkpoint.note, key=audit_log.signer.verifier.text)
    tile = audit_log.log.GetTile(pb.GetTileRequest(level=0, index=1, width=57)).hashes
    assert split_hashes(tile) == [leaf_hash(leaf) for leaf in leaves[256:]]
    full = audit_log.log.GetTile(pb.GetTileRequest(level=1, index=0, width=1)).hashes
    assert full == oracle.digest("root", leaves=leaves[:256])


def test_a_proof_of_consistency_convinces_others(audit_log: AuditLog, oracle: MerkleOracle):
    citizen_id = new_citizen()
    audit_log.grow(citizen_id, 3)
    old = open_checkpoint(audit_log.checkpoint().note, audit_log.signer.verifier)
    audit_log.grow(citizen_id, 8)
    new = open_checkpoint(audit_log.checkpoint().note, audit_log.signer.verifier)
    request = pb.GetConsistencyProofRequest(old_size=old.size, new_size=new.size)
    proof = list(audit_log.log.GetConsistencyProof(request).hashes)
    assert oracle.ask("check_consistency", old=old.size, was=old.root, new=new.size, root=new.root, proof=proof)


def test_readers_get_nothing_beyond_the_signed_tree(audit_log: AuditLog):
    assert reason_of(audit_log.checkpoint) == "CHECKPOINT_MISSING"
    audit_log.grow(new_citizen(), 3)
    audit_log.tell(access_event(new_citizen()))
    audit_log.integrate()  # in the tree, not signed yet
    tile = audit_log.log.GetTile
    assert len(tile(pb.GetTileRequest(level=0, index=0, width=3)).hashes) == 96
    for level, index, width in ((0, 0, 4), (0, 1, 1), (1, 0, 1)):
        request = pb.GetTileRequest(level=level, index=index, width=width)
        assert reason_of(lambda request=request: tile(request)) == "TILE_NOT_FOUND"
    for level, index, width in ((0, 0, 0), (0, 0, 257), (6, 0, 1), (-1, 0, 1), (0, -1, 1)):
        request = pb.GetTileRequest(level=level, index=index, width=width)
        assert reason_of(lambda request=request: tile(request)) == "TILE_INVALID"
    for old, new in ((2, 4), (3, 2), (-1, 2)):
        request = pb.GetConsistencyProofRequest(old_size=old, new_size=new)
        assert reason_of(lambda request=request: audit_log.log.GetConsistencyProof(request)) == "TREE_SIZE_INVALID"


def test_an_entry_that_comes_again_stands_once(audit_log: AuditLog):
    event = access_event(new_citizen())
    audit_log.tell(event, event)
    audit_log.integrate()
    audit_log.tell(event)
    audit_log.integrate()
    assert audit_log.rows("select leaf_index from leaves") == [(0,)]


def test_many_writers_and_integrators_at_once_make_one_tree_without_a_gap(audit_log: AuditLog, oracle: MerkleOracle):
    citizens = [new_citizen() for _ in range(8)]
    with ThreadPoolExecutor(12) as pool:
        written = [pool.submit(lambda c=c: [audit_log.tell(access_event(c)) for _ in range(25)]) for c in citizens]
        grown = [pool.submit(Integration(audit_log.database).integrate) for _ in range(40)]
        for one in (*written, *grown):
            one.result(60)
    while audit_log.integrate():
        pass
    audit_log.sign()
    tree = open_checkpoint(audit_log.checkpoint().note, audit_log.signer.verifier)
    assert audit_log.rows("select count(*), min(leaf_index), max(leaf_index) from leaves") == [(200, 0, 199)]
    assert oracle.digest("root", leaves=split_bundle(audit_log.entries(200))) == tree.root


@pytest.mark.parametrize(
    "statement",
    [
        "update leaves set leaf = 'x'",
        "delete from leaves",
        "update checkpoints set tree_size = 1",
        "delete from checkpoints",
        "delete from tiles",
        "update tiles set hashes = set_byte(hashes, 0, (get_byte(hashes, 0) + 1) % 256)",
        "update tiles set hashes = substring(hashes for 32)",
    ],
)
def test_the_database_refuses_what_is_no_growth(audit_log: AuditLog, statement: str):
    audit_log.grow(new_citizen(), 2)
    with psycopg.connect(audit_log.url) as connection, pytest.raises(psycopg.errors.RaiseException, match="only grows"):
        connection.execute(statement)


def test_accesses_of_every_service_arrive_over_the_bus_once(audit_log: AuditLog, bus_url_factory):
    bus = open_bus(bus_url_factory("audit"), "audit-work")
    citizen_id = new_citizen()
    services = ("audit", "eservices", "identity", "telehealth")
    bus.ensure_topics(topics_of("audit", load_topics(topics_folder())))
    events = [access_event(citizen_id, service=service) for service in services for _ in range(3)]
    records = [
        Record(access_topic(one.service), citizen_id, one.SerializeToString(), {"ce_id": one.meta.id}) for one in events
    ]
    consumer = Consumer(bus, audit_log.database, group="audit", handlers=audit_log.handlers)
    integration = Integration(audit_log.database)
    consumer.start()
    integration.start()
    try:
        bus.publish(records + records[:5])
        wait_until(lambda: audit_log.rows("select count(*) from leaves") == [(12,)])
        consumer.check()
        integration.check()
    finally:
        integration.stop(5)
        consumer.stop(5)
        bus.close()
    told = {json.loads(bytes(leaf))["entry_id"] for (leaf,) in audit_log.rows("select leaf from leaves")}
    assert told == {event.meta.id for event in events}
