"""A client that shows the raw facts of an answer, and hides nothing: h11 over a socket, encrypted or not."""

from __future__ import annotations

import json
import select
import socket
import ssl
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import h11

from tests.waiting import PATIENCE

_PART = 16384

Fields = list[tuple[str, str]]


class Address(NamedTuple):
    """Where a site is found: a port on this machine, the name it answers to, and what vouches for it (None: no TLS)."""

    port: int
    name: str
    authority: str | None = None
    prefix: str = ""
    via: tuple[tuple[str, str], ...] = ()
    """Fields that a balancer in front sets, whatever the client sends; here the client stands for both."""

    @property
    def is_secure(self) -> bool:
        """Whether the visitor used https, as far as the site is told."""
        return bool(self.authority or self.via)

    @property
    def origin(self) -> str:
        """What stands before the path in an absolute address."""
        return f"{'https' if self.is_secure else 'http'}://{self.netloc}"

    @property
    def netloc(self) -> str:
        """The Host header: the port is told, unless it is the usual one."""
        return f"{self.name}:{self.port}"


@dataclass(frozen=True)
class Answer:
    """What came back: the fields as they were sent, in their order."""

    status: int
    fields: Fields
    body: bytes

    def __getitem__(self, name: str) -> str:
        """Return a field by its name, or "" where there is none; several are joined."""
        return ", ".join(self.all(name))

    def all(self, name: str) -> list[str]:
        """Return the values of all fields of this name."""
        return [value for key, value in self.fields if key == name.lower()]

    def json(self) -> Any:
        """Return what the body says."""
        assert self.status == 200, (self.status, self.body[:500])
        return json.loads(self.body)


class Connection:
    """One connection, on which requests may follow each other."""

    def __init__(self, address: Address, heeds: bool = False) -> None:
        """Connect.  One that heeds stops sending when the server begins to speak: else a refusal may get lost."""
        self.address = address
        self._heeds = heeds
        raw = socket.create_connection(("127.0.0.1", address.port), timeout=PATIENCE)
        self.socket = raw
        if address.authority is not None:
            context = ssl.create_default_context(cafile=address.authority)
            if heeds:
                # By 1.3 a server sends tickets unasked, and has not said a word.
                context.maximum_version = ssl.TLSVersion.TLSv1_2
            try:
                self.socket = context.wrap_socket(raw, server_hostname=address.name)
            except BaseException:
                raw.close()
                raise
        self._h11 = h11.Connection(h11.CLIENT)

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        self.socket.close()

    def send_head(
        self, method: str, path: str, fields: Iterable[tuple[str, str]] = (), host: str | None = None
    ) -> None:
        """Send the head of a request; the path is put below the site's prefix."""
        if self._h11.our_state is h11.DONE:
            self._h11.start_next_cycle()
        set_on_the_way = {name for name, _ in self.address.via}
        headers = [("Host", self.address.netloc if host is None else host), *self.address.via]
        headers += [(name, value) for name, value in fields if name not in set_on_the_way]
        encoded = [(name.encode("ascii"), value.encode("latin-1")) for name, value in headers]
        self._send(h11.Request(method=method, target=self.address.prefix + path, headers=encoded))

    def send_body(self, data: bytes) -> None:
        """Send a part of the body, as a chunk of its own where there is no Content-Length."""
        self._send(h11.Data(data=data))

    def finish(self) -> None:
        """Say that the request is whole."""
        self._send(h11.EndOfMessage())

    def _send(self, event: h11.Event) -> None:
        data = memoryview(self._h11.send(event) or b"")
        for start in range(0, len(data), _PART):
            if self._heeds and start and select.select([self.socket], [], [], 0)[0]:
                return
            self.socket.sendall(data[start : start + _PART])

    def read_head(self) -> Answer:
        """Read the head of the answer; informational ones are passed over."""
        while True:
            event = self._next()
            if isinstance(event, h11.Response):
                fields = [(name.decode("ascii"), value.decode("latin-1")) for name, value in event.headers]
                return Answer(event.status_code, fields, b"")
            if not isinstance(event, h11.InformationalResponse):
                raise ConnectionResetError(f"no answer, but {event!r}")

    def check_that_nothing_follows(self) -> None:
        """Fail if octets come that belong to no answer: what is next is another answer, or the end."""
        if self._h11.their_state is h11.MUST_CLOSE:
            assert bytes(self._h11.trailing_data[0]) + self.read_end() == b"", "more came than the answer"
        else:
            assert self.ask("GET", "/").body == b"hello\n"

    def read_interim(self) -> int:
        """Return the status of an informational answer."""
        event = self._next()
        assert isinstance(event, h11.InformationalResponse), event
        return int(event.status_code)

    def read_end(self) -> bytes:
        """Return all that comes until the server hangs up."""
        received = b""
        while data := self.socket.recv(65536):
            received += data
        return received

    def pieces(self) -> Iterator[bytes]:
        """Yield the body as it arrives.

        Raises:
            h11.RemoteProtocolError: the connection ended before the body did.
        """
        while not isinstance(event := self._next(), (h11.EndOfMessage, h11.ConnectionClosed)):
            assert isinstance(event, h11.Data)
            yield bytes(event.data)

    def _next(self) -> Any:
        while (event := self._h11.next_event()) is h11.NEED_DATA:
            data = self.socket.recv(65536)
            if not data and self._h11.their_state is h11.SEND_RESPONSE:
                raise ConnectionResetError("the server hung up without a word")
            self._h11.receive_data(data)
        return event

    def read(self) -> Answer:
        """Read a whole answer."""
        head = self.read_head()
        return replace(head, body=b"".join(self.pieces()))

    def ask(
        self,
        method: str,
        path: str,
        fields: Iterable[tuple[str, str]] = (),
        body: bytes = b"",
        host: str | None = None,
    ) -> Answer:
        """Send a whole request, and read its answer."""
        fields = list(fields)
        if body:
            fields.append(("Content-Length", str(len(body))))
        self.send_head(method, path, fields, host)
        if body:
            self.send_body(body)
        self.finish()
        return self.read()


def ask(
    address: Address,
    method: str = "GET",
    path: str = "/",
    fields: Iterable[tuple[str, str]] = (),
    body: bytes = b"",
    host: str | None = None,
) -> Answer:
    """Ask once, on a connection of its own."""
    with Connection(address) as connection:
        return connection.ask(method, path, fields, body, host)
