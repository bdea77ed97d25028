"""Whom the ledger names is forgotten by the log before it serves or works, also when an older backup comes back."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from songcau_audit import app
from songcau_kit.clock import FixedClock, SystemClock
from songcau_kit.erasure_gate import ErasureGate
from songcau_kit.erasure_ledger import Erasure, ErasureLedgerError, ErasureLedgerWriter
from songcau_kit.log_checkpoints import open_checkpoint
from songcau_kit.merkle.hashing import leaf_hash
from songcau_kit.merkle.proofs import check_inclusion
from songcau_kit.objects import ObjectStore
from songcau_kit.process import Closing
from songcau_kit.settings import DEVELOPMENT_ERASURE_LEDGER_KEY
from support.audit_service import AuditLog, new_citizen, reason_of, running_log
from support.backups import back_up, restore
from support.token_issuer import TokenIssuer


def erase_by_ledger(log: AuditLog, *citizen_ids: str) -> None:
    """Write an erasure as identity does, which no event has told of."""
    store = ObjectStore(log.settings.erasure_ledger_url)
    writer = ErasureLedgerWriter(store, DEVELOPMENT_ERASURE_LEDGER_KEY)
    subjects = tuple(UUID(one) for one in citizen_ids)
    erasure = Erasure(uuid4(), uuid4(), subjects, SystemClock().now())
    assert writer.append(log.keeping.gate.apply(), erasure)


def verify_proofs(log: AuditLog, citizen_id: str, entry_ids: list[str]) -> int:
    """Check every proof against the signed root; return how many there are."""
    answer = log.own_proofs(citizen_id, entry_ids)
    tree = open_checkpoint(answer.checkpoint, log.signer.verifier)
    for proof in answer.proofs:
        check_inclusion(leaf_hash(proof.leaf), proof.leaf_index, answer.tree_size, list(proof.inclusion), tree.root)
    return len(answer.proofs)


def test_an_older_backup_of_the_log_opens_nothing_of_the_erased_and_proves_as_before(
    audit_log: AuditLog,
    audit_issuer: TokenIssuer,
    audit_clock: FixedClock,
    postgres_url_factory: Callable[[str], str],
    tmp_path: Path,
) -> None:
    erased, kept = new_citizen(), new_citizen()
    entries, others = audit_log.grow(erased, 3), audit_log.grow(kept, 2)
    audit_log.keeping.gate.apply()
    back_up(audit_log.url, tmp_path / "older.dump")
    checkpoint = audit_log.checkpoint().note
    erase_by_ledger(audit_log, erased)

    url = postgres_url_factory("audit_restored")
    restore(tmp_path / "older.dump", url)
    ledger = {"erasure_ledger_url": audit_log.settings.erasure_ledger_url}
    with running_log(url, audit_issuer, audit_clock, **ledger) as back:
        back.signer = audit_log.signer
        assert verify_proofs(back, erased, entries) == 3  # the older backup has them whole
    with running_log(url, audit_issuer, audit_clock, **ledger) as back:
        back.signer = audit_log.signer
        back.keeping.gate.start()
        back.keeping.gate.stop(1)
        assert reason_of(lambda: back.own_proofs(erased, entries)) == "ENTRY_NOT_FOUND"
        assert back.rows("select wrapped_key from data_keys where subject_id = %s", erased) == [(b"",)]
        assert back.rows("select subject_id from erasures") == [(UUID(erased),)]
        assert back.rows("select count(*) from entry_counts") == [(1,)]
        assert verify_proofs(back, kept, others) == 2
        assert back.checkpoint().note == checkpoint
        assert back.rows("select count(*) from leaves") == [(5,)]


def test_an_erasure_the_log_was_not_told_of_is_applied_to_every_record_of_the_person(audit_log: AuditLog) -> None:
    citizen, merged = new_citizen(), new_citizen()
    audit_log.grow(citizen, 1)
    audit_log.grow(merged, 1)
    erase_by_ledger(audit_log, citizen, merged)
    audit_log.keeping.gate.apply()
    assert audit_log.rows("select count(*) from data_keys where destroyed_at is not null") == [(2,)]
    audit_log.erase(citizen)  # told by the bus afterwards
    assert audit_log.rows("select count(*) from erasures") == [(2,)]


@pytest.mark.parametrize("process", ["serve", "work"])
def test_the_gate_stands_before_whatever_serves_or_consumes(audit_log: AuditLog, process: str) -> None:
    settings = audit_log.settings.model_copy(
        update={"bus_url": audit_log.url, "ops_address": "127.0.0.1:0", "work_ops_address": "127.0.0.1:0"}
    )
    components = app.build_serve(settings) if process == "serve" else app.build_work(settings)
    names = [type(one).__name__ for one in components]
    gate = names.index(ErasureGate.__name__)
    behind = {"serve": {"RpcServer"}, "work": {"Relay", "Consumer", "Integration"}}[process]
    assert behind <= set(names[gate + 1 :])
    for one in components:
        if isinstance(one, Closing):
            one.stop(1)


def test_a_log_without_its_ledger_does_not_start(audit_log: AuditLog, tmp_path: Path) -> None:
    audit_log.keeping.gate.apply()
    elsewhere = audit_log.settings.model_copy(update={"erasure_ledger_url": (tmp_path / "empty").as_uri()})
    gate = app.build_keeping(elsewhere, audit_log.database, audit_log.clock).gate
    with pytest.raises(ErasureLedgerError, match="not the one this database knows"):
        gate.apply()
    with pytest.raises(ErasureLedgerError):
        gate.check()
