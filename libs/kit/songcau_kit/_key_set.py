"""The issuer's public keys: fetched once, kept, fetched again when a token names a key nobody has seen."""

import json
import threading
import time
from collections.abc import Mapping
from typing import Any

import urllib3
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from songcau_kit.logs import get_logger

LARGEST_KEY_SET = 256 * 1024
LEAST_RSA_BITS = 2048
FETCH_SECONDS = 3.0

_log = get_logger(__name__)


class KeySetError(Exception):
    """The key set cannot be fetched or read."""


class KeySet:
    """RSA signing keys by key id.

    One thread fetches, the others wait for its result (no key yet) or go on with the keys there are. Between two
    fetches lie at least `least_interval` seconds, so that made-up key ids do not turn into requests to the issuer.
    """

    def __init__(self, url: str, *, least_interval: float, greatest_age: float) -> None:
        self._url = url
        self._least_interval = least_interval
        self._greatest_age = greatest_age
        self._http = urllib3.PoolManager(num_pools=1, maxsize=1)
        self._keys: Mapping[str, RSAKey] = {}
        self._fetching = threading.Lock()
        self._tried_at = float("-inf")
        self._loaded_at = float("-inf")
        self.fetches = 0

    def wants_fetch(self, key_id: str) -> bool:
        """Say whether `find` may ask the issuer: the key is unknown or the keys are old, and the interval is over."""
        now = time.monotonic()
        due = key_id not in self._keys or now - self._loaded_at > self._greatest_age
        return due and now - self._tried_at >= self._least_interval

    def find(self, key_id: str) -> RSAKey | None:
        """Return the key of this id; raise KeySetError where there has never been a key set."""
        if self.wants_fetch(key_id):
            self._refresh(key_id)
        elif key_id not in self._keys and self._fetching.locked():
            with self._fetching:  # somebody is fetching; the answer may hold this key
                pass
        if not self._keys:
            raise KeySetError(f"no key set from {self._url} yet")
        return self._keys.get(key_id)

    def _refresh(self, key_id: str) -> None:
        # Whoever has the key already does not wait behind a slow issuer.
        if not self._fetching.acquire(blocking=key_id not in self._keys):
            return
        try:
            if self.wants_fetch(key_id):
                self._fetch()
        finally:
            self._fetching.release()

    def _fetch(self) -> None:
        self._tried_at = time.monotonic()
        self.fetches += 1
        try:
            self._keys = self._load()
        except (urllib3.exceptions.HTTPError, KeySetError, ValueError) as error:
            _log.warning("key_set_not_fetched", keys_kept=len(self._keys), error=type(error).__name__)
        else:
            self._loaded_at = time.monotonic()

    def _load(self) -> Mapping[str, RSAKey]:
        answer = self._http.request(
            "GET", self._url, timeout=FETCH_SECONDS, retries=False, redirect=False, preload_content=False
        )
        try:
            body = answer.read(LARGEST_KEY_SET + 1)
        finally:
            answer.release_conn()
        if answer.status != 200 or len(body) > LARGEST_KEY_SET:
            raise KeySetError(f"status {answer.status}, {len(body)} bytes")
        keys = dict(filter(None, (_signing_key(entry) for entry in json.loads(body)["keys"])))
        if not keys:
            raise KeySetError("no usable key in the answer")
        return keys


def _signing_key(entry: Mapping[str, Any]) -> tuple[str, RSAKey] | None:
    """Return id and key of an entry that may sign with RS256; any other entry is not ours to use."""
    fits = entry.get("kty") == "RSA" and entry.get("use", "sig") == "sig" and entry.get("alg", "RS256") == "RS256"
    if not fits or not isinstance(entry.get("kid"), str):
        return None
    try:
        key = RSAKey.import_key({name: entry[name] for name in ("kty", "n", "e")})
    except (JoseError, KeyError, ValueError):
        return None
    return (entry["kid"], key) if key.public_key.key_size >= LEAST_RSA_BITS else None
