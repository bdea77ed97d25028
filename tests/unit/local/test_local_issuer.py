"""The development issuer keeps the realm file's rules, as Keycloak will."""

import base64
import hashlib
import json
import time
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from songcau_kit.clock import SystemClock
from songcau_local.issuer.app import create_app
from songcau_local.issuer.realm import RealmError, load_realm
from songcau_local.issuer.settings import IssuerSettings

ROOT = Path(__file__).resolve().parents[3]
REALM = ROOT / "infra/keycloak/realm.json"
BASE = "/realms/songcau/protocol/openid-connect"
VERIFIER = "a-verifier-of-at-least-forty-three-characters-long"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
PEOPLE = """
staff:
  demo.officer:
    password: mat-khau-phat-trien
    one_time_code: "135790"
    roles: [officer]
    attributes: {agency_codes: [H55.242]}
"""


@pytest.fixture
def issuer(tmp_path):
    people = tmp_path / "people.yaml"
    people.write_text(PEOPLE)
    settings = IssuerSettings(
        environment="development", realm_file=REALM, people_file=people, state_folder=tmp_path / "state"
    )
    return create_app(settings, SystemClock(), {"SONGCAU_BRIDGE_CLIENT_SECRET": "x"}).test_client()


def ask(issuer, **changes):
    query = {
        "response_type": "code",
        "client_id": "officer-console",
        "redirect_uri": "http://127.0.0.1:8199/officer/callback",
        "scope": "openid dossier:process",
        "state": "s1",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    } | changes
    return issuer.get(f"{BASE}/auth", query_string={name: value for name, value in query.items() if value})


def sign_in(issuer, **form):
    text = ask(issuer).text
    pending = text.split('name="pending" value="')[1].split('"')[0]
    account = {"username": "demo.officer", "password": "mat-khau-phat-trien", "one_time_code": "135790"}
    account |= {"with": "password", "pending": pending}
    return issuer.post("/realms/songcau/login-actions/authenticate", data=account | form)


def code_of(answer):
    return parse_qs(urlparse(answer.location).query)["code"][0]


def redeem(issuer, code, **changes):
    form = {
        "grant_type": "authorization_code",
        "client_id": "officer-console",
        "redirect_uri": "http://127.0.0.1:8199/officer/callback",
        "code": code,
        "code_verifier": VERIFIER,
    } | changes
    return issuer.post(f"{BASE}/token", data=form)


def error_in(answer):
    return parse_qs(urlparse(answer.location).query)["error"][0]


def test_an_officer_signs_in_and_gets_roles_scopes_and_agencies(issuer):
    answer = redeem(issuer, code_of(sign_in(issuer, one_time_code="135790"))).json
    keys = KeySet.import_key_set(issuer.get(f"{BASE}/certs").json)
    claims = jwt.decode(answer["access_token"], keys, algorithms=["RS256"]).claims
    assert claims["realm_access"]["roles"] == ["officer"]
    assert claims["agency_codes"] == ["H55.242"]
    assert claims["aud"] == ["songcau"]
    assert claims["acr"] == "aal2"
    assert "dossier:process" in claims["scope"].split()


def test_without_the_second_factor_the_officers_console_stays_shut(issuer):
    assert sign_in(issuer, one_time_code="").status_code == 401


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "openid identity:link"}, "invalid_scope"),
    ],
)
def test_a_request_outside_the_rules_goes_back_with_an_error(issuer, changes, error):
    assert error_in(ask(issuer, **changes)) == error


@pytest.mark.parametrize("uri", ["http://127.0.0.1:8199/officer/callback/x", "https://elsewhere.example/", ""])
def test_an_unregistered_redirect_is_never_followed(issuer, uri):
    assert ask(issuer, redirect_uri=uri).status_code == 400


