"""Structured logs: JSON in operation, coloured lines on a laptop, a correlation id on each, no personal data on any."""

import logging
import sys
from collections.abc import Mapping
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

    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        name_service,
        refuse_personal(strict=strict),
        describe_exception,
        redact,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    _processors[:] = [
        structlog.stdlib.filter_by_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        *shared,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ]
    structlog.configure(
        processors=_processors,
        cache_logger_on_first_use=True,
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    _install(shared, format, level, stream or sys.stderr)


def _install(shared: list[Processor], format: str, level: str, stream: TextIO) -> None:
    """Make the standard library's root logger write through the same rules."""
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if format == "json"
        else structlog.dev.ConsoleRenderer(colors=True)
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for chatty in ("grpc", "urllib3", "waitress", "werkzeug", "psycopg.pool", "fontTools", "pyhanko"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))
