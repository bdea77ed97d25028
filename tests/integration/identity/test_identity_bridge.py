"""The VNeID bridge: a stock broker before it, VNeID's wire form behind it, everything that can go wrong between."""

import base64
import secrets
import time
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import psycopg
import pytest
from joserfc import jwt
from songcau.identity.v1 import citizen_service_pb2 as citizens
from songcau_identity.bridge.app import build_face
from songcau_kit.clock import SystemClock
from songcau_kit.http_serving import serve_wsgi
from songcau_local.ports import free_port
from support.identity_service import Identity
from support.token_issuer import signing_key
from support.vneid_bridge import CLIENT_ID, REDIRECT_URI, came_back


def assertion(audience: str, **changes: object) -> dict[str, str | None]:
    now = int(time.time())
    claims = {
        "iss": CLIENT_ID,
        "sub": CLIENT_ID,
        "aud": audience,
        "jti": secrets.token_hex(8),
        "iat": now,
        "exp": now + 60,
    } | changes
    key = signing_key(0)
    return {
        "client_secret": None,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key),
    }


def test_the_provider_describes_itself_as_a_stock_broker_expects(bridge):
    described = httpx.get(f"{bridge.base}/.well-known/openid-configuration").json()
    assert described["issuer"] == bridge.base
    for name in ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"):
        assert described[name].startswith(bridge.base)
    assert described["code_challenge_methods_supported"] == ["S256"]
    keys = httpx.get(described["jwks_uri"]).json()["keys"]
    assert len(keys) == 2
    assert all(set(key) == {"kty", "n", "e", "use", "alg", "kid"} for key in keys)


def test_a_person_signs_in_and_the_broker_learns_ids_and_levels_only(bridge, identity: Identity):
    broker = bridge.broker()
    answer = broker.sign_in("an")
    assert answer["state"] == broker.state
    assert answer["iss"] == bridge.base
    tokens = broker.token(answer["code"]).json()
    claims = broker.id_token(tokens["id_token"])
    ((citizen_id,),) = identity.rows("select citizen_id::text from citizens")
    assert set(claims) == {
        "iss", "aud", "iat", "exp", "auth_time", "acr", "sub", "citizen_id", "ial", "acct_type", "nonce",
    }  # fmt: skip
    assert claims["sub"] == claims["citizen_id"] == citizen_id
    assert (claims["ial"], claims["acct_type"], claims["acr"]) == ("2", "CITIZEN", "aal2")
    assert (claims["aud"], claims["nonce"], claims["iss"]) == (CLIENT_ID, broker.nonce, bridge.base)
    userinfo = httpx.get(f"{bridge.base}/userinfo", headers={"authorization": f"Bearer {tokens['access_token']}"})
    assert userinfo.json() == {"sub": citizen_id, "citizen_id": citizen_id, "ial": "2", "acct_type": "CITIZEN"}
    assert tokens["token_type"] == "Bearer"
    profile = identity.citizens.GetOwnProfile(citizens.GetOwnProfileRequest(), metadata=identity.as_citizen(citizen_id))
    assert profile.full_name == "HOÀNG THỊ VÍ DỤ AN"
    assert (profile.birth_date, profile.masked_number) == ("1990-03-08", "019•••••0011")
    assert identity.rows("select method, identity_level, authentication_level from verifications") == [("VNEID", 2, 2)]


def test_the_code_of_vneid_holds_a_plus_that_survives(bridge):
    broker = bridge.broker()
    address = broker.at_vneid("an")
    assert "+" in parse_qs(urlsplit(address.replace("+", "%2B")).query)["code"][0]
    assert "+" in urlsplit(address).query
    assert "code" in came_back(broker.browser.get(address))


def test_an_encrypted_code_is_opened_first(bridge):
    broker = bridge.broker()
    address = broker.at_vneid("an", encrypt_code="1")
    assert "encrypt_key=" in address
    assert "code" in came_back(broker.browser.get(address))


def test_an_elder_with_one_name_and_a_birth_year_is_linked(bridge, identity: Identity):
    broker = bridge.broker()
    claims = broker.id_token(broker.token(broker.sign_in("giang")["code"]).json()["id_token"])
    profile = identity.citizens.GetOwnProfile(
        citizens.GetOwnProfileRequest(), metadata=identity.as_citizen(claims["sub"])
    )
    assert (profile.full_name, profile.birth_date) == ("GIÀNG", "1948")


