"""The heads of requests, from octets to decisions."""

from __future__ import annotations

import time
from typing import Any

import pytest

from miniframe.servers.errors import ProtocolError
from miniframe.servers.protocol import (
    Limits,
    body_framing,
    parse_field_line,
    parse_head,
    parse_request_line,
    wants_keep_alive,
)
from miniframe.servers.unfinished import UnfinishedHead, skip_empty_lines


def head(*fields: bytes, line: bytes = b"GET / HTTP/1.1", host: bytes | None = b"localhost") -> bytes:
    """A head without the empty line that ends it."""
    lines = [line] + ([b"Host: " + host] if host is not None else []) + list(fields)
    return b"\r\n".join(lines)


# ---------------------------------------------------------------- the request line
@pytest.mark.parametrize(
    ("line", "method", "path", "query", "version"),
    [
        pytest.param("GET / HTTP/1.1", "GET", "/", "", "HTTP/1.1", id="plain"),
        pytest.param("GET /a/b?c=d&e HTTP/1.0", "GET", "/a/b", "c=d&e", "HTTP/1.0", id="query-and-1.0"),
        pytest.param("GET /? HTTP/1.1", "GET", "/", "", "HTTP/1.1", id="empty-query"),
        pytest.param("GET /a?b?c HTTP/1.1", "GET", "/a", "b?c", "HTTP/1.1", id="second-question-mark"),
        pytest.param("FROBNICATE /x HTTP/1.1", "FROBNICATE", "/x", "", "HTTP/1.1", id="unknown-method"),
        pytest.param("GET //a HTTP/1.1", "GET", "//a", "", "HTTP/1.1", id="two-slashes-stay"),
        pytest.param("GET /caf\xe9 HTTP/1.1", "GET", "/caf\xe9", "", "HTTP/1.1", id="raw-octets-pass"),
        pytest.param("GET / HTTP/1.7", "GET", "/", "", "HTTP/1.1", id="later-minor-version-is-1.1"),
        pytest.param("OPTIONS * HTTP/1.1", "OPTIONS", "*", "", "HTTP/1.1", id="asterisk"),
        pytest.param("OPTIONS http://h HTTP/1.1", "OPTIONS", "*", "", "HTTP/1.1", id="asterisk-in-absolute-form"),
        pytest.param("OPTIONS http://h/ HTTP/1.1", "OPTIONS", "/", "", "HTTP/1.1", id="options-of-the-root"),
        pytest.param("OPTIONS http://h? HTTP/1.1", "OPTIONS", "/", "", "HTTP/1.1", id="options-with-a-query"),
        pytest.param("GET http://h/a?b HTTP/1.1", "GET", "/a", "b", "HTTP/1.1", id="absolute-form"),
        pytest.param("GET HTTP://h HTTP/1.1", "GET", "/", "", "HTTP/1.1", id="absolute-form-without-path"),
        pytest.param("GET http://h?b HTTP/1.1", "GET", "/", "b", "HTTP/1.1", id="absolute-form-with-query-only"),
    ],
)
def test_request_line_is_taken_apart(line: str, method: str, path: str, query: str, version: str) -> None:
    parsed = parse_request_line(line)
    assert (parsed.method, parsed.path, parsed.query, parsed.version) == (method, path, query, version)


