"""Token buckets per address, per application and per person, in the memory of this process."""

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from math import ceil

import limits
from fastapi import Request
from songcau_kit.errors import RATE_LIMITED, DomainError
from songcau_kit.logs import get_logger

from songcau_gateway.errors import RATE_LIMITER_UNAVAILABLE, RefusalError
from songcau_gateway.exchange import exchange_of
from songcau_gateway.settings import Settings, split_list

_LOG = get_logger(__name__)
_MOST_BUCKETS = 100_000


@dataclass(frozen=True)
class Level:
    """How full a bucket is after a request."""

    policy: str
    quota: int
    window: int
    remaining: int
    wait_seconds: int
    allowed: bool


class TokenBuckets:
    """Buckets of one policy: a bucket holds `quota` tokens and fills evenly over the window."""

    def __init__(self, name: str, rate: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        item = limits.parse(rate)
        self.name, self.quota, self.window = name, int(item.amount), int(item.get_expiry())
        self._monotonic = monotonic
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> Level:
        """Take one token out of the bucket of `key`, if it has one."""
        now = self._monotonic()
        tokens, filled_at = self._buckets.pop(key, (float(self.quota), now))
        speed = self.quota / self.window
        tokens = min(self.quota, tokens + (now - filled_at) * speed)
        allowed = tokens >= 1
        tokens -= 1 if allowed else 0
        self._buckets[key] = (tokens, now)
        # The bucket not touched for longest is the fullest; forgetting it costs least.
        while len(self._buckets) > _MOST_BUCKETS:
            self._buckets.popitem(last=False)
        wait = 0 if tokens >= 1 else ceil((1 - tokens) / speed)
        return Level(self.name, self.quota, self.window, int(tokens), wait, allowed)


class RateLimiter:
    """Counts a request against every bucket it belongs to."""

    def __init__(self, settings: Settings, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._address = TokenBuckets("address", settings.rate_per_address, monotonic)
        self._client = TokenBuckets("client", settings.rate_per_client, monotonic)
        self._person = TokenBuckets("person", settings.rate_per_person, monotonic)
        self._closed = settings.rate_failure == "closed"
        self._proxies = [ipaddress.ip_network(part, strict=False) for part in split_list(settings.trusted_proxies)]

    def count(self, request: Request) -> None:
        """Count a request for its caller and client, or for its address where nobody is known.

        Raises RATE_LIMITED with Retry-After.
        """
        try:
            levels = self._levels(request)
        except Exception as error:
            _LOG.error("rate limiter failed", kind=type(error).__name__, closed=self._closed)
            if self._closed:
                raise DomainError(RATE_LIMITER_UNAVAILABLE) from error
            return
        headers = rate_headers(levels)
        exchange_of(request).answer_headers.update(headers)
        refused = [level for level in levels if not level.allowed]
        if refused:
            retry = str(max(level.wait_seconds for level in refused))
            details = {"policy": refused[0].policy, "retry_after": retry}
            raise RefusalError(DomainError(RATE_LIMITED, details=details), headers={"retry-after": retry})

    def _levels(self, request: Request) -> list[Level]:
        caller = exchange_of(request).caller
        if caller is None:
            return [self._address.take(self._origin(request))]
        return [self._person.take(caller.subject), self._client.take(caller.client_id)]

    def _origin(self, request: Request) -> str:
        """Return the address the request came from; a forwarded one counts only from a trusted proxy."""
        peer = request.client.host if request.client else "unknown"
        hops = [hop.strip() for hop in request.headers.get("x-forwarded-for", "").split(",") if hop.strip()]
        while hops and self._trusted(peer):
            peer = hops.pop()
        return _network(peer)

    def _trusted(self, peer: str) -> bool:
        try:
            address = ipaddress.ip_address(peer)
        except ValueError:
            return False
        return any(address in network for network in self._proxies)


def rate_headers(levels: Sequence[Level]) -> dict[str, str]:
    """Return RateLimit and RateLimit-Policy (IETF draft ratelimit-headers) of the buckets touched."""
    return {
        "ratelimit-policy": ", ".join(_policy(level.policy, level.quota, level.window) for level in levels),
        "ratelimit": ", ".join(f'"{level.policy}";r={level.remaining};t={level.wait_seconds}' for level in levels),
    }


@cache
def _policy(name: str, quota: int, window: int) -> str:
    return f'"{name}";q={quota};w={window}'


def _network(peer: str) -> str:
    """Return the key of an address; one IPv6 subscriber has a whole /64."""
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else str(address)
