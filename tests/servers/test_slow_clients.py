"""Clients that take their time, or take up room: none of them holds up another for long."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from miniframe.servers.basehttp import ThreadingMixIn, WSGIServer
from miniframe.servers.connection import Next

LARGE = bytes(range(256)) * 44_000
"""More than the system's buffers hold."""

Environ = dict[str, Any]


def echo(environ: Environ, start_response: Any) -> list[bytes]:
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


def post(length: int, *fields: str) -> bytes:
    return "\r\n".join(["POST / HTTP/1.1", "Host: localhost", f"Content-Length: {length}", *fields, "", ""]).encode()


# ---------------------------------------------------------------- bodies, drop by drop
@pytest.mark.parametrize("length", [1000, 900_000], ids=["collected", "read-by-the-view"])
def test_a_body_that_drips_is_given_up(serve: Any, length: int) -> None:
    client = serve(echo, body_timeout=0.3, body_rate=100.0, linger_timeout=0.1).connect().send(post(length))
    started = time.monotonic()
    try:
        while time.monotonic() - started < 10:
            client.send(b"x")  # never silent for long, and never done
            time.sleep(0.02)
    except OSError:
        pass  # the server is gone, at last
    assert time.monotonic() - started < 8
    assert client.received == b""


@pytest.mark.parametrize("length", [1000, 900_000], ids=["collected", "read-by-the-view"])
def test_a_body_that_pauses_after_it_was_quick_is_waited_for(serve: Any, length: int) -> None:
    client = serve(echo, body_timeout=5.0, body_rate=100.0).connect().send(post(length) + b"x" * (length - 5))
    for _ in range(5):
        time.sleep(0.02)
        client.send(b"y")
    assert client.read_answer()[2] == b"x" * (length - 5) + b"yyyyy"


# ---------------------------------------------------------------- answers that nobody takes
@pytest.fixture
def large(tmp_path: Path) -> Any:
    """Answers /file with a file, /whole with octets that are all there, and anything else with a word."""
    path = tmp_path / "large"
    path.write_bytes(LARGE)

    def application(environ: Environ, start_response: Any) -> Any:
        kind = environ["PATH_INFO"]
        start_response("200 OK", [])
        if kind == "/file":
            return environ["wsgi.file_wrapper"](path.open("rb"))
        return [LARGE if kind == "/whole" else b"quick"]

    return application


@pytest.mark.parametrize("kind", ["whole", "file"])
@pytest.mark.parametrize("threads", [True, False], ids=["threads", "serial"])
def test_an_answer_that_is_taken_slowly_holds_no_thread(
    serve: Any, until: Any, large: Any, monkeypatch: pytest.MonkeyPatch, kind: str, threads: bool
) -> None:
    monkeypatch.setattr("miniframe.servers.crew.Crew.quiet", 0.1)
    served = serve(large, threads=threads)
    request = f"GET /{kind} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    slow = [served.connect().send(request + request.replace(kind.encode(), b"quick")) for _ in range(8)]

    def one_is_left() -> bool:
        assert served.get()[2] == b"quick"
        return sum(thread.name.startswith("miniframe-") for thread in threading.enumerate()) <= 2

    until(one_is_left, "the threads' leaving")
    for client in slow[:3]:
        assert client.read_answer()[2] == LARGE
        assert client.read_answer()[2] == b"quick"


def test_a_client_that_closes_behind_its_request_still_gets_all_of_the_answer(serve: Any, large: Any) -> None:
    client = serve(large).connect().send(b"GET /file HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    client.socket.shutdown(socket.SHUT_WR)
    assert client.read_to_end().endswith(b"\r\n\r\n" + LARGE)


def test_a_file_that_shrinks_while_it_is_sent_cuts_the_answer(serve: Any, until: Any, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(LARGE)

    def application(environ: Environ, start_response: Any) -> Any:
        start_response("200 OK", [])
        return environ["wsgi.file_wrapper"](path.open("rb"))

    served = serve(application)
    client = served.connect().send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    client.read_until(b"\r\n\r\n")
    lot = served.server._lot
    until(lambda: any(each.next is Next.ROOM for each in list(lot.parked.values())))
    path.write_bytes(b"")
    assert len(client.read_to_end()) < len(LARGE)


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="looks into /proc")
def test_clients_that_leave_an_answer_behind_leave_no_descriptor(serve: Any, until: Any, large: Any) -> None:
    served = serve(large)
    served.get()  # so that the server has all that it needs itself
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        client = served.connect().send(b"GET /file HTTP/1.1\r\nHost: localhost\r\n\r\n")
        client.read_until(b"\r\n\r\n")
        client.close()
    until(lambda: len(os.listdir("/proc/self/fd")) <= before, "closing all files")


# ---------------------------------------------------------------- connections that take up room
def roomy(most: int) -> type[WSGIServer]:
    return type("WSGIServer", (WSGIServer,), {"max_connections": most})


def is_open(client: Any) -> bool:
    client.socket.settimeout(0.0)
    try:
        return bool(client.socket.recv(1))
    except BlockingIOError:
        return True
    finally:
        client.socket.settimeout(10)


@pytest.mark.parametrize("threads", [True, False], ids=["threads", "serial"])
def test_without_room_the_idlest_connection_has_to_go(serve: Any, until: Any, large: Any, threads: bool) -> None:
    served = serve(large, threads=threads, server_cls=roomy(4))
    clients = [served.connect() for _ in range(4)]
    for client in clients:
        assert client.get()[2] == b"quick"
    assert clients[0].get()[2] == b"quick"  # now the second has been idle for longest
    assert served.get()[2] == b"quick"
    until(lambda: not is_open(clients[1]), "closing the idlest")
    assert [is_open(client) for client in clients] == [True, False, True, True]


def test_half_sent_requests_cannot_keep_others_out(serve: Any, until: Any, large: Any) -> None:
    served = serve(large, server_cls=roomy(4))
    slow = [served.connect().send(b"GET / HTTP/1.1\r\nHost: ") for _ in range(4)]
    until(lambda: served.server._lot and sum(not one.idle for one in list(served.server._lot.parked.values())) == 4)
    assert served.get()[2] == b"quick"
    until(lambda: not is_open(slow[0]), "closing the slowest")
    assert is_open(slow[3])


def test_dawdlers_that_hold_all_threads_lose_them_when_others_come(
    serve: Any, until: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many threads there may be, somebody has as many connections."""
    begun: list[int] = []

    def application(environ: Environ, start_response: Any) -> list[bytes]:
        begun.append(1)
        return echo(environ, start_response)

    monkeypatch.setattr(ThreadingMixIn, "max_threads", 3)
    monkeypatch.setattr("miniframe.servers.crew.Crew.quiet", 0.2)
    served = serve(application)
    dawdlers = [served.connect().send(post(900_000)) for _ in range(6)]
    until(lambda: len(begun) >= 3, "taking all threads")
    assert served.get()[0] == 200
    until(lambda: sum(is_open(client) for client in dawdlers) < 6, "cutting a dawdler off")


# ---------------------------------------------------------------- Expect: 100-continue
def test_nobody_is_invited_in_the_middle_of_the_answer(serve: Any) -> None:
    """The interim answer would be taken for a part of the final one (RFC 9110, section 10.1.1)."""

    def application(environ: Environ, start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        yield b"before"
        yield environ["wsgi.input"].read()

    client = serve(application).connect().send(post(5, "Expect: 100-continue"))
    client.read_until(b"before\r\n")
    client.send(b"hello")
    assert client.read_to_end() == b"5\r\nhello\r\n0\r\n\r\n"
