"""The wrapping keys of every service are replaced while people use the platform; the old ones are retired for good."""

import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from songcau_kit.keyring import entry_of, new_key
from songcau_local.demo import dossier_steps
from songcau_local.demo.client import Person
from songcau_local.demo.stage import Stage
from songcau_local.key_material import load_or_make
from songcau_local.layout import Layout
from songcau_local.process_table import service_command
from support.stack_processes import restart, status_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
SERVICES = ("identity", "eservices", "telehealth", "audit")
DRAFT = {
    "procedure_code": dossier_steps.PROCEDURE,
    "channel": "ONLINE",
    "receiving_agency_code": dossier_steps.AGENCY,
    "answers": dossier_steps.ANSWERS,
}


@dataclass
class Traffic:
    """Requests of people one after another, each sent once: nobody tries again what was refused."""

    base: str
    people: list[Person]
    answered: int = 0
    failures: list[str] = field(default_factory=list)
    _ended: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        self._threads = [threading.Thread(target=self._repeat, args=(person,)) for person in self.people]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join(60)

    def _repeat(self, person: Person) -> None:
        with httpx.Client(base_url=self.base, timeout=30) as http:
            number = 0
            while not self._ended.wait(0.1):
                number += 1
                for method, path, body in self._round(number):
                    self._send(http, person, method, path, body, f"{person.name}-{number}-{path}")

    def _round(self, number: int) -> Iterator[tuple[str, str, Any]]:
        yield "GET", "/v1/me", None
        yield "GET", "/v1/dossiers", None
        yield "GET", "/v1/consultations", None
        yield "GET", "/v1/me/accesses", None
        if number % 5 == 0:
            yield "POST", "/v1/dossiers", DRAFT

    def _send(self, http: httpx.Client, person: Person, method: str, path: str, body: Any, key: str) -> None:
        headers = {"authorization": f"Bearer {person.tokens.access if person.tokens else ''}"}
        if method != "GET":
            headers["idempotency-key"] = key
        answer = http.request(method, path, headers=headers, json=body)
        # How much one person may ask in a minute has nothing to do with keys.
        if answer.is_error and answer.status_code != 429:
            self.failures.append(f"{method} {path} {answer.status_code} {answer.text[:200]}")
        self.answered += not answer.is_error


@pytest.fixture
def key_files(tmp_path: Path) -> dict[str, Path]:
    """One file of wrapping keys for each service, shared by all its processes."""
    files = {service: tmp_path / f"{service}.keys" for service in SERVICES}
    for file in files.values():
        file.write_text(entry_of(1, new_key()))
        file.chmod(0o600)
    return files


@pytest.fixture
def rotating(start_stack: Callable[..., Layout], key_files: dict[str, Path]) -> Layout:
    sources = {f"{service}_WRAPPING_KEY_SOURCES".upper(): f"file:{file}" for service, file in key_files.items()}
    return start_stack(sources)


def command(layout: Layout, key_files: dict[str, Path], service: str, *words: str) -> str:
    """Run a command of a service beside its processes and return what it printed."""
    line, environment = service_command(layout, load_or_make(layout), service, words)
    source = {f"{service}_WRAPPING_KEY_SOURCES".upper(): f"file:{key_files[service]}"}
    done = subprocess.run(line, env=environment | source, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def is_of_a_service(process: str) -> bool:
    return process.partition("-")[0] in (*SERVICES, "bridge")


def rows(layout: Layout, service: str, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(layout.database("postgres", service)) as connection:
        return connection.execute(statement).fetchall()  # type: ignore[arg-type]


def test_the_wrapping_keys_of_all_services_are_replaced_under_load_without_a_failed_request(
    rotating: Layout, key_files: dict[str, Path], request: pytest.FixtureRequest
) -> None:
    stage = Stage.open(rotating)
    request.addfinalizer(stage.http.close)
    dossier_steps.submit(stage)
    people = [stage.person(name) for name in ("an", "binh", "hoa")]
    traffic = Traffic(rotating.url("gateway"), people)
    traffic.start()
    try:
        time.sleep(3)
        for service in SERVICES:
            assert "wrapping key 2 made" in command(rotating, key_files, service, "new-wrapping-key")
            command(rotating, key_files, service, "rewrap-keys")
            print(command(rotating, key_files, service, "wrapping-keys", "1"))  # ends with 0: proved unused
            assert "is retired" in command(rotating, key_files, service, "retire-wrapping-key", "1")
            second = next(one for one in key_files[service].read_text().split() if one.startswith("2:"))
            key_files[service].write_text(second)  # the old key is gone from this machine
            time.sleep(2)
        time.sleep(3)
    finally:
        traffic.end()
    print(f"{traffic.answered} requests answered, {len(traffic.failures)} failed")
    assert traffic.failures == []
    assert traffic.answered > 100
    for service in SERVICES:
        versions = rows(rotating, service, "select distinct wrapping_version from data_keys")
        assert set(versions) <= {(2,)}, service
        assert rows(rotating, service, "select version from retired_wrapping_keys") == [(1,)]
    # Everything still opens for processes that never saw the old key.
    restart(rotating, *(process.name for process in status_of(rotating).processes if is_of_a_service(process.name)))
    again = Stage.open(rotating)
    request.addfinalizer(again.http.close)
    found = again.person("an").get(f"/v1/dossiers/{stage.dossier['id']}")
    assert found["applicant"]["full_name"] == stage.dossier["applicant"]["full_name"]
    assert again.person("an").get("/v1/me")["full_name"]
