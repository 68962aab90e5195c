"""Logging: what goes where by default, and the one function that records a response.

Source: Django's topic "Logging" and its reference, sections "Django's default logging configuration",
"Filters" and "Loggers".
"""

from __future__ import annotations

import logging
import os
import sys
import traceback
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from miniframe.conf import import_from_setting, settings
from miniframe.utils.jsonlog import LOG_FORMAT, JSONFormatter, is_wanted
from miniframe.utils.termcolors import Style, color_style
from miniframe.utils.text import in_one_line

__all__ = [
    "DEFAULT_LOGGING",
    "CallbackFilter",
    "ErrorFormatter",
    "ProjectFormatter",
    "RequireDebugFalse",
    "RequireDebugTrue",
    "ServerFormatter",
    "configure_logging",
    "log_response",
    "speak_json",
]

request_logger: logging.Logger = logging.getLogger("miniframe.request")

DEFAULT_LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "require_debug_false": {"()": "miniframe.utils.log.RequireDebugFalse"},
        "require_debug_true": {"()": "miniframe.utils.log.RequireDebugTrue"},
    },
    "formatters": {
        "miniframe.server": {
            "()": "miniframe.utils.log.ServerFormatter",
            "format": "[{server_time}] {message}",
            "style": "{",
        },
        "miniframe.project": {"()": "miniframe.utils.log.ProjectFormatter"},
        "miniframe.error": {"()": "miniframe.utils.log.ErrorFormatter"},
    },
    "handlers": {
        # Django mails errors to ADMINS when DEBUG is off; here they go where every service manager looks.
        "errors": {
            "level": "ERROR",
            "filters": ["require_debug_false"],
            "class": "logging.StreamHandler",
            "formatter": "miniframe.error",
        },
        "console": {
            "level": "INFO",
            "filters": ["require_debug_true"],
            "class": "logging.StreamHandler",
            "formatter": "miniframe.project",
        },
        "miniframe.server": {"level": "INFO", "class": "logging.StreamHandler", "formatter": "miniframe.server"},
    },
    "loggers": {
        "miniframe": {"handlers": ["console", "errors"], "level": "INFO"},
        # The access log is the development server's own voice: it speaks with DEBUG off too.
        "miniframe.server": {"handlers": ["miniframe.server"], "level": "INFO", "propagate": False},
    },
}
"""The configuration that LOGGING is laid over."""


def configure_logging(logging_config: str | None, logging_settings: dict[str, Any]) -> None:
    """Apply the defaults, then the project's LOGGING with the callable LOGGING_CONFIG names; None does nothing."""
    if not logging_config:
        return
    _apply_defaults()
    if logging_settings:
        configure: Callable[[dict[str, Any]], None] = import_from_setting("LOGGING_CONFIG", logging_config)
        configure(logging_settings)


def _apply_defaults() -> None:
    # What dictConfig(DEFAULT_LOGGING) does, without importing logging.config: that pulls in socketserver
    # and costs 11 ms, a third of the time a whole application needs to be ready.  A test holds the two together.
    console, errors, server = (logging.StreamHandler() for _ in range(3))
    console.addFilter(RequireDebugTrue())
    console.setFormatter(ProjectFormatter())
    errors.addFilter(RequireDebugFalse())
    errors.setFormatter(ErrorFormatter())
    server.setFormatter(ServerFormatter("[{server_time}] {message}", style="{"))
    for handler, level in ((console, logging.INFO), (errors, logging.ERROR), (server, logging.INFO)):
        handler.setLevel(level)
    for name, handlers in (("miniframe", [console, errors]), ("miniframe.server", [server])):
        logger = logging.getLogger(name)
        logger.setLevel(logging.INFO)
        logger.handlers[:] = handlers
    logging.getLogger("miniframe.server").propagate = False
    if is_wanted():
        speak_json()


def speak_json() -> None:
    """Have all that goes through the default handlers, and what no handler takes, be one JSON object a line."""
    # For the handlers that are made when logging is set up once more, and for child processes.
    os.environ[LOG_FORMAT] = "json"
    handlers = [*logging.getLogger("miniframe").handlers, *logging.getLogger("miniframe.server").handlers]
    ours = (ProjectFormatter, ErrorFormatter, ServerFormatter, type(None))
    for handler in (*handlers, logging.lastResort):
        if handler is not None and isinstance(handler.formatter, ours):
            handler.setFormatter(JSONFormatter())


