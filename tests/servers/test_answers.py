"""From status and headers to octets."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest

from miniframe.servers.answers import (
    AnswerHead,
    check_headers,
    error_answer,
    frame_answer,
    http_date,
    parse_status,
)
from miniframe.servers.errors import ApplicationError


def frame(status: str = "200 OK", headers: list[tuple[str, str]] | None = None, **kwargs: Any) -> AnswerHead:
    """An answer to a plain GET of HTTP/1.1 unless something else is said."""
    usual: dict[str, Any] = {"method": "GET", "version": "HTTP/1.1", "keep_alive": True, "known_length": None}
    return frame_answer(status, check_headers(headers or []), **{**usual, **kwargs})


@pytest.mark.parametrize(
    ("kwargs", "has", "chunked", "keep_alive"),
    [
        pytest.param({"known_length": 5}, b"Content-Length: 5\r\n", False, True, id="known-length"),
        pytest.param({}, b"Transfer-Encoding: chunked\r\n", True, True, id="unknown-length"),
        pytest.param({"version": "HTTP/1.0"}, b"", False, False, id="unknown-length-in-1.0-ends-by-closing"),
        pytest.param(
            {"version": "HTTP/1.0", "known_length": 5}, b"Connection: keep-alive\r\n", False, True, id="1.0-keep-alive"
        ),
        pytest.param({"keep_alive": False, "known_length": 5}, b"Connection: close\r\n", False, False, id="close"),
        pytest.param({"headers": [("content-length", "7")]}, b"content-length: 7\r\n", False, True, id="own-length"),
    ],
)
def test_client_learns_where_the_body_ends(kwargs: dict[str, Any], has: bytes, chunked: bool, keep_alive: bool) -> None:
    answer = frame(**kwargs)
    assert has in answer.octets
    assert (answer.chunked, answer.keep_alive, answer.has_body) == (chunked, keep_alive, True)
    assert (b"content-length" in answer.octets.lower()) + (b"chunked" in answer.octets) <= 1


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_status_without_body_has_no_length(status: str) -> None:
    answer = frame(status, [("Content-Length", "0")], known_length=0)
    assert not answer.has_body
    assert b"ength" not in answer.octets
    assert b"chunked" not in answer.octets


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_reset_content_says_that_it_has_no_body(method: str) -> None:
    answer = frame("205 Reset Content", [("Content-Length", "5")], known_length=5, method=method)
    assert not answer.has_body
    assert answer.octets.count(b"Content-Length: ") == answer.octets.count(b"Content-Length: 0\r\n") == 1


def test_head_keeps_the_length_that_get_would_have() -> None:
    answer = frame(headers=[("Content-Length", "52")], method="HEAD", known_length=0)
    assert b"Content-Length: 52\r\n" in answer.octets
    assert not answer.has_body
    assert answer.keep_alive


def test_status_line_is_1_1_and_fields_are_in_order() -> None:
    answer = frame(headers=[("X-A", "1"), ("Set-Cookie", "a=b"), ("Set-Cookie", "c=d")], version="HTTP/1.0", server="s")
    lines = answer.octets.split(b"\r\n")
    assert lines[0] == b"HTTP/1.1 200 OK"
    assert lines[1].startswith(b"Date: ")
    assert lines[2:6] == [b"Server: s", b"X-A: 1", b"Set-Cookie: a=b", b"Set-Cookie: c=d"]


def test_application_may_set_date_and_server_itself() -> None:
    answer = frame(headers=[("Date", "then"), ("Server", "mine")], server="s")
    assert answer.octets.count(b"Date:") == answer.octets.count(b"Server:") == 1


@pytest.mark.parametrize("status", ["200", "299 Odd", "599 Whatever", "404 Not Found", "200 "])
def test_status_passes(status: str) -> None:
    assert parse_status(status)[0] == int(status[:3])


@pytest.mark.parametrize(
    "status", ["", "OK", "20 OK", "2000 OK", "200OK", "100 Continue", "200 A\r\nB: c", "200 \x00", 200]
)
def test_contract_48_bad_status_is_refused(status: Any) -> None:
    with pytest.raises(ApplicationError):
        parse_status(status)


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param((("A", "b"),), id="no-list"),
        pytest.param([("A", b"b")], id="bytes"),
        pytest.param([("A", 5)], id="int"),
        pytest.param([(b"A", "b")], id="name-bytes"),
        pytest.param([("A B", "b")], id="name-with-space"),
        pytest.param([("A:", "b")], id="name-with-colon"),
        pytest.param([("", "b")], id="no-name"),
        pytest.param([("A", "b\r\nC: d")], id="crlf"),
        pytest.param([("A", "b\nC: d")], id="lf"),
        pytest.param([("A", "b\rC: d")], id="cr"),
        pytest.param([("A", "\x00")], id="nul"),
        pytest.param([("A", "\u20ac")], id="not-latin-1"),
        pytest.param([("Content-Length", "-1")], id="negative-length"),
        pytest.param([("Content-Length", "5"), ("Content-Length", "6")], id="two-lengths"),
        pytest.param([("Connection", "close")], id="connection"),
        pytest.param([("Transfer-Encoding", "chunked")], id="transfer-encoding"),
        pytest.param([("keep-alive", "5")], id="keep-alive"),
        pytest.param([("Upgrade", "h2c")], id="upgrade"),
    ],
)
def test_contract_48_bad_headers_are_refused(headers: Any) -> None:
    with pytest.raises(ApplicationError):
        check_headers(headers)


@pytest.mark.parametrize("seconds", [0, 951782400, 1700000000, 4102444799])
def test_date_is_an_imf_fixdate(seconds: int) -> None:
    assert http_date(seconds) == format_datetime(datetime.fromtimestamp(seconds, UTC), usegmt=True)


def test_refusal_is_whole_and_closes() -> None:
    octets = error_answer(400, "Bad Request", "no \u20ac")
    assert octets.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"Connection: close\r\n" in octets
    assert octets.endswith(b"\r\n\r\n400 Bad Request: no ?\n")
