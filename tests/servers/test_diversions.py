"""A request that is not for the application goes to somebody else, who keeps its connection."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from miniframe.servers.basehttp import WSGIRequestHandler, WSGIServer

if TYPE_CHECKING:
    from tests.servers.conftest import Serve


Until = Callable[..., None]


class Plain(WSGIServer):
    """One whose connections cannot be parked."""

    def finish_request(self, request: Any, client_address: Any) -> None:
        super().finish_request(request, client_address)


def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["PATH_INFO"].encode()]


class Taker:
    """Takes connections away, unless it does not want them."""

    def __init__(self, wants: bool = True) -> None:
        self.wants = wants
        self.taken: list[socket.socket] = []

    def __call__(self, handler: WSGIRequestHandler) -> bool:
        if self.wants:
            handler.server.release(handler.connection)
            self.taken.append(socket.socket(fileno=handler.connection.detach()))
        return self.wants


@pytest.mark.parametrize(
    ("threads", "server_cls"),
    [
        pytest.param(True, WSGIServer, id="threads"),
        pytest.param(False, WSGIServer, id="one-thread"),
        pytest.param(True, Plain, id="a-thread-for-each"),
        pytest.param(False, Plain, id="plain"),
    ],
)
def test_a_connection_that_was_taken_is_neither_answered_nor_closed(
    serve: Serve, until: Until, threads: bool, server_cls: type[WSGIServer]
) -> None:
    taker = Taker()
    served = serve(app, threads=threads, server_cls=server_cls)
    served.server.diversions = {"/apart": taker}
    client = served.connect()
    assert client.get("/before")[2] == b"/before"
    client.send(b"GET /apart?why=so HTTP/1.1\r\nHost: localhost\r\n\r\n")
    # Another client is served, on the descriptor that has become free, perhaps.
    other = served.connect()
    assert other.get("/other")[2] == b"/other"
    until(lambda: taker.taken, "taking")
    (mine,) = taker.taken
    with mine:
        assert mine.getpeername() == client.socket.getsockname()
        mine.setblocking(True)
        mine.sendall(b"from elsewhere\n")
        assert client.read_until(b"\n") == b"from elsewhere\n"
        client.send(b"to elsewhere")
        assert mine.recv(100) == b"to elsewhere"
    assert other.get("/again")[2] == b"/again"


def test_a_connection_that_is_not_wanted_stays_with_the_application(serve: Serve) -> None:
    served = serve(app)
    served.server.diversions = {"/apart": Taker(wants=False)}
    client = served.connect()
    assert client.get("/apart")[2] == b"/apart"
    assert client.get("/after")[2] == b"/after"


@pytest.mark.parametrize("path", ["/apart/", "/Apart", "/%61part", "//apart"])
def test_only_the_exact_path_is_diverted(serve: Serve, path: str) -> None:
    served = serve(app)
    taker = Taker()
    served.server.diversions = {"/apart": taker}
    assert served.get(path)[0] == 200
    assert not taker.taken


def test_an_end_of_the_server_does_not_end_what_was_taken(serve: Serve, until: Until) -> None:
    taker = Taker()
    served = serve(app)
    served.server.diversions = {"/apart": taker}
    client = served.connect().send(b"GET /apart HTTP/1.1\r\nHost: localhost\r\n\r\n")
    until(lambda: taker.taken, "taking")
    served.server.drain(5)
    with taker.taken[0] as mine:
        mine.setblocking(True)
        mine.sendall(b"still here\n")
        assert client.read_until(b"\n") == b"still here\n"
