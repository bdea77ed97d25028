"""The issuer's HTTP face: Keycloak's paths under /realms/songcau, pages in Vietnamese, development only."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from functools import partial
from urllib.parse import urlencode

import yaml
from flask import Flask, Response, jsonify, redirect, render_template, request
from songcau_kit.clock import Clock
from werkzeug.wrappers import Response as AnyResponse

from .accounts import Accounts, staff_account
from .broker import Broker, BrokerError
from .client_authentication import ClientAuthenticator
from .discovery import metadata
from .grants import Authorization, Session
from .keys import load_or_create, public_set
from .realm import Client, load_realm
from .settings import IssuerSettings
from .sign_in import RequestError, SignIn
from .tokens import TokenWriter


def create_app(settings: IssuerSettings, clock: Clock, variables: dict[str, str]) -> Flask:
    """Build the issuer; `variables` fill the realm file's placeholders as Keycloak's environment would."""

    def now() -> float:
        return clock.now().timestamp()

    realm = load_realm(settings.realm_file, variables)
    base = f"{settings.public_url}/realms/{realm.name}"
    key = load_or_create(settings.state_folder / "issuer-key.pem")
    hospital = load_or_create(settings.state_folder / "hospital-his.pem")
    people = yaml.safe_load(settings.people_file.read_text())
    staff = {name: staff_account(name, entry) for name, entry in people["staff"].items()}
    accounts = Accounts(staff, settings.state_folder / "brokered-accounts.json")
    broker = Broker(realm.provider, redirect_uri=f"{base}/broker/vneid/endpoint", now=now)
    sign_in = SignIn(realm, accounts, broker, now)
    writer = TokenWriter(realm, issuer=base, key=key, now=now)
    authenticator = ClientAuthenticator(realm, audiences=(base, f"{base}/protocol/openid-connect/token"), now=now)

    app = Flask(__name__)
    documents: dict[str, dict[str, object]] = {
        f"/realms/{realm.name}/.well-known/openid-configuration": metadata(base),
        f"/realms/{realm.name}/protocol/openid-connect/certs": public_set(key),
        "/development/clients/hospital-his/jwks": public_set(hospital),
        "/healthz": {"status": "ok"},
        "/readyz": {"status": "ok"},
    }
    for path, document in documents.items():
        app.add_url_rule(path, endpoint=path, view_func=partial(jsonify, document))
    count_calls(app)
    add_sign_in(app, realm.name, sign_in)
    add_broker(app, realm.name, sign_in)
    add_tokens(app, realm.name, sign_in, authenticator, writer)
    return app


def count_calls(app: Flask) -> None:
    """Count what reaches the realm, so that tests can show that requests to the platform do not."""
    count = itertools.count()
    calls = {"realm": 0}

    @app.before_request
    def counted() -> None:
        if request.path.startswith("/realms/"):
            calls["realm"] = next(count) + 1

    app.add_url_rule("/development/calls", view_func=lambda: jsonify(calls))


def add_sign_in(app: Flask, realm: str, sign_in: SignIn) -> None:
    """Add the authorization endpoint and the staff login."""

    @app.get(f"/realms/{realm}/protocol/openid-connect/auth")
    def authorize() -> AnyResponse:
        try:
            client = sign_in.known_redirect(request.args)
        except RequestError as error:
            return page(
                "error.html", 400, message="Ứng dụng hoặc địa chỉ quay về không được đăng ký.", code=error.error
            )
        try:
            authorization = sign_in.read_authorization(client, request.args)
        except RequestError as error:
            return back(request.args["redirect_uri"], request.args.get("state", ""), error=error)
        if request.args.get("kc_idp_hint") == "vneid":
            return redirect(sign_in.to_bridge(authorization))
        return page("login.html", 200, pending=sign_in.memory.pending.keep(authorization), failed=False)

    @app.post(f"/realms/{realm}/login-actions/authenticate")
    def log_in() -> AnyResponse:
        authorization = sign_in.memory.pending.take(request.form.get("pending", ""))
        if authorization is None:
            return page("error.html", 400, message="Phiên đăng nhập đã hết hạn, hãy bắt đầu lại.", code="expired")
        if request.form.get("with") == "vneid":
            return redirect(sign_in.to_bridge(authorization))
        code = sign_in.with_password(authorization, request.form)
        if code is None:
            return page("login.html", 401, pending=sign_in.memory.pending.keep(authorization), failed=True)
        return granted(authorization, code)


def add_broker(app: Flask, realm: str, sign_in: SignIn) -> None:
    """Add the way back from the bridge."""

    @app.get(f"/realms/{realm}/broker/vneid/endpoint")
    def returned() -> AnyResponse:
        brokering = sign_in.memory.brokering.take(request.args.get("state", ""))
        if brokering is None:
            return page("error.html", 400, message="Yêu cầu đăng nhập không khớp, hãy bắt đầu lại.", code="wrong_state")
        authorization = brokering.authorization
        try:
            if "error" in request.args:
                raise RequestError("access_denied", request.args["error"])
            return granted(authorization, sign_in.from_bridge(brokering, request.args.get("code", "")))
        except BrokerError as error:
            app.logger.warning("sign-in through the bridge failed: %s", error)
            failure = RequestError("temporarily_unavailable", "the identity provider could not vouch for the person")
            return back(authorization.redirect_uri, authorization.state, error=failure)
        except RequestError as error:
            return back(authorization.redirect_uri, authorization.state, error=error)


def add_tokens(
    app: Flask, realm: str, sign_in: SignIn, authenticator: ClientAuthenticator, writer: TokenWriter
) -> None:
    """Add the token endpoint, the end of a session and the answers Keycloak gives there."""

    @app.post(f"/realms/{realm}/protocol/openid-connect/token")
    def token() -> tuple[Response, int]:
        client = authenticator.authenticate(request.form)
        if client is None:
            return oauth_error("invalid_client", "unknown client or wrong proof", 401)
        try:
            session = session_for(client, request.form, sign_in, writer)
        except RequestError as error:
            return oauth_error(error.error, error.description, 400)
        answer = jsonify(writer.answer(session))
        answer.headers["Cache-Control"] = "no-store"
        return answer, 200

    @app.get(f"/realms/{realm}/protocol/openid-connect/userinfo")
    def user_info() -> AnyResponse:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        claims = writer.read_access(given) if scheme.lower() == "bearer" else None
        if claims is None or not sign_in.memory.sessions.is_open(str(claims["sid"])):
            return Response(status=401, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
        return jsonify(sub=claims["sub"])

    @app.post(f"/realms/{realm}/protocol/openid-connect/logout")
    def log_out() -> AnyResponse:
        claims = writer.read_refresh(request.form.get("refresh_token", "")) or {}
        sign_in.memory.sessions.end(str(claims.get("sid")))
        return Response(status=204)


def session_for(client: Client, form: Mapping[str, str], sign_in: SignIn, writer: TokenWriter) -> Session:
    """Return the session a token request earns by its grant; raises RequestError."""
    match form.get("grant_type", ""):
        case "authorization_code":
            return sign_in.redeem(client, form)
        case "client_credentials":
            return sign_in.service_session(client, form.get("scope", ""))
        case "refresh_token":
            claims = writer.read_refresh(form.get("refresh_token", "")) or {}
            return sign_in.refresh(client, str(claims.get("sid")), str(claims.get("rid")))
        case _:
            raise RequestError("unsupported_grant_type", "code, refresh token or client credentials")


def granted(authorization: Authorization, code: str) -> AnyResponse:
    """Send the browser back to the app with its code."""
    return back(authorization.redirect_uri, authorization.state, code=code)


def back(uri: str, state: str, *, code: str = "", error: RequestError | None = None) -> AnyResponse:
    """Redirect to the app with a code or an OAuth error."""
    query = {"code": code} if error is None else {"error": error.error, "error_description": error.description}
    return redirect(f"{uri}?{urlencode({**query, **({'state': state} if state else {})})}")


def page(template: str, status: int, **values: object) -> Response:
    """Render a page of the issuer."""
    return Response(render_template(template, **values), status=status, mimetype="text/html")


def oauth_error(error: str, description: str, status: int) -> tuple[Response, int]:
    """Return a token endpoint's error (RFC 6749 section 5.2)."""
    return jsonify(error=error, error_description=description), status
