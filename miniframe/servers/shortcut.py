"""Write a request's line straight to its stream, where a log record would end as the same line there.

A record costs four times what the line does, and with nothing configured nobody but the
one handler ever sees it.  Whether that is so is looked up for each line: a project, a test
or a library may change the logging at any moment, and then the line is a record again.

Source: Python's "Logging HOWTO", section "Logging Flow".
"""

from __future__ import annotations

import logging
from collections.abc import Callable

__all__ = ["write_line"]

logger = logging.getLogger("miniframe.server")

_flow = logging.Logger.callHandlers
_Line = Callable[[str, int | None, str], str]


def write_line(level: int, status: int | None, server_time: str, text: str) -> bool:
    """Write the line of one request; False: it must go through `logger` as a record, and nothing was written.

    The formatter offers the shortcut by an attribute `line`, a function that makes the
    finished line of server's time, status and text.
    """
    handlers = logger.handlers
    if len(handlers) != 1 or logger.propagate or logger.filters:
        return False
    handler = handlers[0]
    line: _Line | None = getattr(handler.formatter, "line", None)
    # Tools that collect records put their own function in the place of `callHandlers`, or another factory.
    if (
        line is None
        or type(handler) is not logging.StreamHandler
        or handler.filters
        or level < handler.level
        or logging.Logger.callHandlers is not _flow
        or logging.getLogRecordFactory() is not logging.LogRecord
    ):
        return False
    try:
        finished = line(server_time, status, text) + handler.terminator
        with handler.lock:  # type: ignore[union-attr]  # createLock() made it
            handler.stream.write(finished)
            handler.stream.flush()
    except Exception:
        return False  # a record meets the same trouble, and logging knows whom to tell
    return True
