"""End a process that a view forked and let come back: what it came back to is its parent's.

Such a process has copies of everything: the listening socket, the poller, the client's
connection.  If it went on, two servers would take each other's events and both would
answer.  So its request's answer is never sent, and it ends where the view ends.

Source: fork(2); epoll(7), "Questions and answers", on descriptors that were duplicated.
"""

from __future__ import annotations

import logging
import os
import sys
from typing import NoReturn

logger: logging.Logger = logging.getLogger("miniframe.server")

generation: int = 0
"""How many forks lie between the process that imported this and the present one.

Counted, because asking the system for the process's id at each write would cost more.
"""


def _count() -> None:
    global generation
    generation += 1


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_count)


def leave(error: BaseException | None) -> NoReturn:
    """End this process, a child of the server's, with the exit code that `error` stands for.

    Standard output and error are flushed; no `atexit` function runs and no `finally` of
    the server, since those are the parent's.  The code is 0 after a return, that of a
    SystemExit as Python reads it (None: 0, no int: printed, 1), 130 after Ctrl-C, else 1.
    """
    code = 1
    try:
        code = _tell(error)
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    finally:
        os._exit(code)


def _tell(error: BaseException | None) -> int:
    """Say what has to be said of this end; return the exit code."""
    if error is None:
        logger.warning(
            "A process that a view forked came back from the view: it ends here, and what it returned is dropped. "
            "End it with os._exit() inside the view."
        )
        return 0
    if isinstance(error, KeyboardInterrupt):
        return 130
    if isinstance(error, SystemExit):
        if isinstance(error.code, int):
            return error.code & 0xFF
        if error.code is not None:
            print(error.code, file=sys.stderr)
        return 0 if error.code is None else 1
    logger.error("A process that a view forked failed, and ends", exc_info=error)
    return 1
