"""One worker as its supervisor sees it: a process, its state, its end of the conversation, its last words.

Source: posix_spawn(3), wait(2).
Not here: when a worker is started and ended (see `supervisor`).
"""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from miniframe.autoreload.audience import AUDIENCE
from miniframe.autoreload.channel import DESCRIPTORS, RUN_MAIN, Channel, Descriptors, Ends

if TYPE_CHECKING:
    from miniframe.autoreload.copying.nursery import Nursery
    from miniframe.autoreload.loop import Timer

__all__ = ["SOUND", "Worker", "start"]

SOUND: Final = 1.0
"""Seconds that a worker has to serve, to be taken for one that can."""

# As much of standard error as fits a page.
_TAIL = 16384


class Worker:
    """A process that serves, or tries to.

    `state` is "booting", "serving", "leaving" or "quitting".  `reason` says why it was started, for people,
    and is empty for the first.  When `deadline` is reached it is killed.
    One that `is_broken` serves its error page.  `born` is in ns.
    """

    def __init__(self, pid: int, channel: Channel, stderr: int, reason: str, born: int) -> None:
        self.pid = pid
        self.channel = channel
        self.stderr: int = stderr
        self.reason = reason
        self.last_words: bytes = b""
        self.state = "booting"
        self.is_broken = False
        self.born = born
        self.serving_since: float = 0.0
        self.is_second_try = False
        self.deadline: Timer | None = None

    def kill(self) -> None:
        """End the process now; nothing happens if it has ended already."""
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def deserves_another(self, status: int | None) -> bool:
        """Return whether the next one may fare better: this one was sound, or was killed at once for the first time."""
        if self.state not in ("booting", "serving"):
            return False
        was_killed = status is None or status < 0
        return self.was_sound() or (was_killed and not self.is_second_try)

    def was_sound(self) -> bool:
        """Return whether it has served for a second; one that ends sooner would mostly only end again."""
        return self.state == "serving" and time.monotonic() - self.serving_since >= SOUND

    def is_connected(self) -> bool:
        """Return whether our end of the conversation is still open."""
        return self.channel.socket.fileno() >= 0

    def overhear(self) -> bool:
        """Pass its standard error on to the terminal and remember the end of it; return False when there is no more."""
        try:
            data = os.read(self.stderr, 65536)
        except BlockingIOError:
            return True
        self.last_words = (self.last_words + data)[-_TAIL:]
        try:
            os.write(2, data)
        except OSError:
            # The terminal is gone; the page still shows it.
            pass
        return bool(data)

    def close_stderr(self) -> None:
        """Stop listening to its standard error."""
        os.close(self.stderr)
        self.stderr = -1


def start(
    command: list[str],
    listeners: Sequence[socket.socket],
    reason: str,
    audience: str = "",
    nursery: Nursery | None = None,
) -> Worker:
    """Start the program afresh as a worker; the one place that knows how a worker comes into the world.

    A `nursery` may have one at hand that is as good.  `audience` is what the last worker with sound settings
    said of itself.

    It shares our terminal and process group, so that a debugger in it can read what is typed.
    """
    ways: list[Callable[[Ends], int | None]] = [lambda ends: _spawn(command, ends, audience)]
    if nursery is not None:
        ways.insert(0, lambda ends: nursery.bear(ends, audience))
    # Each with ends of its own: one that was tried in vain may not have let go of them yet.
    return next(worker for worker in (_begin(way, listeners, reason) for way in ways) if worker is not None)


def _begin(bear: Callable[[Ends], int | None], listeners: Sequence[socket.socket], reason: str) -> Worker | None:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    overheard, stderr = os.pipe()
    os.set_blocking(overheard, False)
    terminal = os.dup(2)
    born = time.time_ns()
    pid = None
    try:
        pid = bear(Ends(stderr, terminal, theirs.fileno(), tuple(listener.fileno() for listener in listeners)))
    finally:
        theirs.close()
        os.close(stderr)
        os.close(terminal)
        if pid is None:
            ours.close()
            os.close(overheard)
    return None if pid is None else Worker(pid, Channel(ours), overheard, reason, born)


def _spawn(command: list[str], ends: Ends, audience: str) -> int:
    given = Descriptors(ends.control, ends.terminal, ends.listeners)
    for number in (given.control, given.stderr, *given.listeners):
        os.set_inheritable(number, True)
    return os.posix_spawn(
        command[0],
        command,
        {**os.environ, RUN_MAIN: "true", DESCRIPTORS: str(given), AUDIENCE: audience},
        file_actions=[(os.POSIX_SPAWN_DUP2, ends.stderr, 2)],
        # Ctrl-C is held back until the worker can end without a traceback; `worker.attach` lets it in.
        setsigmask=[signal.SIGINT],
        # Not SIGHUP: who ignores that has been started by nohup(1).
        setsigdef=[signal.SIGINT, signal.SIGTERM],
    )