@pytest.mark.parametrize(
    ("line", "status"),
    [
        pytest.param("", 400, id="empty"),
        pytest.param("GET", 400, id="method-alone"),
        pytest.param("GET /", 400, id="no-version"),
        pytest.param("GET  / HTTP/1.1", 400, id="two-spaces"),
        pytest.param("GET / HTTP/1.1 ", 400, id="space-behind"),
        pytest.param(" GET / HTTP/1.1", 400, id="space-before"),
        pytest.param("GET\t/ HTTP/1.1", 400, id="tab"),
        pytest.param("GET / HTTP/2.0", 505, id="version-2"),
        pytest.param("PRI * HTTP/2.0", 505, id="http2-preface"),
        pytest.param("GET / HTTP/0.9", 505, id="version-0.9"),
        pytest.param("GET / http/1.1", 400, id="version-in-lower-case"),
        pytest.param("GET / HTTP/1.10", 400, id="version-with-two-digits"),
        pytest.param("GET / HTTP/1", 400, id="version-without-minor"),
        pytest.param("GET / HTTP/1.\xb2", 400, id="version-superscript"),
        pytest.param('GE"T / HTTP/1.1', 400, id="method-no-token"),
        pytest.param("get / HTTP/1.1", 501, id="method-in-lower-case"),
        pytest.param("CONNECT h:443 HTTP/1.1", 501, id="connect"),
        pytest.param("GET a HTTP/1.1", 400, id="relative-target"),
        pytest.param("GET h:80 HTTP/1.1", 400, id="authority-form"),
        pytest.param("GET * HTTP/1.1", 400, id="asterisk-with-get"),
        pytest.param("GET /a#b HTTP/1.1", 400, id="fragment"),
        pytest.param("GET /a\x00b HTTP/1.1", 400, id="nul"),
        pytest.param("GET /a\x7fb HTTP/1.1", 400, id="del"),
        pytest.param("GET ftp://h/ HTTP/1.1", 400, id="other-scheme"),
        pytest.param("GET http:///x HTTP/1.1", 400, id="absolute-without-host"),
        pytest.param("GET http://user@h/ HTTP/1.1", 400, id="userinfo"),
    ],
)
def test_contract_42_bad_request_line_is_refused(line: str, status: int) -> None:
    with pytest.raises(ProtocolError) as caught:
        parse_request_line(line)
    assert caught.value.status == status


def test_host_of_an_absolute_target_overrules_the_host_field() -> None:
    parsed = parse_head(head(line=b"GET http://one.test/x HTTP/1.1", host=b"two.test"))
    assert parsed.fields.values["host"] == "one.test"
    assert parsed.fields.variables["HTTP_HOST"] == "one.test"
    # and the next request with the same fields is not infected by it
    assert parse_head(head(line=b"GET /x HTTP/1.1", host=b"two.test")).fields.values["host"] == "two.test"


