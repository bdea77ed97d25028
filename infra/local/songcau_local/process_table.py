"""Which processes make the stack and what each is told; the one place that knows their settings by name."""

import json
import os
import sys
from collections.abc import Mapping

from songcau_kit.erasure_ledger import public_key_of
from songcau_kit.tls import TlsFiles

from songcau_local import client_keys
from songcau_local.audit_keys import audit_keys
from songcau_local.client_keys import ACCOUNTS_CLIENT
from songcau_local.databases import SERVICES
from songcau_local.key_material import Secrets, private_key
from songcau_local.layout import ROOT, Layout
from songcau_local.programs import Program

REALM_FILE = ROOT / "infra" / "keycloak" / "realm.json"
BUSINESS_REGISTER_FILE = ROOT / "infra" / "local" / "songcau_local" / "seed" / "business_register.json"
PEOPLE_FILE = ROOT / "infra" / "local" / "songcau_local" / "seed" / "people.yaml"
# Tests let a process die at a named point by these; settings refuse them outside development.
CRASHES = ("IDENTITY_CRASH_AT", "ESERVICES_CRASH_AT", "TELEHEALTH_CRASH_AT", "AUDIT_CRASH_AT")
# Where wrapping keys are, for who tries another place than the stack's own secrets.
KEY_SOURCES = tuple(f"{service}_WRAPPING_KEY_SOURCES" for service in ("IDENTITY", "ESERVICES", "TELEHEALTH", "AUDIT"))
CHECK_IN_OPENS_MINUTES = 2 * 24 * 60
# Short enough to see what happens without the signer.
OLDEST_CHECKPOINT_SECONDS = 60
OLDEST_COPIES_SECONDS = 60
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "SSL_CERT_FILE", "VIRTUAL_ENV")


def early_programs(layout: Layout, secrets: Secrets) -> list[Program]:
    """Return the processes that need no database; a full stack has real parts in place of the issuer."""
    issuer = _program(
        "issuer", ("songcau_local.issuer",), issuer_environment(layout, secrets), f"{layout.url('issuer')}/readyz"
    )
    return [
        *([] if layout.is_full else [issuer]),
        _program(
            "simulators",
            ("songcau_local.simulators",),
            simulator_environment(layout, secrets),
            f"{layout.url('messages')}/readyz",
        ),
    ]


def late_programs(layout: Layout, secrets: Secrets) -> list[Program]:
    """Return the processes that need their databases migrated; the ones others wait for come first."""
    programs = []
    for service in SERVICES:
        environment = service_environment(layout, secrets, service)
        module = f"songcau_{service}"
        programs += [
            _program(
                service,
                (module, "serve"),
                environment | _tls(layout, service, service),
                f"{layout.url(f'{service}-ops')}/readyz",
            ),
            _program(f"{service}-work", (module, "work"), environment, f"{layout.url(f'{service}-work')}/readyz"),
        ]
    programs += _audit_programs(layout, secrets)
    identity = service_environment(layout, secrets, "identity") | _tls(layout, "identity", "identity-bridge")
    programs.append(_program("bridge", ("songcau_identity", "bridge"), identity, f"{layout.url('bridge-ops')}/readyz"))
    programs.append(
        _program(
            "gateway", ("songcau_gateway", "serve"), gateway_environment(layout), f"{layout.url('gateway')}/readyz"
        )
    )
    return programs


def service_environment(layout: Layout, secrets: Secrets, service: str) -> dict[str, str]:
    """Return the settings of one service, for each of its processes."""
    prefix = service.upper()
    settings = {
        "environment": "development",
        "database_url": layout.database(f"{service}_app", service),
        "migration_database_url": layout.database(f"{service}_migrator", service),
        "bus_url": layout.bus,
        "grpc_address": layout.address(service),
        "ops_address": layout.address(f"{service}-ops"),
        "work_ops_address": layout.address(f"{service}-work"),
        "token_issuer": layout.realm,
        "jwks_url": f"{layout.realm}/protocol/openid-connect/certs",
        "wrapping_keys": secrets.get(f"{service}_wrapping_keys"),
        "blind_index_key": secrets.get(f"{service}_blind_index_key"),
        "object_store_url": (layout.objects / service).as_uri(),
        "exchange_store_url": (layout.objects / "exchange").as_uri(),
        "erasure_ledger_url": layout.erasure_ledger.as_uri(),
        "erasure_ledger_public_key": public_key_of(secrets.get("erasure_ledger_key")),
        "log_format": "console",
        **_own_settings(layout, secrets, service),
    }
    return {f"{prefix}_{name}".upper(): value for name, value in settings.items()}


