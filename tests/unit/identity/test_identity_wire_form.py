"""VNeID's wire form: claims, dates, refusals, and the plus that must survive."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from songcau_identity.bridge.authorization import read_authorization
from songcau_identity.bridge.broker_authentication import Broker, read_basic
from songcau_identity.bridge.citizen_client import link_request
from songcau_identity.bridge.errors import Cause, PageError, SignInRefusedError, TokenError, UpstreamError
from songcau_identity.bridge.keys import SigningKey, create_missing_keys, public_keys
from songcau_identity.bridge.vneid_client import read_birth_date, read_identity, refusal_cause
from songcau_identity.bridge.web import read_answer, with_query
from songcau_identity.model import AccountKind, AuthenticationLevel, IdentityLevel, PaperKind
from songcau_kit.personal import Personal

CLAIMS = {
    "citizenPid": "019185000001",
    "fullName": "HOÀNG THỊ THỬ",
    "birthDate": "19850302",
    "accountType": "1",
    "accountLevel": "2",
}
BROKER = Broker("keycloak", frozenset({"https://realm.example/broker"}))
QUERY = {
    "client_id": "keycloak",
    "redirect_uri": "https://realm.example/broker",
    "response_type": "code",
    "scope": "openid profile",
    "state": "s",
    "code_challenge": "c" * 43,
    "code_challenge_method": "S256",
}


def test_the_five_claims_are_an_identity():
    identity = read_identity(CLAIMS)
    assert identity.number == Personal("019185000001")
    assert identity.birth_date == Personal("1985-03-02")
    assert (identity.account_kind, identity.identity_level) == (AccountKind.CITIZEN, IdentityLevel.LEVEL_2)
    assert identity.authentication_level is AuthenticationLevel.LEVEL_2
    assert "019" not in repr(identity)


def test_papers_and_a_nationality_are_taken_where_they_are_stated():
    identity = read_identity(CLAIMS | {"SoCMND": "090123456", "MaBHXH": 1901234567, "QuocTich": "fra"})
    papers = [(one.kind, one.number) for one in identity.papers]
    assert papers == [(PaperKind.CMND_9, Personal("090123456")), (PaperKind.SO_BHXH, Personal("1901234567"))]
    assert identity.nationality == "FRA"
    assert "090123456" not in repr(identity)
    request = link_request(UUID(int=1), identity, datetime(2026, 11, 23, tzinfo=UTC))
    assert [(one.kind, one.number) for one in request.facts.papers] == [(1, "090123456"), (5, "1901234567")]
    plain = read_identity(CLAIMS | {"SoCMND": "", "MaBHXH": None, "QuocTich": "Việt Nam"})
    assert (plain.papers, plain.nationality) == ((), "")


def test_numbers_instead_of_texts_are_understood():
    identity = read_identity(CLAIMS | {"accountType": 2, "accountLevel": 1, "birthDate": None})
    assert (identity.account_kind, identity.identity_level) == (AccountKind.ORGANISATION, IdentityLevel.LEVEL_1)
    assert identity.birth_date == Personal("")


@pytest.mark.parametrize("change", [{"accountType": "9"}, {"accountLevel": "3"}, {"accountLevel": None}])
def test_a_kind_or_level_nobody_knows_is_refused(change):
    with pytest.raises(UpstreamError) as caught:
        read_identity(CLAIMS | change)
    assert caught.value.cause is Cause.VNEID_ANSWER_INVALID


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("19850302", "1985-03-02"),
        ("1985-03-02", "1985-03-02"),
        ("1985/03/02", "1985-03-02"),
        ("19850000", "1985"),
        ("19850300", "1985-03"),
        ("1985", "1985"),
        ("", ""),
        ("02/03/1985", "02/03/1985"),
    ],
)
def test_birth_dates_are_read_as_far_as_they_are_known(text, read):
    assert read_birth_date(text) == read


@pytest.mark.parametrize(
    ("error", "description", "cause"),
    [
        ("access_denied", "USER_CANCELLED", Cause.CANCELLED),
        ("access_denied", "ACCOUNT_LOCKED", Cause.ACCOUNT_LOCKED),
        ("account_locked", "", Cause.ACCOUNT_LOCKED),
        ("temporarily_unavailable", "", Cause.VNEID_UNAVAILABLE),
        ("invalid_scope", "", Cause.VNEID_ANSWER_INVALID),
    ],
)
def test_refusals_of_vneid_have_a_cause(error, description, cause):
    assert refusal_cause(error, description) is cause


def test_a_plus_in_the_code_is_a_plus():
    answer = read_answer("code=ab+cd%2Bef%3D%3D&encrypt_key=x+y&state=s%20t")
    assert (answer.code, answer.encrypt_key, answer.state) == ("ab+cd+ef==", "x+y", "s t")


def test_a_strange_query_is_an_empty_answer():
    assert read_answer("").code == ""
    assert read_answer("&&=&code").code == ""


def test_a_query_is_added_to_an_address_that_has_one():
    assert with_query("https://a.example/b?c=d", {"e": "f g"}) == "https://a.example/b?c=d&e=f+g"


def test_every_cause_is_a_registered_oauth_error():
    registered = {"access_denied", "server_error", "temporarily_unavailable", "invalid_request", "login_required"}
    assert {cause.oauth_error for cause in Cause} == registered


def test_a_good_request_is_read():
    request = read_authorization(QUERY | {"nonce": "n"}, BROKER)
    assert (request.state, request.nonce, request.code_challenge) == ("s", "n", "c" * 43)


@pytest.mark.parametrize("changes", [{"client_id": "x"}, {"redirect_uri": "https://realm.example/broker2"}])
def test_what_cannot_be_trusted_is_never_redirected(changes):
    with pytest.raises(PageError):
        read_authorization(QUERY | changes, BROKER)


@pytest.mark.parametrize("changes", [{"state": ""}, {"code_challenge": "short"}, {"nonce": "n" * 3000}])
def test_other_faults_name_the_parameter(changes):
    with pytest.raises(SignInRefusedError) as caught:
        read_authorization(QUERY | changes, BROKER)
    assert caught.value.detail == next(iter(changes))


def test_basic_credentials_are_form_encoded():
    assert read_basic("Basic YSUzQWI6YytkJTI1") == ("a:b", "c d%")
    for wrong in ("Basic", "Basic !", "Bearer abc", "Basic YWJj"):
        with pytest.raises(TokenError):
            read_basic(wrong)


def test_keys_are_made_once_and_only_public_halves_are_published(tmp_path):
    files = create_missing_keys(tmp_path)
    before = [file.read_bytes() for file in files]
    assert [file.read_bytes() for file in create_missing_keys(tmp_path)] == before
    assert all(file.stat().st_mode & 0o777 == 0o600 for file in files)
    (published,) = public_keys([SigningKey(before[0])])["keys"]
    assert not {"d", "p", "q", "dp", "dq", "qi"} & set(published)
    assert SigningKey(before[0]).key.kid == SigningKey(before[0]).key.kid
