"""Second factors of demo staff as an authenticator app would show them: time-based codes (RFC 6238), each used once."""

import fcntl
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

from songcau_kit.clock import SystemClock

from songcau_local.layout import Layout

PERIOD_SECONDS = 30
DIGITS = 6
# The realm accepts the code before and the code after the present one, for clocks that differ.
OFFSETS = (0, 1, -1)


def code_at(secret: str, counter: int) -> str:
    """Return the code of one time step (RFC 4226 section 5.3, with SHA-1 as authenticator apps expect)."""
    digest = hmac.new(secret.encode(), counter.to_bytes(8, "big"), hashlib.sha1).digest()
    start = digest[-1] & 0x0F
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def next_code(layout: Layout, name: str, secret: str) -> str:
    """Return a code that this stack has not shown yet, waiting for the next time step where all are used.

    Keycloak takes a code once; several sign-ins of one person within thirty seconds need several codes.
    """
    while True:
        now = int(SystemClock().now().timestamp()) // PERIOD_SECONDS
        with _shown(layout) as shown:
            used = [step for step in shown.get(name, []) if step >= now - 1]
            free = [now + offset for offset in OFFSETS if now + offset not in used]
            if free:
                shown[name] = [*used, free[0]]
                return code_at(secret, free[0])
        time.sleep(1)


@contextmanager
def _shown(layout: Layout) -> Iterator[dict[str, list[int]]]:
    file = layout.secrets / "one-time-codes.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a+") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        stream.seek(0)
        shown: dict[str, list[int]] = json.loads(stream.read() or "{}")
        yield shown
        stream.seek(0)
        stream.truncate()
        stream.write(json.dumps(shown))
