"""The keys of the gateway's clients at Keycloak: made once, for their owner, and only public halves in the realm."""

import json
from pathlib import Path

import pytest
import typer
from joserfc.jwk import KeySet, RSAKey
from songcau_local.client_keys import PLACEHOLDERS, create_missing, realm_variables
from songcau_local.commands import realm
from songcau_local.layout import ROOT
from songcau_local.realm.declared import load_declared
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
