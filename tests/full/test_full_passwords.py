"""Keycloak refuses a password the policy of the realm does not allow, by whom it may be set."""

import json
import secrets
from collections.abc import Iterator

import pytest
from keycloak import KeycloakError
from support.keycloak_issuer import KeycloakIssuer
from support.officers import Officer, new_officer

REMEMBERED = 5


@pytest.fixture
def officer(issuer: KeycloakIssuer) -> Iterator[Officer]:
    with new_officer(issuer) as made:
        yield made


def refusal_of(officer: Officer, password: str) -> str:
    """Return the name Keycloak gives to why it refuses a password; the account keeps the one it has."""
    with pytest.raises(KeycloakError) as refused:
        set_password(officer, password)
    assert refused.value.response_code == 400
    return str(json.loads(refused.value.response_body or b"{}")["error"])


def set_password(officer: Officer, password: str) -> None:
    officer.issuer.admin.set_user_password(officer.account_id, password, temporary=False)


def test_a_password_shorter_than_fourteen_characters_is_refused(officer: Officer):
    assert refusal_of(officer, "a" + secrets.token_hex(6)) == "invalidPasswordMinLengthMessage"
    set_password(officer, "ab" + secrets.token_hex(6))


def test_a_password_that_is_or_holds_the_name_is_refused(officer: Officer):
    assert refusal_of(officer, officer.username) == "invalidPasswordNotContainsUsernameMessage"
    assert refusal_of(officer, f"{officer.username}-2026") == "invalidPasswordNotContainsUsernameMessage"


def test_the_last_five_passwords_are_not_taken_again(officer: Officer):
    first, *others = [secrets.token_urlsafe(18) for _ in range(REMEMBERED + 1)]
    set_password(officer, first)
    for later in others[:-1]:
        set_password(officer, later)
    assert refusal_of(officer, first) == "invalidPasswordHistoryMessage"
    assert refusal_of(officer, others[-2]) == "invalidPasswordHistoryMessage"
    set_password(officer, others[-1])
    set_password(officer, first)
