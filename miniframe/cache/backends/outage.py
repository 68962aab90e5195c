"""Remember that a server did not answer, so that nobody else waits for it; a thread finds out when it is back.

A server that is gone is told once, by who notices first.  From then on nobody asks it but one thread, four times a
second, which ends when it answers.  Where that thread cannot run, because the process was forked since, or because its
server has no threads, somebody may try after SILENCE seconds.

Nothing here knows what kind of server it is, or what is logged.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

__all__ = ["INTERVAL", "SILENCE", "Outage"]

INTERVAL = 0.25
"""Seconds between two looks whether the server is back."""

SILENCE = 5.0
"""Seconds after which, without a word from the thread that looks, somebody else may."""


class Outage:
    """What one process knows of one server; its threads share it."""

    def __init__(self) -> None:
        self.reason: str | None = None
        """Why it did not answer; None while it does, as far as we know."""
        self._began = 0.0
        self._heard = 0.0
        self._watcher: threading.Thread | None = None
        self._lock = threading.Lock()

    def keeps_out(self) -> str | None:
        """Return why not to ask the server, or None: who is told that has to tell `failed` or `answered`."""
        if self.reason is None:
            return None
        with self._lock:
            now = time.monotonic()
            if now - self._heard >= SILENCE:
                self._heard = now
                return None
            return self.reason  # None, if an answer came just now

    def failed(self, reason: str) -> bool:
        """Note that no answer came, and return whether that is news."""
        with self._lock:
            self._heard = time.monotonic()
            is_news = self.reason is None
            if is_news:
                self._began = self._heard
            self.reason = reason
            return is_news

    def answered(self) -> float | None:
        """Note an answer, and return after how many seconds; None where nobody had missed it."""
        if self.reason is None:
            return None
        with self._lock:
            if self.reason is None:
                return None
            # And the thread is no longer the one that looks: if the server fails again before it ends, another does.
            self.reason = self._watcher = None
            return time.monotonic() - self._began

    def watch(self, look: Callable[[], bool]) -> None:
        """Have `look` called in a thread until it returns False, or the server has answered somebody."""
        with self._lock:
            if self.reason is None or (self._watcher is not None and self._watcher.is_alive()):
                return
            self._watcher = threading.Thread(target=self._watch, args=(look,), name="miniframe-outage", daemon=True)
            try:
                self._watcher.start()
            except RuntimeError:
                pass  # no more threads, or the process is ending

    def _watch(self, look: Callable[[], bool]) -> None:
        while self._watcher is threading.current_thread():
            time.sleep(INTERVAL)
            if not look():
                return