@pytest.mark.parametrize(
    ("persona", "ial", "kind", "acr"),
    [("chi", "1", "CITIZEN", "aal1"), ("em", "1", "CITIZEN", "aal1"), ("hoptac", "2", "ORGANISATION", "aal2")],
)
def test_levels_and_kinds_of_accounts_reach_the_broker(bridge, persona, ial, kind, acr):
    broker = bridge.broker()
    claims = broker.id_token(broker.token(broker.sign_in(persona)["code"]).json()["id_token"])
    assert (claims["ial"], claims["acct_type"], claims["acr"]) == (ial, kind, acr)


def test_a_name_that_changed_between_two_sign_ins_is_an_event(bridge, identity: Identity):
    first, second = bridge.broker(), bridge.broker()
    first.sign_in("khanh")
    second.sign_in("khanh")
    assert identity.facts() == ["citizen_linked", "citizen_profile_changed"]


def test_signing_in_again_is_the_same_person_and_no_event(bridge, identity: Identity):
    subjects = set()
    for _ in range(2):
        broker = bridge.broker()
        subjects.add(broker.id_token(broker.token(broker.sign_in("binh")["code"]).json()["id_token"])["sub"])
    assert len(subjects) == 1
    assert identity.facts() == ["citizen_linked"]


@pytest.mark.parametrize(
    ("persona", "query", "error", "cause"),
    [
        ("huy", {}, "access_denied", "CANCELLED"),
        ("dung", {}, "access_denied", "ACCOUNT_LOCKED"),
        ("lam", {}, "access_denied", "CODE_EXPIRED"),
        ("minh", {}, "temporarily_unavailable", "VNEID_UNAVAILABLE"),
        ("an", {"outcome": "GARBLED"}, "server_error", "VNEID_ANSWER_INVALID"),
    ],
)
def test_what_goes_wrong_at_vneid_reaches_the_broker_as_an_oauth_error(bridge, identity, persona, query, error, cause):
    broker = bridge.broker()
    answer = broker.sign_in(persona, **query)
    assert (answer["error"], answer["error_description"], answer["state"]) == (error, cause, broker.state)
    assert identity.rows("select count(*) from citizens") == [(0,)]


def test_vneid_that_does_not_answer_at_all_is_unavailable(bridge):
    settings = bridge.settings.model_copy(update={"vneid_token_url": f"http://127.0.0.1:{free_port()}/token"})
    face = build_face(settings, bridge.database, SystemClock())
    server = serve_wsgi(face.app, "127.0.0.1:0")
    server.start()
    broker = bridge.broker()
    address = broker.at_vneid("an").replace(bridge.base, f"http://127.0.0.1:{server.port}")
    answer = came_back(broker.browser.get(address))
    server.stop(1)
    face.close()
    assert (answer["error"], answer["error_description"]) == ("temporarily_unavailable", "VNEID_UNAVAILABLE")


def test_a_token_issuer_that_is_away_makes_the_sign_in_unavailable(bridge):
    bridge.linker.is_away = True
    answer = bridge.broker().sign_in("an")
    assert (answer["error"], answer["error_description"]) == ("temporarily_unavailable", "IDENTITY_UNAVAILABLE")
    bridge.linker.is_away = False
    assert "code" in bridge.broker().sign_in("an")


def test_a_blocked_citizen_is_told_so(bridge, identity: Identity):
    bridge.broker().sign_in("an")
    with psycopg.connect(identity.url) as connection:
        connection.execute("update citizens set status = 'BLOCKED'")
    answer = bridge.broker().sign_in("an")
    assert (answer["error"], answer["error_description"]) == ("access_denied", "CITIZEN_BLOCKED")


def test_the_service_token_is_fetched_once_for_many_sign_ins(bridge):
    for persona in ("an", "binh", "chi"):
        assert "code" in bridge.broker().sign_in(persona)
    assert bridge.linker.asked == 1


def test_a_service_token_that_hardly_lasts_is_fetched_again(bridge):
    bridge.linker.lifetime = 20
    for persona in ("an", "binh"):
        assert "code" in bridge.broker().sign_in(persona)
    assert bridge.linker.asked == 2


