"""What the process logs meanwhile, as its reader would see it."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from songcau_kit.logs import configure_logs


class LogCapture:
    """JSON lines in memory."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    def __call__(self) -> list[dict[str, Any]]:
        """Return the lines written so far."""
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]


@contextmanager
def captured_logs(service: str = "kittest", level: str = "INFO") -> Iterator[LogCapture]:
    """Send the logs of this process into memory; afterwards everything is as it was."""
    root = logging.getLogger()
    handlers, before = root.handlers[:], root.level
    capture = LogCapture()
    configure_logs(service, "json", level, stream=capture.stream)
    try:
        yield capture
    finally:
        root.handlers[:], root.level = handlers, before
        structlog.reset_defaults()
        structlog.contextvars.clear_contextvars()