def test_a_code_works_once(issuer):
    code = code_of(sign_in(issuer))
    assert redeem(issuer, code).status_code == 200
    assert redeem(issuer, code).json["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "changes",
    [{"code_verifier": "b" * 43}, {"client_id": "citizen-app"}, {"redirect_uri": "http://127.0.0.1:8199/callback"}],
)
def test_a_code_is_bound_to_its_app_and_proof(issuer, changes):
    assert redeem(issuer, code_of(sign_in(issuer)), **changes).json["error"] == "invalid_grant"


def test_there_is_no_password_grant(issuer):
    form = {"grant_type": "password", "client_id": "officer-console", "username": "demo.officer", "password": "x"}
    assert issuer.post(f"{BASE}/token", data=form).json["error"] == "unsupported_grant_type"


def test_a_refresh_token_used_twice_ends_the_session(issuer):
    first = redeem(issuer, code_of(sign_in(issuer))).json["refresh_token"]

    def refresh(token):
        form = {"grant_type": "refresh_token", "client_id": "officer-console", "refresh_token": token}
        return issuer.post(f"{BASE}/token", data=form)

    second = refresh(first).json["refresh_token"]
    assert refresh(first).json["error"] == "invalid_grant"
    assert refresh(second).json["error"] == "invalid_grant"


def test_five_wrong_passwords_lock_the_name_for_a_while(issuer):
    answers = [sign_in(issuer, password="wrong").status_code for _ in range(5)]
    assert answers == [401] * 5
    assert sign_in(issuer).status_code == 401


def test_a_system_proves_itself_with_a_signed_assertion_used_once(issuer, tmp_path, monkeypatch):
    key = RSAKey.import_key((tmp_path / "state/hospital-his.pem").read_bytes())
    now = int(time.time())
    claims = {
        "iss": "hospital-his", "sub": "hospital-his", "aud": "http://127.0.0.1:8180/realms/songcau",
        "exp": now + 60, "jti": "1",
    }  # fmt: skip
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": jwt.encode({"alg": "RS256"}, claims, key),
    }
    served = KeySet([key]).as_dict(private=False)
    monkeypatch.setattr(
        "songcau_local.issuer.client_authentication.ClientAuthenticator._keys_of",
        lambda *_: KeySet.import_key_set(served),
    )
    assert issuer.post(f"{BASE}/token", data=form).status_code == 200
    assert issuer.post(f"{BASE}/token", data=form).json["error"] == "invalid_client"


def test_it_refuses_to_exist_outside_development(tmp_path):
    with pytest.raises(ValueError, match="development"):
        IssuerSettings(environment="production", realm_file=REALM, people_file=REALM, state_folder=tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"directAccessGrantsEnabled": True}, "password"),
        ({"attributes": {}}, "PKCE"),
        ({"redirectUris": ["https://app.example/*"]}, "wildcard"),
        ({"secret": "in-public"}, "secret"),
        ({"fullScopeAllowed": True}, "every role"),
    ],
)
def test_a_realm_that_allows_the_forbidden_is_refused(tmp_path, change, message):
    realm = json.loads(REALM.read_text())
    realm["clients"][0] |= change
    (tmp_path / "realm.json").write_text(json.dumps(realm))
    with pytest.raises(RealmError, match=message):
        load_realm(tmp_path / "realm.json", {"SONGCAU_BRIDGE_CLIENT_SECRET": "x"})


def test_userinfo_answers_while_the_session_runs_and_tells_nothing_personal(issuer):
    tokens = redeem(issuer, code_of(sign_in(issuer))).json
    asked = {"headers": {"authorization": f"Bearer {tokens['access_token']}"}}
    before = issuer.get(f"{BASE}/userinfo", **asked)
    issuer.post(f"{BASE}/logout", data={"refresh_token": tokens["refresh_token"]})
    after = issuer.get(f"{BASE}/userinfo", **asked)

    assert set(before.json) == {"sub"}
    assert after.status_code == 401
    assert issuer.get(f"{BASE}/userinfo", headers={"authorization": "Bearer x"}).status_code == 401