def test_a_bridge_without_the_linker_s_role_links_nobody(bridge, identity: Identity):
    bridge.linker.roles = ["officer"]
    assert bridge.broker().sign_in("an")["error"] == "temporarily_unavailable"
    assert identity.rows("select count(*) from citizens") == [(0,)]


def test_any_bridge_process_takes_the_next_step(bridge):
    broker = bridge.broker()
    address = broker.at_vneid("an").replace(bridge.base, bridge.second_base)
    answer = came_back(broker.browser.get(address))
    elsewhere = bridge.broker(bridge.second_base)
    elsewhere.verifier = broker.verifier
    assert elsewhere.token(answer["code"]).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "somebody"},
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": REDIRECT_URI + "/"},
        {"redirect_uri": REDIRECT_URI + "?next=https://evil.example/"},
        {"redirect_uri": None},
    ],
)
def test_a_client_or_redirect_address_that_is_not_exact_ends_on_a_page(bridge, changes):
    page = bridge.broker().begin(**changes)
    assert page.status_code == 400
    assert "location" not in page.headers
    assert "WRONG_CLIENT" in page.text
    assert "Đăng nhập không thành công" in page.text


@pytest.mark.parametrize(
    ("changes", "error", "told"),
    [
        ({"response_type": "token"}, "invalid_request", "response_type"),
        ({"scope": "profile"}, "invalid_request", "scope"),
        ({"code_challenge": None}, "invalid_request", "code_challenge"),
        ({"code_challenge_method": "plain"}, "invalid_request", "code_challenge_method"),
        ({"request_uri": "https://evil.example/"}, "invalid_request", "request"),
        ({"prompt": "none"}, "login_required", "LOGIN_REQUIRED"),
    ],
)
def test_other_faults_of_a_request_go_back_to_the_broker(bridge, changes, error, told):
    broker = bridge.broker()
    answer = came_back(broker.begin(**changes))
    assert answer["error"] == error
    assert told in answer["error_description"]
    assert answer["state"] == broker.state


def test_an_answer_with_another_state_or_from_another_browser_ends_on_a_page(bridge):
    broker, thief = bridge.broker(), bridge.broker()
    thief.begin()
    address = broker.at_vneid("an")
    wrong = address[: address.index("&state=")] + "&state=" + secrets.token_urlsafe(32)
    for browser, target in ((broker.browser, wrong), (thief.browser, address), (httpx, address)):
        page = browser.get(target)
        assert page.status_code == 400
        assert "WRONG_STATE" in page.text
    assert "code" in came_back(broker.browser.get(address))


def test_an_answer_works_once(bridge):
    broker = bridge.broker()
    address = broker.at_vneid("an")
    assert "code" in came_back(broker.browser.get(address))
    assert broker.browser.get(address).status_code == 400


def test_a_sign_in_that_took_too_long_ends_on_a_page(bridge, identity: Identity):
    broker = bridge.broker()
    address = broker.at_vneid("an")
    with psycopg.connect(identity.url) as connection:
        connection.execute("update sign_ins set expires_at = now() - interval '1 second'")
    assert broker.browser.get(address).status_code == 400


def test_a_code_works_once_and_its_second_use_revokes_the_token(bridge):
    broker = bridge.broker()
    code = broker.sign_in("an")["code"]
    access_token = broker.token(code).json()["access_token"]
    again = broker.token(code)
    assert (again.status_code, again.json()) == (400, {"error": "invalid_grant"})
    userinfo = httpx.get(f"{bridge.base}/userinfo", headers={"authorization": f"Bearer {access_token}"})
    assert userinfo.status_code == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": secrets.token_urlsafe(48)},
        {"code_verifier": ""},
        {"redirect_uri": "https://evil.example/"},
        {"code": "no-such-code"},
    ],
)
def test_a_wrong_proof_gives_nothing_and_burns_the_code(bridge, changes):
    broker = bridge.broker()
    code = broker.sign_in("an")["code"]
    wrong = broker.token(changes.get("code", code), **{k: v for k, v in changes.items() if k != "code"})
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_grant")
    assert broker.token(code).status_code == (200 if "code" in changes else 400)


