"""Streams of requests that mutation has spoilt: read the same in any pieces, and never more leniently than h11 reads.

    pytest tests/fuzz                                  a few thousand streams, the same ones each time
    MINIFRAME_FUZZ_SECONDS=300 pytest -s tests/fuzz    new ones for five minutes

A stream that fails is shown whole; put it into SEEDS when the fault is mended.
"""

from __future__ import annotations

import os
import random
import re
import time
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote

import h11
import httptools

SECONDS = float(os.environ.get("MINIFRAME_FUZZ_SECONDS", "0"))
CASES = 2500

SEEDS = [
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"HEAD /s HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n",
    b"GET /s HTTP/1.0\r\n\r\n",
    b"GET /l HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    b"GET /n HTTP/1.1\r\nHost: a:80\r\nConnection: close\r\n\r\n",
    b"GET /m HTTP/1.1\r\nHost: [::1]:80\r\nCookie: a=1\r\nCookie: b=2\r\n\r\n",
    b"GET http://b/x?y=z HTTP/1.1\r\nHost: a\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    b"\r\n\r\nGET /caf\xe9%20 HTTP/1.1\r\nHost: a\r\nX: \xff\t1\r\n\r\n",
    b"POST /l HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
    b"POST /u HTTP/1.1\r\nHost: a\r\nContent-Length: 30\r\n\r\n" + b"hello " * 5,
    b"PUT /s HTTP/1.1\r\nHost: a\r\nContent-Length: 40\r\nExpect: 100-continue\r\n\r\n" + b"0123456789" * 4,
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"POST /s HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n00a;x=y\r\n0123456789\r\n1E\r\n"
    + b"hello " * 5
    + b'\r\n0;q="\\""\r\nX-T: 1\r\n\r\n',
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG",
]
TOKENS = [
    *(b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"\n\n", b"\r\r\n", b" ", b"\t", b"\x00", b"\x0b", b"\x7f", b"\x85"),
    *(b"\xa0", b"\xff", b":", b",", b";", b"0", b"1", b"5", b"a", b"f", b"+", b"-", b"_", b"0x", b"=", b'"'),
    *(b"#", b"?", b"%00", b"//", b"@", b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: gzip, chunked\r\n"),
    *(b"Content-Length: 5\r\n", b"Content-Length: 0\r\n", b"content-length:5, 5\r\n", b"Content-Length : 5\r\n"),
    *(b"Transfer-Encoding:\tchunked \r\n", b"Transfer-Encoding: identity\r\n"),
    *(b"transfer_encoding: chunked\r\n", b" folded\r\n", b"Host: b\r\n", b"Connection: close\r\n", b"Upgrade: h2c\r\n"),
    *(b"Expect: 100-continue\r\n", b"chunked", b"identity", b"HTTP/1.0", b"HTTP/1.1", b"HTTP/2.0", b"0\r\n\r\n"),
    *(b"5\r\n", b"+5\r\n", b"5;a=b\r\n"),
    *(b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n", b"ffffffffffffffff\r\n", b"99999999999999999999", b"x" * 450),
]  # fmt: skip


def mutate(chance: random.Random) -> bytes:
    """Return a few requests in a row, spoilt in up to four places."""
    stream = bytearray(b"".join(chance.choices(SEEDS, k=chance.randint(1, 3))))
    for _ in range(chance.randint(0, 4)):
        place = chance.randrange(len(stream) + 1)
        match chance.randrange(6):
            case 0:
                stream[place:place] = chance.choice(TOKENS)
            case 1:
                stream[place : place + chance.randint(1, 8)] = chance.choice(TOKENS)
            case 2:
                del stream[place : place + chance.randint(1, 12)]
            case 3 if place < len(stream):
                stream[place] ^= 1 << chance.randrange(8)
            case 4:  # at the beginning of a line, where a field would be
                lines = [found.end() for found in re.finditer(rb"\r\n", stream)] or [0]
                place = chance.choice(lines)
                stream[place:place] = chance.choice(TOKENS)
            case _:  # a piece once more
                end = place + chance.randint(1, 40)
                stream[end:end] = stream[place:end]
    return bytes(stream)


def cut(chance: random.Random, stream: bytes) -> list[bytes]:
    """Return the stream in pieces, many of them small."""
    pieces = []
    while stream:
        size = chance.choice((1, 1, 2, 3, 7, 20, 100, 1000))
        pieces.append(stream[:size])
        stream = stream[size:]
    return pieces


def streams() -> Iterator[tuple[str, random.Random, bytes]]:
    """Yield a name, a source of chance and a stream for each case."""
    first = time.time_ns() if SECONDS else 0
    end = time.monotonic() + SECONDS
    number = 0
    while time.monotonic() < end if SECONDS else number < CASES:
        chance = random.Random(first + number)
        yield f"stream {first + number}", chance, mutate(chance)
        number += 1
    if SECONDS:
        print(f"\n{number} streams")


# ---------------------------------------------------------------- the oracles
class Reading(NamedTuple):
    """A request as an oracle reads it."""

    method: str
    target: str
    host: str
    body: bytes
    whole: bool


class Undecided(Exception):
    """h11 is no judge of this: it looks for framing in trailers, which are dropped here, or knows less grammar."""


def ascii_only(octets: bytes) -> bytes:
    return re.sub(rb"[\x80-\xff]", b"~", octets)


def read_by_h11(stream: bytes) -> list[Reading]:
    """Return the requests that h11 reads before it refuses, or would close."""
    # Octets above 7F in a target pass here, because clients send them; h11 knows no such clients.
    lines = [ascii_only(line) if b" HTTP/1." in line else line for line in stream.split(b"\r\n")]
    left = b"\r\n".join(lines)
    if re.search(rb"[0-9A-Fa-f][ \t]+;", left):
        raise Undecided("blanks before a chunk extension, which RFC 9112, section 7.1.1, allows")
    found: list[Reading] = []
    go_on = True
    while go_on:
        # RFC 9112, section 2.2, which h11 does not follow.
        left = re.sub(rb"\A(\r\n){1,4}", b"", left)
        connection = h11.Connection(h11.SERVER, max_incomplete_event_size=1 << 20)
        connection.receive_data(left)
        connection.receive_data(b"")
        go_on = _read_one(connection, found)
        left = connection.trailing_data[0]
    return found


def _read_one(connection: h11.Connection, found: list[Reading]) -> bool:
    """Add the next request, whole or not; False: it is the last one."""
    body = b""
    head: Any = None
    whole = False
    try:
        while not whole:
            event: Any = connection.next_event()
            if type(event) is h11.Request:
                head = event
            elif type(event) is h11.Data:
                body += bytes(event.data)
            elif type(event) is h11.EndOfMessage:
                whole = True
            else:
                break
    except h11.RemoteProtocolError as error:
        if head is not None and ("Content-Length" in str(error) or "Transfer-Encoding" in str(error)):
            raise Undecided from error
    if head is not None:
        host = dict(head.headers).get(b"host", b"").decode("latin-1")
        found.append(Reading(head.method.decode(), head.target.decode(), host, body, whole))
    if not whole:
        return False
    # h11 closes after every request of HTTP/1.0, as it may.
    old = head.http_version == b"1.0" and b"keep-alive" in dict(head.headers).get(b"connection", b"").lower()
    return old or str(connection.their_state) in ("DONE", "MIGHT_SWITCH_PROTOCOL")


class Heard:
    """What httptools tells of the first request of a stream."""

    def __init__(self) -> None:
        self.body = b""
        self.requests = 0
        self.complete = False

    def on_message_begin(self) -> None:
        self.requests += 1

    def on_body(self, body: bytes) -> None:
        if self.requests == 1:
            self.body += body

    def on_message_complete(self) -> None:
        self.complete = True


def check_by_httptools(stream: bytes, talk: Any) -> None:
    """See that llhttp finds the same body in the first request, if it takes that request at all."""
    heard = Heard()
    try:
        httptools.HttpRequestParser(heard).feed_data(stream)
    except (httptools.HttpParserError, httptools.HttpParserUpgrade):
        return
    if heard.complete and talk.methods[0] != "OPTIONS" and talk.served and not talk.served[0].target.endswith("u"):
        assert talk.served[0].body == heard.body


def target_of(theirs: str) -> str:
    """Return the target as the application sees it: without scheme and host, the path decoded."""
    absolute = re.fullmatch(r"(?i:https?)://[^/?#]*(.*)", theirs, re.DOTALL)
    if absolute:
        theirs = absolute[1] if absolute[1].startswith("/") else "/" + absolute[1]
    path, _, query = theirs.partition("?")
    return unquote(path, "latin-1") + (f"?{query}" if query else "")


def check_by_h11(stream: bytes, talk: Any) -> None:
    """See that each request that was served is one that h11 reads too, and in the same way."""
    try:
        theirs = [one for one in read_by_h11(stream) if one.method != "OPTIONS"]
    except Undecided:
        return
    served = [one for one in talk.served if one.method != "OPTIONS"]
    for ours, read in zip(served, theirs, strict=False):
        assert ours.method == read.method
        assert ascii_only(ours.target.encode("latin-1")) == ascii_only(target_of(read.target).encode("latin-1"))
        assert "://" in read.target or ours.host == read.host
        assert ours.target.endswith("u") or (read.whole and ascii_only(ours.body) == ascii_only(read.body))
    assert len(served) <= len(theirs), "more requests were served than h11 finds"


def read_answers(talk: Any) -> list[int]:
    """Return the statuses of the answers; h11 sees that they are well-formed and nothing is left over."""
    left: bytes = talk.answer
    statuses = []
    for number, method in enumerate(talk.methods):
        connection = h11.Connection(h11.CLIENT)
        connection.send(h11.Request(method=method, target="/", headers=[("Host", "a")]))
        connection.send(h11.EndOfMessage())
        connection.receive_data(left)
        connection.receive_data(b"")
        while type(event := connection.next_event()) is not h11.EndOfMessage:
            assert event is not h11.NEED_DATA
            if type(event) is h11.Response:
                statuses.append(event.status_code)
                assert dict(event.headers).get(b"date")
        left = connection.trailing_data[0]
        if connection.their_state is h11.MUST_CLOSE or connection.their_state is h11.CLOSED:
            assert number == len(talk.methods) - 1 or not left, "an answer follows one that closes"
    assert left == b""
    return statuses


def check_pieces(talk: Any, in_pieces: Any) -> None:
    """See that the pieces in which a stream came made no difference, and that all answers are well-formed."""
    refused, refused_in_pieces = (read_answers(one)[-1:] >= [400] for one in (talk, in_pieces))
    if any(one.target.endswith("u") for one in in_pieces.served):
        # Where a body was left unread, the connection ends if that had not come yet.
        assert talk.served[: len(in_pieces.served)] == in_pieces.served
    else:
        assert (talk.served, refused) == (in_pieces.served, refused_in_pieces)


def test_spoilt_streams_have_one_reading(converse: Any) -> None:
    for name, chance, stream in streams():
        try:
            talk = converse([stream])
            in_pieces = converse(cut(chance, stream))
            check_pieces(talk, in_pieces)
            check_by_h11(stream, talk)
            check_by_httptools(stream, talk)
        except Exception as error:
            error.add_note(f"{name}: {stream!r}")
            raise
