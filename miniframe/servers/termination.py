"""Let SIGTERM end a server gently: what has begun is finished, within its patience.

Source: signal(7); Python's reference "signal", section "Signals and threads".
Not here: how a server drains (see `basehttp`).
"""

from __future__ import annotations

import _thread
import os
import signal
import threading
from time import sleep
from typing import Any, Protocol

from miniframe.servers.errors import Terminated

__all__ = ["Drainable", "Termination"]


class Drainable(Protocol):
    """A server that can be asked to end."""

    draining: bool
    graceful_timeout: float

    def begin_drain(self, timeout: float) -> None:
        """Have `serve_forever` return when what has begun is finished, or after `timeout` seconds."""


class Termination:
    """While entered, SIGTERM drains the server; where signals cannot be had, nothing happens."""

    def __init__(self, server: Drainable) -> None:
        self.server = server
        self._before: Any = None
        self._mine = False
        self._process = os.getpid()

    def __enter__(self) -> None:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGTERM, self._terminate)
            self._mine = True

    def __exit__(self, *args: object) -> None:
        if self._mine:
            self._mine = False
            signal.signal(signal.SIGTERM, self._before)

    def _terminate(self, number: int, frame: object) -> None:
        if os.getpid() != self._process:
            # A process that a view forked: it is to end as if we had never been asked.
            signal.signal(number, self._before)
            os.kill(os.getpid(), number)
            return
        if self.server.draining:
            raise Terminated(0)
        self.server.begin_drain(self.server.graceful_timeout)
        # A view that never returns in this very thread would keep the drain from ending.
        # Not threading.Timer: its locks may be held by the code that we interrupted.
        _thread.start_new_thread(self._insist, (number,))

    def _insist(self, number: int) -> None:
        sleep(self.server.graceful_timeout + 0.05)
        if self._mine:
            os.kill(os.getpid(), number)