class CallbackFilter(logging.Filter):
    """Let a record pass if a function says so."""

    def __init__(self, callback: Callable[[logging.LogRecord], bool]) -> None:
        super().__init__()
        self.callback = callback

    def filter(self, record: logging.LogRecord) -> bool:
        """Ask the function."""
        return bool(self.callback(record))


class RequireDebugFalse(logging.Filter):
    """Let records pass in production only."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Look at settings.DEBUG at the moment of the record, which tests change."""
        return not settings.DEBUG


class RequireDebugTrue(logging.Filter):
    """Let records pass in development only."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Look at settings.DEBUG at the moment of the record, which tests change."""
        return bool(settings.DEBUG)


_FRAMEWORK = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


class ErrorFormatter(logging.Formatter):
    """Have one line for a request to a name that is not the site's: its traceback would tell nothing more.

    Scanners try many of them.  The record is left as it was, for other handlers.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the finished text."""
        if record.name != "miniframe.security.DisallowedHost":
            return super().format(record)
        kept = record.exc_info, record.exc_text
        record.exc_info = record.exc_text = None
        try:
            return super().format(record)
        finally:
            record.exc_info, record.exc_text = kept


class ProjectFormatter(logging.Formatter):
    """Show tracebacks without the calls inside miniframe and its template engine, which the error page has.

    Each exception keeps its last call: that is where it was raised.  What the page advises stands last, where one reads
    first.  The record is left as it was, for other handlers.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the finished text."""
        # logging keeps the text of a traceback on the record, where the next handler would take it for the whole.
        kept, record.exc_text = record.exc_text, None
        try:
            text = super().format(record)
        finally:
            record.exc_text = kept
        return "\n".join([text, *(f"Hint: {in_one_line(hint)}" for hint in getattr(record, "hints", ()))])

    def formatException(self, ei: Any) -> str:  # noqa: N802  # logging's name
        """Return the text of an exception and of those that led to it."""
        report = traceback.TracebackException(*ei)
        inside = (_FRAMEWORK, "<frozen importlib", *_folder_of("importlib"), *_folder_of("jinja2"))
        left_out = 0
        each: traceback.TracebackException | None = report
        while each is not None:
            left_out += _leave_out(each.stack, inside)
            each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
        text = "".join(report.format()).rstrip("\n")
        return f"{text}\n({left_out} of the calls are miniframe's own and not shown.)" if left_out else text


def _leave_out(calls: traceback.StackSummary, inside: tuple[str, ...]) -> int:
    """Take the calls from `inside` these folders out, but the last one, and return how many they were."""
    own = [call for call in calls if not call.filename.startswith(inside)]
    if not own:
        return 0
    before, last = len(calls), calls[-1]
    calls[:] = own if own[-1] is last else [*own, last]
    return before - len(calls)


def _folder_of(package: str) -> tuple[str, ...]:
    """Return the folder of a package, if it is loaded."""
    file = getattr(sys.modules.get(package), "__file__", None)
    return (os.path.dirname(file) + os.sep,) if file else ()


# The first rule that fits paints the line; order matters (304 and 404 before their families).
_LOOKS: tuple[tuple[range, str], ...] = (
    (range(200, 300), "HTTP_SUCCESS"),
    (range(100, 200), "HTTP_INFO"),
    (range(304, 305), "HTTP_NOT_MODIFIED"),
    (range(300, 400), "HTTP_REDIRECT"),
    (range(404, 405), "HTTP_NOT_FOUND"),
    (range(400, 500), "HTTP_BAD_REQUEST"),
)


# Stands for the text of a line, and is in none.
_TEXT = "\0"


