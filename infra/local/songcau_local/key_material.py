"""The secrets of a local stack, made once and kept readable by their owner only."""

import base64
import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc.jwk import RSAKey
from songcau_kit.clock import SystemClock
from songcau_kit.keyring import new_key
from songcau_kit.signing import DevelopmentAuthority

from songcau_local import workloads
from songcau_local.layout import Layout

NAMES = (
    "cursor_key",
    "payment_secret",
    "bridge_client_secret",
    "vneid_client_secret",
    "message_secret",
    "erasure_ledger_key",
    "keycloak_admin_password",
)
KEYED = ("identity", "eservices", "telehealth", "audit")


@dataclass(frozen=True)
class Secrets:
    """What the processes get through their settings."""

    values: dict[str, str] = field(repr=False)

    def get(self, name: str) -> str:
        """Return one secret."""
        return self.values[name]


def load_or_make(layout: Layout) -> Secrets:
    """Read the secrets, making those that are missing."""
    layout.secrets.mkdir(parents=True, exist_ok=True)
    layout.secrets.chmod(0o700)
    file = layout.secrets / "secrets.json"
    known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    wanted = [*NAMES, *(f"{s}_{kind}" for s in KEYED for kind in ("wrapping_keys", "blind_index_key"))]
    missing = [name for name in wanted if name not in known]
    if missing:
        known |= {name: _make(name) for name in missing}
        _write(file, json.dumps(known, indent=1))
    now = SystemClock().now()
    DevelopmentAuthority.create(layout.secrets / "authority", at=now)
    workloads.issue_missing(layout.workloads, layout.secrets / "workload-authority", at=now)
    return Secrets(known)


def private_key(layout: Layout, name: str) -> Path:
    """Return the file of an RSA key of the stack (PEM, PKCS #8), made at the first call."""
    return private_key_in(layout.secrets, name)


def private_key_in(folder: Path, name: str) -> Path:
    """Return the file of an RSA key in a folder (PEM, PKCS #8), made at the first call."""
    file = folder / f"{name}.pem"
    if not file.exists():
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        _write(file, pem.decode())
    return file


def public_key_set(file: Path) -> str:
    """Return the key set with the public half of an RSA key, as it may stand inside a JSON string of the realm file."""
    key = RSAKey.import_key(file.read_bytes(), {"use": "sig", "alg": "RS256"})
    key.ensure_kid()
    return json.dumps(json.dumps({"keys": [key.as_dict(private=False)]}))[1:-1]


def signer(layout: Layout, name: str, *, common_name: str, organization: str) -> tuple[Path, Path]:
    """Return key and certificate of a development signer, made at the first call."""
    authority = DevelopmentAuthority(layout.secrets / "authority")
    return authority.issue(name, common_name=common_name, organization=organization, at=SystemClock().now())


def _make(name: str) -> str:
    if name.endswith("_wrapping_keys"):
        return "1:" + base64.b64encode(new_key()).decode()
    if name.endswith(("_blind_index_key", "cursor_key", "erasure_ledger_key")):
        return base64.b64encode(new_key()).decode()
    if name == "payment_secret":
        return "whsec_" + base64.b64encode(new_key()).decode()
    return secrets.token_urlsafe(32)


def _write(file: Path, content: str) -> None:
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        stream.write(content)
    unfinished.replace(file)
