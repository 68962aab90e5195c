"""Clients that take their time, or take up room: none of them holds up another for long."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

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
    client = serve(echo, body_timeout=0.3, body_rate=100.0).connect().send(post(length))
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
