"""Processes and commands of a service, started as operations start them."""

import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from support.erasure_ledgers import begin_ledger


class Processes:
    """Starts processes of one service with one set of settings and ends what it started."""

    def __init__(self, settings: dict[str, str], service: str = "identity") -> None:
        self._command = (sys.executable, "-m", f"songcau_{service}")
        folder = Path(tempfile.mkdtemp(prefix=f"{service}-"))
        stores = {name: (folder / name).as_uri() for name in ("object_store_url", "exchange_store_url")}
        settings = {**stores, "erasure_ledger_url": begin_ledger(folder / "ledger"), **settings}
        machine = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.environment = machine | {f"{service}_{name}".upper(): value for name, value in settings.items()}
        self.running: list[subprocess.Popen[str]] = []

    def run(self, *words: str, **told: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self._command, *words],
            env=self.environment | told, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    def kill_while(self, *words: str, says: str, **told: str) -> None:
        """Start a command and kill it as soon as its first line says that it is under way."""
        process = subprocess.Popen(
            [*self._command, *words], env=self.environment | told, stderr=subprocess.PIPE, text=True
        )
        assert process.stderr is not None
        assert says in process.stderr.readline()
        process.kill()
        process.communicate(timeout=10)
        assert process.returncode == -signal.SIGKILL

    def start(self, command: str, ops_address: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*self._command, command],
            env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.running.append(process)
        until = time.monotonic() + 40
        while not is_ready(ops_address):
            assert process.poll() is None, process.stderr.read() if process.stderr else ""
            assert time.monotonic() < until
            time.sleep(0.1)
        return process

    def end(self, process: subprocess.Popen[str]) -> int:
        self.running.remove(process)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
        return process.returncode


def is_ready(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://{address}/readyz", timeout=2) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False
