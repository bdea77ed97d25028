"""Metrics with one form of name, `songcau_<service>_<what>_<unit>`; labels name methods and reasons, never people."""

import re
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from prometheus_client import Counter, Gauge, Histogram
from prometheus_client.metrics import MetricWrapperBase

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

M = TypeVar("M", bound=MetricWrapperBase)

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_made: dict[str, MetricWrapperBase] = {}
_lock = threading.Lock()


def counter(service: str, what: str, description: str, *, labels: Sequence[str] = ()) -> Counter:
    """Return the counter `songcau_<service>_<what>_total`, made at the first call."""
    name = _name(service, what, "total")
    return _once(Counter, name, lambda: Counter(name, description, labels))


def gauge(service: str, what: str, unit: str, *, description: str, labels: Sequence[str] = ()) -> Gauge:
    """Return the gauge `songcau_<service>_<what>_<unit>`, made at the first call."""
    name = _name(service, what, unit)
    return _once(Gauge, name, lambda: Gauge(name, description, labels))


def seconds(
    service: str, what: str, description: str, *, labels: Sequence[str] = (), buckets: Sequence[float] = SECONDS
) -> Histogram:
    """Return the histogram of durations `songcau_<service>_<what>_seconds`, made at the first call."""
    name = _name(service, what, "seconds")
    return _once(Histogram, name, lambda: Histogram(name, description, labels, buckets=buckets))


def _name(service: str, what: str, unit: str) -> str:
    name = f"songcau_{service}_{what}_{unit}"
    if not _NAME.fullmatch(name):
        raise ValueError(f"a metric is named in lower snake case, not {name!r}")
    return name


def _once(kind: type[M], name: str, make: Callable[[], M]) -> M:
    """Return the metric of this name; two components of one process may count in the same one."""
    with _lock:
        metric = _made.get(name)
        if metric is None:
            metric = _made[name] = make()
    if not isinstance(metric, kind):
        raise TypeError(f"the metric {name} is a {type(metric).__name__} elsewhere")
    return metric
