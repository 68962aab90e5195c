"""Our reading of requests, and our answers, beside two other parsers, on inputs that nobody thought of."""

from __future__ import annotations

import io
import logging
from typing import Any

import h11
import httptools
from hypothesis import given, settings
from hypothesis import strategies as st

from miniframe.servers.bodies import ChunkedBody
from miniframe.servers.errors import ProtocolError
from miniframe.servers.gateway import ServerHandler
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


# ---------------------------------------------------------------- answers
class Connection:
    """What the gateway asks of the connection."""

    close_connection = False
    keep_alive = True

    def may_keep_alive(self) -> bool:
        return self.keep_alive

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nobody reads it here."""


FIELDS = st.lists(st.tuples(NAME, VALUE), max_size=4)
STATUS = st.sampled_from(["200 OK", "201 ", "204 No Content", "205 Reset Content", "304 Not Modified", "404 Not Found"])
BLOCKS = st.lists(st.binary(max_size=40), max_size=4)


def answer(
    status: str,
    fields: list[tuple[str, str]],
    blocks: list[bytes],
    promised: int | None,
    streamed: bool,
    **request: Any,
) -> tuple[bytes, bool]:
    """Return what goes out, and whether the connection is kept after it."""
    if promised is not None:
        fields = [*fields, ("Content-Length", str(promised))]

    def application(environ: Any, start_response: Any) -> Any:
        start_response(status, fields)
        return iter(tuple(blocks)) if not streamed else (block for block in blocks)

    out = io.BytesIO()
    handler = ServerHandler(
        io.BytesIO(),
        out,
        io.StringIO(),
        {"REQUEST_METHOD": request["method"], "SERVER_PROTOCOL": request["version"], "PATH_INFO": "/"},
    )
    handler.request_handler = connection = Connection()
    connection.keep_alive = request["keep_alive"]
    logger = logging.getLogger("miniframe.server")
    before, logger.disabled = logger.disabled, True
    handler.run(application)
    logger.disabled = before
    return out.getvalue(), not connection.close_connection


@QUICK
@given(
    status=STATUS,
    fields=FIELDS,
    blocks=BLOCKS,
    promised=st.none() | st.integers(0, 60),
    streamed=st.booleans(),
    method=st.sampled_from(["GET", "HEAD", "POST"]),
    version=st.sampled_from(["HTTP/1.0", "HTTP/1.1"]),
    keep_alive=st.booleans(),
)
def test_answers_are_read_as_the_application_meant_them(
    status: str,
    fields: list[tuple[str, str]],
    blocks: list[bytes],
    promised: int | None,
    streamed: bool,
    method: str,
    version: str,
    keep_alive: bool,
) -> None:
    octets, kept = answer(
        status, fields, blocks, promised, streamed, method=method, version=version, keep_alive=keep_alive
    )
    body = b"".join(blocks)
    due = method != "HEAD" and status[:3] not in ("204", "205", "304")
    whole = not due or promised is None or len(body) >= promised

    client = h11.Connection(h11.CLIENT)
    client.send(h11.Request(method=method, target="/", headers=[("Host", "localhost")]))
    client.send(h11.EndOfMessage())
    client.receive_data(octets)
    client.receive_data(b"")
    head: Any = client.next_event()
    assert head.status_code == int(status[:3])
    own = [(name.lower().decode(), value.decode("latin-1")) for name, value in head.headers]
    for name, value in fields:
        assert (name.lower(), value) in own
    read = b""
    try:
        while type(event := client.next_event()) is h11.Data:
            read += bytes(event.data)
        ended = type(event) is h11.EndOfMessage
    except h11.RemoteProtocolError:
        ended = False
    assert (read, ended) == (body[:promised] if due else b"", whole)
    assert client.trailing_data[0] == b""
    # A connection is only kept if both sides know where the answer ended, and agree about keeping it.
    if kept:
        assert ended
        assert keep_alive
    if version == "HTTP/1.1":
        assert kept == (client.their_state is h11.DONE)
    if method != "HEAD":  # that an answer belongs to HEAD, httptools cannot be told
        callbacks = Callbacks()
        httptools.HttpResponseParser(callbacks).feed_data(octets)
        assert callbacks.body == read
        assert callbacks.complete or not kept
