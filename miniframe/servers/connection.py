"""One client's connection: request after request, from the first octet to the last answer.

A `WSGIRequestHandler` is driven in one of two ways.  A server that parks connections
calls `resume()` whenever octets have come, and holds no thread in between.  Any other
server just makes the handler, and `handle()` waits by itself until the connection ends.

Source: RFC 9112, section 9.
Not here: reading a request (see `reader`), listening and threads (see `basehttp` and `lot`).
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Mapping
from enum import Enum
from socket import MSG_PEEK, SHUT_WR
from time import monotonic, time
from typing import Any

from miniframe.servers.answers import REASONS, asterisk_answer, error_answer, http_date
from miniframe.servers.errors import ClientGone, ProtocolError
from miniframe.servers.gateway import ServerHandler
from miniframe.servers.protocol import Limits
from miniframe.servers.reader import RequestReader
from miniframe.servers.requestlog import printable
from miniframe.servers.streams import SocketWriter, wait_until_ready
from miniframe.servers.tcp import BaseRequestHandler

logger: logging.Logger = logging.getLogger("miniframe.server")

Diversions = Mapping[str, Callable[["WSGIRequestHandler"], bool]]
"""For a path as it stands in the request's line: who may take the connection; False: the application answers."""


class Next(Enum):
    """What a connection waits for when its handler has done all it could."""

    OCTETS = 1
    """Octets of a request: park it."""
    END = 2
    """The client's farewell: what it still sends is thrown away, so that it can read our last answer."""
    NOTHING = 3
    """Close it."""
    ROOM = 4
    """That the client takes more of its answer, which is complete on our side."""
    ELSEWHERE = 5
    """Forget it: somebody else has it (see `WSGIServer.diversions`)."""


_OCTETS, _END, _ROOM = Next.OCTETS, Next.END, Next.ROOM  # to ask an Enum takes longer


