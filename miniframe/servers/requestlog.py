"""The line that is written about each request.

Source: Django's reference "Logging", the logger `django.server`, here `miniframe.server`.
"""

from __future__ import annotations

import logging
import os
import threading
from functools import lru_cache
from time import localtime, perf_counter, strftime, time
from typing import Any

from miniframe.servers.shortcut import write_line

logger = logging.getLogger("miniframe.server")

TLS_HELLO = "\x16\x03"
"""How a client begins that takes us for an HTTPS server."""


class Octets(int):
    """A number of octets that people see in round figures.

    >>> print(Octets(12), Octets(1234), Octets(5_600_000))
    12B 1.2kB 5.6MB
    """

    def __str__(self) -> str:
        if self < 1000:
            return f"{int(self)}B"
        for unit, one in (("kB", 1e3), ("MB", 1e6), ("GB", 1e9)):
            if self < one * 999.5:
                break
        number = self / one
        return f"{number:.1f}{unit}" if number < 99.95 else f"{number:.0f}{unit}"


class RequestLog:
    """The part of a request handler that logs."""

    request: Any
    command: str
    path: str
    raw_head: bytes
    """All that precedes the body, as it came."""
    environ: dict[str, Any] | None
    """What the application was called with, while it answers the request at hand."""
    _started: float
    """When the request at hand began (`perf_counter`); 0.0 when none is."""

    @property
    def raw_requestline(self) -> bytes:
        """The first line of the request at hand, as it came, without its CRLF."""
        return self.raw_head.partition(b"\r\n")[0]

    @property
    def requestline(self) -> str:
        """The first line of the request at hand, for the log."""
        return self.raw_requestline[:1024].decode("latin-1")

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log the request that was answered, as `GET /path 200 1.2kB 3.4ms app.views.home`.

        `size` is the body's, in octets.  The view is known under DEBUG only.
        """
        asked = f"{self.command} {self.path[:1024]}" if self.command else f'"{self.requestline}"'
        if isinstance(size, int):
            size = Octets(size)
        if not self._started:
            self.log_message("%s %s %s", asked, str(code), size)
            return
        taken = (perf_counter() - self._started) * 1000
        shown = f"{taken:.1f}ms" if taken < 100 else f"{taken:.0f}ms"
        view = self.view_path
        if view:
            self.log_message("%s %s %s %s %s", asked, str(code), size, shown, view)
        else:
            self.log_message("%s %s %s %s", asked, str(code), size, shown)

    @property
    def view_path(self) -> str | None:
        """The dotted path of the view that answered the request at hand; None if none is known."""
        match = self.environ.get("miniframe.match") if self.environ else None
        path: str | None = getattr(match, "_func_path", None)
        return path

    def log_error(self, format: str, *args: Any) -> None:
        """Log an error that is the client's."""
        self.log_message(format, *args)

    def log_message(self, format: str, *args: Any) -> None:
        """Write to the logger "miniframe.server", at a level that fits the status in the second argument.

        The record carries `request`, `status_code` and `server_time` for formatters and
        filters, and `method`, `path`, `size`, `duration_ms` and `view` of the request at hand.
        """
        code = str(args[1]) if len(args) > 1 else ""
        status = int(code) if len(code) == 3 and code.isdigit() else None
        if args and str(args[0]).startswith(TLS_HELLO):
            level = logging.ERROR
            format, args = "You're accessing the development server over HTTPS, but it only supports HTTP.", ()
        elif status is None or status < 400:
            level = logging.INFO
        else:
            level = logging.WARNING if status < 500 else logging.ERROR
        if logger.isEnabledFor(level):
            self._log(level, status, format, args)

    def _log(self, level: int, status: int | None, format: str, args: tuple[Any, ...]) -> None:
        server_time = self.log_date_time_string()
        text = format % args
        plain = text.isprintable()
        if plain and write_line(level, status, server_time, text):
            return
        extra = {
            "request": self.request,
            "server_time": server_time,
            "status_code": status,
            "method": self.command,
            "path": self.path,
            "size": args[2] if len(args) > 2 else None,
            "duration_ms": (perf_counter() - self._started) * 1000 if self._started else None,
            "view": self.view_path,
        }
        if not plain:
            args = tuple(map(printable, args))
        logger.handle(_make_record(level, format, args, extra))

    def log_date_time_string(self) -> str:
        """Return the time now as the log writes it."""
        return _log_time(int(time()))


# Most of a record is the same each time, and much of what makes a record is work: to walk
# the stack, to take the file's name apart.  A record for each request is a copy of this.
_TEMPLATE = logging.LogRecord(logger.name, 0, __file__, 0, "", (), None, "log_message")


def _make_record(level: int, format: str, args: tuple[Any, ...], extra: dict[str, Any]) -> logging.LogRecord:
    make = logging.getLogRecordFactory()
    if make is not logging.LogRecord:
        record = make(logger.name, level, __file__, 0, format, args, None, "log_message")
        record.__dict__.update(extra)
        return record
    now = time()
    record = logging.LogRecord.__new__(logging.LogRecord)
    record.__dict__.update(_TEMPLATE.__dict__)
    record.__dict__.update(
        extra,
        msg=format,
        args=args,
        levelno=level,
        levelname=logging.getLevelName(level),
        created=now,
        msecs=float(int(now % 1 * 1000)),
        relativeCreated=_TEMPLATE.relativeCreated + (now - _TEMPLATE.created) * 1000,
        process=os.getpid(),
        thread=threading.get_ident(),
        threadName=threading.current_thread().name,
    )
    return record


@lru_cache(maxsize=2)
def _log_time(second: int) -> str:
    return strftime("%d/%b/%Y %H:%M:%S", localtime(second))


def printable(value: Any) -> Any:
    """Return a log argument whose control characters are spelled out.

    A client could otherwise write lines of its own into the log, or talk to the terminal.
    """
    if isinstance(value, str) and not value.isprintable():
        return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in value)
    return value
