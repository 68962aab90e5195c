"""Read from and write to a connection that does not block, waiting where a caller wants to.

`SocketWriter` is what answers are written to, `BodyStream` is `wsgi.input` for bodies
that are too large to be collected first.  Each wait has a bound.

Source: PEP 3333, "Input and Error Streams".
"""

from __future__ import annotations

import errno
import io
import os
import select
import socket
from collections.abc import Callable
from time import monotonic
from typing import Any

from miniframe.servers.bodies import Body
from miniframe.servers.errors import BrokenBody, ClientGone, ProtocolError

# Holds a head back until the file behind it follows, so that both share a packet.
_MORE = getattr(socket, "MSG_MORE", 0)


# Clients that hold up a thread of this process, and since when.
_awaited: dict[socket.socket, float] = {}


def wait_until_ready(connection: socket.socket, write: bool, seconds: float) -> bool:
    """Wait until the socket can be read (or written); False: `seconds` passed before.

    Raises:
        OSError: the socket was closed meanwhile.
    """
    _awaited[connection] = monotonic()
    try:
        return _wait_until_ready(connection, write, seconds)
    finally:
        _awaited.pop(connection, None)


def lose_patience(seconds: float) -> bool:
    """Cut off the client that a thread has waited for longest, for others need its place.

    False: none has been waited for longer than `seconds`.
    """
    connection, since = min(list(_awaited.items()), key=lambda item: item[1], default=(None, 0.0))
    if connection is None or monotonic() - since <= seconds or not _awaited.pop(connection, 0.0):
        return False
    try:
        socket.socket.shutdown(connection, socket.SHUT_RDWR)  # ends the wait
    except OSError:
        pass
    return True


def _wait_until_ready(connection: socket.socket, write: bool, seconds: float) -> bool:
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(connection, select.POLLOUT if write else select.POLLIN)
        return bool(poll.poll(seconds * 1000))
    one = [connection]  # select() is for the few systems without poll()
    readable, writable, _ = select.select([] if write else one, one if write else [], [], seconds)
    return bool(readable or writable)


class Rest:
    """What a client has not taken yet of an answer: octets, and behind them a part of a file."""

    __slots__ = ("count", "descriptor", "octets", "offset", "own")

    def __init__(self, octets: memoryview, descriptor: int = -1, offset: int = 0, count: int = 0) -> None:
        self.octets: memoryview[int] = octets
        self.descriptor: int = descriptor
        self.offset: int = offset
        self.count: int = count
        self.own: bool = False

    def keep_file(self) -> None:
        """Hold the file open, for the application is about to close its own."""
        if self.count:
            self.descriptor = os.dup(self.descriptor)
            self.own = True

    def __del__(self) -> None:
        if self.own:
            os.close(self.descriptor)


