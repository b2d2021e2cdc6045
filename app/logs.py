"""The log: one line for each message, as text for people or as JSON for programs, with the request or job it is of.

Inkrow never logs the text of a page, or the name of a file that was sent.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from textwrap import indent
from typing import Any, Literal

FORMAT_VARIABLE = "INKROW_LOG_FORMAT"

LogFormat = Literal["text", "json"]

_context: ContextVar[Mapping[str, Any]] = ContextVar("log_context", default={})  # noqa: B039 (it is never changed)


@contextmanager
def log_context(**fields: Any) -> Iterator[None]:
    """Add fields, such as ``request_id``, to all messages in the block, also those of tasks and threads in it."""
    token = _context.set({**_context.get(), **fields})
    try:
        yield
    finally:
        _context.reset(token)


def inherited_format() -> LogFormat:
    """Return the log format of the process that started this one, which left it in the environment."""
    return "json" if os.environ.get(FORMAT_VARIABLE) == "json" else "text"


def logged_request_id() -> str | None:
    """Return the id of the current request, as in the log; None outside of a request."""
    return _context.get().get("request_id")


class JsonLines(logging.Formatter):
    """One JSON object a line: ``time``, ``level``, ``logger``, ``message``, the context, and the message's own fields.

    A message brings its fields as ``extra={"fields": {...}}``. A traceback becomes the member ``exception``.
    """

    def format(self, record: logging.LogRecord) -> str:
        members: dict[str, Any] = {
            "time": _time(record).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_context.get(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            members["exception"] = self.formatException(record.exc_info)
        return json.dumps(members, ensure_ascii=True, default=str)


class TextLines(logging.Formatter):
    """One line for people: time, level, logger, message, and the id of the request or job; then an indented traceback.

    Characters that could begin another line, or move the cursor, are written as escapes, and tracebacks are indented,
    so that nothing a client sends can look like a line of the log.
    """

    def format(self, record: logging.LogRecord) -> str:
        context = _context.get()
        whose = "".join(f" [{context[name]}]" for name in ("job_id", "request_id") if name in context)
        time = _time(record).astimezone().strftime("%H:%M:%S")
        line = f"{time} {record.levelname}: {record.name}: {_printable(record.getMessage())}{whose}"
        if record.exc_info:
            trace = "\n".join(map(_printable, self.formatException(record.exc_info).splitlines()))
            line = f"{line}\n{indent(trace, '  ')}"
        return line


def log_config(level: str, format_: LogFormat) -> dict[str, Any]:
    """Make the configuration (`logging.config.dictConfig`) with which every Inkrow process logs to stderr.

    Parameters
    ----------
    level : a name that `logging` knows, in small letters
    """
    classes: dict[LogFormat, type[logging.Formatter]] = {"text": TextLines, "json": JsonLines}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"ours": {"()": classes[format_]}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "ours"}},
        "root": {"handlers": ["stderr"], "level": level.upper()},
        # These libraries log each of their own steps; what matters of that, Inkrow logs itself.
        "loggers": {name: {"level": "WARNING"} for name in ("PIL", "matplotlib", "alembic", "asyncio", "huey")},
    }


def _time(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