class WSGIRequestHandler(RequestReader, BaseRequestHandler):
    """Serve the requests of one connection with the server's application.

    Each limit is a class attribute: sizes in octets, times in seconds.
    """

    server_handler_class: type[ServerHandler] = ServerHandler
    server_version = "miniframe"
    protocol_version = "HTTP/1.1"

    max_request_line = 65536
    max_field_line = 65536
    max_fields = 100
    max_head = 131072
    keep_alive_timeout: float = 75.0
    """How long a connection may lie idle."""
    send_timeout: float = 60.0
    """How long a client may take nothing of an answer."""
    linger_timeout: float = 2.0
    """How long we listen on after the last answer, so that a reset cannot overtake it."""

    # ------------------------------------------------------------- life of a connection
    @classmethod
    def parked(cls, request: Any, client_address: Any, server: Any) -> WSGIRequestHandler:
        """Make a handler that does not serve by itself: its owner calls `resume` when octets came."""
        self = cls.__new__(cls)
        self.request = request
        self.client_address = client_address
        self.server = server
        self.setup()
        return self

    def setup(self) -> None:
        """Begin with an empty connection.

        A request without `recv` is taken for a file (`makefile`): its end ends the head too.
        """
        self.connection: Any = self.request
        request = self.connection
        self.is_socket: bool = hasattr(request, "recv")
        self.rfile: Any
        self.wfile: Any
        if self.is_socket:
            request.setblocking(False)
            self._receive = request.recv
            self.rfile = None
            self.wfile = SocketWriter(request, self.send_timeout)
        else:
            self.rfile = request.makefile("rb", -1)
            self.wfile = request.makefile("wb", 0)
            self._receive = self.rfile.read
        self._diversions: Diversions = getattr(self.server, "diversions", {})
        self.limits: Limits = Limits(self.max_request_line, self.max_field_line, self.max_fields, self.max_head)
        self._remote = self.address_string()
        self.close_connection: bool = False
        self.next: Next = Next.OCTETS
        self.served: int = 0
        self.since: float = monotonic()
        self._inbox = b""
        self._blank_request()
        self.deadline: float = monotonic() + self.keep_alive_timeout

    def handle(self) -> None:
        """Serve requests until the connection ends, waiting for each (RFC 9112, section 9.3)."""
        while self.next not in (Next.NOTHING, Next.ELSEWHERE):
            seconds = max(self.deadline - monotonic(), 0.0)
            if self.is_socket and not wait_until_ready(self.connection, self.next is Next.ROOM, seconds):
                self.next = self.expire()
            else:
                self.next = self.resume()
        if self.next is Next.ELSEWHERE:
            return
        try:
            self.connection.shutdown(SHUT_WR)  # the client reads our last answer, then the end
        except (AttributeError, OSError):
            pass

    def finish(self) -> None:
        """Let go of the files, if the connection was made of such."""
        if not self.is_socket:
            self.wfile.close()
            self.rfile.close()

    def resume(self) -> Next:
        """Take what has arrived, serve each request that is complete, and say what to wait for."""
        if self.next is _ROOM:
            return self._send_rest()
        try:
            data = self._receive(65536)
        except BlockingIOError:
            return self.next
        except OSError as error:
            logger.debug("The connection of %s broke: %s", printable(self.address_string()), printable(str(error)))
            return Next.NOTHING
        if self.next is _END:
            return Next.END if data else Next.NOTHING
        if not data:
            return self._client_ended()
        self._inbox = self._inbox + data if self._inbox else data
        return self._serve()

    def _serve(self) -> Next:
        while True:
            try:
                if not (self._take_head() and (self._body is None or self._take_body())):
                    return self._linger() if self.close_connection else Next.OCTETS
                self.handle_one_request()
            except ProtocolError as error:
                return self.refuse(error)
            if self.is_socket and self.wfile.rest is not None:
                self.deadline = monotonic() + self.send_timeout
                return Next.ROOM
            if self.close_connection:
                return self._farewell()
            self.deadline = monotonic() + self.keep_alive_timeout
            if not self._inbox:
                return _OCTETS

    def _send_rest(self) -> Next:
        """Go on with an answer that the client did not take at once, and then with its next request."""
        try:
            sent = self.wfile.send_rest()
        except ClientGone as gone:
            logger.debug("The client went away: %s", printable(str(gone)))
            return Next.NOTHING
        if not sent:
            self.deadline = monotonic() + self.send_timeout
            return Next.ROOM
        if self.close_connection:
            return self._farewell()
        self.deadline = monotonic() + self.keep_alive_timeout
        return self._serve() if self._inbox else Next.OCTETS

    def _farewell(self) -> Next:
        """End the connection after an answer; with octets unread, closing at once would reset it."""
        if self.next is Next.ELSEWHERE:
            return Next.ELSEWHERE
        stream = self._stream
        if not self._inbox and (stream is None or stream.complete):
            return Next.NOTHING
        return self._linger()

    def _linger(self) -> Next:
        self._inbox = b""
        self._blank_request()
        self.deadline = monotonic() + self.linger_timeout
        if not self.is_socket:
            return Next.NOTHING
        try:
            self.connection.shutdown(SHUT_WR)
        except OSError:
            return Next.NOTHING
        return Next.END

    def _client_ended(self) -> Next:
        """The client sends no more; what it began cannot be served (RFC 9112, section 8)."""
        if self.idle:
            return Next.NOTHING
        if not self.is_socket and self.head is None:
            got = self._inbox if self._unfinished is None else self._unfinished.data
            self._inbox += b"\r\n" if got.endswith(b"\r\n") else b"\r\n\r\n"
            self._serve()
        else:
            self.refuse(ProtocolError(400, "The request ended in its middle"))
        return Next.NOTHING

    def expire(self) -> Next:
        """End a connection whose `deadline` has passed, with 408 if a request had begun."""
        if self.next is Next.OCTETS and not self.idle:
            return self.refuse(ProtocolError(408, "The request did not arrive in time"))
        if self.next is Next.ROOM:
            logger.debug("The client took nothing for %g seconds", self.send_timeout)
        return Next.NOTHING

    def has_spoken(self) -> bool:
        """Look whether octets have come that nobody has read, without taking them."""
        try:
            return bool(self.connection.recv(1, MSG_PEEK))
        except OSError:
            return False

    # ------------------------------------------------------------- serving it
    def handle_one_request(self) -> None:
        """Have the application answer the request whose head and body are there."""
        assert self.head is not None
        stream = self._stream
        path = self.head.line.path
        if path == "*":
            self._answer_asterisk()
        elif path in self._diversions and self._is_diverted():
            return
        else:
            server = self.server
            self.environ: dict[str, Any] = self.get_environ()
            handler = self.server_handler_class(
                self._input(),
                self.wfile,
                self.get_stderr(),
                self.environ,
                multithread=getattr(server, "multithread", True),
            )
            handler.request_handler = self
            if stream is not None:
                stream.answer_begun = lambda: handler.headers_sent
            handler.run(server.get_app())
        self.served += 1
        if stream is not None:
            if stream.complete:
                self._inbox = stream.body.rest
            else:
                self.close_connection = True
                return
        self._blank_request()

    def may_keep_alive(self) -> bool:
        """Tell whether another request can follow; asked when the head of the answer is written.

        It cannot when octets of this body would have to be read first.
        """
        head = self.head
        if head is None or not head.fields.keep_alive or getattr(self.server, "draining", False):
            return False
        return self._stream is None or self._stream.complete

    def _is_diverted(self) -> bool:
        """Offer the connection to whom the server has for this path; tell whether it was taken."""
        assert self.head is not None
        if not self._diversions[self.head.line.path](self):
            return False
        self.next = Next.ELSEWHERE
        self.close_connection = True
        return True

    def _answer_asterisk(self) -> None:
        answer = asterisk_answer(self.request_version, self.may_keep_alive(), self.server_version)
        self.close_connection = not answer.keep_alive
        try:
            getattr(self.wfile, "finish", self.wfile.write)(answer.octets)
        except ClientGone:
            self.close_connection = True
        self.log_request(204, 0)

    def get_environ(self) -> dict[str, Any]:
        """Return the CGI variables of the request; the gateway adds `wsgi.*`.

        Source: PEP 3333, "environ Variables"; RFC 3875, section 4.1.
        """
        head = self.head
        assert head is not None
        environ: dict[str, Any] = {**self.server.base_environ, **head.variables, "REMOTE_ADDR": self._remote}
        if head.fields.chunked and self._stream is None:
            # The body was collected: say how long it is to applications that must know.
            environ["CONTENT_LENGTH"] = str(self._collected)
        return environ

    def get_stderr(self) -> Any:
        """Return where the application may write complaints (`wsgi.errors`)."""
        return sys.stderr

    # ------------------------------------------------------------- refusing it
    def refuse(self, error: ProtocolError) -> Next:
        """Answer a request that cannot be served, and end the connection so that this can be read."""
        if error.status:
            self.send_error(error.status, str(error))
        self.close_connection = True
        return self._linger() if error.status else Next.NOTHING

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Send a whole plain-text answer with this status; the connection ends after it."""
        reason = REASONS.get(code, "Error")
        octets = error_answer(code, reason, message or explain or reason, self.server_version)
        self.log_error("code %d, message %s", code, message or reason)
        self.close_connection = True
        if self.raw_head.startswith(b"HEAD "):
            octets = octets[: octets.index(b"\r\n\r\n") + 4]
        try:
            if self.is_socket:
                # Nobody waits for a client that takes not even this: the thread may be the one that watches.
                self.wfile.finish(octets)
                self.wfile.rest = None
            else:
                self.wfile.write(octets)
        except ClientGone:
            pass
        self.log_request(code, len(octets) - octets.index(b"\r\n\r\n") - 4)

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Return a time (seconds since the epoch; now by default) as header fields write it."""
        return http_date(int(time() if timestamp is None else timestamp))

    def address_string(self) -> str:
        """Return the client's address; names are never looked up, as that can take seconds."""
        address = self.client_address
        return str(address[0]) if address and not isinstance(address, (str, bytes)) else str(address or "")

    def version_string(self) -> str:
        """Return what the Server field says."""
        return self.server_version
