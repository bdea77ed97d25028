"""A token endpoint that gives the bridge its access token for a signed assertion, as the realm's does."""

from typing import Any

from flask import Flask, Response, jsonify, request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from songcau_kit.http_serving import WsgiServer, serve_wsgi
from support.token_issuer import TokenIssuer


class LinkerIssuer:
    """Counts what it was asked; `is_away` makes it fail."""

    def __init__(self, issuer: TokenIssuer, keys: dict[str, Any]) -> None:
        self.issuer = issuer
        self.keys = KeySet.import_key_set(keys)
        self.asked = 0
        self.lifetime = 300
        self.is_away = False
        self.roles = ["identity-linker"]
        self.server: WsgiServer = serve_wsgi(self._app(), "127.0.0.1:0")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}/token"

    def _app(self) -> Flask:
        app = Flask(__name__)

        @app.post("/token")
        def token() -> tuple[Response, int]:
            self.asked += 1
            if self.is_away:
                return jsonify(error="temporarily_unavailable"), 503
            try:
                claims = jwt.decode(request.form["client_assertion"], self.keys, algorithms=["RS256"]).claims
            except JoseError:
                return jsonify(error="invalid_client"), 401
            good = claims["iss"] == claims["sub"] == "identity-bridge" and claims["aud"] == self.issuer.issuer
            if not good or request.form["grant_type"] != "client_credentials" or not claims["jti"]:
                return jsonify(error="invalid_client"), 401
            access_token = self.issuer.token(
                roles=self.roles, scopes=request.form["scope"].split(), sub="service-account", sid=None,
                azp="identity-bridge", auth_time=None,
            )  # fmt: skip
            return jsonify(access_token=access_token, token_type="Bearer", expires_in=self.lifetime), 200

        return app
