"""The line that is written about each request.

Source: Django's reference "Logging", the logger `django.server`, here `miniframe.server`.
"""

from __future__ import annotations

import logging
import os
import threading
from collections import deque
from collections.abc import Iterator
from functools import lru_cache
from time import localtime, perf_counter, strftime, time
from typing import Any

from miniframe.servers.shortcut import Line, goes_to_a_file, write_lines

logger: logging.Logger = logging.getLogger("miniframe.server")

TLS_HELLO = "\x16\x03"
"""How a client begins that takes us for an HTTPS server."""


_UNITS = (("kB", 1e3), ("MB", 1e6), ("GB", 1e9))


class Octets(int):
    """A number of octets that people see in round figures.

    >>> print(Octets(12), Octets(1234), Octets(5_600_000))
    12B 1.2kB 5.6MB
    """

    def __str__(self) -> str:
        if self < 1000:
            return f"{int(self)}B"
        unit, one = next((pair for pair in _UNITS if self < pair[1] * 999.5), _UNITS[-1])
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
        started = self._started
        if _may_wait and started and self.environ is not None and type(self).log_message is RequestLog.log_message:
            match, took = self.environ.get("miniframe.match"), perf_counter() - started
            _waiting.append((self.request, self.command, self.path, code, size, took, match))
            return
        taken = (perf_counter() - started) * 1000 if started else None
        asked = f"{self.command} {self.path[:1024]}" if self.command else f'"{self.requestline}"'
        format, args = _words(asked, code, size, taken, self.view_path)
        self.log_message(format, *args)

    @property
    def view_path(self) -> str | None:
        """The dotted path of the view that answered the request at hand; None if none is known."""
        return _path_of(self.environ.get("miniframe.match")) if self.environ else None

    def log_error(self, format: str, *args: Any) -> None:
        """Log an error that is the client's."""
        self.log_message(format, *args)

    def log_message(self, format: str, *args: Any) -> None:
        """Write to the logger "miniframe.server", at a level that fits the status in the second argument.

        The record carries `request`, `status_code` and `server_time` for formatters and
        filters, and `method`, `path`, `size`, `duration_ms` and `view` of the request at hand.
        """
        status, level = _weigh(str(args[1]) if len(args) > 1 else "")
        if args and str(args[0]).startswith(TLS_HELLO):
            level = logging.ERROR
            format, args = "You're accessing the development server over HTTPS, but it only supports HTTP.", ()
        if logger.isEnabledFor(level):
            self._log(level, status, format, args)

    def _log(self, level: int, status: int | None, format: str, args: tuple[Any, ...]) -> None:
        at = self.log_date_time_string()
        text = format % args
        if not text.isprintable():
            args = tuple(map(printable, args))
            text = format % args
        if not write_lines([(level, status, at, text)]):
            taken = (perf_counter() - self._started) * 1000 if self._started else None
            size = args[2] if len(args) > 2 else None
            extra = _extra(self.request, status, at, self.command, self.path, size, taken, self.view_path)
            logger.handle(_make_record(level, format, args, extra))

    def log_date_time_string(self) -> str:
        """Return the time now as the log writes it."""
        return _log_time(int(time()))


def _path_of(match: Any) -> str | None:
    path: str | None = getattr(match, "_func_path", None)
    return path


def _words(
    asked: str, code: int | str, size: int | str, taken: float | None, view: str | None
) -> tuple[str, tuple[Any, ...]]:
    """Return the format of a request's line and its arguments; `taken` is in milliseconds."""
    words = [asked, str(code), Octets(size) if isinstance(size, int) else size]
    if taken is not None:
        words.append(_duration(taken))
        if view:
            words.append(view)
    return _FORMATS[len(words)], tuple(words)


def _duration(taken: float) -> str:
    return f"{taken:.1f}ms" if taken < 100 else f"{taken:.0f}ms"


_FORMATS = {count: " ".join(["%s"] * count) for count in (3, 4, 5)}


@lru_cache(maxsize=64)
def _weigh(code: str) -> tuple[int | None, int]:
    """Return a status as a number, if it is one, and the level at which it is logged."""
    status = int(code) if len(code) == 3 and code.isdigit() else None
    if status is None or status < 400:
        return status, logging.INFO
    return status, logging.WARNING if status < 500 else logging.ERROR


# ---------------------------------------------------------------- lines that wait
# While one thread goes from one client that has spoken to the next, the lines of those it
# has answered may wait until all are served: made and written together they cost a third.
Answered = tuple[Any, str, str, int | str, int | str, float, Any]
"""Connection, method, path, status, size, seconds taken and route of a request."""

_waiting: deque[Answered] = deque()
_may_wait = False
_writing = threading.Lock()


def hold_lines() -> None:
    """Let lines wait from now on, if they go to a file; `release_lines` must be called within milliseconds."""
    global _may_wait
    _may_wait = goes_to_a_file()


def release_lines() -> None:
    """Write the lines that wait, and let no more wait."""
    global _may_wait
    _may_wait = False
    if _waiting:
        with _writing:
            _write(list(_take_waiting()))


def _take_waiting() -> Iterator[Answered]:
    while _waiting:
        yield _waiting.popleft()


def _write(answered: list[Answered]) -> None:
    lines: list[Line] = []
    at = _log_time(int(time()))
    for _, method, path, code, size, took, match in answered:
        parts = _known_parts if len(path) <= _SHORT_PATH else _parts
        view = None if match is None else _path_of(match)
        level, status, before, behind = parts(method, path, code, size, view)
        if logger.isEnabledFor(level):
            lines.append((level, status, at, f"{before}{_duration(took * 1000)}{behind}"))
    if not write_lines(lines):
        for each in answered:
            _log_record(*each)


def _parts(
    method: str, path: str, code: int | str, size: int | str, view: str | None
) -> tuple[int, int | None, str, str]:
    """Return level, status, and what stands before and behind the duration in a request's line."""
    status, level = _weigh(str(code))
    format, args = _words(f"{method} {path[:1024]}", code, size, None, None)
    return level, status, f"{printable(format % args)} ", f" {printable(view)}" if view else ""


# The same pages are asked for again and again.
_SHORT_PATH = 256
_known_parts = lru_cache(maxsize=256)(_parts)


def _log_record(
    request: Any, method: str, path: str, code: int | str, size: int | str, took: float, match: Any
) -> None:
    status, level = _weigh(str(code))
    if logger.isEnabledFor(level):
        view, taken = _path_of(match), took * 1000
        format, args = _words(f"{method} {path[:1024]}", code, size, taken, view)
        args = tuple(map(printable, args))
        extra = _extra(request, status, _log_time(int(time())), method, path, args[2], taken, view)
        logger.handle(_make_record(level, format, args, extra))


def _forget_lines() -> None:
    """Leave in a forked process what waits to its parent, who has it too."""
    global _writing
    _writing = threading.Lock()  # another thread may have held it
    _waiting.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=release_lines, after_in_child=_forget_lines)


# ---------------------------------------------------------------- records
def _extra(
    request: Any,
    status: int | None,
    server_time: str,
    method: str,
    path: str,
    size: Any,
    taken: float | None,
    view: str | None,
) -> dict[str, Any]:
    """Return what a record of a request has beside what every record has."""
    return {
        "request": request,
        "server_time": server_time,
        "status_code": status,
        "method": method,
        "path": path,
        "size": size,
        "duration_ms": taken,
        "view": view,
    }


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
