"""A real PKCS#11 token in software (SoftHSM) in a folder of its own, which can be taken away and put back."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

PIN, OFFICER_PIN = "135790", "24680246"
MODULES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")


class SoftToken:
    """One token; the environment of this process leads the module to its folder."""

    def __init__(self, folder: Path, module: Path, label: str) -> None:
        self.module = module
        self.label = label
        self._tokens = folder / "tokens"
        self._away = folder / "tokens-away"
        self._tokens.mkdir()
        self.configuration = folder / "softhsm2.conf"
        self.configuration.write_text(f"directories.tokendir = {self._tokens}\nlog.level = ERROR\n")
        self._initialise()

    def address(self, label: str = "wrapping") -> str:
        return f"pkcs11:token={self.label};object={label}?module-path={self.module}"

    def take_away(self) -> None:
        self._tokens.rename(self._away)
        self._tokens.mkdir()

    def put_back(self) -> None:
        self._tokens.rmdir()
        self._away.rename(self._tokens)

    def _initialise(self) -> None:
        subprocess.run(
            ["softhsm2-util", "--init-token", "--free", "--label", self.label, "--pin", PIN, "--so-pin", OFFICER_PIN],
            env={**os.environ, "SOFTHSM2_CONF": str(self.configuration)},
            check=True,
            capture_output=True,
        )


def soft_token(folder: Path, label: str, monkeypatch: pytest.MonkeyPatch) -> SoftToken:
    """Make a token, or skip where SoftHSM is not installed."""
    module = next((Path(path) for path in MODULES if Path(path).is_file()), None)
    if module is None or shutil.which("softhsm2-util") is None:
        pytest.skip("SoftHSM is not installed: tools/softhsm installs it where it can")
    token = SoftToken(folder, module, label)
    monkeypatch.setenv("SOFTHSM2_CONF", str(token.configuration))
    return token
