"""Prints the Secrets of a development cluster, made at random; any other installation brings its own by reference."""

from __future__ import annotations

import base64
import json
import secrets
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from songcau_identity.bridge.keys import create_missing_keys
from songcau_kit.clock import SystemClock
from songcau_kit.development_authority import DevelopmentAuthority, Workload
from songcau_kit.erasure_ledger import public_key_of
from songcau_kit.keyring import new_key
from songcau_kit.signed_notes import NoteSigner, Use, new_private_key
from songcau_kit.tls import TlsFiles
from songcau_local import client_keys, key_material
from songcau_local.layout import Layout
from songcau_local.workloads import WORKLOADS, issue_missing

SERVICES = ("identity", "eservices", "telehealth", "audit")
ROLES = ("migrator", "app", "bus")
NAMESPACE = "songcau"


def database(role: str, password: str, name: str) -> str:
    """Return the address of a database for one role."""
    return f"postgresql://{role}:{password}@postgres:5432/{name}"


def broker(principal: str, password: str) -> str:
    """Return the address of the bus for one principal, with the authority as the pods have it."""
    return f"kafka://{principal}:{password}@kafka:9093?security=SASL_SSL&ca=/etc/songcau/bus/ca.crt"


def key() -> str:
    """Return 32 random bytes as base64."""
    return base64.b64encode(new_key()).decode()


def values() -> dict[str, dict[str, str]]:
    """Return the content of every Secret by its name."""
    passwords = {name: secrets.token_hex(24) for name in ("postgres", "keycloak", "kafka_admin")}
    passwords |= {f"{service}_{kind}": secrets.token_hex(24) for service in SERVICES for kind in ROLES}
    shared = {name: secrets.token_urlsafe(32) for name in ("bridge", "vneid")}
    payment = "whsec_" + key()
    made = {f"{service}-secrets": of_service(service, passwords) for service in SERVICES}
    ledger = key()
    for service in SERVICES:
        made[f"{service}-secrets"][f"{service.upper()}_ERASURE_LEDGER_PUBLIC_KEY"] = public_key_of(ledger)
    made["gateway-secrets"] = {"GATEWAY_ERASURE_LEDGER_PUBLIC_KEY": public_key_of(ledger)}
    made["identity-secrets"] |= {
        "IDENTITY_ERASURE_LEDGER_KEY": ledger,
        "IDENTITY_CURSOR_KEY": key(),
        "IDENTITY_BRIDGE_CLIENT_SECRET": shared["bridge"],
        "IDENTITY_VNEID_CLIENT_SECRET": shared["vneid"],
        "IDENTITY_PUSH_CLIENT_SECRET": shared["vneid"],
    }
    made["eservices-secrets"]["ESERVICES_PAYMENT_SECRETS"] = json.dumps({"simulator": payment})
    made["simulators-secrets"] = {
        "SIMULATOR_VNEID_CLIENT_SECRET": shared["vneid"],
        "SIMULATOR_PAYMENT_SECRET": payment,
    }
    store = {"AWS_ACCESS_KEY_ID": secrets.token_hex(10), "AWS_SECRET_ACCESS_KEY": secrets.token_hex(20)}
    made |= {f"{name}-object-store": store for name in (*SERVICES, "audit-sign", "gateway")}
    made |= of_real_parts(passwords, shared["bridge"])
    keys, public = account_clients()
    made["keycloak-secrets"] |= public
    log = audit_keys()
    for service in ("identity", "eservices", "telehealth"):
        made[f"{service}-secrets"][f"{service.upper()}_AUDIT_LOG_KEYS"] = log["audit-witness"]["logs"]
    return made | keys | log | key_files() | workload_certificates()


def of_service(service: str, passwords: Mapping[str, str]) -> dict[str, str]:
    """Return what every service has."""
    prefix = service.upper()
    app, migrator = f"{service}_app", f"{service}_migrator"
    return {
        f"{prefix}_DATABASE_URL": database(app, passwords[app], service),
        f"{prefix}_MIGRATION_DATABASE_URL": database(migrator, passwords[migrator], service),
        f"{prefix}_BUS_URL": broker(f"songcau-{service}", passwords[f"{service}_bus"]),
        f"{prefix}_WRAPPING_KEYS": f"1:{key()}",
        f"{prefix}_BLIND_INDEX_KEY": key(),
    }


def of_real_parts(passwords: Mapping[str, str], bridge_client_secret: str) -> dict[str, dict[str, str]]:
    """Return what PostgreSQL, Kafka and Keycloak have, and those who administer them."""
    roles = [f"{service}_{kind}" for service in SERVICES for kind in ("migrator", "app")]
    return {
        "postgres-secrets": {f"{role}_PASSWORD".upper(): passwords[role] for role in ("postgres", "keycloak", *roles)},
        "keycloak-secrets": {
            "SONGCAU_BRIDGE_CLIENT_SECRET": bridge_client_secret,
            "KC_DB_PASSWORD": passwords["keycloak"],
            "KC_BOOTSTRAP_ADMIN_PASSWORD": secrets.token_urlsafe(32),
        },
        "kafka-secrets": {"KAFKA_ADMIN_PASSWORD": passwords["kafka_admin"]},
        "bus-administrator": {"SONGCAU_BUS_URL": broker("admin", passwords["kafka_admin"])},
        "bus-principals": {f"{service}_BUS_PASSWORD".upper(): passwords[f"{service}_bus"] for service in SERVICES},
    }


def account_clients() -> tuple[dict[str, dict[str, str]], Mapping[str, str]]:
    """Return the keys of the gateway's clients at Keycloak, and their public halves as the realm file wants them."""
    with tempfile.TemporaryDirectory() as name:
        files = client_keys.create_missing(Path(name))
        return {file.stem: {"key.pem": file.read_text()} for file in files}, client_keys.realm_variables(Path(name))


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
        kafka = DevelopmentAuthority.create(folder / "bus", at=now).issue_workload(
            Workload("kafka", is_server=True), folder / "kafka", at=now
        )
        bus_root = kafka.authorities[0].read_text()
        return {
            # Strimzi's own name and key for what its clients trust.
            "songcau-cluster-ca-cert": {"ca.crt": bus_root},
            "kafka-tls": {"server.pem": kafka.key.read_text() + kafka.certificate.read_text(), "ca.crt": bus_root},
            "hospital-keys": {"hospital-his.pem": private_key(folder, "hospital-his")},
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


def audit_keys() -> dict[str, dict[str, str]]:
    """Return the keys of the audit log and of a witness, and what each is told of the other."""
    log_key, witness_key = new_private_key(), new_private_key()
    log = NoteSigner.from_pem("log.songcau.example", Use.NOTE, log_key.encode()).verifier
    witness = NoteSigner.from_pem("witness.songcau.example", Use.COSIGNATURE, witness_key.encode()).verifier
    return {
        "audit-signing": {"key.pem": log_key, "witnesses": f"{witness.text}=http://witness:8195", "former-keys": ""},
        "audit-witness": {"key.pem": witness_key, "logs": log.text},
    }


def private_key(folder: Path, name: str) -> str:
    """Return an RSA key (PEM, PKCS #8)."""
    layout = Layout(folder)
    layout.secrets.mkdir(exist_ok=True)
    return key_material.private_key(layout, name).read_text()


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
