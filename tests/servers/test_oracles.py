"""Our reading of requests beside that of two other parsers, on inputs that nobody thought of."""

from __future__ import annotations

from typing import Any

import h11
import httptools
from hypothesis import given, settings
from hypothesis import strategies as st

from miniframe.servers.bodies import ChunkedBody
from miniframe.servers.errors import ProtocolError
from miniframe.servers.protocol import parse_head, parse_request_line

TOKEN = st.text("!#$%&'*+-.^_`|~09AZaz", min_size=1, max_size=8)
NAME = TOKEN.filter(
    lambda name: name.lower() not in ("host", "content-length", "transfer-encoding", "connection", "expect", "upgrade")
)
VALUE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=20)
TARGET = st.text("/abc%20?=&;~.+", max_size=20).map(lambda rest: "/" + rest)
METHOD = st.sampled_from(["GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
QUICK = settings(max_examples=150, deadline=None)


def request(method: str, target: str, fields: list[tuple[str, str]]) -> bytes:
    lines = [f"{method} {target} HTTP/1.1", "Host: localhost", *(f"{name}: {value}" for name, value in fields)]
    return "\r\n".join(lines).encode("latin-1")


class Callbacks:
    """What httptools tells."""

    def __init__(self) -> None:
        self.headers: list[tuple[bytes, bytes]] = []
        self.url = b""
        self.body = b""
        self.complete = False

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name, value))

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.complete = True


@QUICK
@given(METHOD, TARGET, st.lists(st.tuples(NAME, VALUE), max_size=6))
def test_good_heads_are_read_as_h11_and_httptools_read_them(
    method: str, target: str, fields: list[tuple[str, str]]
) -> None:
    data = request(method, target, fields)
    ours = parse_head(data)

    connection = h11.Connection(h11.SERVER)
    connection.receive_data(data + b"\r\n\r\n")
    theirs: Any = connection.next_event()
    assert ours.line.method == theirs.method.decode()
    assert ours.line.target == theirs.target.decode()
    expected: dict[str, str] = {}
    for name, value in theirs.headers:
        key, text = name.decode(), value.decode("latin-1")
        joint = "; " if key == "cookie" else ","
        expected[key] = expected[key] + joint + text if key in expected else text
    assert ours.fields.values == expected

    callbacks = Callbacks()
    httptools.HttpRequestParser(callbacks).feed_data(data + b"\r\n\r\n")
    assert callbacks.url == target.encode()
    assert [name.lower().decode() for name, _ in callbacks.headers] == ["host", *(name.lower() for name, _ in fields)]


@QUICK
@given(st.binary(max_size=60))
def test_what_h11_refuses_we_refuse(garbage: bytes) -> None:
    """Never more lenient than h11, but for raw octets in a target, which clients do send."""
    data = b"GET /" + garbage + b" HTTP/1.1\r\nHost: localhost\r\nX: " + garbage
    if b"\r\n\r\n" in data or b"\n\n" in data:
        return
    try:
        parse_head(data)
    except ProtocolError:
        return
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(bytes(octet if octet < 0x80 else 0x61 for octet in data) + b"\r\n\r\n")
    connection.next_event()  # raises RemoteProtocolError when h11 refuses


@QUICK
@given(st.text(st.characters(max_codepoint=0xFF), max_size=40))
def test_any_line_is_read_or_refused(line: str) -> None:
    try:
        parsed = parse_request_line(line)
    except ProtocolError:
        return
    assert f"{parsed.method} {parsed.target} HTTP/1." == line[:-1]


@QUICK
@given(st.lists(st.binary(min_size=1, max_size=50), max_size=6), st.lists(st.integers(1, 30), min_size=1, max_size=10))
def test_chunked_bodies_are_read_as_httptools_reads_them(blocks: list[bytes], steps: list[int]) -> None:
    coded = b"".join(b"%x\r\n%b\r\n" % (len(block), block) for block in blocks) + b"0\r\n\r\n"
    body = ChunkedBody()
    content = b""
    position = number = 0
    while position < len(coded):
        step = steps[number % len(steps)]
        content += body.feed(coded[position : position + step])
        position += step
        number += 1
    assert body.done

    callbacks = Callbacks()
    parser = httptools.HttpRequestParser(callbacks)
    parser.feed_data(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + coded)
    assert callbacks.complete
    assert content == callbacks.body == b"".join(blocks)


@QUICK
@given(st.binary(max_size=40), st.integers(1, 7))
def test_chunked_coding_is_refused_at_the_same_place_however_it_arrives(data: bytes, step: int) -> None:
    def outcome(step: int) -> Any:
        body = ChunkedBody()
        content = b""
        try:
            for start in range(0, len(data), step):
                content += body.feed(data[start : start + step])
                if body.done:
                    break
        except ProtocolError:
            return "refused"
        return content, body.done

    assert outcome(step) == outcome(len(data) or 1)
