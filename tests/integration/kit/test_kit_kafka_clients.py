"""A broker that is there and says nothing: every attempt fails in time and leaves no thread and no socket behind."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from songcau_kit.bus import Bus, BusUnavailableError, Record, open_bus

ATTEMPTS = 3


@pytest.fixture
def silent_broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Return the address of a port that takes connections and never answers."""
    monkeypatch.setattr("songcau_kit._kafka_bus.address.REQUEST_MS", 200)
    with closing(socket.create_server(("127.0.0.1", 0), backlog=128)) as listener:
        yield f"kafka://127.0.0.1:{listener.getsockname()[1]}"


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.parametrize(
    "attempt",
    [
        lambda bus: bus.check(),
        lambda bus: bus.publish([Record("test.thing.v1", "a", b"1")]),
        lambda bus: bus.subscribe("readers", ["test.thing.v1"]),
        lambda bus: bus._sender(),
    ],
    ids=["check", "publish", "subscribe", "sender"],
)
def test_an_attempt_at_a_broker_that_says_nothing_leaves_nothing_behind(
    silent_broker: str, attempt: Callable[[Bus], object]
):
    with closing(open_bus(silent_broker, "silent")) as bus:
        threads, files = set(threading.enumerate()), open_files()
        for _ in range(ATTEMPTS):
            with pytest.raises(BusUnavailableError):
                attempt(bus)
        assert set(threading.enumerate()) <= threads
        assert open_files() <= files
