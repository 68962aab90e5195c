"""The log as one JSON object a line, for programs that collect logs: requests, errors, and what reloading says.

MINIFRAME_LOG_FORMAT=json asks for it, under `runserver` as under any other server; `runserver --log-format json` is
the same.  Each line has time, level, logger and message; a request has method, path, status, size (octets),
duration_ms and view; an error has exception, with type, message, traceback and, under DEBUG, hints; what code of the
project gives with `extra=` follows, as far as it is text or numbers.

Source: RFC 8259; RFC 3339, section 5.6; Python's reference "logging", section "LogRecord attributes".
Not here: who writes records (see `utils.log` and `servers.requestlog`).
"""

from __future__ import annotations

import logging
import os
import time
from typing import Any, Final

__all__ = ["LOG_FORMAT", "JSONFormatter", "is_wanted", "json_line"]

LOG_FORMAT: Final = "MINIFRAME_LOG_FORMAT"
"""The environment variable that is "json" if the log is to be."""

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
# Attributes of our own records, which have other names in the line, or none.
_OURS = frozenset({"request", "server_time", "status_code", "method", "path", "size", "duration_ms", "view"})


def is_wanted() -> bool:
    """Return whether the log is to be JSON."""
    return os.environ.get(LOG_FORMAT) == "json"


def json_line(logger: str, message: str, level: str = "INFO", at: float | None = None, **further: Any) -> str:
    """Return one line of the log, without its end; `at` is in seconds since the epoch, and now by default.

    >>> json_line("shop", "sold", at=0.25, number=3)
    '{"time": "1970-01-01T00:00:00.250Z", "level": "INFO", "logger": "shop", "message": "sold", "number": 3}'
    """
    import json  # 3 ms, for who asks for it

    moment = time.time() if at is None else at
    second, millisecond = divmod(int(moment * 1000), 1000)
    written = f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(second))}.{millisecond:03d}Z"
    return json.dumps({"time": written, "level": level, "logger": logger, "message": message, **further})


class JSONFormatter(logging.Formatter):
    """Makes a line of JSON of any record."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; what makes it several in the text is inside a string here."""
        facts = _request_facts(record) | _extras(record)
        if record.exc_info and record.exc_info[0] is not None:
            facts["exception"] = {
                "type": record.exc_info[0].__qualname__,
                "message": str(record.exc_info[1]),
                "traceback": self.formatException(record.exc_info),
            }
            if hints := getattr(record, "hints", ()):
                facts["exception"]["hints"] = list(hints)
        return json_line(record.name, record.getMessage(), record.levelname, record.created, **facts)


def _request_facts(record: logging.LogRecord) -> dict[str, Any]:
    """Return what a record tells of a request; the server's has it itself, that of an error has the request."""
    found = vars(record)
    request = found.get("request")
    facts = {
        "method": found.get("method") or getattr(request, "method", None),
        "path": found.get("path") or getattr(request, "path", None),
        "status": found.get("status_code"),
        "size": found.get("size"),
        "duration_ms": found.get("duration_ms"),
        "view": found.get("view"),
    }
    if isinstance(facts["size"], int):
        facts["size"] = int(facts["size"])
    if facts["duration_ms"] is not None:
        facts["duration_ms"] = round(facts["duration_ms"], 3)
    return {name: value for name, value in facts.items() if value not in (None, "")}


def _extras(record: logging.LogRecord) -> dict[str, Any]:
    # A name of the line itself may not be taken, or a request could pass for another.
    taken = _STANDARD | _OURS | {"time", "level", "logger", "status", "exception", "at"}
    return {
        name: value
        for name, value in vars(record).items()
        if name not in taken and isinstance(value, (str, int, float, bool, type(None)))
    }
