"""What the gateway measures about itself; labels are routes and statuses, never people."""

from prometheus_client import Counter, Histogram

REQUESTS = Counter(
    "songcau_gateway_requests_total", "answered requests by method, route and status", ("method", "route", "status")
)
SECONDS = Histogram(
    "songcau_gateway_request_seconds",
    "time from the first byte of a request to the last of its answer",
    ("route",),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