def test_a_code_lives_sixty_seconds(bridge, identity: Identity):
    broker = bridge.broker()
    code = broker.sign_in("an")["code"]
    assert identity.rows(
        "select extract(epoch from code_expires_at - answered_at)::int between 59 and 62 from sign_ins"
    ) == [(True,)]
    with psycopg.connect(identity.url) as connection:
        connection.execute("update sign_ins set code_expires_at = now() - interval '1 second'")
    assert broker.token(code).json()["error"] == "invalid_grant"


def test_twenty_redemptions_of_one_code_at_once_give_one_token(bridge):
    from concurrent.futures import ThreadPoolExecutor

    broker = bridge.broker()
    code = broker.sign_in("an")["code"]
    with ThreadPoolExecutor(20) as pool:
        statuses = sorted(pool.map(lambda _: broker.token(code).status_code, range(20)))
    assert statuses == [200] + [400] * 19


def test_the_broker_may_prove_itself_by_http_basic(bridge):
    broker = bridge.broker()
    code = broker.sign_in("an")["code"]
    proof = base64.b64encode(f"{quote(CLIENT_ID)}:{quote(broker.client_secret)}".encode()).decode()
    broker.browser.headers["authorization"] = f"Basic {proof}"
    assert broker.token(code, client_secret=None, client_id=None).status_code == 200


def test_the_broker_may_prove_itself_by_a_signed_assertion_once(bridge):
    broker, other = bridge.broker(), bridge.broker()
    proof = assertion(f"{bridge.base}/token")
    assert broker.token(broker.sign_in("an")["code"], **proof).status_code == 200
    again = other.token(other.sign_in("an")["code"], **proof)
    assert (again.status_code, again.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://somebody.example"},
        {"iss": "somebody"},
        {"sub": "somebody"},
        {"jti": ""},
        {"exp": int(time.time()) + 3600},
        {"exp": int(time.time()) - 60},
    ],
)
def test_an_assertion_that_is_not_the_broker_s_is_refused(bridge, changes):
    broker = bridge.broker()
    proof = assertion(changes.pop("aud", bridge.base), **changes)
    refused = broker.token("any", **proof)
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"client_secret": "wrong"}, 401),
        ({"client_secret": None}, 401),
        ({"client_id": "somebody"}, 401),
        ({"client_secret": "x", "client_assertion": "y"}, 400),
        ({"grant_type": "password"}, 400),
    ],
)
def test_a_token_request_without_one_good_proof_is_refused(bridge, changes, status):
    assert bridge.broker().token("any", **changes).status_code == status


@pytest.mark.parametrize("header", [None, "Bearer nonsense", "Basic abc", "Bearer"])
def test_userinfo_without_a_living_token_is_401(bridge, header):
    headers = {"authorization": header} if header else {}
    answer = httpx.get(f"{bridge.base}/userinfo", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_no_secret_of_a_sign_in_stands_in_the_database(bridge, identity: Identity):
    broker = bridge.broker()
    address = broker.at_vneid("an")
    answer = came_back(broker.browser.get(address))
    access_token = broker.token(answer["code"]).json()["access_token"]
    ((row,),) = identity.rows("select sign_ins::text from sign_ins")
    vneid_state = parse_qs(urlsplit(address).query)["state"][0]
    cookie = broker.browser.cookies["songcau_sign_in"]
    for secret in (answer["code"], access_token, vneid_state, cookie, broker.verifier):
        assert secret not in row
        assert secret.encode().hex() not in row


def test_every_answer_forbids_caching_and_framing(bridge):
    page = bridge.broker().begin(client_id="somebody")
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-frame-options"] == "DENY"
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_the_simulator_s_page_lists_people_and_signs_in_by_number_and_passcode(bridge):
    broker = bridge.broker()
    page = broker.browser.get(broker.begin().headers["location"])
    assert "VNeID thử nghiệm" in page.text
    assert "HOÀNG THỊ VÍ DỤ AN" in page.text
    query = {name: values[0] for name, values in parse_qs(urlsplit(str(page.url)).query).items()}
    form = query | {"personal_number": "019190000011", "passcode": "000000"}
    where = str(page.url).partition("?")[0]
    assert broker.browser.post(where, data=form).status_code == 401
    done = broker.browser.post(where, data=form | {"passcode": "111111"})
    assert "code" in came_back(broker.browser.get(done.headers["location"]))
