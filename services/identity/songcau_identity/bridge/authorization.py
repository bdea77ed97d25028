"""Reads a broker's authorization request: what is wrong with the client ends on a page, the rest goes back to it."""

import re
from collections.abc import Mapping

from songcau_identity.bridge.broker_authentication import Broker
from songcau_identity.bridge.errors import Cause, Page, PageError, SignInRefusedError
from songcau_identity.bridge.model import AuthorizationRequest

CHALLENGE_FORM = re.compile(r"[A-Za-z0-9_-]{43}")  # base64url of a SHA-256
LONGEST_ECHO = 2048


def read_authorization(query: Mapping[str, str], broker: Broker) -> AuthorizationRequest:
    """Return the checked request.

    Raises PageError for a client or redirect address that is not known exactly, SignInRefusedError for the rest.
    """
    redirect_uri = query.get("redirect_uri", "")
    if query.get("client_id") != broker.client_id or redirect_uri not in broker.redirect_uris:
        raise PageError(Page.WRONG_CLIENT)
    state, nonce = query.get("state", ""), query.get("nonce", "")
    checks = {
        "response_type": query.get("response_type") == "code",
        "scope": "openid" in query.get("scope", "").split(),
        "state": bool(state) and len(state) <= LONGEST_ECHO,
        "nonce": len(nonce) <= LONGEST_ECHO,
        "code_challenge_method": query.get("code_challenge_method") == "S256",
        "code_challenge": CHALLENGE_FORM.fullmatch(query.get("code_challenge", "")) is not None,
        "request": "request" not in query and "request_uri" not in query,
    }
    wrong = [name for name, is_good in checks.items() if not is_good]
    if wrong:
        raise SignInRefusedError(
            Cause.REQUEST_INVALID, redirect_uri=redirect_uri, state=state[:LONGEST_ECHO], detail=" ".join(wrong)
        )
    if query.get("prompt") == "none":  # nobody is signed in here between two sign-ins
        raise SignInRefusedError(Cause.LOGIN_REQUIRED, redirect_uri=redirect_uri, state=state)
    return AuthorizationRequest(broker.client_id, redirect_uri, state, nonce, query["code_challenge"])
