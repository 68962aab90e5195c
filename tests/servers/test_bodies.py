"""Where a body ends, and what the chunked coding hides."""

from __future__ import annotations

import pytest

from miniframe.servers.bodies import Body, ChunkedBody, LengthBody, parse_chunk_size
from miniframe.servers.errors import ProtocolError


def feed(body: Body, data: bytes, step: int) -> bytes:
    """Feed in pieces of `step` octets, as a slow network would; stop when the body is done."""
    content = b""
    for start in range(0, len(data), step):
        content += body.feed(data[start : start + step])
        if body.done:
            body.rest += data[start + step :]
            break
    return content


@pytest.mark.parametrize("step", [1, 2, 3, 7, 1000])
def test_body_with_a_length_ends_there(step: int) -> None:
    body = LengthBody(5)
    assert feed(body, b"helloGET /", step) == b"hello"
    assert (body.done, body.rest) == (True, b"GET /")


@pytest.mark.parametrize("step", [1, 2, 3, 7, 1000])
def test_chunked_body_is_decoded_however_it_arrives(step: int) -> None:
    data = b"5\r\nhello\r\n00A;name=value\r\n0123456789\r\n0\r\nX-T: 1\r\nHost: evil\r\n\r\nGET /"
    body = ChunkedBody()
    assert feed(body, data, step) == b"hello0123456789"
    assert (body.done, body.rest) == (True, b"GET /")


def test_empty_chunked_body_is_done_at_once() -> None:
    body = ChunkedBody()
    assert body.feed(b"0\r\n\r\n") == b""
    assert body.done


@pytest.mark.parametrize(
    ("line", "octets"),
    [
        pytest.param(b"0", 0, id="last-chunk"),
        pytest.param(b"1a", 26, id="lower-case"),
        pytest.param(b"000A", 10, id="leading-zeros"),
        pytest.param(b"1A;note=x", 26, id="extension-is-ignored"),
        pytest.param(b'1A;a;b="c;\\"d" ; e', 26, id="many-extensions"),
        pytest.param(b"5 ; foo = bar", 5, id="blanks-in-extension"),
        pytest.param(b"f" * 16, 2**64 - 1, id="sixteen-digits"),
    ],
)
def test_chunk_size_is_read_in_octets(line: bytes, octets: int) -> None:
    assert parse_chunk_size(line) == octets


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"+5",
        b"-5",
        b"0x5",
        b"5_0",
        b"5g",
        b"5 ",
        b" 5",
        b";a=b",
        b"5;[",
        b"5;a=b c",
        b'5;a="b',
        b"5;a\rb",
        b"\xb2",
        b"1" + b"0" * 16,
    ],
)
def test_malformed_chunk_size_is_refused(line: bytes) -> None:
    with pytest.raises(ProtocolError):
        parse_chunk_size(line)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"5\nhello\r\n0\r\n\r\n", id="lf-after-size"),
        pytest.param(b"5\r\nhello\n0\r\n\r\n", id="lf-after-data"),
        pytest.param(b"5\r\nhelloX", id="longer-than-said"),
        pytest.param(b"5\r\nhello\rX", id="cr-alone-after-data"),
        pytest.param(b"0\r\n\n", id="lf-ends-trailers"),
        pytest.param(b"0\r\nno colon\r\n\r\n", id="malformed-trailer"),
        pytest.param(b"5;" + b"a" * 5000, id="endless-extension"),
        pytest.param(b"1;" + b"a" * 4000 + b"\r\nx\r\n" + b"1;aaaa\r\nx\r\n" * 4000, id="endless-extensions"),
        pytest.param(b"0\r\nX: " + b"a" * 20000, id="endless-trailer"),
        pytest.param(b"0\r\n" + b"X: a\r\n" * 4000, id="endless-trailers"),
    ],
)
@pytest.mark.parametrize("step", [1, 100000])
def test_malformed_chunked_body_is_refused(data: bytes, step: int) -> None:
    with pytest.raises(ProtocolError):
        feed(ChunkedBody(), data, step)


def test_extensions_may_be_as_long_as_the_content_they_go_with() -> None:
    signed = b"40;signature=" + b"0" * 40 + b"\r\n" + b"x" * 64 + b"\r\n"
    body = ChunkedBody()
    assert len(body.feed(signed * 5000 + b"0\r\n\r\n")) == 64 * 5000
    assert body.done
