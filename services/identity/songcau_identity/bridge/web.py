"""The bridge's HTTP face: discovery, authorize, VNeID's way back, token, userinfo, keys."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlencode

from flask import Flask, jsonify, make_response, redirect, render_template, request
from songcau_kit.errors import DomainError
from songcau_kit.logs import get_logger
from songcau_kit.metrics import counter
from werkzeug.wrappers import Response

from songcau_identity.bridge.authorization import read_authorization
from songcau_identity.bridge.broker_authentication import Broker, BrokerAuthenticator
from songcau_identity.bridge.discovery import describe_provider
from songcau_identity.bridge.errors import Page, PageError, SignInRefusedError, TokenError
from songcau_identity.bridge.sign_ins import SignIns, VneidAnswer

BROWSER_COOKIE = "songcau_sign_in"
BROWSER_FORM = re.compile(r"[A-Za-z0-9_-]{43}")
COOKIE_SECONDS = 600
LARGEST_FORM = 64 * 1024
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
}
MESSAGES = {
    Page.WRONG_CLIENT: "Ứng dụng gọi trang đăng nhập không đúng. Hãy quay lại ứng dụng và thử lại.",
    Page.WRONG_STATE: "Yêu cầu đăng nhập không khớp hoặc đã hết hạn. Hãy quay lại ứng dụng và đăng nhập lại từ đầu.",
    "UNAVAILABLE": "Hệ thống đăng nhập đang tạm gián đoạn. Hãy thử lại sau ít phút.",
}

_log = get_logger(__name__)
_outcomes = counter("identity", "sign_ins", "Sign-ins through the bridge, by how they ended.", labels=("outcome",))


@dataclass(frozen=True)
class BridgeFace:
    """What the routes call."""

    issuer: str
    broker: Broker
    authenticator: BrokerAuthenticator
    sign_ins: SignIns
    key_set: Mapping[str, Any]


def create_app(face: BridgeFace) -> Flask:
    """Return the WSGI application."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_FORM
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    routes = _Routes(face)
    app.add_url_rule("/.well-known/openid-configuration", view_func=routes.discovery)
    app.add_url_rule("/jwks", view_func=routes.jwks)
    app.add_url_rule("/authorize", view_func=routes.authorize, methods=["GET", "POST"])
    app.add_url_rule("/callback", view_func=routes.callback)
    app.add_url_rule("/token", view_func=routes.token, methods=["POST"])
    app.add_url_rule("/userinfo", view_func=routes.userinfo, methods=["GET", "POST"])
    app.register_error_handler(PageError, routes.show_page)
    app.register_error_handler(SignInRefusedError, routes.send_back)
    app.register_error_handler(TokenError, routes.refuse_token)
    app.register_error_handler(DomainError, routes.show_outage)
    app.after_request(_harden)
    return app


class _Routes:
    """One method per address."""

    def __init__(self, face: BridgeFace) -> None:
        self._face = face

    def discovery(self) -> Response:
        return jsonify(describe_provider(self._face.issuer))

    def jwks(self) -> Response:
        return jsonify(self._face.key_set)

    def authorize(self) -> Response:
        asked = read_authorization(request.values, self._face.broker)
        browser = _browser() or secrets.token_urlsafe(32)
        response = redirect(self._face.sign_ins.begin(asked, browser), 303)
        response.set_cookie(
            BROWSER_COOKIE,
            browser,
            max_age=COOKIE_SECONDS,
            httponly=True,
            samesite="Lax",
            secure=self._face.issuer.startswith("https://"),
        )
        return response

    def callback(self) -> Response:
        asked, code = self._face.sign_ins.answer(read_answer(request.query_string.decode("ascii")), _browser())
        _outcomes.labels("linked").inc()
        query = {"code": code, "state": asked.state, "iss": self._face.issuer}
        return redirect(with_query(asked.redirect_uri, query), 303)

    def token(self) -> Response:
        client_id = self._face.authenticator.authenticate(request.form, request.headers.get("Authorization"))
        if request.form.get("grant_type") != "authorization_code":
            raise TokenError("unsupported_grant_type")
        parts = [request.form.get(name, "") for name in ("code", "redirect_uri", "code_verifier")]
        tokens = self._face.sign_ins.redeem(client_id, *parts)
        return jsonify(
            access_token=tokens.access_token,
            token_type="Bearer",  # noqa: S106 -- a kind of token, no secret
            expires_in=tokens.expires_in,
            id_token=tokens.id_token,
            scope="openid",
        )

    def userinfo(self) -> Response:
        scheme, _, access_token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not access_token:
            raise TokenError("invalid_token", status=401)
        return jsonify(self._face.sign_ins.describe(access_token))

    def show_page(self, error: PageError) -> Response:
        _outcomes.labels(error.page.lower()).inc()
        _log.info("sign_in_page", page=error.page)
        return make_response(render_template("error.html", message=MESSAGES[error.page], code=error.page), 400)

    def send_back(self, error: SignInRefusedError) -> Response:
        _outcomes.labels(error.cause.lower()).inc()
        _log.info("sign_in_refused", cause=error.cause)
        description = f"{error.cause}: {error.detail}" if error.detail else error.cause.value
        query = {"error": error.cause.oauth_error, "error_description": description, "iss": self._face.issuer}
        return redirect(with_query(error.redirect_uri, query | ({"state": error.state} if error.state else {})), 303)

    def refuse_token(self, error: TokenError) -> Response:
        _log.info("token_refused", error=error.error)
        response = make_response(jsonify(error=error.error), error.status)
        if error.status == 401:
            scheme = "Bearer" if error.error == "invalid_token" else "Basic"
            response.headers["WWW-Authenticate"] = f'{scheme} realm="bridge", error="{error.error}"'
        return response

    def show_outage(self, error: DomainError) -> Response:
        _log.error("bridge_outage", reason=error.reason.code)
        if request.path in ("/token", "/userinfo"):
            return make_response(jsonify(error="temporarily_unavailable"), 503)
        page = render_template("error.html", message=MESSAGES["UNAVAILABLE"], code="UNAVAILABLE")
        return make_response(page, 503)


def read_answer(query_string: str) -> VneidAnswer:
    """Return VNeID's answer; `+` is a letter of the code there, not a space, so usual form decoding would break it."""
    pairs = (pair.partition("=") for pair in query_string.split("&"))
    values = {unquote(name): unquote(value) for name, _, value in pairs}
    names = ("state", "code", "encrypt_key", "error", "error_description")
    return VneidAnswer(*(values.get(name, "") for name in names))


def with_query(address: str, query: Mapping[str, str]) -> str:
    """Return an address with a query added to whatever it has."""
    return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"


def _browser() -> str:
    """Return the mark of the browser, empty where it has none of ours."""
    mark = request.cookies.get(BROWSER_COOKIE, "")
    return mark if BROWSER_FORM.fullmatch(mark) else ""


def _harden(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
