"""A connection without a network: a script of octets goes in, and what the server does about it comes out."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest

from miniframe.servers.connection import Next, WSGIRequestHandler

Environ = dict[str, Any]


class Served(NamedTuple):
    """A request as the application saw it."""

    method: str
    target: str
    host: str
    body: bytes


class Talk(NamedTuple):
    """What a server did with a stream of octets."""

    served: list[Served]
    answer: bytes
    methods: list[str]
    """One for each answer: that of the request it belongs to."""


class ScriptedSocket:
    """Gives one piece at each `recv`, and then the end; keeps what is sent."""

    def __init__(self, pieces: list[bytes], ready: socket.socket) -> None:
        self.pieces = iter(pieces)
        self.sent: list[bytes] = []
        self._ready = ready

    def recv(self, size: int, flags: int = 0) -> bytes:
        piece = next(self.pieces, b"")
        assert len(piece) <= size
        return piece

    def send(self, data: bytes, flags: int = 0) -> int:
        self.sent.append(bytes(data))
        return len(data)

    def fileno(self) -> int:
        """Return a descriptor that is always ready, so that nothing ever waits."""
        return self._ready.fileno()

    def setblocking(self, flag: bool) -> None:
        """There is nothing to wait for."""

    def shutdown(self, how: int) -> None:
        """The script goes on all the same."""


class Handler(WSGIRequestHandler):
    """Collects little, so that both ways of reading a body are taken."""

    body_buffer = 24
    max_request_line = 400
    max_field_line = 400
    max_head = 900
    max_fields = 12

    def handle_one_request(self) -> None:
        self.server.methods.append(self.command)
        super().handle_one_request()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        self.server.methods.append("HEAD" if self.raw_head.startswith(b"HEAD ") else "GET")
        super().send_error(code, message, explain)


def answers(environ: Environ, start_response: Any) -> Iterator[bytes] | list[bytes]:
    """Answer in the way that the last letter of the path names."""
    way = environ["PATH_INFO"][-1:]
    if way == "n":
        start_response("204 No Content", [])
        return [b"never sent"]
    if way == "m":
        start_response("304 Not Modified", [("ETag", '"x"')])
        return []
    if way == "l":
        start_response("200 OK", [("Content-Length", "4")])
        return iter([b"le", b"ng"])
    if way == "s":
        start_response("200 OK", [])
        return iter([b"str", b"", b"eam"])
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"who", b"le"]


Converse = Callable[..., Talk]


@pytest.fixture
def converse() -> Iterator[Converse]:
    """`converse(pieces)` has a server take these octets and the client's end, and tells what came of it."""
    ready, other = socket.socketpair()
    other.send(b"x")
    logger = logging.getLogger("miniframe.server")
    before, logger.disabled = logger.disabled, True

    def run(pieces: list[bytes]) -> Talk:
        served: list[Served] = []

        def application(environ: Environ, start_response: Any) -> Any:
            body = b"" if environ["PATH_INFO"].endswith("u") else environ["wsgi.input"].read()
            query = environ["QUERY_STRING"]
            target = environ["PATH_INFO"] + (f"?{query}" if query else "")
            served.append(Served(environ["REQUEST_METHOD"], target, environ.get("HTTP_HOST", ""), body))
            return answers(environ, start_response)

        server = SimpleNamespace(base_environ={}, get_app=lambda: application, multithread=False, methods=[])
        connection = ScriptedSocket(pieces, ready)
        handler = Handler.parked(connection, ("127.0.0.1", 1), server)
        for _ in range(len(pieces) + 3):
            handler.next = handler.resume()
            if handler.next is Next.NOTHING:
                return Talk(served, b"".join(connection.sent), server.methods)
        raise AssertionError("the connection never ended")

    yield run
    logger.disabled = before
    ready.close()
    other.close()
