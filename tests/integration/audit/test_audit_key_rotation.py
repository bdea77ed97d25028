"""The wrapping key of the log is replaced though the command is killed half-way; every entry opens as before."""

from collections.abc import Callable
from pathlib import Path

import pytest
from songcau_kit.clock import FixedClock
from songcau_kit.database import Database
from songcau_kit.key_rotation import census
from songcau_kit.keyring import entry_of
from songcau_kit.migrations import migrate
from support.audit_service import access_event, new_citizen, running_log
from support.erasure_ledgers import begin_ledger
from support.service_processes import Processes
from support.token_issuer import TokenIssuer

PEOPLE = 1_500  # fifteen transactions of the command
ASKED = 25


def keys(*versions: int) -> str:
    return ",".join(entry_of(version, bytes([version]) * 32) for version in versions)


@pytest.fixture
def url(postgres_url_factory: Callable[[str], str]) -> str:
    url = postgres_url_factory("audit_rotation")
    migrate(url, package="songcau_audit")
    return url


def test_a_killed_rewrapping_goes_on_where_it_was_and_no_entry_is_lost(
    url: str, audit_issuer: TokenIssuer, audit_clock: FixedClock, tmp_path: Path
) -> None:
    ledger = {"erasure_ledger_url": begin_ledger(tmp_path)}
    processes = Processes({"database_url": url, **ledger}, service="audit")
    both = {"AUDIT_WRAPPING_KEYS": keys(1, 2)}
    events = {citizen_id: access_event(citizen_id) for citizen_id in (new_citizen() for _ in range(PEOPLE))}
    with running_log(url, audit_issuer, audit_clock, wrapping_keys=keys(1), **ledger) as log:
        log.tell(*events.values())
        while log.integrate():
            pass
        log.sign()

    processes.kill_while("rewrap-keys", says=" done, ", **both)
    halfway = counted(url)
    assert halfway.keys() == {1, 2}
    refused = processes.run("retire-wrapping-key", "1", **both)
    assert (refused.returncode, "still wraps" in refused.stderr) == (1, True)
    resumed = processes.run("rewrap-keys", **both)
    assert resumed.stdout == f"{halfway[1]} data keys wrapped anew under version 2\n", resumed.stderr
    assert counted(url) == {2: PEOPLE}
    retired = processes.run("retire-wrapping-key", "1", **both)
    assert "is retired" in retired.stdout, retired.stderr

    with running_log(url, audit_issuer, audit_clock, wrapping_keys=keys(2), **ledger) as log:
        for citizen_id in [*events][:: PEOPLE // ASKED]:
            entry_id = events[citizen_id].meta.id
            (proof,) = log.own_proofs(citizen_id, [entry_id]).proofs
            assert (proof.entry_id, citizen_id.encode() in proof.opening) == (entry_id, True)


def counted(url: str) -> dict[int, int]:
    database = Database(url, application_name="test")
    with database.read() as conn:
        found = census(conn)
    database.close()
    return found
