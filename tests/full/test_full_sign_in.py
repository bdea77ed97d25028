"""A real Keycloak keeps the rules of sign-in that the development issuer keeps; the same suite runs there."""

import time

import pytest
from songcau_local.browser import Attempt, SignInError, attempt_of, come_back, open_browser, sign_in
from support.keycloak_issuer import KeycloakIssuer
from support.sign_in_suite import SignInSuite, claims_of, code_for, token_request
from support.sign_in_tokens import TokenSuite, good

__all__ = ["good"]


class TestKeycloakSignIn(SignInSuite):
    pass


class TestKeycloakTokens(TokenSuite):
    pass


def test_a_code_that_waited_too_long_is_worth_nothing(issuer: KeycloakIssuer):
    issuer.admin.update_realm("songcau", {"accessCodeLifespan": 1})
    try:
        attempt, code = code_for(issuer.layout, "an")
        time.sleep(2.5)
        assert token_request(issuer.layout, attempt.form(code))["error"] == "invalid_grant"
    finally:
        issuer.admin.update_realm("songcau", {"accessCodeLifespan": 60})


def test_a_disabled_account_cannot_sign_in(issuer: KeycloakIssuer):
    claims = claims_of(sign_in(issuer.layout, "giang").access)
    issuer.admin.disable_user(claims["sub"])
    try:
        with pytest.raises(SignInError):
            sign_in(issuer.layout, "giang")
    finally:
        issuer.admin.enable_user(claims["sub"])
    assert claims_of(sign_in(issuer.layout, "giang").access)["sub"] == claims["sub"]


def test_one_time_codes_work_once(issuer: KeycloakIssuer):
    attempt, answers = attempt_of(issuer.layout, "data.officer")
    with open_browser() as http:
        assert come_back(http, issuer.layout, attempt, answers)
    with open_browser() as http, pytest.raises(SignInError):
        come_back(http, issuer.layout, Attempt.of("officer-console"), answers)


def test_a_code_that_was_shown_elsewhere_is_followed_by_another(issuer: KeycloakIssuer):
    # Not the account above: two refused codes within a second lock it for a while.
    sign_in(issuer.layout, "officer.phandinhphung")
    (issuer.layout.secrets / "one-time-codes.json").unlink()  # as on another machine
    assert sign_in(issuer.layout, "officer.phandinhphung").access


def test_public_apps_hold_no_secret(issuer: KeycloakIssuer):
    for client in issuer.admin.get_clients():
        if client["publicClient"]:
            assert "value" not in issuer.admin.get_client_secrets(client["id"])
