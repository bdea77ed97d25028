"""Whoever the erasure ledger names signs in with their account no more: told by Keycloak itself."""

import base64
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from songcau_kit.erasure_ledger import Erasure, ErasureLedgerWriter, Place, public_key_of
from songcau_kit.keyring import new_key
from songcau_kit.objects import ObjectStore
from songcau_local import key_material
from songcau_local.browser import Tokens, sign_in
from songcau_local.client_keys import HOUSEKEEPING_CLIENT
from songcau_local.demo.client import wait_until
from songcau_local.layout import Layout
from support.keycloak_issuer import KeycloakIssuer
from support.sign_in_suite import call, claims_of


class Ledger:
    """A ledger of this test's own, beside the stack's."""

    def __init__(self, folder: Path) -> None:
        self.key = base64.b64encode(new_key()).decode()
        self.url = folder.as_uri()
        self.writer = ErasureLedgerWriter(ObjectStore(self.url), self.key)
        self.writer.begin(uuid4())

    def erase(self, citizen_id: str) -> None:
        first = self.writer.ledger.find(0)
        assert first
        place = Place(first.number, first.digest, first.ledger_id)
        erasure = Erasure(uuid4(), uuid4(), (UUID(citizen_id),), datetime.now(UTC))
        assert self.writer.append(place, erasure)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path)


def run_task(layout: Layout, ledger: Ledger) -> subprocess.CompletedProcess[str]:
    told = {
        "GATEWAY_TOKEN_ISSUER": layout.realm,
        "GATEWAY_ACCOUNT_CLIENT_ID": HOUSEKEEPING_CLIENT,
        "GATEWAY_ACCOUNT_CLIENT_KEY": str(key_material.private_key(layout, HOUSEKEEPING_CLIENT)),
        "GATEWAY_ERASURE_LEDGER_URL": ledger.url,
        "GATEWAY_ERASURE_LEDGER_PUBLIC_KEY": public_key_of(ledger.key),
    }
    command = [sys.executable, "-m", "songcau_gateway", "close-erased-accounts"]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **told})


def is_refused(layout: Layout, tokens: Tokens) -> bool:
    return call(layout, tokens, "GET", "/v1/me").status_code == 401


def test_the_account_of_an_erased_person_is_disabled_unlinked_and_out(
    full_stack: Layout, issuer: KeycloakIssuer, ledger: Ledger
) -> None:
    tokens = sign_in(full_stack, "khanh")
    account, citizen_id = (claims_of(tokens.access)[name] for name in ("sub", "citizen_id"))
    ledger.erase(citizen_id)
    try:
        done = run_task(full_stack, ledger)
        assert (done.returncode, done.stdout.splitlines()[-1]) == (
            0,
            "1 accounts of erased people closed, 0 left for the next run",
        ), done.stderr
        assert issuer.admin.get_user(account)["enabled"] is False
        assert issuer.admin.get_user_social_logins(account) == []
        assert issuer.admin.get_sessions(account) == []
        wait_until(lambda: is_refused(full_stack, tokens), "the end of the session")
        assert "0 accounts" in run_task(full_stack, ledger).stdout
    finally:
        issuer.admin.add_user_social_login(account, "vneid", citizen_id, citizen_id)
        issuer.admin.enable_user(account)


def test_a_ledger_signed_by_another_key_closes_nobody(
    full_stack: Layout, issuer: KeycloakIssuer, ledger: Ledger
) -> None:
    account = claims_of(sign_in(full_stack, "khanh").access)["sub"]
    ledger.key = base64.b64encode(new_key()).decode()
    done = run_task(full_stack, ledger)
    assert (done.returncode, "not signed by its key" in done.stderr) == (1, True)
    assert issuer.admin.get_user(account)["enabled"] is True