def _own_settings(layout: Layout, secrets: Secrets, service: str) -> dict[str, str]:
    own = {
        "identity": _identity_settings,
        "eservices": _eservices_settings,
        "telehealth": _telehealth_settings,
        "audit": _audit_settings,
    }
    # Every service but the log itself has writes that wait for it.
    waits = {
        "audit_log_max_age_seconds": str(OLDEST_CHECKPOINT_SECONDS),
        "audit_log_keys": audit_keys(layout).log.text,
    }
    return own[service](layout, secrets) | ({} if service == "audit" else waits)


def _identity_settings(layout: Layout, secrets: Secrets) -> dict[str, str]:
    vneid = layout.url("vneid")
    return {
        "topics_folder": str(ROOT / "proto" / "topics"),
        "erasure_ledger_key": secrets.get("erasure_ledger_key"),
        "business_register_file": str(BUSINESS_REGISTER_FILE),
        "commune_boundaries_file": str(layout.commune_boundaries) if layout.commune_boundaries.exists() else "",
        "bridge_address": layout.address("bridge"),
        "bridge_ops_address": layout.address("bridge-ops"),
        "bridge_issuer": layout.url("bridge"),
        "bridge_signing_keys": str(private_key(layout, "bridge-signing")),
        "bridge_client_secret": secrets.get("bridge_client_secret"),
        "bridge_redirect_uris": f"{layout.realm}/broker/vneid/endpoint",
        "vneid_authorize_url": f"{vneid}/oauth2/authorize",
        "vneid_token_url": f"{vneid}/oauth2/token",
        "vneid_userinfo_url": f"{vneid}/oauth2/userinfo",
        "vneid_client_secret": secrets.get("vneid_client_secret"),
        "push_url": f"{vneid}/pushes",
        "push_client_secret": secrets.get("vneid_client_secret"),
        "vneid_decryption_key": str(private_key(layout, "vneid-decryption")),
        "linker_key": str(private_key(layout, "bridge-linker")),
        "linker_token_url": f"{layout.realm}/protocol/openid-connect/token",
    }


def _eservices_settings(layout: Layout, secrets: Secrets) -> dict[str, str]:
    return {
        "identity_address": layout.address("identity"),
        "public_url": layout.url("gateway"),
        "payment_secrets": json.dumps({"simulator": secrets.get("payment_secret")}),
        "payment_page_url": f"{layout.url('payment')}/pay",
        "signer_folder": str(layout.secrets / "signers" / "eservices"),
        "copies_max_age_seconds": str(OLDEST_COPIES_SECONDS),
    }


def _telehealth_settings(layout: Layout, secrets: Secrets) -> dict[str, str]:  # noqa: ARG001 -- one shape for all
    return {
        "public_url": layout.url("gateway"),
        "signer_folder": str(layout.secrets / "signers" / "telehealth"),
        "copies_max_age_seconds": str(OLDEST_COPIES_SECONDS),
        # Two days instead of two hours: a consultation can be tried to its end at any moment.
        "check_in_opens_minutes": str(CHECK_IN_OPENS_MINUTES),
    }


def _audit_settings(layout: Layout, secrets: Secrets) -> dict[str, str]:  # noqa: ARG001 -- one shape for all
    keys = audit_keys(layout)
    return {
        "origin": keys.log.name,
        "sign_ops_address": layout.address("audit-sign"),
        "sign_at_least_every_seconds": "10",
        "witnesses": f"{keys.witness.text}={layout.url('audit-witness')}",
        "witness_name": keys.witness.name,
        "witness_logs": keys.log.text,
        "witness_address": layout.address("audit-witness"),
        "witness_ops_address": layout.address("audit-witness-ops"),
        "witness_memory": str(layout.state / "witness.json"),
    }


def _audit_programs(layout: Layout, secrets: Secrets) -> list[Program]:
    """Return the signer and the witness, each with its own key and nobody else's."""
    keys = audit_keys(layout)
    shared = service_environment(layout, secrets, "audit")
    sign = shared | {"AUDIT_SIGNING_KEY": str(keys.log_file)}
    witness = shared | {"AUDIT_WITNESS_KEY": str(keys.witness_file)}
    ready = {name: f"{layout.url(name)}/readyz" for name in ("audit-sign", "audit-witness-ops")}
    return [
        _program("audit-witness", ("songcau_audit", "witness"), witness, ready["audit-witness-ops"]),
        _program("audit-sign", ("songcau_audit", "sign"), sign, ready["audit-sign"]),
    ]


