"""Wait in one thread for everything the supervisor hears of: sockets and pipes, signals, times, other threads.

    on, off      call this whenever there is something to read there; no longer
    later        call this after so many seconds, unless it is cancelled
    call         call this soon; the one method for other threads
    signals      from here on signals arrive as calls, like everything else

So nothing that is called here is ever interrupted by another of them, and none needs a lock.

Source: select(2), signal(7); Python's reference "signal", section "set_wakeup_fd".
"""

from __future__ import annotations

import collections
import os
import selectors
import signal
import socket
import time
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any

__all__ = ["Loop", "Timer", "at_most"]

# Not on every system.
_HANGUP = getattr(signal, "SIGHUP", None)


class Timer:
    """Something to do at a time (seconds, as `time.monotonic()`); done once, unless cancelled before."""

    def __init__(self, due: float, deal: Callable[[], object]) -> None:
        self.due: float = due
        self.deal = deal

    def cancel(self) -> None:
        """See that nothing happens; neither does it happen if all is done already."""
        self.due = float("inf")


class Loop:
    """One selector, whose every key carries the function that deals with it."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._timers: list[Timer] = []
        self._calls: collections.deque[Callable[[], object]] = collections.deque()
        self._alarm, self._bell = socket.socketpair()
        for end in (self._alarm, self._bell):
            end.setblocking(False)
        self._before: dict[int, Any] = {}
        self._on_signals: Callable[[bytes], None] = lambda numbers: None
        self.on(self._alarm, self._wake)

    def on(self, source: Any, deal: Callable[[], object]) -> None:
        """Call `deal` whenever there is something to read from `source`, a descriptor or what has one."""
        self._selector.register(source, selectors.EVENT_READ, deal)

    def off(self, source: Any) -> None:
        """Listen to `source` no longer; to be called before it is closed."""
        self._selector.unregister(source)

    def later(self, seconds: float, deal: Callable[[], object]) -> Timer:
        """Call `deal` once, after so many seconds."""
        timer = Timer(time.monotonic() + seconds, deal)
        self._timers.append(timer)
        return timer

    def call(self, deal: Callable[[], object]) -> None:
        """Call `deal` soon, in the loop's thread; for other threads."""
        self._calls.append(deal)
        try:
            self._bell.send(b"\0")
        except OSError:
            # The bell is full, so it rings already; or all is over.
            pass

    def signals(self, numbers: Iterable[int], deal: Callable[[bytes], None]) -> None:
        """Call `deal` with the numbers of signals that have come, whatever was to be done about them before.

        All of `numbers` are set: a shell may have started us with Ctrl-C ignored, and process 1 of a container
        has no default for SIGTERM.  Only a hangup that is ignored stays so: that is what nohup(1) is for.
        """
        self._on_signals = deal
        numbers = [number for number in numbers if number != _HANGUP or signal.getsignal(number) != signal.SIG_IGN]
        self._before = {number: signal.signal(number, _leave_it_to_the_selector) for number in numbers}
        signal.set_wakeup_fd(self._bell.fileno(), warn_on_full_buffer=False)
        # Those that came before there was anybody to deal with them (see `beginning`) come now.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, numbers)

    def turn(self) -> None:
        """Wait until something happens, and deal with it."""
        self._timers = [timer for timer in self._timers if timer.due < float("inf")]
        due = min((timer.due for timer in self._timers), default=float("inf"))
        patience = None if due == float("inf") else max(due - time.monotonic(), 0)
        for key, _ in self._selector.select(patience):
            # What was dealt with just before may have ended this one.
            if self._selector.get_map().get(key.fd) is key:
                key.data()
        now = time.monotonic()
        for timer in list(self._timers):
            if timer.due <= now:
                timer.cancel()
                timer.deal()

    def _wake(self) -> None:
        rung = self._alarm.recv(4096)
        if rung.strip(b"\0"):
            self._on_signals(rung)
        while self._calls:
            self._calls.popleft()()

    def close(self) -> None:
        """Give signals back to whom they were before, and let go of everything."""
        if self._before:
            signal.set_wakeup_fd(-1)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._selector.close()
        self._alarm.close()
        self._bell.close()


def at_most(connections: int) -> int:
    """Return how many connections of one kind may be open, no more than these.

    Without a descriptor left no worker could be started, so a kind has a quarter of all.
    """
    descriptors = os.sysconf("SC_OPEN_MAX")
    return connections if descriptors < 0 else min(connections, max(descriptors // 4, 1))


def _leave_it_to_the_selector(number: int, frame: FrameType | None) -> None:
    """Do nothing: `set_wakeup_fd` has put the signal's number where the selector sees it."""