class ServerFormatter(logging.Formatter):
    """Paint a request's line by its status, and put the server's time where the format asks for it."""

    default_time_format = "%d/%b/%Y %H:%M:%S"
    # Lines without a request look like the others.
    default_msec_format: None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.style: Style = color_style(stream=sys.stderr)
        self._painters: dict[int, Callable[[str], str] | None] = {}
        super().__init__(*args, **kwargs)
        self._fill = (self._fmt or "").format
        #: What a line has before and behind its text, by server's time and status; None where a record must tell
        #: more, or other things, or where the text is fitted in.
        self.around: Callable[[str, int | None], tuple[str, str]] | None = None
        plain = type(self) is ServerFormatter and isinstance(self._style, logging.StrFormatStyle)
        if plain and "{message}" in (self._fmt or ""):
            try:
                simple = self._fill(server_time="", message=_TEXT).count(_TEXT) == 1
            except (LookupError, AttributeError):
                simple = False  # the format names other fields
            if simple:
                self.around = lru_cache(maxsize=16)(self._around)

    def _around(self, server_time: str, status: int | None) -> tuple[str, str]:
        paint = self._painter(status)
        line = self._fill(server_time=server_time, message=_TEXT if paint is None else paint(_TEXT))
        before, _, behind = line.partition(_TEXT)
        return before, behind

    def format(self, record: logging.LogRecord) -> str:
        """Return the finished line."""
        status = getattr(record, "status_code", None)
        if not hasattr(record, "server_time"):
            record.server_time = self.formatTime(record, self.datefmt)
        paint = self._painter(status)
        if paint is None:
            return super().format(record)
        plain = record.msg, record.args
        # Painted in a moment, restored at once: another handler may want the same record without colour.
        record.msg, record.args = paint(record.getMessage()), None
        try:
            return super().format(record)
        finally:
            record.msg, record.args = plain

    def _painter(self, status: int | None) -> Callable[[str], str] | None:
        """Return what paints a line of this status; None where it would change nothing, as for most lines."""
        if status is None:
            return None
        if status not in self._painters:
            role = next((role for codes, role in _LOOKS if status in codes), "HTTP_SERVER_ERROR")
            paint: Callable[[str], str] = getattr(self.style, role)
            self._painters[status] = None if paint("x") == "x" else paint
        return self._painters[status]

    def uses_server_time(self) -> bool:
        """Return whether the format has a place for the server's time."""
        return (self._fmt or "").find("{server_time}") >= 0


_LEVELS = {"info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def _is_heard(logger: logging.Logger, number: int) -> bool:
    """Return False if it is sure that no handler would take a record of this level.

    In production that is so for every 404 unless the project says otherwise, and making a record takes 4 us.
    """
    each: logging.Logger | None = logger
    silenced = RequireDebugFalse if settings.DEBUG else RequireDebugTrue
    found = False
    while each is not None:
        if each.filters:
            return True
        for handler in each.handlers:
            found = True
            if number >= handler.level and not any(type(one) is silenced for one in handler.filters):
                return True
        each = each.parent if each.propagate else None
    # Without any handler logging has one of last resort.
    return not found


def log_response(
    message: str,
    *args: Any,
    response: Any = None,
    request: Any = None,
    logger: logging.Logger = request_logger,
    level: str | None = None,
    exception: BaseException | None = None,
) -> None:
    """Record an answer that is an error, once; 5xx as error, 4xx as warning, others as info unless `level` says so.

    Control characters in the arguments are escaped, so that a path cannot forge lines of the log
    (CVE-2025-48432).
    """
    # The mark is on the response: an outer layer that sees it again must not record it again.
    if getattr(response, "_has_been_logged", False):
        return
    status = response.status_code
    if level is None:
        level = "error" if status >= 500 else "warning" if status >= 400 else "info"
    number = _LEVELS.get(level) or logging.getLevelNamesMapping()[level.upper()]
    if logger.isEnabledFor(number) and _is_heard(logger, number):
        safe = tuple(arg.encode("unicode_escape").decode("ascii") if isinstance(arg, str) else arg for arg in args)
        exc_info = (type(exception), exception, exception.__traceback__) if exception else None
        # Not through logger.warning() and its like: they look for the caller's file and line, which takes
        # longer than all the rest here and would only find this line.
        record = logger.makeRecord(
            logger.name,
            number,
            __file__,
            0,
            message,
            safe,
            exc_info,
            "log_response",
            # An error's page, where there is one, has the advice that the record repeats.
            {"status_code": status, "request": request, "hints": getattr(response, "_hints", ()) if exception else ()},
        )
        logger.handle(record)
    response._has_been_logged = True
