"""Prints the Secrets of a development cluster, made at random; any other installation brings its own by reference."""

from __future__ import annotations

import base64
import json
import secrets
import sys
import tempfile
from pathlib import Path

from songcau_identity.bridge.keys import create_missing_keys
from songcau_kit.clock import SystemClock
from songcau_kit.development_authority import DevelopmentAuthority
from songcau_kit.keyring import new_key
from songcau_kit.tls import TlsFiles
from songcau_local.workloads import WORKLOADS, issue_missing

SERVICES = ("identity", "eservices", "telehealth")
NAMESPACE = "songcau"


def database(role: str, password: str, name: str) -> str:
    """Return the address of a database for one role."""
    return f"postgresql://{role}:{password}@postgres:5432/{name}"


def key() -> str:
    """Return 32 random bytes as base64."""
    return base64.b64encode(new_key()).decode()


def values() -> dict[str, dict[str, str]]:
    """Return the content of every Secret by its name."""
    passwords = {name: secrets.token_hex(24) for name in ("postgres", "bus_app")}
    passwords |= {f"{service}_{kind}": secrets.token_hex(24) for service in SERVICES for kind in ("migrator", "app")}
    made: dict[str, dict[str, str]] = {
        "postgres-secrets": {
            "POSTGRES_PASSWORD": passwords["postgres"],
            **{f"{name.upper()}_PASSWORD": word for name, word in passwords.items() if name != "postgres"},
        }
    }
    for service in SERVICES:
        prefix = service.upper()
        made[f"{service}-secrets"] = {
            f"{prefix}_DATABASE_URL": database(f"{service}_app", passwords[f"{service}_app"], service),
            f"{prefix}_MIGRATION_DATABASE_URL": database(
                f"{service}_migrator", passwords[f"{service}_migrator"], service
            ),
            f"{prefix}_BUS_URL": database("bus_app", passwords["bus_app"], "bus"),
            f"{prefix}_WRAPPING_KEYS": f"1:{key()}",
            f"{prefix}_BLIND_INDEX_KEY": key(),
        }
    shared = {name: secrets.token_urlsafe(32) for name in ("bridge", "vneid")}
    payment = "whsec_" + key()
    made["identity-secrets"] |= {
        "IDENTITY_CURSOR_KEY": key(),
        "IDENTITY_BRIDGE_CLIENT_SECRET": shared["bridge"],
        "IDENTITY_VNEID_CLIENT_SECRET": shared["vneid"],
    }
    made["eservices-secrets"]["ESERVICES_PAYMENT_SECRETS"] = json.dumps({"simulator": payment})
    made["issuer-secrets"] = {"SONGCAU_BRIDGE_CLIENT_SECRET": shared["bridge"]}
    made["simulators-secrets"] = {
        "SIMULATOR_VNEID_CLIENT_SECRET": shared["vneid"],
        "SIMULATOR_PAYMENT_SECRET": payment,
    }
    store = {"AWS_ACCESS_KEY_ID": secrets.token_hex(10), "AWS_SECRET_ACCESS_KEY": secrets.token_hex(20)}
    made |= {"eservices-object-store": store, "telehealth-object-store": store}
    return made | key_files() | workload_certificates()


def workload_certificates() -> dict[str, dict[str, str]]:
    """Return the Secrets by which the processes know one another, as cert-manager would fill them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        issue_missing(folder, folder / "authority", at=SystemClock().now())
        found = {workload.name: TlsFiles.in_folder(folder / workload.name) for workload in WORKLOADS}
        return {
            f"{name}-tls": {file.name: file.read_text() for file in (files.certificate, files.key, *files.authorities)}
            for name, files in found.items()
        }


def key_files() -> dict[str, dict[str, str]]:
    """Return the Secrets that are mounted as files: the bridge's keys and the signers."""
    with tempfile.TemporaryDirectory() as name:
        folder, now = Path(name), SystemClock().now()
        bridge = {file.name: file.read_text() for file in create_missing_keys(folder / "bridge")}
        authority = DevelopmentAuthority.create(folder / "authority", at=now)
        signer, certificate = authority.issue(
            "results", common_name="Cluster phát triển", organization="Sông Cầu", at=now
        )
        root = authority.root.read_text()
        return {
            "identity-bridge-keys": bridge,
            "eservices-signer": {
                "tls.key": signer.read_text(),
                "tls.crt": certificate.read_text(),
                "ca.crt": root,
            },
            "telehealth-signers": {
                "root.pem": root,
                "root.key": (folder / "authority" / "root.key").read_text(),
            },
        }


def main() -> int:
    """Print one List for `kubectl create`."""
    items = [
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": name, "namespace": NAMESPACE, "labels": {"app.kubernetes.io/part-of": "songcau"}},
            "stringData": content,
        }
        for name, content in sorted(values().items())
    ]
    json.dump({"apiVersion": "v1", "kind": "List", "items": items}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
