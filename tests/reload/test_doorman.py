"""Where no worker can answer, the doorman does: whole answers, no resets, no waiting for slow clients."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from miniframe.autoreload.doorman import answer, crash_page


@pytest.fixture
def client() -> Iterator[socket.socket]:
    ours, theirs = socket.socketpair()
    answer(theirs, crash_page("ended with status 3", "no <such> key"))
    ours.settimeout(10)
    with ours:
        yield ours


def read_all(client: socket.socket) -> bytes:
    data = b""
    while more := client.recv(65536):
        data += more
    return data


def test_the_page_is_a_whole_answer_with_the_last_words(client: socket.socket) -> None:
    client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    client.shutdown(socket.SHUT_WR)
    head, _, body = read_all(client).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 500 ")
    assert f"Content-Length: {len(body)}".encode() in head
    assert b"The server process ended with status 3" in body
    assert b"no &lt;such&gt; key" in body


def test_a_head_that_comes_in_pieces_is_waited_for(client: socket.socket) -> None:
    client.sendall(b"GET / HTTP/1.1\r\n")
    client.sendall(b"Host: x\r\n\r\n")
    client.shutdown(socket.SHUT_WR)
    assert read_all(client).startswith(b"HTTP/1.1 500 ")


def test_a_body_that_nobody_reads_does_not_reset_the_connection(client: socket.socket) -> None:
    client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\n" + b"x" * 500_000)
    client.shutdown(socket.SHUT_WR)
    assert b"ended with status 3" in read_all(client)


def test_head_gets_no_body(client: socket.socket) -> None:
    client.sendall(b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n")
    client.shutdown(socket.SHUT_WR)
    assert read_all(client).endswith(b"Connection: close\r\n\r\n")


def test_silence_is_said_to_be_silence() -> None:
    assert b"It left no message" in crash_page("was ended by SIGSEGV", " \n")
