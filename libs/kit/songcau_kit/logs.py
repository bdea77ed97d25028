"""Structured logs: JSON in operation, coloured lines on a laptop, a correlation id on each, no personal data on any."""

import json
import logging
import sys
from collections.abc import Mapping
from contextlib import nullcontext
from typing import Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from songcau_kit._redaction import describe_exception, redact, refuse_personal

# One list for the whole process, so that loggers which are kept follow a new configuration.
_processors: list[Processor] = []


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """Return the logger of a module; log ids and reasons by keyword, never whole requests."""
    return structlog.stdlib.get_logger(name)


def bind_correlation(correlation_id: str) -> Mapping[str, object]:
    """Put the correlation id on every line of this thread or task; give the answer to `unbind` when the call ends."""
    return structlog.contextvars.bind_contextvars(correlation_id=correlation_id)


def unbind(tokens: Mapping[str, object]) -> None:
    """Put back what `bind_correlation` replaced."""
    structlog.contextvars.reset_contextvars(**tokens)  # type: ignore[arg-type]


def configure_logs(
    service: str, format: Literal["console", "json"], level: str, *, stream: TextIO | None = None, strict: bool = True
) -> None:
    """Send every log of the process, the libraries' too, through one set of rules to `stream` (standard error).

    A Personal value in a line raises PersonalDataError; with `strict` off it is written as dots instead.
    """

    def name_service(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        event["service"] = service
        return event

    rules: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        refuse_personal(strict=strict),
        describe_exception,
        redact,
    ]
    # Our own words need no redaction, so they come after it; a library's record is read before.
    names: list[Processor] = [structlog.stdlib.add_log_level, structlog.stdlib.add_logger_name, name_service]
    stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)
    renderer: Processor = _render_json if format == "json" else structlog.dev.ConsoleRenderer(colors=True)
    _processors[:] = [
        structlog.stdlib.filter_by_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        *rules,
        *names,
        stamp,
        renderer,
    ]
    structlog.configure(
        processors=_processors,
        cache_logger_on_first_use=True,
        logger_factory=_LineLogger,
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    _install([*names, *rules, stamp], renderer, level, stream or sys.stderr)


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


def _install(foreign: list[Processor], renderer: Processor, level: str, stream: TextIO) -> None:
    """Make the standard library's root logger write through the same rules."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=foreign,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for chatty in ("grpc", "urllib3", "waitress", "werkzeug", "psycopg.pool", "fontTools", "pyhanko"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))
