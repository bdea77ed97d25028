"""What every token issuer of the platform must do: one suite for the development issuer and for a real Keycloak."""

import base64
import json
import time
from collections.abc import Mapping
from functools import partial
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest
from joserfc import jwk, jwt
from songcau_kit.client_assertions import ASSERTION_TYPE
from songcau_local import key_material
from songcau_local.browser import (
    CALLBACKS,
    Attempt,
    SignInError,
    Tokens,
    attempt_of,
    come_back,
    open_browser,
    redeem,
    renew,
    second_factor,
    sign_in,
)
from songcau_local.demo.client import wait_until
from songcau_local.event_log import read_events
from songcau_local.layout import Layout
from songcau_local.people import get_staff

PROCEDURE = "1.001612"
HOSPITAL = "hospital-his"
REFUSED_CLIENT = ("invalid_client", "unauthorized_client")


class Issuer(Protocol):
    """What a test may do behind the issuer's back."""

    layout: Layout

    def sign(self, claims: Mapping[str, Any], *, header: Mapping[str, Any] | None = None) -> str:
        """Return a token signed with a key that the issuer publishes."""

    def unlock(self, username: str) -> None:
        """End a lock that wrong passwords brought."""


def claims_of(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))


def call(layout: Layout, tokens: Tokens | str, method: str, path: str, **more: Any) -> httpx.Response:
    token = tokens if isinstance(tokens, str) else tokens.access
    headers = {"authorization": f"Bearer {token}", **more.pop("headers", {})}
    return httpx.request(method, layout.url("gateway") + path, headers=headers, timeout=30, **more)


def ask(layout: Layout, attempt: Attempt) -> httpx.Response:
    """Return the first answer to an authorization request."""
    with open_browser() as http:
        return http.get(attempt.address(layout))


def token_request(layout: Layout, form: Mapping[str, str]) -> dict[str, Any]:
    answer = httpx.post(f"{layout.realm}/protocol/openid-connect/token", data=dict(form), timeout=30)
    return {"status": answer.status_code, **answer.json()}


def code_for(layout: Layout, name: str) -> tuple[Attempt, str]:
    attempt, answers = attempt_of(layout, name)
    with open_browser() as http:
        return attempt, come_back(http, layout, attempt, answers)


def hospital_form(layout: Layout, *, key: jwk.RSAKey | None = None, **changes: Any) -> dict[str, str]:
    """Return what a hospital's system sends for a token (RFC 7523): an assertion that it signed."""
    own = key_material.private_key(layout, HOSPITAL)
    now = int(time.time())
    claims = {"iss": HOSPITAL, "sub": HOSPITAL, "aud": layout.realm, "iat": now, "exp": now + 60, "jti": str(uuid4())}
    return {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": jwt.encode(
            {"alg": "RS256"}, claims | changes, key or jwk.RSAKey.import_key(own.read_bytes())
        ),
        "scope": "facility:manage consultation:read",
    }


