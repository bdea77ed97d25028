"""The processes as they are started: `migrate`, `seed`, `serve` and `work`, ready on their ports, calm at the end."""

import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from songcau_local.ports import free_port
from support.erasure_ledgers import begin_ledger


def run(environment: dict[str, str], command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "songcau_telehealth", command],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def is_ready(port: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@pytest.fixture
def environment(
    postgres_url_factory: Callable[[str], str], bus_url_factory: Callable[[str], str], tmp_path: Path
) -> dict[str, str]:
    return os.environ | {
        "TELEHEALTH_DATABASE_URL": postgres_url_factory("telehealth_processes"),
        "TELEHEALTH_BUS_URL": bus_url_factory("telehealth_processes_bus"),
        "TELEHEALTH_GRPC_ADDRESS": f"127.0.0.1:{free_port()}",
        "TELEHEALTH_OPS_ADDRESS": f"127.0.0.1:{free_port()}",
        "TELEHEALTH_WORK_OPS_ADDRESS": f"127.0.0.1:{free_port()}",
        "TELEHEALTH_SIGNER_FOLDER": str(tmp_path / "signers"),
        "TELEHEALTH_OBJECT_STORE_URL": f"file://{tmp_path}/objects",
        "TELEHEALTH_EXCHANGE_STORE_URL": f"file://{tmp_path}/exchange",
        "TELEHEALTH_ERASURE_LEDGER_URL": begin_ledger(tmp_path / "ledger"),
        "TELEHEALTH_LOG_FORMAT": "json",
    }


def test_both_processes_become_ready_and_end_at_a_signal(environment: dict[str, str]) -> None:
    assert "0002_create_consultations.sql" in run(environment, "migrate")
    assert "nothing to apply" in run(environment, "migrate")
    assert "new slots" in run(environment, "seed")
    for command, variable in (("serve", "TELEHEALTH_OPS_ADDRESS"), ("work", "TELEHEALTH_WORK_OPS_ADDRESS")):
        process = subprocess.Popen([sys.executable, "-m", "songcau_telehealth", command], env=environment)
        try:
            port = environment[variable].rpartition(":")[2]
            for _ in range(200):
                if is_ready(port) or process.poll() is not None:
                    break
                threading.Event().wait(0.1)
            assert is_ready(port)
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=20) == 0
        finally:
            process.kill()


def test_the_seed_and_unsafe_settings_are_refused_outside_development(environment: dict[str, str]) -> None:
    for command in ("seed", "serve"):
        done = subprocess.run(
            [sys.executable, "-m", "songcau_telehealth", command],
            env=environment | {"TELEHEALTH_ENVIRONMENT": "production"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 1
        assert "TELEHEALTH_WRAPPING_KEYS" in done.stderr
        assert "Traceback" not in done.stderr
