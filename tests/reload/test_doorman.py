"""Where no worker can answer, the doorman does: whole answers, no resets, no waiting for slow clients."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from miniframe.autoreload import doorman
from miniframe.autoreload.audience import Audience
from miniframe.autoreload.doorman import answer, answer_next, crash_page
from miniframe.types import Environ, WSGIApplication


def obituary(what: str, output: str) -> WSGIApplication:
    """A page that tells how it was asked for."""

    def application(environ: Environ, start_response: Any) -> list[bytes]:
        start_response("500 Internal Server Error", [("Content-Type", "text/plain")])
        asked = " ".join(f"{name}={environ[name]}" for name in sorted(environ))
        return [f"{what}: {output}\n".encode(), asked.encode()]

    return application


PAGE = crash_page("ended with status 3", "Inner things", obituary)


@pytest.fixture
def client() -> Iterator[socket.socket]:
    ours, theirs = socket.socketpair()
    answer(theirs, PAGE, Audience())
    ours.settimeout(10)
    with ours:
        yield ours


def read_all(client: socket.socket) -> bytes:
    data = b""
    while more := client.recv(65536):
        data += more
    return data


def ask(head: bytes, page: WSGIApplication = PAGE, audience: Audience | None = None) -> bytes:
    ours, theirs = socket.socketpair()
    answer(theirs, page, audience or Audience())
    with ours:
        ours.settimeout(10)
        ours.sendall(head)
        ours.shutdown(socket.SHUT_WR)
        return read_all(ours)


def test_the_page_is_asked_as_any_application() -> None:
    answered = ask(b"GET /a/?b=1 HTTP/1.1\r\nHost: localhost\r\nAccept:  application/json \r\n\r\n")
    head, _, body = answered.partition(b"\r\n\r\n")
    assert head.split(b"\r\n")[0] == b"HTTP/1.1 500 Internal Server Error"
    date, *others = head.split(b"\r\n")[1:]
    assert parsedate_to_datetime(date.removeprefix(b"Date: ").decode())
    assert others == [b"Content-Type: text/plain", b"Connection: close"]
    assert body.splitlines() == [
        b"ended with status 3: Inner things",
        b"HTTP_ACCEPT=application/json HTTP_HOST=localhost PATH_INFO=/a/ QUERY_STRING=b=1 REQUEST_METHOD=GET",
    ]


def test_a_head_that_comes_in_pieces_is_waited_for(client: socket.socket) -> None:
    client.sendall(b"GET / HTTP/1.1\r\n")
    client.sendall(b"Host: localhost\r\n\r\n")
    client.shutdown(socket.SHUT_WR)
    assert read_all(client).startswith(b"HTTP/1.1 500 ")


def test_a_body_that_nobody_reads_does_not_reset_the_connection(client: socket.socket) -> None:
    client.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500000\r\n\r\n" + b"x" * 500_000)
    client.shutdown(socket.SHUT_WR)
    assert b"ended with status 3" in read_all(client)


@pytest.mark.parametrize("limit", ["threads", "descriptors"])
def test_clients_beyond_those_that_can_be_answered_wait_in_the_queue(
    monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    if limit == "threads":
        monkeypatch.setattr(doorman, "_MOST", 2)
    else:
        monkeypatch.setattr("os.sysconf", lambda name: 8)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        slow = [socket.create_connection(listener.getsockname(), 10) for _ in range(2)]
        with socket.create_connection(listener.getsockname(), 10) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            for _ in range(4):
                answer_next(listener, PAGE, Audience())
            assert sum(thread.name == "doorman" for thread in threading.enumerate()) == 2
            slow[0].close()
            slow[1].close()
            for thread in [each for each in threading.enumerate() if each.name == "doorman"]:
                thread.join(10)
            answer_next(listener, PAGE, Audience())
            assert client.recv(65536).startswith(b"HTTP/1.1 500 ")


def test_head_gets_no_body() -> None:
    assert ask(b"HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n").endswith(b"Connection: close\r\n\r\n")


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"GARBAGE\r\n\r\n", id="no-request"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: localhost\r\n folded: 1\r\n\r\n", id="folded"),
        pytest.param(b"GET / HTTP/1.1\r\nHost : localhost\r\n\r\n", id="blank-after-a-name"),
    ],
)
def test_what_is_no_request_is_told_nothing(head: bytes) -> None:
    answered = ask(head)
    assert answered.startswith(b"HTTP/1.1 400 ")
    assert b"Inner things" not in answered


@pytest.mark.parametrize(
    ("hosts", "audience", "status"),
    [
        pytest.param(["localhost"], Audience(), b"500", id="this-machine"),
        pytest.param(["evil.example"], Audience(), b"400", id="forged"),
        pytest.param(["localhost", "evil.example"], Audience(), b"400", id="one-of-two-forged"),
        pytest.param(["dev.example"], Audience(hosts=("dev.example",)), b"500", id="allowed"),
        pytest.param(["localhost"], Audience(debug=False), b"500", id="no-debug"),
    ],
)
def test_the_page_is_for_those_who_may_see_it(hosts: list[str], audience: Audience, status: bytes) -> None:
    lines = b"".join(b"HOST:%b \r\n" % host.encode() for host in hosts)
    answered = ask(b"GET / HTTP/1.1\r\n" + lines + b"\r\n", audience=audience)
    assert answered.split()[1] == status
    assert (b"Inner things" in answered) is (status == b"500" and audience.debug)


def test_without_a_maker_of_pages_there_is_a_plain_one_without_secrets() -> None:
    answered = ask(b"GET / HTTP/1.1\r\n\r\n", crash_page("ended with status 3", "TOKEN = 'geheim-0815'\nlast words"))
    assert b"\r\nContent-Type: text/plain; charset=utf-8\r\n" in answered
    assert b"\r\nX-Content-Type-Options: nosniff\r\n" in answered
    assert b"The server process ended with status 3.\n\nTOKEN = '****" in answered
    assert b"last words" in answered
    assert b"geheim" not in answered


def test_a_maker_of_pages_that_fails_is_named_on_the_plain_one() -> None:
    def broken(what: str, output: str) -> WSGIApplication:
        raise LookupError("no ink")

    answered = ask(b"GET / HTTP/1.1\r\n\r\n", crash_page("ended with status 3", "last words", broken))
    assert b"last words\n\nThe error page could not be made: LookupError: no ink" in answered