class SocketWriter:
    """The client's end of a connection, as a file that takes everything or fails.

    `timeout` is how many seconds the client may take nothing at all.  The end of an
    answer (`finish`, `sendfile`) is not waited for: what the client does not take at
    once is `rest`, and `send_rest` goes on with it when there is room again.
    """

    rest: Rest | None = None

    def __init__(self, connection: socket.socket, timeout: float) -> None:
        self.connection = connection
        self.timeout = timeout

    def write(self, data: bytes, flags: int = 0) -> int:
        """Send all of `data`; return its length.

        Raises:
            ClientGone: the connection broke, or nothing was taken for `timeout` seconds.
        """
        sent = self._send(data, flags)
        if sent < len(data):
            left = memoryview(data)[sent:]
            while left:
                self._wait()
                left = left[self._send(left, flags) :]
        return len(data)

    def flush(self) -> None:
        """Do nothing: `write` has sent everything."""

    def close(self) -> None:
        """Do nothing: the connection is its server's to close."""

    def _send(self, data: bytes | memoryview, flags: int) -> int:
        try:
            return self.connection.send(data, flags)
        except BlockingIOError:
            return 0
        except OSError as error:
            raise ClientGone(str(error)) from error

    def _wait(self) -> None:
        try:
            ready = wait_until_ready(self.connection, True, self.timeout)
        except (OSError, ValueError) as error:
            raise ClientGone(str(error)) from error
        if not ready:
            raise ClientGone(f"took nothing for {self.timeout:g} seconds")

    def finish(self, data: bytes) -> None:
        """Send the last octets of an answer, as far as the client takes them now; the others are `rest`.

        Raises:
            ClientGone: the connection broke.
        """
        try:
            sent = self.connection.send(data)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            raise ClientGone(str(error)) from error
        if sent < len(data):
            self.rest = Rest(memoryview(data)[sent:])

    def sendfile(self, head: bytes, descriptor: int, offset: int, count: int) -> int:
        """Send `head`, then `count` octets of a file from `offset`, as `finish` does; return how many those are.

        Fewer than `count` means that the file has shrunk meanwhile.

        Raises:
            ClientGone: the connection broke.
        """
        rest = Rest(memoryview(head), descriptor, offset, count)
        try:
            if not self._push(rest):
                rest.keep_file()
                self.rest = rest
        except EOFError:
            return count - rest.count
        return count

    def send_rest(self) -> bool:
        """Send more of `rest`; True: that was all.

        Raises:
            ClientGone: the connection broke, or the file has shrunk, so that the answer cannot be completed.
        """
        assert self.rest is not None
        try:
            if not self._push(self.rest):
                return False
        except EOFError as error:
            raise ClientGone("the file has shrunk") from error
        self.rest = None
        return True

    def _push(self, rest: Rest) -> bool:
        """Send until all is gone (True) or nothing more is taken.

        Raises:
            EOFError: the file ends before its part does.
            ClientGone: the connection broke.
        """
        while rest.octets:
            sent = self._send(rest.octets, _MORE if rest.count else 0)
            if not sent:
                return False
            rest.octets = rest.octets[sent:]
        while rest.count:
            try:
                sent = self._sendfile(rest.descriptor, rest.offset, rest.count)
            except BlockingIOError:
                return False
            except OSError as error:
                raise ClientGone(str(error)) from error
            if not sent:
                raise EOFError
            rest.offset += sent
            rest.count -= sent
        return True

    def _sendfile(self, descriptor: int, offset: int, count: int) -> int:
        if hasattr(os, "sendfile"):
            try:
                return os.sendfile(self.connection.fileno(), descriptor, offset, count)
            except OSError as error:
                if error.errno not in (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP):
                    raise
        # Not on this system, or not from this file system: copy by hand, as much as the client takes.
        os.lseek(descriptor, offset, os.SEEK_SET)
        data = os.read(descriptor, min(count, 65536))
        return self.connection.send(data) if data else 0


class BodyStream(io.RawIOBase):
    """The rest of a request's body, read from the connection as the application asks for it.

    `first` are octets of the content that came before the application was called.
    The client may send nothing for `timeout` seconds, and may keep us waiting for that
    long and as much as `rate` (octets a second, 0: no bound) grants what it has sent.
    """

    def __init__(
        self,
        connection: socket.socket,
        body: Body,
        first: bytes,
        timeout: float,
        invite: Callable[[], Any] | None = None,
        rate: float = 0.0,
    ) -> None:
        self.connection = connection
        self.body = body
        self.timeout = timeout
        self.rate = rate
        self.answer_begun: Callable[[], bool] = lambda: False
        """Whether the client is being answered already: then it is too late to invite its body."""
        self._pending = memoryview(first)
        self._invite = invite
        self._waited = 0.0
        self._came = len(first)

    @property
    def complete(self) -> bool:
        """The whole body was taken off the connection (if not yet by the application)."""
        return self.body.done

    def readable(self) -> bool:
        """Tell `io` that this stream is for reading."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer` with what is there, waiting for the first octet; 0 at the end.

        Raises:
            BrokenBody: the body is malformed, ended early, or did not come in time.
            ClientGone: the connection broke.
        """
        while not self._pending and not self.body.done:
            self._pending = memoryview(self._receive())
        count = min(len(buffer), len(self._pending))
        buffer[:count] = self._pending[:count]
        self._pending = self._pending[count:]
        return count

    def _receive(self) -> bytes:
        if self._invite is not None:
            # The client waits for "100 Continue"; it is said once, on the first read.
            invite, self._invite = self._invite, None
            if not self.answer_begun():
                invite()
        try:
            self._wait()
            data = self.connection.recv(65536)
        except BlockingIOError:
            return b""
        except BrokenBody:
            raise
        except (OSError, ValueError) as error:
            raise ClientGone(str(error)) from error
        if not data:
            raise BrokenBody(400, "The request ended in the middle of its body")
        self._came += len(data)
        try:
            return self.body.feed(data)
        except ProtocolError as error:
            raise BrokenBody(error.status, str(error)) from error

    def _wait(self) -> None:
        seconds = self.timeout
        if self.rate:
            seconds = min(seconds, max(self.timeout + self._came / self.rate - self._waited, 0.0))
        started = monotonic()
        if not wait_until_ready(self.connection, False, seconds):
            raise BrokenBody(408, "The body did not arrive in time")
        self._waited += monotonic() - started
