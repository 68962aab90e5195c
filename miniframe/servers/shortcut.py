"""Write lines of requests straight to their stream, where log records would end as the same lines there.

A record costs four times what the line does, and with nothing configured nobody but the
one handler ever sees it.  Whether that is so is looked up each time: a project, a test
or a library may change the logging at any moment, and then each line is a record again.

Source: Python's "Logging HOWTO", section "Logging Flow".
"""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterable
from typing import Any

__all__ = ["Line", "goes_to_a_file", "write_lines"]

logger: logging.Logger = logging.getLogger("miniframe.server")

Line = tuple[int, int | None, str, str]
"""Level, status, server's time and text."""

_flow = logging.Logger.callHandlers
_seen: tuple[Any, bool] = None, False  # a stream, and whether it is a file


def write_lines(lines: Iterable[Line]) -> bool:
    """Write these lines in one go; False: they must go through `logger` as records, and none was written.

    The logger's own level has been asked before.  The formatter offers the shortcut by an
    attribute `around`, a function that tells what stands before and behind the text of a
    line, by server's time and status.
    """
    handler = _outlet()
    if handler is None:
        return False
    around: Callable[[str, int | None], tuple[str, str]] = handler.formatter.around
    end, least = handler.terminator, handler.level
    try:
        finished = ""
        for level, status, at, text in lines:
            if level >= least:
                before, behind = around(at, status)
                finished += f"{before}{text}{behind}{end}"
        with handler.lock:
            handler.stream.write(finished)
            handler.stream.flush()
    except Exception:
        return False  # a record meets the same trouble, and logging knows whom to tell
    return True


def goes_to_a_file() -> bool:
    """Tell whether lines could be written together, as nobody watches them come."""
    global _seen
    handler = _outlet()
    if handler is None:
        return False
    stream = handler.stream
    if stream is not _seen[0]:
        _seen = stream, type(stream) is io.TextIOWrapper and not stream.isatty()
    return _seen[1]


def _outlet() -> Any:
    """Return the handler that is all there is between a line and its stream; None if there is more."""
    handlers = logger.handlers
    if len(handlers) != 1 or logger.propagate or logger.filters:
        return None
    handler = handlers[0]
    # Tools that collect records put their own function in the place of `callHandlers`, or another factory.
    if (
        type(handler) is not logging.StreamHandler
        or handler.filters
        or getattr(handler.formatter, "around", None) is None
        or logging.Logger.callHandlers is not _flow
        or logging.getLogRecordFactory() is not logging.LogRecord
    ):
        return None
    return handler
