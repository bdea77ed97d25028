"""Whether a notification is the provider's: Standard Webhooks, HMAC-SHA256 over `id.timestamp.body`, not too old."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

from pydantic import SecretStr
from songcau_kit.errors import DomainError

from songcau_eservices.errors import PROVIDER_UNKNOWN, SIGNATURE_INVALID

TOLERANCE = timedelta(minutes=5)
PREFIX = "whsec_"
LONGEST_HEADER = 500


class Signatures:
    """Knows each provider's secret, `whsec_` and base64."""

    def __init__(self, secrets: Mapping[str, SecretStr]) -> None:
        self._keys = {name: _key(secret.get_secret_value()) for name, secret in secrets.items()}

    def check(self, provider: str, headers: "Headers", body: bytes, *, now: datetime) -> None:
        """Raise PROVIDER_UNKNOWN, or SIGNATURE_INVALID where no signature fits or the time is not about now."""
        key = self._keys.get(provider)
        if key is None:
            raise DomainError(PROVIDER_UNKNOWN)
        if not headers.is_about(now):
            raise DomainError(SIGNATURE_INVALID)
        wanted = base64.b64encode(hmac.digest(key, headers.signed(body), hashlib.sha256)).decode()
        given = [one.partition(",") for one in headers.signature.split(" ")]
        if not any(kind == "v1" and hmac.compare_digest(value.encode(), wanted.encode()) for kind, _, value in given):
            raise DomainError(SIGNATURE_INVALID)


class Headers:
    """The three headers of one notification, as received."""

    def __init__(self, message_id: str, timestamp: str, signature: str) -> None:
        if max(len(message_id), len(timestamp), len(signature)) > LONGEST_HEADER:
            raise DomainError(SIGNATURE_INVALID)
        self.message_id = message_id
        self.timestamp = timestamp
        self.signature = signature

    def is_about(self, now: datetime) -> bool:
        """Say whether the notification was signed within five minutes of now."""
        if not (self.timestamp.isascii() and self.timestamp.isdigit() and len(self.timestamp) < 12):
            return False
        return abs(now.timestamp() - int(self.timestamp)) <= TOLERANCE.total_seconds()

    def signed(self, body: bytes) -> bytes:
        """Return the bytes that were signed."""
        return f"{self.message_id}.{self.timestamp}.".encode() + body


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("a payment provider's secret is `whsec_` and base64") from None
