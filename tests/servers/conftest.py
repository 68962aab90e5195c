"""A server on 127.0.0.1 in a thread, and a client that sends raw octets."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from miniframe.servers.basehttp import ThreadingMixIn, WSGIRequestHandler, WSGIServer
from tests import waiting

DEADLINE = 10.0


def until(condition: Callable[[], Any], what: str = "it") -> None:
    """Wait until the condition holds; fail when that takes too long."""
    waiting.until(condition, f"{what} did not happen within {DEADLINE} seconds", DEADLINE, pause=0.002)


class Client:
    """One connection to the server under test."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=DEADLINE)
        self.received = b""

    def send(self, data: bytes) -> Client:
        self.socket.sendall(data)
        return self

    def read_until(self, mark: bytes) -> bytes:
        """Return what came up to and including `mark`; the rest is kept."""
        while mark not in self.received:
            data = self.socket.recv(65536)
            assert data, f"the server closed before {mark!r} came: {self.received!r}"
            self.received += data
        end = self.received.index(mark) + len(mark)
        taken, self.received = self.received[:end], self.received[end:]
        return taken

    def read_answer(self) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers by lower-case name and body of an answer with Content-Length or chunked."""
        head = self.read_until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:-2])}
        body = b""
        if headers.get("transfer-encoding") == "chunked":
            while size := int(self.read_until(b"\r\n"), 16):
                body += self.read_exactly(size + 2)[:-2]
            assert self.read_until(b"\r\n") == b"\r\n"
        else:
            body = self.read_exactly(int(headers.get("content-length", "0")))
        return int(head[0].split(" ")[1]), headers, body

    def read_exactly(self, count: int) -> bytes:
        while len(self.received) < count:
            data = self.socket.recv(65536)
            assert data, "the server closed in mid-body"
            self.received += data
        taken, self.received = self.received[:count], self.received[count:]
        return taken

    def read_to_end(self) -> bytes:
        """Return everything up to the server's close."""
        while data := self.socket.recv(65536):
            self.received += data
        taken, self.received = self.received, b""
        return taken

    def get(self, path: str = "/", *fields: str) -> tuple[int, dict[str, str], bytes]:
        lines = [f"GET {path} HTTP/1.1", "Host: localhost", *fields, "", ""]
        return self.send("\r\n".join(lines).encode("latin-1")).read_answer()

    def close(self) -> None:
        self.socket.close()


class Served:
    """A server that runs in a thread."""

    def __init__(self, server: WSGIServer, stack: ExitStack) -> None:
        self.server = server
        self.port = server.server_port
        self._stack = stack

    def connect(self) -> Client:
        client = Client(self.port)
        self._stack.callback(client.close)
        return client

    def get(self, path: str = "/", *fields: str) -> tuple[int, dict[str, str], bytes]:
        return self.connect().get(path, *fields)


Serve = Callable[..., Served]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start a server: `serve(app, threads=True, server_cls=WSGIServer, keep_alive_timeout=1.0, ...)`.

    Further keywords are class attributes of the request handler.
    """
    with ExitStack() as stack:

        def start(
            app: Any,
            *,
            threads: bool = True,
            server_cls: type[WSGIServer] = WSGIServer,
            handler_cls: type[WSGIRequestHandler] = WSGIRequestHandler,
            poll: float = 0.05,
            **limits: Any,
        ) -> Served:
            bases = (ThreadingMixIn, server_cls) if threads else (server_cls,)
            server: WSGIServer = type("WSGIServer", bases, {})(
                ("127.0.0.1", 0), type("Handler", (handler_cls,), limits)
            )
            server.set_app(app)
            thread = threading.Thread(target=server.serve_forever, args=(poll,))
            thread.start()

            def stop() -> None:
                server.shutdown()
                server.server_close()
                thread.join(DEADLINE)

            stack.callback(stop)
            return Served(server, stack)

        yield start


@pytest.fixture(name="until")
def until_fixture() -> Callable[..., None]:
    """Wait until a condition holds: `until(lambda: done, "the end")`."""
    return until
