"""The data key of one citizen is replaced: every sealed column, under load, though the command is killed."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from songcau.identity.v1.citizen_record_service_pb2 import SEX_FEMALE
from songcau_identity import rights_doors
from songcau_identity.app import build_desk
from songcau_identity.repositories.citizens import find_family
from songcau_identity.rights.answers import Answers
from songcau_identity.rights.repository_parts import Answer, PartState
from songcau_identity.rights.repository_sealed import SEALED
from songcau_kit.clock import SystemClock
from songcau_kit.data_key_commands import enter_replacement
from songcau_kit.data_key_replacement import DataKeyReplacement
from songcau_kit.errors import DomainError
from songcau_kit.wrapping_keys import open_wrapping_keys
from support import access_complaints, address_acts, anomalies, assistance, consent_acts, organisations
from support.bus_sites import IS_FULL
from support.identity_service import Identity, Person
from support.paper_acts import record_paper
from support.record_acts import correct, look_up, merge, own_profile
from support.registration_acts import register_foreigner, register_newborn
from support.representations import FATHER
from support.sealed_values import SealedValues
from support.service_processes import Processes
from support.subject_requests import REFUSAL, act, make, record

from .test_identity_breaches import opened as opened_breach
from .test_identity_child_consents import heard_family

HOLDERS = ("eservices", "telehealth")
WATCHED = "Từng bị tra cứu trái phép."


def fill(identity: Identity, folder: Path) -> list[UUID]:
    """Let every sealed column hold something, written as people write it; return whose keys seal it."""
    mother = identity.link(Person(phone="+84912000111")).citizen
    mother = record_paper(identity, mother).citizen
    mother = correct(identity, mother, full_name="Hoàng Thị Thử Nghiệm", sex=SEX_FEMALE).citizen
    child = register_newborn(identity, mother).citizen
    foreigner = register_foreigner(identity).citizen
    address_acts.propose(identity, mother.citizen_id, address_acts.written())
    consent_acts.record(identity, mother.citizen_id)
    act(identity, "Refuse", act(identity, "Acknowledge", correction(identity, mother.citizen_id)), **REFUSAL)
    record(identity, mother.citizen_id, "VIEW")
    look_up(identity, number="019185000001")
    complaint = access_complaints.make(
        identity, mother.citizen_id, access_complaints.looked_up(identity, mother.citizen_id)
    )
    access_complaints.answer(identity, access_complaints.acknowledge(identity, complaint))
    assistance.propose_opened(identity, mother.citizen_id)
    make_copy(identity, folder, mother.citizen_id)
    make(identity, mother.citizen_id, "COPY")  # one that is not answered yet
    breach, anomaly = opened_breach(identity), decided_anomaly(identity, mother.citizen_id)
    organisation = organisations.found(identity, mother.citizen_id, organisations.UNREGISTERED).organisation
    other = identity.link(FATHER).citizen
    organisations.found(identity, other.citizen_id, organisations.OF_ANOTHER)
    organisations.propose(identity, mother.citizen_id, organisations.OF_ANOTHER)
    citizens = (mother.citizen_id, child.citizen_id, foreigner.citizen_id, heard_child(identity))
    others = (breach.breach_id, anomaly.anomaly_id, organisation.organisation_id)
    return [UUID(one) for one in (*citizens, *others)]


def heard_child(identity: Identity) -> str:
    """Let somebody agree on paper for a child that has not been asked yet; return the child."""
    home = heard_family(identity)
    consent_acts.record(identity, home.child.citizen_id, representative_id=home.mother.citizen_id)
    return str(home.child.citizen_id)


def decided_anomaly(identity: Identity, citizen_id: str) -> Any:
    anomalies.call(identity, "WatchCitizen", citizen_id=citizen_id, reason=WATCHED)
    anomalies.enter(identity, citizen_id)
    anomalies.Review(identity).run()
    found = anomalies.only(identity, kinds=["ANOMALY_KIND_WATCHED_CITIZEN"])
    return anomalies.decide(identity, anomalies.explain(identity, anomalies.ask(identity, found)), "EXPLAINED")


def correction(identity: Identity, citizen_id: str) -> Any:
    return make(identity, citizen_id, "CORRECT", details="Sai ngày sinh.")


def make_copy(identity: Identity, folder: Path, citizen_id: str) -> None:
    stores = {"exchange_store_url": f"file://{folder}/exchange", "erasure_ledger_url": f"file://{folder}/ledger"}
    settings = identity.settings.model_copy(update=stores)
    desk = build_desk(settings, identity.database, SystemClock())
    parts = rights_doors.build_work_parts(settings, desk)
    parts.gate.apply()
    request = make(identity, citizen_id, "COPY")
    for holder in HOLDERS:
        with identity.database.transaction() as conn:
            failed = Answer(UUID(request.subject_request_id), holder, PartState.FAILED, failure="UNAVAILABLE")
            Answers(SystemClock()).take_in(conn, failed)
    act(identity, "Complete", act(identity, "Acknowledge", request))
    parts.work.run()


@pytest.fixture
def values(identity: Identity) -> SealedValues:
    return SealedValues(identity.database, identity.settings, SEALED)


def replacement(identity: Identity) -> DataKeyReplacement:
    wrapping = open_wrapping_keys(identity.settings)
    return DataKeyReplacement(identity.database, wrapping, SEALED, enter_replacement, settle_s=0)


def silent(_: str) -> None:
    pass


def test_every_sealed_column_is_sealed_anew_and_reads_as_before(
    identity: Identity, values: SealedValues, tmp_path: Path
):
    people = fill(identity, tmp_path)
    before = values.opened(people)
    assert {(table, column) for table, column, _ in before} == values.columns()
    digests = identity.rows("select value_bix from identifiers order by identifier_id")
    assert replacement(identity).replace(people, silent).versions == dict.fromkeys(people, 2)
    assert values.opened(people) == before
    for person in people:
        assert values.counts(person).keys() == {2}
    assert identity.rows("select value_bix from identifiers order by identifier_id") == digests
    told = {row[3] for row in identity.audit() if row[0] == str(people[0])}
    assert "REPLACE_DATA_KEY" in told


@pytest.fixture
def processes(identity: Identity) -> Processes:
    return Processes({"database_url": identity.url})


def test_merged_records_are_replaced_together_and_the_erased_and_unknown_are_refused(
    identity: Identity, values: SealedValues, processes: Processes
):
    survivor = identity.link(Person()).citizen
    other = identity.link(Person(number="019185000002")).citizen
    merge(identity, survivor, other)
    ids = {UUID(survivor.citizen_id), UUID(other.citizen_id)}
    with identity.database.read() as conn:
        assert all(set(find_family(conn, one)) == ids for one in ids)
    shown = processes.run("data-key-versions", other.citizen_id)
    assert sorted(shown.stdout.splitlines()) == sorted(
        f"{one}: version 1 seals, {count} rows and files carry it"
        for one, count in ((survivor.citizen_id, 2), (other.citizen_id, 3))
    ), shown
    with identity.database.transaction() as conn:
        for one in ids:
            values.keys.destroy(conn, one)
    refused = processes.run("replace-data-keys", survivor.citizen_id)
    assert (refused.returncode, "erased" in refused.stderr, "Traceback" in refused.stderr) == (1, True, False)
    unknown = processes.run("replace-data-keys", str(UUID(int=7)))
    assert (unknown.returncode, "no data is held" in unknown.stderr) == (1, True), unknown.stderr
    assert processes.run("replace-data-keys", "nobody").returncode == 2


@pytest.fixture
def started(processes: Processes) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Return a function that starts a command and ends it with the test."""
    running: list[subprocess.Popen[str]] = []

    def start(*words: str) -> "subprocess.Popen[str]":
        running.append(
            subprocess.Popen(
                [sys.executable, "-m", "songcau_identity", *words],
                env=processes.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            )
        )  # fmt: skip
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.communicate(timeout=10)