def gateway_environment(layout: Layout) -> dict[str, str]:
    """Return the settings of the gateway; only a real Keycloak lets it act on accounts."""
    key = {"GATEWAY_ACCOUNT_CLIENT_KEY": str(private_key(layout, ACCOUNTS_CLIENT))} if layout.is_full else {}
    return {
        **key,
        "GATEWAY_ENVIRONMENT": "development",
        "GATEWAY_ADDRESS": layout.address("gateway"),
        "GATEWAY_PUBLIC_URL": layout.url("gateway"),
        "GATEWAY_IDENTITY_ADDRESS": layout.address("identity"),
        "GATEWAY_ESERVICES_ADDRESS": layout.address("eservices"),
        "GATEWAY_TELEHEALTH_ADDRESS": layout.address("telehealth"),
        "GATEWAY_AUDIT_ADDRESS": layout.address("audit"),
        "GATEWAY_TOKEN_ISSUER": layout.realm,
        "GATEWAY_JWKS_URL": f"{layout.realm}/protocol/openid-connect/certs",
        **_tls(layout, "gateway", "gateway"),
    }


def _tls(layout: Layout, part: str, workload: str) -> dict[str, str]:
    """Return the settings by which a process of a part of the platform proves to be a workload."""
    files = TlsFiles.in_folder(layout.workloads / workload)
    return {
        f"{part.upper()}_TLS_CERTIFICATE": str(files.certificate),
        f"{part.upper()}_TLS_KEY": str(files.key),
        f"{part.upper()}_TLS_AUTHORITIES": json.dumps([str(file) for file in files.authorities]),
    }


def issuer_environment(layout: Layout, secrets: Secrets) -> dict[str, str]:
    """Return the settings of the development issuer and the values of the realm file's placeholders."""
    return {
        "ISSUER_ENVIRONMENT": "development",
        "ISSUER_ADDRESS": layout.address("issuer"),
        "ISSUER_PUBLIC_URL": layout.url("issuer"),
        "ISSUER_REALM_FILE": str(REALM_FILE),
        "ISSUER_PEOPLE_FILE": str(PEOPLE_FILE),
        "ISSUER_STATE_FOLDER": str(layout.secrets / "issuer"),
        **realm_variables(layout, secrets),
    }


def realm_variables(layout: Layout, secrets: Secrets) -> dict[str, str]:
    """Return the values of the realm file's placeholders."""
    return {
        "SONGCAU_BRIDGE_URL": layout.url("bridge"),
        "SONGCAU_GATEWAY_URL": layout.url("gateway"),
        "SONGCAU_BRIDGE_CLIENT_SECRET": secrets.get("bridge_client_secret"),
        "SONGCAU_HOSPITAL_JWKS_URL": f"{layout.url('hospital')}/jwks",
        **client_keys.realm_variables(layout.secrets),
    }


def simulator_environment(layout: Layout, secrets: Secrets) -> dict[str, str]:
    """Return the settings of the simulators."""
    return {
        "SIMULATOR_ENVIRONMENT": "development",
        **{
            f"SIMULATOR_{name.upper()}_ADDRESS": layout.address(name)
            for name in ("vneid", "payment", "portal", "messages", "hospital")
        },
        "SIMULATOR_PAYMENT_CALLBACK_URL": f"{layout.url('gateway')}/v1/payment-notifications/simulator",
        "SIMULATOR_PAYMENT_SECRET": secrets.get("payment_secret"),
        "SIMULATOR_VNEID_CLIENT_SECRET": secrets.get("vneid_client_secret"),
        "SIMULATOR_VNEID_REDIRECT_URI": f"{layout.url('bridge')}/callback",
        "SIMULATOR_VNEID_PARTNER_KEY": str(private_key(layout, "vneid-decryption")),
        "SIMULATOR_HOSPITAL_KEY": str(private_key(layout, "hospital-his")),
        "SIMULATOR_PEOPLE_FILE": str(PEOPLE_FILE),
        "SIMULATOR_STATE_FOLDER": str(layout.secrets / "simulators"),
    }


def python_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Return a whole environment: the few variables of the machine that matter, and the settings."""
    machine = {name: os.environ[name] for name in (*INHERITED, *CRASHES, *KEY_SOURCES) if name in os.environ}
    return {**machine, "PYTHONUNBUFFERED": "1", "TYPER_STANDARD_TRACEBACK": "1", **settings}


def _program(name: str, words: tuple[str, ...], settings: Mapping[str, str], ready_url: str) -> Program:
    return Program(name, (sys.executable, "-m", *words), python_environment(settings), ready_url)


def service_command(
    layout: Layout, secrets: Secrets, service: str, words: tuple[str, ...]
) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return command and environment of one command of a service."""
    environment = python_environment(service_environment(layout, secrets, service))
    return (sys.executable, "-m", f"songcau_{service}", *words), environment
