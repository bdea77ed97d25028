"""A wrapping key is replaced while processes write and read: no error, nothing lost, the old one provably unused."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import pytest
from songcau_kit.clock import SystemClock
from songcau_kit.data_keys import DataKeys
from songcau_kit.database import Database
from songcau_kit.field_cipher import decrypt
from songcau_kit.key_rotation import census
from songcau_kit.keyring import Keyring, entry_of
from songcau_local.ports import free_port
from support import sealed_load
from support.service_processes import Processes
from support.soft_token import PIN, soft_token

ROOT = Path(__file__).resolve().parents[3]
LOAD = ROOT / "tests/support/sealed_load.py"


def text(*versions: int) -> str:
    return ",".join(entry_of(version, bytes([version]) * 32) for version in versions)


@dataclass
class Fleet:
    """Two pods under load, each with its own copy of the wrapping keys."""

    environment: dict[str, str]
    folder: Path
    by_file: bool
    pods: dict[str, "subprocess.Popen[str]"] = field(default_factory=dict)
    reports: list[dict] = field(default_factory=list)

    def tell(self, keys: str) -> None:
        """Give every pod these keys, one pod after the other: by its file, or by a new process in its place."""
        for pod in ("one", "two"):
            before = self.pods.get(pod)
            if self.by_file:
                self._write(pod, keys)
            if before is None or not self.by_file:
                self.pods[pod] = self._start(pod, keys)
            if before is not None and not self.by_file:
                self._end(before)
            time.sleep(0.5)

    def stop(self) -> list[dict]:
        try:
            for process in self.pods.values():
                self._end(process)
        finally:
            for process in self.pods.values():
                process.kill()
        return self.reports

    def _write(self, pod: str, keys: str) -> None:
        fresh = self.folder / f"{pod}.new"
        fresh.write_text(keys)
        fresh.replace(self.folder / pod)

    def _start(self, pod: str, keys: str) -> "subprocess.Popen[str]":
        source = {"IDENTITY_WRAPPING_KEY_SOURCES": f"file:{self.folder / pod}"}
        told = source if self.by_file else {"IDENTITY_WRAPPING_KEYS": keys}
        process = subprocess.Popen(
            [sys.executable, str(LOAD)], env=self.environment | told,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    def _end(self, process: "subprocess.Popen[str]") -> None:
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=60)
        self.reports.append(json.loads(output.splitlines()[-1]))


@pytest.fixture
def url(postgres_url_factory: Callable[[str], str]) -> str:
    return postgres_url_factory("identity_key_rotation")


@pytest.fixture
def processes(url: str) -> Iterator[Processes]:
    names = ("grpc_address", "ops_address")
    processes = Processes({"database_url": url, **{name: f"127.0.0.1:{free_port()}" for name in names}})
    migrated = processes.run("migrate")
    assert migrated.returncode == 0, migrated.stderr
    yield processes
    for process in processes.running:
        process.kill()
        process.communicate(timeout=10)


@pytest.fixture
def database(url: str, processes: Processes) -> Iterator[Database]:
    database = Database(url, application_name="test")
    yield database
    database.close()


def fill(database: Database, keys: str, people: int) -> None:
    data_keys = DataKeys(Keyring.parse(keys), SystemClock())
    with database.transaction() as conn:
        for person in range(1, people + 1):
            data_keys.get_or_create(conn, UUID(int=person))


def counted(database: Database) -> dict[int, int]:
    with database.read() as conn:
        return census(conn)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("by_file", [True, False], ids=["by a changed file", "by restarts"])
def test_a_wrapping_key_is_replaced_under_load_without_an_error(by_file, processes, database, url, tmp_path):
    with database.transaction() as conn:
        conn.execute(sealed_load.TABLE)
    fill(database, text(1), sealed_load.PEOPLE)
    fleet = Fleet(processes.environment, tmp_path, by_file)
    both = text(1, 2)
    try:
        fleet.tell(text(1))
        # First every pod learns the new version, then every pod wraps under it.
        fleet.tell(text(2, 1))
        assert counted(database).keys() == {1}
        fleet.tell(both)
        processes.kill_while("rewrap-keys", says=" done, ", IDENTITY_WRAPPING_KEYS=both)
        halfway = counted(database)
        assert halfway[1] > 0
        assert halfway[2] > 0
        for refused in (("retire-wrapping-key", "1"), ("wrapping-keys", "1")):
            ended = processes.run(*refused, IDENTITY_WRAPPING_KEYS=both)
            assert (ended.returncode, "still wraps" in ended.stderr, "Traceback" in ended.stderr) == (1, True, False)
        resumed = processes.run("rewrap-keys", IDENTITY_WRAPPING_KEYS=both)
        assert resumed.stdout == f"{halfway[1]} data keys wrapped anew under version 2\n", resumed.stderr
        unused = processes.run("wrapping-keys", "1", IDENTITY_WRAPPING_KEYS=both)
        assert unused.returncode == 0, unused.stderr
        retired = processes.run("retire-wrapping-key", "1", IDENTITY_WRAPPING_KEYS=both)
        assert retired.stdout == "wrapping key 1 is retired: its key may go\n", retired.stderr
        fleet.tell(text(2))
    finally:
        reports = fleet.stop()
    print(unused.stdout, halfway, reports)
    assert [report["errors"] for report in reports] == [[] for _ in reports]
    assert all(sum(report[work] for report in reports) > 200 for work in ("write", "read"))
    assert counted(database).keys() == {2}
    assert_everything_opens(database, Keyring.parse(text(2)), sum(report["write"] for report in reports))


def assert_everything_opens(database: Database, keyring: Keyring, notes: int) -> None:
    data_keys = DataKeys(keyring, SystemClock())
    with database.read() as conn:
        rows = conn.execute("select id, subject_id, note_enc from sealed_notes").fetchall()
        for note, person, sealed in rows:
            assert decrypt(data_keys.get(conn, person), sealed_load.place(note), sealed) == str(note).encode()
        for (person,) in conn.execute("select subject_id from data_keys").fetchall():
            data_keys.get(conn, person)
    assert len(rows) == notes


def test_a_service_without_a_version_its_data_is_under_does_not_start(processes, database):
    fill(database, text(2), 3)
    ended = processes.run("serve", IDENTITY_WRAPPING_KEYS=text(1))

    assert ended.returncode == 1
    assert ended.stderr.rstrip().endswith("data is under wrapping keys that are not given here: 2 (3 data keys)")
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("sources", ["file:/nowhere", "pkcs11:token=t", "vault:x"])
def test_an_unusable_source_of_wrapping_keys_is_said_in_a_sentence(processes, sources):
    for command in ("serve", "wrapping-keys"):
        ended = processes.run(command, IDENTITY_WRAPPING_KEY_SOURCES=sources)
        assert (ended.returncode, "Traceback" in ended.stderr) == (1, False), ended.stderr


@pytest.mark.timeout(200)
def test_wrapping_keys_move_from_the_setting_into_a_token_by_the_commands_alone(
    processes, database, tmp_path, monkeypatch
):
    token = soft_token(tmp_path, "songcau-rotation", monkeypatch)
    fill(database, text(1), 250)
    processes.environment |= {
        "SOFTHSM2_CONF": str(token.configuration),
        "IDENTITY_WRAPPING_KEYS": text(1),
        "IDENTITY_WRAPPING_TOKEN_PIN": PIN,
        "IDENTITY_WRAPPING_KEY_SOURCES": f"env: {token.address('identity')}",
    }
    said = []
    for words in (("new-wrapping-key",), ("rewrap-keys",), ("retire-wrapping-key", "1"), ("wrapping-keys", "1")):
        ended = processes.run(*words)
        assert ended.returncode == 0, ended.stderr
        said.append(ended.stdout)
    print("".join(said))
    assert said[:3] == [
        "wrapping key 2 made, it is the current one\n",
        "250 data keys wrapped anew under version 2\n",
        "wrapping key 1 is retired: its key may go\n",
    ]
    processes.environment["IDENTITY_WRAPPING_KEY_SOURCES"] = token.address("identity")
    serving = processes.start("serve", processes.environment["IDENTITY_OPS_ADDRESS"])
    assert processes.end(serving) == 0
    wrong = processes.run("wrapping-keys", IDENTITY_WRAPPING_TOKEN_PIN="000000")
    assert (wrong.returncode, "PIN_REFUSED" in wrong.stderr, "000000" in wrong.stderr) == (1, True, False)