def until_said(process: "subprocess.Popen[str]", words: str) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if words in line:
            return
    raise AssertionError(f"the command ended without saying {words}")


@pytest.mark.skipif(not IS_FULL, reason="waits for minutes; make test-full runs it")
@pytest.mark.timeout(500)
def test_a_key_is_replaced_by_the_command_under_load_though_it_is_killed_in_the_middle(
    identity: Identity, values: SealedValues, started
):
    """The waits are the real ones: the serving process keeps keys for a minute."""
    citizen = identity.link(Person()).citizen
    citizen_id, refusals, answers, ended = citizen.citizen_id, [], [0], threading.Event()

    def load() -> None:
        number = 0
        while not ended.wait(0.05):
            number += 1
            try:
                assert own_profile(identity, citizen_id).full_name.upper() == "HOÀNG THỊ THỬ"
                request = make(identity, citizen_id, "CORRECT", details=f"Sai lần {number}.")
                act(identity, "Refuse", act(identity, "Acknowledge", request), **REFUSAL)
                answers[0] += 1
            except (DomainError, AssertionError) as error:
                refusals.append(repr(error))

    callers = [threading.Thread(target=load) for _ in range(1)]
    for caller in callers:
        caller.start()
    try:
        first = started("replace-data-keys", citizen_id)
        until_said(first, "announced for 1")
        first.send_signal(signal.SIGKILL)
        second = started("replace-data-keys", citizen_id)
        until_said(second, "the new version seals")
        time.sleep(5)
        second.send_signal(signal.SIGKILL)
        with psycopg.connect(identity.url) as conn:
            assert conn.execute("select version, replacement from data_keys").fetchall() == [(2, "SWITCHED")]
        third = started("replace-data-keys", citizen_id)
        output, errors = third.communicate(timeout=300)
    finally:
        time.sleep(2)
        ended.set()
        for caller in callers:
            caller.join(30)
    print(output, errors, answers)
    assert third.returncode == 0, errors
    assert output == f"{citizen_id}: version 2 seals, the former is destroyed\n"
    assert refusals == []
    assert answers[0] > 50
    assert values.counts(UUID(citizen_id)).keys() == {2}
    assert identity.rows("select count(*) from other_data_keys") == [(0,)]
