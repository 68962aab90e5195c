"""Take requests off a connection: octets in, until a whole head and its body are there.

The octets come in any pieces.  What is not a whole request yet waits here, and holds no
thread meanwhile.

Source: RFC 9112, sections 2 to 7.
Not here: the rules of a head (see `protocol`), what is done with a request (see `connection`).
"""

from __future__ import annotations

import io
from time import monotonic, perf_counter
from typing import Any

from miniframe.servers.answers import CONTINUE
from miniframe.servers.bodies import Body, ChunkedBody, LengthBody
from miniframe.servers.errors import ProtocolError
from miniframe.servers.fields import Fields
from miniframe.servers.protocol import Limits, RequestHead, parse_head
from miniframe.servers.requestlog import TLS_HELLO, RequestLog
from miniframe.servers.streams import BodyStream
from miniframe.servers.unfinished import UnfinishedHead, skip_empty_lines


class RequestReader(RequestLog):
    """The part of a request handler that reads."""

    body_buffer = 131072
    """Bodies up to this size are collected before the application is called, so that a
    slow client holds no thread; longer ones are read as the application asks."""
    head_timeout: float = 15.0
    """How long a head may take from its first octet."""
    body_timeout: float = 30.0
    """How long a body may make no progress."""
    body_rate: float = 100.0
    """Octets a second that a body must bring on the whole, once `body_timeout` is over; 0: no such bound."""

    connection: Any
    wfile: Any
    limits: Limits
    deadline: float
    """When (`monotonic`) the client must have sent what is awaited."""
    _inbox: bytes
    """Octets that came and belong to nothing yet."""

    # Until the request at hand has a body.
    _body: Body | None = None
    _collected = 0
    _body_since = 0.0
    _stream: BodyStream | None = None

    def _blank_request(self) -> None:
        self.head: RequestHead | None = None
        self._unfinished: UnfinishedHead | None = None
        self.raw_head: bytes = b""
        self.command: str = ""
        self.path: str = ""
        self.request_version: str = ""
        self._started = 0.0
        self.environ: dict[str, Any] | None = None
        if self._body is not None:
            self._begin_body(None)

    def _begin_body(self, body: Body | None) -> None:
        self._body = body
        self._parts: list[bytes] = []
        self._collected = 0
        self._body_since = 0.0
        self._stream = None

    @property
    def headers(self) -> Fields:
        """The header fields of the request at hand."""
        return Fields(self.head.fields.values if self.head is not None else {})

    @property
    def idle(self) -> bool:
        """No octet of a further request has come."""
        return not self._inbox and self.head is None and self._unfinished is None

    def _take_head(self) -> bool:
        """Move a whole head from the inbox into the request's attributes; False: not there yet."""
        if self.head is not None:
            return True
        data = self._inbox
        if self._unfinished is not None:
            return self._continue_head(self._unfinished, data)
        if data[0] < 0x20:
            self._refuse_tls(data)
            data = self._inbox = skip_empty_lines(data)
        end = data.find(b"\r\n\r\n")
        if end < 0:
            return bool(data) and self._await_head(data)
        self.raw_head, self._inbox = data[:end], data[end + 4 :]
        return self.parse_request()

    def _await_head(self, data: bytes) -> bool:
        """Begin to collect a head that comes in pieces."""
        if not self._started:
            self._started = perf_counter()
            self.deadline = monotonic() + self.head_timeout
        if data in (b"\r", TLS_HELLO[:1].encode()):
            return False  # half of an empty line, or of a TLS client's greeting
        self._unfinished = UnfinishedHead(self.limits)
        return self._continue_head(self._unfinished, data)

    def _continue_head(self, unfinished: UnfinishedHead, data: bytes) -> bool:
        self._inbox = b""
        try:
            end = unfinished.feed(data)
        finally:
            if len(self.raw_head) < 1024:
                self.raw_head = bytes(unfinished.data[:1024])
        if end < 0:
            return False
        self._unfinished = None
        self.raw_head, self._inbox = bytes(unfinished.data[:end]), bytes(unfinished.data[end + 4 :])
        return self.parse_request()

    def _refuse_tls(self, data: bytes) -> None:
        if data.startswith(TLS_HELLO.encode()):
            self.log_message('"%s" %s %s', TLS_HELLO, "400", "-")
            raise ProtocolError(0, "TLS on a port that speaks plain HTTP")

    def parse_request(self) -> bool:
        """Read `raw_head` into `head`, `command`, `path` and `request_version`; False: an error was sent."""
        try:
            head = parse_head(self.raw_head, self.limits)
        except ProtocolError as error:
            self.send_error(error.status, str(error))
            return False
        self.head = head
        line = head.line
        self.command = line.method
        self.path = line.target
        self.request_version = line.version
        self._started = perf_counter()
        if head.fields.chunked:
            self._begin_body(ChunkedBody())
        elif head.fields.length:
            self._begin_body(LengthBody(head.fields.length))
        return True

    def _take_body(self) -> bool:
        """Collect the body, or make a stream of it; False: more of it must come first.

        A client that waits for "100 Continue" is not invited before the application
        reads: it may want to refuse the body.
        """
        body = self._body
        head = self.head
        if body is None or head is None:
            return True
        if self._inbox:
            content = body.feed(self._inbox)
            self._inbox = body.rest
            self._parts.append(content)
            self._collected += len(content)
        if body.done:
            return True
        expected = head.fields.expects_continue
        if expected or max(self._collected, head.fields.length) > self.body_buffer:
            first = b"".join(self._parts)
            invite = self._invite if expected and not first else None
            self._stream = BodyStream(self.connection, body, first, self.body_timeout, invite, self.body_rate)
            return True
        self._extend_deadline()
        return False

    def _extend_deadline(self) -> None:
        """Give the body's next octets time: drop by drop it could otherwise stay for ever."""
        now = monotonic()
        since = self._body_since = self._body_since or now
        self.deadline = now + self.body_timeout
        if self.body_rate:
            self.deadline = min(self.deadline, since + self.body_timeout + self._collected / self.body_rate)

    def _invite(self) -> None:
        self.wfile.write(CONTINUE)

    def _input(self) -> Any:
        if self._stream is not None:
            return io.BufferedReader(self._stream, 65536)
        return io.BytesIO(b"".join(self._parts) if self._body is not None else b"")

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse the request at hand with this status."""
        raise NotImplementedError
