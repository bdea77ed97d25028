"""Structured logs: JSON in operation, coloured lines on a laptop, a correlation id on each, no personal data on any."""

import json
import logging
import sys
from contextlib import nullcontext
from contextvars import ContextVar, Token
from typing import Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from songcau_kit._redaction import describe_exception, redacted, refuse_personal
from songcau_kit.clock import SystemClock

# One list for the whole process, so that loggers which are kept follow a new configuration.
_processors: list[Processor] = []
_CLOCK = SystemClock()
_correlation_id: ContextVar[str | None] = ContextVar("songcau_correlation_id", default=None)


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """Return the logger of a module; log ids and reasons by keyword, never whole requests."""
    return structlog.stdlib.get_logger(name)


def bind_correlation(correlation_id: str) -> Token[str | None]:
    """Put the correlation id on every line of this thread or task; give the answer to `unbind` when the call ends."""
    return _correlation_id.set(correlation_id)


def unbind(token: Token[str | None]) -> None:
    """Put back what `bind_correlation` replaced."""
    _correlation_id.reset(token)


def configure_logs(
    service: str, format: Literal["console", "json"], level: str, *, stream: TextIO | None = None, strict: bool = True
) -> None:
    """Send every log of the process, the libraries' too, through one set of rules to `stream` (standard error).

    A Personal value in a line raises PersonalDataError; with `strict` off it is written as dots instead.
    """

    check = refuse_personal(strict=strict)

    def finish(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        # One function instead of a chain: a line passes here for every request. Our own words come last, unredacted.
        correlation_id = _correlation_id.get()
        if correlation_id is not None:
            event.setdefault("correlation_id", correlation_id)
        record = event.pop("_record", None)
        check(logger, method, event)
        event = redacted(describe_exception(logger, method, event))
        event["level"] = _LEVELS.get(method, method)
        event["logger"] = (record or logger).name
        event["service"] = service
        event["timestamp"] = _CLOCK.now().isoformat(timespec="microseconds")[:26] + "Z"
        if record is not None:
            event["_record"] = record
        return event

    renderer: Processor = _render_json if format == "json" else structlog.dev.ConsoleRenderer(colors=True)
    _processors[:] = [
        structlog.stdlib.filter_by_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        finish,
        renderer,
    ]
    structlog.configure(
        processors=_processors,
        cache_logger_on_first_use=True,
        logger_factory=_LineLogger,
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    _install(finish, renderer, level, stream or sys.stderr)


_LEVELS = {"warn": "warning", "exception": "error"}


class _LineLogger(logging.Logger):
    """The end of our own lines: they are whole when they come here and go straight to the root's handlers.

    A record of the standard library for each of them, formatted once more, costs more than all the rules together.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.parent = logging.getLogger()

    def write(self, line: str) -> None:
        """Write a finished line."""
        for handler in logging.getLogger().handlers:
            if isinstance(handler, logging.StreamHandler):
                with handler.lock or nullcontext():
                    handler.stream.write(line + handler.terminator)
                    handler.flush()

    debug = info = warning = error = exception = critical = write  # type: ignore[assignment]


_encoder = json.JSONEncoder(ensure_ascii=False, default=repr)


def _render_json(_: WrappedLogger, __: str, event: EventDict) -> str:
    return _encoder.encode(event)


def _install(finish: Processor, renderer: Processor, level: str, stream: TextIO) -> None:
    """Make the standard library's root logger write through the same rules."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[finish],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for chatty in ("grpc", "urllib3", "waitress", "werkzeug", "psycopg.pool", "fontTools", "pyhanko"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))