# ---------------------------------------------------------------- fields
@pytest.mark.parametrize(
    ("line", "value"),
    [
        pytest.param("X-A: b", "b", id="plain"),
        pytest.param("X-A:b", "b", id="no-space"),
        pytest.param("X-A:\t b \t", "b", id="blanks-around"),
        pytest.param("X-A:", "", id="empty"),
        pytest.param("X-A: a: b", "a: b", id="second-colon"),
        pytest.param("X-A: \xa0b\x85", "\xa0b\x85", id="only-SP-and-HTAB-are-stripped"),
    ],
)
def test_field_line_has_a_value(line: str, value: str) -> None:
    assert parse_field_line(line) == ("x-a", value)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("X-A : b", id="space-before-colon"),
        pytest.param(" X-A: b", id="folded"),
        pytest.param("\tX-A: b", id="folded-by-tab"),
        pytest.param(": b", id="no-name"),
        pytest.param("just words", id="no-colon"),
        pytest.param("X\x00A: b", id="nul-in-name"),
        pytest.param("X-A: a\x00b", id="nul"),
        pytest.param("X-A: a\rb", id="bare-cr"),
        pytest.param("X-A: a\nb", id="bare-lf"),
        pytest.param("X-A: a\x0bb", id="vertical-tab"),
        pytest.param("X-\xe9: b", id="name-not-ascii"),
        pytest.param("", id="empty"),
    ],
)
def test_malformed_field_line_is_refused(line: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        parse_field_line(line)
    assert caught.value.status == 400


def test_many_blanks_before_a_bad_octet_take_no_time() -> None:
    began = time.perf_counter()
    with pytest.raises(ProtocolError):
        parse_field_line("X-A:" + " " * 60000 + "\x00")
    assert time.perf_counter() - began < 0.5


def test_repeated_fields_are_joined() -> None:
    fields = parse_head(head(b"X-A: 1", b"x-a: 2", b"Cookie: a=b", b"Cookie: c=d")).fields.values
    assert fields["x-a"] == "1,2"
    assert fields["cookie"] == "a=b; c=d"


def test_contract_43_names_with_underscore_reach_no_application() -> None:
    parsed = parse_head(head(b"X_Forwarded_For: 6.6.6.6", b"Content_Length: 5", b"X-Real: 1"))
    assert parsed.fields.variables == {"HTTP_HOST": "localhost", "HTTP_X_REAL": "1"}
    assert parsed.fields.length == 0


def test_no_client_names_a_proxy_for_programs_that_a_view_starts() -> None:
    parsed = parse_head(head(b"Proxy: http://evil.test", b"Proxy-Authorization: x"))
    assert parsed.fields.variables == {"HTTP_HOST": "localhost", "HTTP_PROXY_AUTHORIZATION": "x"}


@pytest.mark.parametrize(
    "host",
    ["local host", "a/b", "u@h", "h:8a", "a, b", "a,b", "[::1", "h:1:2", "h?x", "h#x", "a\\b", "h\x7f", "m\xfcnchen"],
)
def test_malformed_host_is_refused(host: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        parse_head(head(host=host.encode("latin-1")))
    assert caught.value.status == 400


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8080", "LocalHost", "127.0.0.1:1", "[::1]:80", "a_b.test", ""]
)
def test_host_passes(host: str) -> None:
    assert parse_head(head(host=host.encode())).fields.values["host"] == host


def test_http_1_1_needs_a_host_and_only_one() -> None:
    with pytest.raises(ProtocolError, match="need a Host"):
        parse_head(head(host=None))
    with pytest.raises(ProtocolError, match="More than one Host"):
        parse_head(head(b"Host: localhost"))
    assert parse_head(head(line=b"GET / HTTP/1.0", host=None)).fields.values == {}


# ---------------------------------------------------------------- limits
@pytest.mark.parametrize(
    ("data", "limits", "status"),
    [
        pytest.param(head(line=b"GET /aaa HTTP/1.1"), Limits(line=18), 414, id="line"),
        pytest.param(head(b"X-A: " + b"a" * 300), Limits(field_line=300), 431, id="field-line"),
        pytest.param(head(b"A: 1", b"B: 2"), Limits(fields=2), 431, id="fields"),
        pytest.param(head(b"X-A: " + b"a" * 300), Limits(head=300), 431, id="head"),
    ],
)
def test_contract_41_too_much_is_refused(data: bytes, limits: Limits, status: int) -> None:
    with pytest.raises(ProtocolError) as caught:
        parse_head(data, limits)
    assert caught.value.status == status


def test_contract_41_request_line_counts_with_its_line_end() -> None:
    line = b"GET /" + b"a" * (65536 - 16) + b" HTTP/1.1"
    assert len(line) + 2 == 65536
    parse_head(head(line=line))
    with pytest.raises(ProtocolError) as caught:
        parse_head(head(line=line.replace(b"/a", b"/aa")))
    assert caught.value.status == 414


@pytest.mark.parametrize(
    ("data", "status"),
    [
        pytest.param(b"GET /" + b"a" * 65536, 414, id="line-without-end"),
        pytest.param(b"GET / HTTP/1.1\r\nX: " + b"a" * 131072, 431, id="field-without-end"),
        pytest.param(b"GET / HTTP/1.1\r\n" + b"X: a\r\n" * 102, 431, id="fields-without-end"),
        pytest.param(b"GET / HTTP/1.1\nHost: a\n\n", 400, id="bare-lf"),
        pytest.param(b"\nGET / HTTP/1.1", 400, id="lf-first"),
    ],
)
def test_head_that_cannot_become_good_is_refused_before_it_ends(data: bytes, status: int) -> None:
    with pytest.raises(ProtocolError) as caught:
        UnfinishedHead().feed(data)
    assert caught.value.status == status


@pytest.mark.parametrize("step", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize(
    ("data", "status"),
    [
        pytest.param(b"GET /" + b"a" * 100, 414, id="line-without-end"),
        pytest.param(b"GET / HTTP/1.1\r\nX: " + b"a" * 300, 431, id="field-without-end"),
        pytest.param(b"GET / HTTP/1.1\r\n" + b"X: a\r\n" * 7, 431, id="fields-without-end"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: a\n\n", 400, id="bare-lf"),
    ],
)
def test_head_in_pieces_is_judged_as_it_is_in_one(data: bytes, status: int, step: int) -> None:
    unfinished = UnfinishedHead(Limits(line=64, fields=5, head=256))

    def feed_all() -> None:
        for start in range(0, len(data), step):
            assert unfinished.feed(data[start : start + step]) == -1

    with pytest.raises(ProtocolError) as caught:
        feed_all()
    assert caught.value.status == status


@pytest.mark.parametrize("step", [1, 2, 3, 5])
def test_end_of_a_head_is_found_across_pieces(step: int) -> None:
    data = b"GET / HTTP/1.1\r\nHost: a\r\nB: c\r\n\r\n"
    unfinished = UnfinishedHead()
    ends = [unfinished.feed(data[start : start + step]) for start in range(0, len(data), step)]
    assert ends == [-1] * (len(ends) - 1) + [len(data) - 4]


class Counted(bytearray):
    """Octets that count how many of them are looked at."""

    looked = 0

    def find(self, sub: Any, start: Any = 0, end: Any = None) -> int:
        self.looked += len(self) - start
        return super().find(sub, start)

    def count(self, sub: Any, start: Any = 0, end: Any = None) -> int:
        self.looked += len(self) - start
        return super().count(sub, start)


def test_each_octet_of_a_dripped_head_is_looked_at_a_few_times_only() -> None:
    unfinished = UnfinishedHead()
    data = unfinished.data = Counted()
    unfinished.feed(b"GET / HTTP/1.1\r\nX: " + b"a" * 60000)
    for _ in range(3000):
        unfinished.feed(b"a")
    assert data.looked < 20 * len(data)


def test_unfinished_head_may_grow() -> None:
    assert UnfinishedHead().feed(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A: b\r") == -1


def test_few_empty_lines_before_a_request_are_passed_over() -> None:
    assert skip_empty_lines(b"\r\n\r\nGET") == b"GET"
    with pytest.raises(ProtocolError):
        skip_empty_lines(b"\r\n" * 9 + b"GET")


# ---------------------------------------------------------------- framing
@pytest.mark.parametrize(
    ("fields", "length", "chunked"),
    [
        pytest.param({}, 0, False, id="none"),
        pytest.param({"content-length": "5"}, 5, False, id="length"),
        pytest.param({"content-length": "010"}, 10, False, id="leading-zero-is-decimal"),
        pytest.param({"transfer-encoding": "chunked"}, 0, True, id="chunked"),
        pytest.param({"transfer-encoding": "Chunked"}, 0, True, id="chunked-in-any-case"),
    ],
)
def test_body_is_framed(fields: dict[str, str], length: int, chunked: bool) -> None:
    assert body_framing("HTTP/1.1", fields) == (length, chunked)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        pytest.param({"content-length": value}, 400, id=f"length-{value!r}")
        for value in ["+5", "-5", "-0", "0x5", "1_0", "5.0", '"5"', "5 0", "5;", "5,5", "5, 6", "", "\xa05", "\xb2"]
    ]
    + [
        pytest.param({"transfer-encoding": value}, status, id=f"coding-{value!r}")
        for value, status in [
            ("xchunked", 400),
            ("chunked, identity", 400),
            ("chunked,chunked", 400),
            ("\xa0chunked", 400),
            ("chunked;a=b", 400),
            ("", 400),
            ("identity", 400),
            ("gzip, chunked", 501),
        ]
    ]
    + [
        pytest.param({"transfer-encoding": "chunked", "content-length": "5"}, 400, id="both"),
        pytest.param({"content-length": "9" * 19}, 413, id="beyond-all-bounds"),
    ],
)
def test_ambiguous_framing_is_refused(fields: dict[str, str], status: int) -> None:
    with pytest.raises(ProtocolError) as caught:
        body_framing("HTTP/1.1", fields)
    assert caught.value.status == status


def test_chunked_in_http_1_0_is_refused() -> None:
    with pytest.raises(ProtocolError):
        body_framing("HTTP/1.0", {"transfer-encoding": "chunked"})


@pytest.mark.parametrize(
    ("version", "connection", "wanted"),
    [
        ("HTTP/1.1", None, True),
        ("HTTP/1.1", "close", False),
        ("HTTP/1.1", "foo, Close", False),
        ("HTTP/1.1", "keep-alive", True),
        ("HTTP/1.0", None, False),
        ("HTTP/1.0", "Keep-Alive", True),
        ("HTTP/1.0", "keep-alive, close", False),
    ],
)
def test_connection_persists_as_version_and_field_say(version: str, connection: str | None, wanted: bool) -> None:
    assert wants_keep_alive(version, connection) is wanted


def test_expectation_is_for_http_1_1_and_for_a_body() -> None:
    body = b"Content-Length: 5"
    expect = b"Expect: 100-Continue"
    assert parse_head(head(expect, body)).fields.expects_continue
    assert not parse_head(head(expect)).fields.expects_continue
    assert not parse_head(head(expect, body, line=b"POST / HTTP/1.0")).fields.expects_continue
    with pytest.raises(ProtocolError) as caught:
        parse_head(head(b"Expect: a-miracle"))
    assert caught.value.status == 417
