"""Structured logs: text for people, JSON for machines, one line an event.

Every line carries what was bound around it (``request``, ``job``, ``run``),
whoever wrote it: our code through structlog, libraries through ``logging``.
"""

from __future__ import annotations

import logging
import sys
from contextlib import AbstractContextManager
from typing import Any, TextIO

import structlog
from structlog.tracebacks import ExceptionDictTransformer

_LIBRARIES = {
    "uvicorn.access": logging.ERROR,
    "uvicorn.error": logging.WARNING,
    "tortoise": logging.WARNING,
    "aiosqlite": logging.WARNING,
    "httpx2": logging.WARNING,
    "httpcore2": logging.WARNING,
}
"""Chatter that says nothing our own lines do not say, down to the level from which it is worth reading."""


def configure(log_format: str, stream: TextIO | None = None, *, level: int = logging.INFO) -> None:
    """Send lines of this level and above to the stream (default: standard error), as ``text`` or ``json``."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )
    out = stream or sys.stderr
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_rendering(log_format, coloured=out.isatty()),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, least in _LIBRARIES.items():
        logging.getLogger(name).setLevel(max(level, least))


def _rendering(log_format: str, *, coloured: bool) -> list[Any]:
    if log_format == "json":
        return [
            # Without what variables held: passwords, and rows about single persons.
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ]
    return [structlog.dev.ConsoleRenderer(colors=coloured, exception_formatter=structlog.dev.plain_traceback)]


def bound(**values: str) -> AbstractContextManager[Any]:
    """Put these values on every line that is logged inside the block."""
    return structlog.contextvars.bound_contextvars(**values)
