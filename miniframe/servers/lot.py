"""Where connections are parked while their clients are silent, and served when they speak.

No connection in the lot holds a thread.  `Lot` serves them one after the other in the
caller's thread; `crew` lets several threads share one lot.

Each connection has one owner at any time: the lot while it is in `parked`, and else the
thread that took it out.  Taking it out is one atomic `dict.pop`, so there are no locks.
"""

from __future__ import annotations

import logging
import os
import threading
from collections import deque
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any, Protocol

from miniframe.servers.connection import Next, WSGIRequestHandler
from miniframe.servers.pollers import Poller, make_poller
from miniframe.servers.requestlog import hold_lines, release_lines
from miniframe.servers.streams import lose_patience

logger: logging.Logger = logging.getLogger("miniframe.server")

_NOTHING, _ELSEWHERE, _ROOM = Next.NOTHING, Next.ELSEWHERE, Next.ROOM  # to ask an Enum takes longer


class LotOwner(Protocol):
    """What a lot asks of the server it belongs to."""

    RequestHandlerClass: Any
    max_connections: int

    @property
    def listeners(self) -> Sequence[Any]:
        """The sockets that listen."""
        ...

    def accept_waiting(self) -> bool:
        """Take in every connection that waits; False: the system refused, try again later."""
        ...

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Report the exception at hand."""
        ...

    def shutdown_request(self, request: Any) -> None:
        """End a connection."""
        ...

    def service_actions(self) -> None:
        """Do what the server does from time to time."""
        ...


def _descriptors() -> int:
    """Return how many descriptors the system lets this process have."""
    most = os.sysconf("SC_OPEN_MAX") if hasattr(os, "sysconf") else 512
    return most if 0 < most < 1 << 20 else 1 << 20


class Lot:
    """The parked connections of one server, and its listening sockets."""

    batch = 64
    """How many events are taken at once while one thread serves them all."""
    watched = False
    """Somebody notices when a request takes long, and lets go of the log lines that wait for it."""
    welcome: float = 1.0
    """How many seconds a new connection is among the last to go when there is no room."""
    patience: float = 0.0
    """How many seconds a new connection may say nothing before a draining server ends it."""

    def __init__(self, server: LotOwner) -> None:
        self.server = server
        self.poller: Poller = make_poller()
        self.parked: dict[int, WSGIRequestHandler] = {}
        self.ready: deque[int] = deque()
        self.listeners: tuple[int, ...] = tuple(
            listener.fileno() for listener in server.listeners
        )  # empty: accept no more
        self.accepting: threading.Lock = threading.Lock()  # held while connections are taken in
        self.stopping: bool = False  # leave at once
        self.drain_until: float | None = None  # finish what has begun, until then
        self.closed: bool = False
        self._waiting: list[int] = []  # listeners, until there are descriptors again
        self._most = server.max_connections or _descriptors()
        self._highest = _descriptors() * 3 // 4
        self._crowded = False
        self._threads = 0  # that are inside, so that the poller must stay open
        self._door = threading.Lock()  # guards it
        for listener in self.listeners:
            self.poller.add(listener)

    # ------------------------------------------------------------- one turn
    def take(self, timeout: float | None, most: int) -> int | None:
        """Return a descriptor that has something to read, or None after `timeout` seconds."""
        try:
            return self.ready.popleft()
        except IndexError:
            pass
        if most > 1:
            release_lines()  # of several threads none is the last, so whoever watches does it
        found = self.poller.wait(timeout, most)
        if not found:
            return None
        if len(found) > 1:
            self.ready.extend(found[1:])
            if self.watched:
                hold_lines()
        return found[0]

    def backlog(self) -> int:
        """Return how many have spoken whom no thread has come to yet, or `batch` if there are as many or more."""
        missing = self.batch - len(self.ready)
        if missing > 0:
            self.ready.extend(self.poller.wait(0, missing))
        return min(len(self.ready), self.batch)

    def serve(self, descriptor: int) -> None:
        """Serve whoever has spoken."""
        handler = self.parked.pop(descriptor, None)
        if handler is not None:
            self._run(handler)
        elif descriptor in self.listeners:
            self._accept(descriptor)

    def _accept(self, listener: int) -> None:
        with self.accepting:
            if not self.listeners:
                return
            # Out of descriptors: make room, or else wait until the next sweep.
            if self.server.accept_waiting() or self.make_room():
                self.poller.rearm(listener)
            else:
                self._waiting.append(listener)

    def _run(self, handler: WSGIRequestHandler) -> None:
        """Serve what a connection has brought, then park it or close it."""
        try:
            handler.next = handler.resume()
        except Exception:
            self.server.handle_error(handler.request, handler.client_address)
            handler.next = Next.NOTHING
        except BaseException:
            self.server.shutdown_request(handler.request)
            raise
        self._settle(handler)

    def _settle(self, handler: WSGIRequestHandler) -> None:
        awaited = handler.next
        if awaited is _NOTHING or self.closed:
            self.server.shutdown_request(handler.request)
            return
        if awaited is _ELSEWHERE:
            return
        descriptor = handler.request.fileno()
        self.parked[descriptor] = handler
        # From here on another thread may own it.
        try:
            self.poller.rearm(descriptor, awaited is _ROOM)
        except (OSError, ValueError):
            # The server was closed this moment.
            if self.parked.pop(descriptor, None) is handler:
                self.server.shutdown_request(handler.request)

    def park(self, request: Any, client_address: Any) -> None:
        """Take in a new connection."""
        handler = self.server.RequestHandlerClass.parked(request, client_address, self.server)
        descriptor = request.fileno()
        self.parked[descriptor] = handler
        self.poller.add(descriptor)
        # The system gives the lowest that is free: a high one tells of all descriptors, those of files too.
        self._crowded = self._crowded or descriptor > self._highest
        if self._crowded or len(self.parked) > self._most:
            self.make_room()

    def make_room(self) -> bool:
        """Close the connection that has been idle for longest, or else one that dawdles; False: not at once.

        Who has just come goes last: those who only hold a place must not keep others out.
        """
        ranks = sorted((*self._rank(handler), descriptor) for descriptor, handler in list(self.parked.items()))
        for rank, _, descriptor in ranks:
            if rank == 2 and lose_patience(self.welcome):
                return False
            handler = self.parked.get(descriptor)
            if handler is None or (handler.idle and handler.has_spoken()):
                continue
            if self.parked.pop(descriptor, None) is handler:
                self.poller.remove(descriptor)
                self.server.shutdown_request(handler.request)
                return True
        lose_patience(self.welcome)
        return False

    def _rank(self, handler: WSGIRequestHandler) -> tuple[int, float]:
        if not handler.idle or handler.next is Next.ROOM:
            return 1, handler.deadline
        new = handler.served == 0 and monotonic() - handler.since < self.welcome
        return (2 if new else 0), handler.deadline

    def release(self, request: Any) -> None:
        """Watch a connection no longer that somebody else takes over; its thread calls this before it is gone."""
        self.poller.remove(request.fileno())

    # ------------------------------------------------------------- now and then
    def sweep(self) -> None:
        """End the connections whose time is over."""
        now = monotonic()
        self._crowded = False
        while self._waiting and self.listeners:
            self.poller.rearm(self._waiting.pop())
        for descriptor, handler in list(self.parked.items()):
            if handler.deadline < now and self.parked.pop(descriptor, None) is handler:
                handler.next = handler.expire()
                if handler.next is Next.NOTHING:
                    self.poller.remove(descriptor)
                self._settle(handler)

    def stop_accepting(self) -> None:
        """Leave the listening sockets alone from now on; new clients wait for another process."""
        with self.accepting:
            for listener in self.listeners:
                self.poller.remove(listener)
            self.listeners = ()

    def dismiss_idle(self) -> bool:
        """End the connections that have no request under way; True: no others are parked.

        One more look at each makes sure that its client has not spoken this moment.
        """
        now = monotonic()
        for descriptor, handler in list(self.parked.items()):
            new = handler.served == 0 and now - handler.since < self.patience
            if new or not handler.idle or handler.next is not Next.OCTETS:
                continue
            if self.parked.pop(descriptor, None) is not handler:
                continue
            if handler.has_spoken():
                self.parked[descriptor] = handler
                self.poller.rearm(descriptor)
            else:
                self.poller.remove(descriptor)
                self.server.shutdown_request(handler.request)
        return all(handler.next is Next.END for handler in list(self.parked.values()))

    # ------------------------------------------------------------- serving by oneself
    def serve_alone(self, poll_interval: float) -> None:
        """Serve one connection after the other in this thread until told to stop."""
        self.enter()
        try:
            self._serve_alone(poll_interval)
        finally:
            self.leave()

    def _serve_alone(self, poll_interval: float) -> None:
        next_look = monotonic() + poll_interval
        while not self.stopping:
            pause = 0.01 if self.drain_until is not None else poll_interval
            descriptor = self.take(pause, self.batch)
            if self.stopping:
                return
            if descriptor is not None:
                self.serve(descriptor)
            now = monotonic()
            if now >= next_look or descriptor is None:
                next_look = now + poll_interval
                self.sweep()
                self.server.service_actions()
            if self.drain_until is not None:
                self.poller.rest()
                if self.drained():
                    return

    def drained(self, busy: Callable[[], bool] = lambda: False) -> bool:
        """Tell whether a draining server may leave: nothing is under way any more, or time is up."""
        self.stop_accepting()
        # `busy` is asked last: a thread that takes a connection out of `parked` is busy before it does.
        nothing = self.dismiss_idle() and not self.ready and not busy()
        return nothing or (self.drain_until is not None and monotonic() >= self.drain_until)

    # ------------------------------------------------------------- the end
    def enter(self) -> None:
        """Count a thread in that may wait here."""
        with self._door:
            self._threads += 1

    def leave(self) -> None:
        """Count a thread out; the last one to leave a closed lot turns off the light."""
        with self._door:
            self._threads -= 1
            last = self.closed and self._threads == 0
        if last:
            self.poller.close()

    def close(self) -> None:
        """Close the parked connections, and let go of the system's resources when no thread is inside."""
        self.stopping = True
        self.enter()
        self.closed = True
        self.poller.wake()
        while self.parked:
            try:
                _, handler = self.parked.popitem()
            except KeyError:
                break
            self.server.shutdown_request(handler.request)
        self.leave()
