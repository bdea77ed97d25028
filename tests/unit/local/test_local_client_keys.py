"""The keys of the gateway's clients at Keycloak: made once, for their owner, and only public halves in the realm."""

import json
from pathlib import Path

import pytest
import typer
from joserfc.jwk import KeySet, RSAKey
from songcau_local.client_keys import PLACEHOLDERS, create_missing, realm_variables
from songcau_local.commands import realm
from songcau_local.layout import ROOT
from songcau_local.realm.declared import is_loopback, load_declared
from typer.testing import CliRunner

REALM_FILE = ROOT / "infra/keycloak/realm.json"
OTHERS = {"SONGCAU_BRIDGE_CLIENT_SECRET": "s", "SONGCAU_HOSPITAL_JWKS_URL": "http://127.0.0.1/none"}


@pytest.fixture
def command() -> typer.Typer:
    app = typer.Typer()
    realm.add_to(app)
    return app


def test_keys_are_made_once_and_are_for_their_owner(tmp_path: Path, command):
    first = CliRunner().invoke(command, ["realm", "client-keys", str(tmp_path / "keys")])
    files = create_missing(tmp_path / "keys")
    content = [file.read_bytes() for file in files]
    again = CliRunner().invoke(command, ["realm", "client-keys", str(tmp_path / "keys")])

    assert (first.exit_code, again.exit_code) == (0, 0)
    assert [file.name for file in files] == [f"{client}.pem" for client in PLACEHOLDERS]
    assert [file.read_bytes() for file in files] == content
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


def test_the_realm_gets_the_public_half_of_each_client_s_key_and_nothing_more(tmp_path: Path):
    files = create_missing(tmp_path)
    clients = {
        item["clientId"]: item for item in load_declared(REALM_FILE, {**OTHERS, **realm_variables(tmp_path)})["clients"]
    }

    for file in files:
        told = json.loads(clients[file.stem]["attributes"]["jwks.string"])
        (key,) = KeySet.import_key_set(told).keys
        assert key.thumbprint() == RSAKey.import_key(file.read_bytes()).thumbprint()
        assert not key.is_private


def test_no_address_of_one_machine_reaches_the_realm_of_another(command, monkeypatch):
    monkeypatch.setenv("SONGCAU_BRIDGE_CLIENT_SECRET", "s")
    monkeypatch.setenv("SONGCAU_BRIDGE_URL", "https://bridge.example.vn")
    monkeypatch.setenv("SONGCAU_HOSPITAL_JWKS_URL", "HTTP://LOCALHOST:8180/jwks")
    server = ["--server", "https://sso.example.vn", "--user", "admin", "--password", "p"]
    for act in ("plan", "apply"):
        done = CliRunner().invoke(command, ["realm", act, *server])
        assert str(done.exception).endswith(
            "set SONGCAU_CITIZEN_APP_REDIRECT, SONGCAU_GATEWAY_URL, SONGCAU_HOSPITAL_JWKS_URL, "
            "SONGCAU_OFFICER_CONSOLE_REDIRECT"
        )


@pytest.mark.parametrize(
    ("address", "is_ours"),
    [
        ("http://127.0.0.1:8180", True),
        ("https://localhost/", True),
        ("http://[::1]:8180", True),
        ("https://sso.example.vn", False),
        ("https://127.0.0.1.example.vn", False),
        ("https://localhost.example.vn", False),
    ],
)
def test_what_is_an_address_of_this_machine(address: str, is_ours: bool):
    assert is_loopback(address) is is_ours
