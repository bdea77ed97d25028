"""A forged audit log: whoever holds the database and the log's own key is found out by a checkpoint kept elsewhere."""

import os
import shutil
import signal
import time
from collections.abc import Callable

import httpx
import psycopg
import pytest
from songcau_audit.verification import faults_of
from songcau_kit.log_checkpoints import open_checkpoint
from songcau_kit.signed_notes import NoteError
from songcau_local.audit_export import ExportError, export_list, newest_checkpoint, size_of
from songcau_local.audit_keys import audit_keys
from songcau_local.browser import sign_in
from songcau_local.layout import Layout
from support.stack_processes import process_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def eventually(is_true: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not is_true():
        assert time.monotonic() < until
        time.sleep(0.3)


def read_own_profile(layout: Layout, token: str, times: int) -> None:
    for _ in range(times):
        answer = httpx.get(f"{layout.url('gateway')}/v1/me", headers={"authorization": f"Bearer {token}"}, timeout=30)
        assert answer.status_code == 200


def forge(layout: Layout) -> int:
    """Turn a read into another one and make the whole log anew, as an administrator of the database could."""
    with psycopg.connect(layout.database("postgres", "audit")) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute("select size from trees for update")
        leaves = connection.execute("select entry_id, leaf from leaves order by leaf_index").fetchall()
        connection.execute("truncate leaves, tiles, checkpoints")
        connection.execute("update trees set size = 0")
        for entry_id, leaf in leaves:
            forged = bytes(leaf).replace(b'"GET_OWN_PROFILE"', b'"LIST_OWN_ACCESSES"')
            connection.execute("insert into arrivals (entry_id, leaf) values (%s, %s)", (entry_id, forged))
    return len(leaves)


def has_halted(layout: Layout) -> bool:
    metrics = httpx.get(f"{layout.url('audit-sign')}/metrics").text
    return any(line.startswith("songcau_audit_signing_halted_count{") for line in metrics.splitlines())


def signed_size(url: str) -> int:
    """Return how far the log is signed, -1 while no checkpoint is there."""
    try:
        return size_of(newest_checkpoint(url))
    except ExportError:
        return -1


def make_signer_forget(layout: Layout) -> None:
    """Remove what the signer remembers outside the database and start it anew, as whoever runs everything could."""
    shutil.rmtree(layout.objects / "audit" / "signed-trees")
    os.kill(process_of(layout, "audit-sign").running.pid, signal.SIGKILL)


def test_a_log_made_anew_betrays_itself_to_citizen_and_witness(start_stack):
    layout = start_stack({})
    url, keys = layout.url("gateway"), audit_keys(layout)
    token = sign_in(layout, "an").access
    read_own_profile(layout, token, 3)
    eventually(lambda: size_of(newest_checkpoint(url)) >= 4)
    kept = newest_checkpoint(url)
    read_own_profile(layout, token, 2)

    export = export_list(url, token, since=kept)
    assert faults_of(export, kept, [keys.log, keys.witness]) == []
    assert {access["operation"] for access in export["accesses"]} >= {"LINK_CITIZEN", "GET_OWN_PROFILE"}

    forged = forge(layout)
    eventually(lambda: has_halted(layout))
    make_signer_forget(layout)
    eventually(lambda: signed_size(url) >= forged)
    note = newest_checkpoint(url)
    assert open_checkpoint(note, keys.log).size >= forged  # the log's own signature is there
    with pytest.raises(NoteError, match="did not sign"):
        open_checkpoint(note, keys.log, keys.witness)
    answer = export_list(url, token, since=kept)
    faults = faults_of(answer, kept, [keys.log])
    assert any("does not continue" in fault for fault in faults)
    assert any("another operation" in fault for fault in faults)
