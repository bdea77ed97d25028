"""Page cursors: opaque to the reader, signed so that nobody can make one up, stable under inserts."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import cast

from songcau_kit.errors import CURSOR_INVALID, DomainError

CursorValue = str | int | bool | None

TAG_BYTES = 16


class CursorSigner:
    """Signs the position of a page. The reader can decode a cursor, so a position never holds personal data."""

    def __init__(self, key: bytes) -> None:
        if len(key) < 16:
            raise ValueError("a cursor key has at least 16 bytes")
        # The same setting may key other things; the label keeps a cursor from being valid anywhere else.
        self._key = hmac.digest(key, b"songcau page cursor", hashlib.sha256)

    def encode(self, position: Mapping[str, CursorValue]) -> str:
        """Return the cursor of a position, URL-safe text without padding."""
        body = json.dumps(dict(position), separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()
        return base64.urlsafe_b64encode(self._tag(body) + body).decode().rstrip("=")

    def decode(self, cursor: str) -> Mapping[str, CursorValue]:
        """Return the position of a cursor; raise CURSOR_INVALID where it is not one of ours."""
        try:
            blob = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise DomainError(CURSOR_INVALID) from None
        tag, body = blob[:TAG_BYTES], blob[TAG_BYTES:]
        if not hmac.compare_digest(tag, self._tag(body)):
            raise DomainError(CURSOR_INVALID)
        return cast("Mapping[str, CursorValue]", json.loads(body))

    def _tag(self, body: bytes) -> bytes:
        return hmac.digest(self._key, body, hashlib.sha256)[:TAG_BYTES]
