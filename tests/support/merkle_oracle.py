"""The second opinion on the audit log: the transparency log of Go's modules, run as a process (tests/oracle)."""

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Self

SOURCE = Path(__file__).resolve().parents[1] / "oracle"


class OracleError(Exception):
    """The oracle says no."""


class MerkleOracle:
    """Asks code that is not ours; bytes go and come as bytes."""

    def __init__(self, program: Path) -> None:
        self._process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    @classmethod
    def build(cls, folder: Path) -> Self:
        """Build the program, which needs Go and its modules; raises CalledProcessError."""
        program = folder / "oracle"
        environment = {**os.environ, "GOFLAGS": "-mod=readonly", "GOTOOLCHAIN": "local"}
        subprocess.run(["go", "build", "-o", program, "."], cwd=SOURCE, env=environment, check=True)
        return cls(program)

    @staticmethod
    def is_possible() -> bool:
        """Say whether Go is on this machine."""
        return shutil.which("go") is not None

    def ask(self, do: str, **what: Any) -> Any:
        """Return the oracle's answer; raises OracleError with its words."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"do": do, **_plain(what)}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise OracleError(answer["error"])
        return answer["ok"]

    def hashes(self, do: str, **what: Any) -> list[bytes]:
        """Return an answer that is a list of hashes."""
        return [base64.b64decode(part) for part in self.ask(do, **what)]

    def digest(self, do: str, **what: Any) -> bytes:
        """Return an answer that is one hash."""
        return base64.b64decode(self.ask(do, **what))

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(5)
        self._process.stdout.close()


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, list | tuple) else value
