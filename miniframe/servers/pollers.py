"""Ask the system which sockets can be read, from any number of threads; each answer goes to one of them.

A socket that was reported stays silent until `rearm`: so whoever got it owns it.
`EpollPoller` has the kernel do that; `SelectorPoller` does it by hand where there is no
epoll (macOS, BSD, Windows).

Source: epoll(7), EPOLLONESHOT.
"""

from __future__ import annotations

import select
import selectors
import socket
import threading
from collections import deque
from typing import Protocol


class Poller(Protocol):
    """A set of sockets that wait for octets."""

    def add(self, descriptor: int) -> None:
        """Begin to watch a socket."""

    def rearm(self, descriptor: int, write: bool = False) -> None:
        """Watch a socket again that was reported; with `write`, for room to send."""

    def remove(self, descriptor: int) -> None:
        """Forget a socket; it may be closed already."""

    def wait(self, timeout: float | None, most: int) -> list[int]:
        """Return up to `most` sockets that can be read; none after `timeout` seconds or `wake`."""
        ...

    def wake(self) -> None:
        """Make every `wait`, now and later, return at once."""

    def rest(self) -> None:
        """Let `wait` wait again after a `wake`."""

    def close(self) -> None:
        """Release what the poller holds of the system."""


class _Waker:
    """A pair of sockets: an octet in one makes the other readable, which ends any wait."""

    def __init__(self) -> None:
        self.receiver, self._sender = socket.socketpair()
        self.receiver.setblocking(False)
        self._sender.setblocking(False)

    def wake(self) -> None:
        try:
            self._sender.send(b"!")
        except OSError:
            pass  # full, which wakes as well, or closed

    def rest(self) -> None:
        try:
            self.receiver.recv(4096)
        except OSError:
            pass

    def close(self) -> None:
        self.receiver.close()
        self._sender.close()


class EpollPoller:
    """Linux: the kernel hands each event to one waiting thread, the last that came to wait."""

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._waker = _Waker()
        self._epoll.register(self._waker.receiver, select.EPOLLIN)
        self._own = self._waker.receiver.fileno()
        self._flags = select.EPOLLIN | select.EPOLLONESHOT
        self._flags_to_write = select.EPOLLOUT | select.EPOLLONESHOT

    def add(self, descriptor: int) -> None:
        """Begin to watch a socket."""
        self._epoll.register(descriptor, self._flags)

    def rearm(self, descriptor: int, write: bool = False) -> None:
        """Watch a socket again that was reported; with `write`, for room to send."""
        self._epoll.modify(descriptor, self._flags_to_write if write else self._flags)

    def remove(self, descriptor: int) -> None:
        """Forget a socket; it may be closed already."""
        try:
            self._epoll.unregister(descriptor)
        except (OSError, ValueError):
            pass

    def wait(self, timeout: float | None, most: int) -> list[int]:
        """Return up to `most` sockets that can be read; none after `timeout` seconds or `wake`."""
        own = self._own
        return [descriptor for descriptor, _ in self._epoll.poll(timeout, most) if descriptor != own]

    def wake(self) -> None:
        """Make every `wait`, now and later, return at once."""
        self._waker.wake()

    def rest(self) -> None:
        """Let `wait` wait again after a `wake`."""
        self._waker.rest()

    def close(self) -> None:
        """Release what the poller holds of the system."""
        self._epoll.close()
        self._waker.close()


class SelectorPoller:
    """Other systems: one thread at a time waits in a selector, and shares what it learns."""

    def __init__(self, selector: selectors.BaseSelector | None = None) -> None:
        self._selector = selectors.DefaultSelector() if selector is None else selector
        self._waker = _Waker()
        self._selector.register(self._waker.receiver, selectors.EVENT_READ)
        self._turn = threading.Lock()  # held by the thread that waits
        self._changes: deque[tuple[int, int]] = deque()  # (events, descriptor), for that thread
        self._found: deque[int] = deque()
        self._awake = False

    def add(self, descriptor: int) -> None:
        """Begin to watch a socket."""
        self.rearm(descriptor)

    def rearm(self, descriptor: int, write: bool = False) -> None:
        """Watch a socket again that was reported; with `write`, for room to send."""
        self._changes.append((selectors.EVENT_WRITE if write else selectors.EVENT_READ, descriptor))
        self._waker.wake()

    def remove(self, descriptor: int) -> None:
        """Forget a socket; it may be closed already."""
        self._changes.append((0, descriptor))
        self._waker.wake()

    def wait(self, timeout: float | None, most: int) -> list[int]:
        """Return up to `most` sockets that can be read; none after `timeout` seconds or `wake`."""
        if not self._turn.acquire(timeout=-1 if timeout is None else timeout):
            return []
        try:
            if not self._found and not self._awake:
                self._select(timeout)
            return [self._found.popleft() for _ in range(min(most, len(self._found)))]
        finally:
            self._turn.release()

    def _select(self, timeout: float | None) -> None:
        while True:
            self._apply_changes()
            try:
                events = self._selector.select(timeout)
            except OSError:
                # A socket was closed under us: its removal is among the changes, or all are closed, after `wake`.
                if self._awake:
                    return
                if not self._changes:
                    raise
                continue
            for key, _ in events:
                if key.fileobj is self._waker.receiver:
                    self._waker.rest()
                else:
                    self._selector.unregister(key.fileobj)
                    self._found.append(key.fd)
            if self._found or self._awake or not events or not self._changes:
                return

    def _apply_changes(self) -> None:
        while self._changes:
            events, descriptor = self._changes.popleft()
            try:
                if events:
                    self._selector.register(descriptor, events)
                else:
                    self._selector.unregister(descriptor)
            except (KeyError, ValueError, OSError):
                pass  # it was closed meanwhile

    def wake(self) -> None:
        """Make every `wait`, now and later, return at once."""
        self._awake = True
        self._waker.wake()

    def rest(self) -> None:
        """Let `wait` wait again after a `wake`."""
        self._awake = False

    def close(self) -> None:
        """Release what the poller holds of the system."""
        self._selector.close()
        self._waker.close()


def make_poller() -> Poller:
    """Return the best poller that this system has."""
    return EpollPoller() if hasattr(select, "epoll") else SelectorPoller()