class SignInSuite:
    """The rules; a test class of each issuer inherits them and gives the fixture `issuer`."""

    def test_the_first_sign_in_links_the_identity_and_the_second_finds_it(self, issuer: Issuer):
        layout = issuer.layout
        first, second = (claims_of(sign_in(layout, "binh").access) for _ in range(2))
        assert first["citizen_id"] == second["citizen_id"]
        assert first["sub"] == second["sub"]
        assert first["sid"] != second["sid"]
        read = partial(read_events, layout, topics=["identity.citizen.v1"], aggregate_id=first["citizen_id"])
        events = wait_until(read, "the event of the link")
        assert [event.fact for event in events].count("CitizenLinked") == 1

    def test_a_citizen_s_token_names_no_person(self, issuer: Issuer):
        claims = claims_of(sign_in(issuer.layout, "an").access)
        assert {"citizen_id", "ial", "acct_type"} <= claims.keys()
        text = json.dumps(claims, ensure_ascii=False)
        assert "019190000011" not in text
        assert "Hoàng" not in text
        assert claims["realm_access"]["roles"] == ["citizen"]
        assert (claims["acr"], claims["ial"]) == ("aal1", "2")
        audience = claims["aud"]
        assert "songcau" in (audience if isinstance(audience, list) else [audience])

    def test_staff_sign_in_with_two_factors_and_carry_role_and_agency(self, issuer: Issuer):
        claims = claims_of(sign_in(issuer.layout, "officer.lahien").access)
        assert claims["acr"] == "aal2"
        assert claims["realm_access"]["roles"] == ["officer"]
        assert claims["agency_codes"] == ["H55.242"]
        assert claims["azp"] == "officer-console"

    def test_a_doctor_carries_the_facility_and_the_practitioner(self, issuer: Issuer):
        claims = claims_of(sign_in(issuer.layout, "doctor").access)
        assert (claims["facility_codes"], claims["acr"]) == (["19001"], "aal2")
        assert claims["practitioner_id"]

    @pytest.mark.parametrize("name", ["huy", "dung", "lam"], ids=["cancelled", "account locked", "code expired"])
    def test_a_sign_in_that_ends_at_vneid_gives_no_code(self, issuer: Issuer, name: str):
        with pytest.raises(SignInError):
            sign_in(issuer.layout, name)

    def test_an_answer_of_the_bridge_with_another_state_ends_on_a_page(self, issuer: Issuer):
        answer = httpx.get(f"{issuer.layout.realm}/broker/vneid/endpoint?state=made-up&code=x", timeout=30)
        assert answer.status_code == 400
        assert "location" not in answer.headers

    def test_the_app_gets_back_the_state_it_gave(self, issuer: Issuer):
        attempt, answers = attempt_of(issuer.layout, "an", state="state-of-this-app")
        with open_browser() as http:
            assert come_back(http, issuer.layout, attempt, answers)

    def test_a_level_one_account_cannot_file_at_a_level_two_procedure(self, issuer: Issuer):
        tokens = sign_in(issuer.layout, "chi")
        assert claims_of(tokens.access)["ial"] == "1"
        wish = {
            "procedure_code": PROCEDURE,
            "channel": "ONLINE",
            "receiving_agency_code": "H55.242",
            "answers": {"family_members": True, "has_electronic_identity": True},
        }
        headers = {"idempotency-key": f"sign-in-suite-{claims_of(tokens.access)['jti']}"}
        answer = call(issuer.layout, tokens, "POST", "/v1/dossiers", json=wish, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "IDENTITY_LEVEL_TOO_LOW")

    def test_officer_and_citizen_on_one_number_are_two_accounts_with_their_own_roles(self, issuer: Issuer):
        citizen = claims_of(sign_in(issuer.layout, "hoa").access)
        officer = claims_of(sign_in(issuer.layout, "officer.lahien").access)
        assert citizen["sub"] != officer["sub"]
        assert citizen["realm_access"]["roles"] == ["citizen"]
        assert "agency_codes" not in citizen
        assert "citizen_id" not in officer

    def test_staff_at_the_citizens_app_have_no_role_of_theirs(self, issuer: Issuer):
        entry = get_staff("scheduler")
        answers = {"username": "scheduler", "password": entry["password"]}
        answers |= second_factor(issuer.layout, "scheduler")
        attempt = Attempt.of("citizen-app")
        with open_browser() as http:
            tokens = redeem(http, issuer.layout, attempt.form(come_back(http, issuer.layout, attempt, answers)))
        assert claims_of(tokens.access).get("realm_access", {"roles": []})["roles"] == []

    def test_a_password_alone_does_not_open_the_officers_console(self, issuer: Issuer):
        entry = get_staff("data.officer")
        attempt = Attempt.of("officer-console")
        with open_browser() as http, pytest.raises(SignInError):
            come_back(http, issuer.layout, attempt, {"username": "data.officer", "password": entry["password"]})

    def test_wrong_passwords_lock_the_account_for_a_while(self, issuer: Issuer):
        layout, entry = issuer.layout, get_staff("operator")
        for _ in range(6):
            with open_browser() as http, pytest.raises(SignInError):
                come_back(
                    http, layout, Attempt.of("officer-console"), {"username": "operator", "password": "wrong" * 4}
                )
        right = {"username": "operator", "password": entry["password"], **second_factor(layout, "operator")}
        try:
            with open_browser() as http, pytest.raises(SignInError):
                come_back(http, layout, Attempt.of("officer-console"), right)
        finally:
            issuer.unlock("operator")

    @pytest.mark.parametrize(
        "uri",
        [
            "http://127.0.0.1:8199/callback/deeper",
            "http://127.0.0.1:8199/callback?more=1",
            "http://127.0.0.1:8199/",
            "http://127.0.0.1:8199/*",
            "https://elsewhere.example/callback",
        ],
    )
    def test_a_redirect_address_is_exact_and_no_pattern(self, issuer: Issuer, uri: str):
        answer = ask(issuer.layout, Attempt.of("citizen-app", redirect_uri=uri))
        assert answer.status_code == 400
        assert "location" not in answer.headers

    @pytest.mark.parametrize(
        "changes",
        [
            {"code_challenge": "", "code_challenge_method": ""},
            {"code_challenge_method": "plain"},
            {"code_challenge_method": ""},
        ],
        ids=["missing", "plain", "method left out"],
    )
    def test_pkce_with_s256_is_demanded(self, issuer: Issuer, changes: Mapping[str, str]):
        answer = ask(issuer.layout, Attempt.of("citizen-app", **changes))
        target = urlsplit(answer.headers["location"])
        assert answer.headers["location"].startswith(CALLBACKS["citizen-app"])
        assert parse_qs(target.query)["error"] == ["invalid_request"]

    def test_a_code_without_its_verifier_is_worth_nothing(self, issuer: Issuer):
        attempt, code = code_for(issuer.layout, "an")
        assert (
            token_request(issuer.layout, attempt.form(code) | {"code_verifier": "b" * 43})["error"] == "invalid_grant"
        )

    def test_a_code_works_once(self, issuer: Issuer):
        attempt, code = code_for(issuer.layout, "an")
        assert token_request(issuer.layout, attempt.form(code))["status"] == 200
        assert token_request(issuer.layout, attempt.form(code))["error"] == "invalid_grant"

    def test_a_code_belongs_to_its_app(self, issuer: Issuer):
        attempt, code = code_for(issuer.layout, "an")
        form = attempt.form(code) | {"client_id": "officer-console"}
        assert token_request(issuer.layout, form)["error"] == "invalid_grant"

    def test_there_is_no_password_grant(self, issuer: Issuer):
        form = {
            "grant_type": "password",
            "client_id": "officer-console",
            "username": "doctor",
            "password": get_staff("doctor")["password"],
        }
        answer = token_request(issuer.layout, form)
        assert answer["error"] in ("unauthorized_client", "unsupported_grant_type")

    def test_there_is_no_implicit_flow(self, issuer: Issuer):
        answer = ask(issuer.layout, Attempt.of("citizen-app", response_type="token"))
        location = answer.headers["location"].replace("#", "?")
        error = parse_qs(urlsplit(location).query)["error"][0]
        assert error in ("unauthorized_client", "unsupported_response_type")

    def test_a_refresh_token_used_twice_ends_the_session(self, issuer: Issuer):
        layout = issuer.layout
        first = sign_in(layout, "an")
        second = renew(layout, "citizen-app", first)
        with pytest.raises(SignInError, match="invalid_grant"):
            renew(layout, "citizen-app", first)
        with pytest.raises(SignInError, match="invalid_grant"):
            renew(layout, "citizen-app", second)

    def test_a_public_app_has_no_secret_and_none_helps_it(self, issuer: Issuer):
        form = {"grant_type": "client_credentials", "client_id": "citizen-app", "client_secret": "a-secret"}
        answer = token_request(issuer.layout, form)
        assert answer["error"] in ("unauthorized_client", "invalid_client")
        assert answer["status"] in (400, 401)

    def test_a_system_without_its_signed_assertion_gets_nothing(self, issuer: Issuer):
        form = {"grant_type": "client_credentials", "client_id": "hospital-his", "client_secret": "a-secret"}
        assert token_request(issuer.layout, form)["error"] in REFUSED_CLIENT

    def test_a_hospital_s_system_signs_for_a_token_that_names_its_facility(self, issuer: Issuer):
        answer = token_request(issuer.layout, hospital_form(issuer.layout))
        assert answer["status"] == 200, answer
        claims = claims_of(answer["access_token"])
        assert (claims["azp"], claims["facility_codes"]) == (HOSPITAL, ["19001"])
        assert claims["realm_access"]["roles"] == ["facility-manager"]
        assert "facility:manage" in claims["scope"].split()
        assert "refresh_token" not in answer
        assert call(issuer.layout, answer["access_token"], "GET", "/v1/facilities").status_code == 200

    def test_a_signed_assertion_works_once(self, issuer: Issuer):
        form = hospital_form(issuer.layout)
        assert token_request(issuer.layout, form)["status"] == 200
        assert token_request(issuer.layout, form)["error"] in REFUSED_CLIENT

    @pytest.mark.parametrize(
        "changes",
        [
            {"exp": int(time.time()) - 120, "iat": int(time.time()) - 180},
            {"aud": "https://elsewhere.example/realms/songcau"},
            {"iss": "identity-bridge"},
            {"sub": "identity-bridge", "iss": "identity-bridge"},
        ],
        ids=["expired", "for another server", "in another's name", "as another system"],
    )
    def test_an_assertion_does_not_work(self, issuer: Issuer, changes: dict[str, Any]):
        assert token_request(issuer.layout, hospital_form(issuer.layout, **changes))["error"] in REFUSED_CLIENT

    def test_an_assertion_signed_with_a_key_that_the_system_never_published_does_not_work(self, issuer: Issuer):
        stranger = jwk.RSAKey.generate_key(2048)
        assert token_request(issuer.layout, hospital_form(issuer.layout, key=stranger))["error"] in REFUSED_CLIENT

    def test_an_app_gets_no_scope_that_is_not_its_own(self, issuer: Issuer):
        answer = ask(issuer.layout, Attempt.of("citizen-app", scope="openid dossier:process"))
        assert parse_qs(urlsplit(answer.headers["location"]).query)["error"] == ["invalid_scope"]

    def test_the_end_of_a_session_ends_its_refresh_token(self, issuer: Issuer):
        tokens = sign_in(issuer.layout, "an")
        form = {"client_id": "citizen-app", "refresh_token": tokens.refresh}
        answer = httpx.post(f"{issuer.layout.realm}/protocol/openid-connect/logout", data=form, timeout=30)
        assert answer.status_code == 204
        with pytest.raises(SignInError, match="invalid_grant"):
            renew(issuer.layout, "citizen-app", tokens)
