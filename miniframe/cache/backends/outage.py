"""Remember for a moment that a server did not answer, so that not everybody waits for it.

A server that is gone is told once, by who notices first; for PAUSE seconds nobody asks it, then one may try while the
others are still told no.  When an answer comes, that is told as well.

Nothing here knows what kind of server it is, or what is logged.
"""

from __future__ import annotations

import threading
import time

__all__ = ["PAUSE", "Outage"]

PAUSE = 0.5
"""Seconds for which a server that did not answer is left alone."""


class Outage:
    """What one process knows of one server; its threads share it."""

    def __init__(self) -> None:
        self.reason: str | None = None
        """Why it did not answer; None while it does, as far as we know."""
        self._began = 0.0
        self._next_try = 0.0
        self._lock = threading.Lock()

    def keeps_out(self) -> bool:
        """Return whether not to ask; who is told False has to tell `failed` or `answered`, and keeps others out."""
        if self.reason is None:
            return False
        with self._lock:
            if time.monotonic() < self._next_try:
                return True
            self._next_try = float("inf")
            return False

    def failed(self, reason: str) -> bool:
        """Note that no answer came, and return whether that is news."""
        with self._lock:
            now = time.monotonic()
            is_news = self.reason is None
            if is_news:
                self._began = now
            self.reason = reason
            self._next_try = now + PAUSE
            return is_news

    def answered(self) -> float | None:
        """Note an answer, and return after how many seconds; None where nobody had missed it."""
        with self._lock:
            if self.reason is None:
                return None
            self.reason = None
            return time.monotonic() - self._began
