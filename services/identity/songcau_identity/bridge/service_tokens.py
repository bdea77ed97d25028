"""The bridge's own access token: client credentials with a signed assertion (RFC 7523), kept while it lasts."""

import json
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

import urllib3
from songcau_kit.client_assertions import ASSERTION_TYPE
from songcau_kit.clock import Clock
from songcau_kit.logs import get_logger

from songcau_identity.bridge.errors import Cause, UpstreamError
from songcau_identity.bridge.keys import SigningKey

ASSERTION_LIFETIME = timedelta(seconds=60)
RENEWED_BEFORE = timedelta(seconds=30)
TIMEOUT_SECONDS = 5.0

_log = get_logger(__name__)


@dataclass(frozen=True)
class LinkerAccount:
    """The bridge's account at the token issuer."""

    client_id: str
    token_url: str
    issuer: str
    scope: str = "identity:link"


class ServiceTokens:
    """Gives the current token; callers that come together ask the issuer once."""

    def __init__(self, account: LinkerAccount, key: SigningKey, clock: Clock) -> None:
        self._account = account
        self._key = key
        self._clock = clock
        self._http = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(TIMEOUT_SECONDS))
        self._lock = threading.Lock()
        self._token = ""
        self._good_until: datetime | None = None

    def get(self) -> str:
        """Return a token that lasts; raises UpstreamError where the issuer gives none."""
        with self._lock:
            if self._good_until is None or self._clock.now() >= self._good_until:
                self._token, lifetime = self._fetch()
                # A token that hardly lasts is used for this call and not kept.
                self._good_until = self._clock.now() + max(lifetime - RENEWED_BEFORE, timedelta(0))
            return self._token

    def forget(self) -> None:
        """Drop the token, as somebody refused it."""
        with self._lock:
            self._good_until = None

    def close(self) -> None:
        """Close the connections to the issuer."""
        self._http.clear()

    def _fetch(self) -> tuple[str, timedelta]:
        form = {
            "grant_type": "client_credentials",
            "scope": self._account.scope,
            "client_id": self._account.client_id,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self._assertion(),
        }
        headers = {"content-type": "application/x-www-form-urlencoded"}
        try:
            answer = self._http.request(
                "POST", self._account.token_url, body=urlencode(form), headers=headers, redirect=False
            )
            body = json.loads(answer.data) if answer.status == 200 else {}
            return str(body["access_token"]), timedelta(seconds=float(body.get("expires_in", 0)))
        except (urllib3.exceptions.HTTPError, ValueError, KeyError, TypeError) as error:
            _log.warning("no_service_token", error=type(error).__name__)
            raise UpstreamError(Cause.IDENTITY_UNAVAILABLE) from None

    def _assertion(self) -> str:
        now = self._clock.now()
        claims = {
            "iss": self._account.client_id,
            "sub": self._account.client_id,
            "aud": self._account.issuer,
            "jti": str(self._clock.new_id()),
            "iat": int(now.timestamp()),
            "exp": int((now + ASSERTION_LIFETIME).timestamp()),
        }
        return self._key.sign(claims)
