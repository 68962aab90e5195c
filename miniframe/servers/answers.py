"""Turn a status, headers and what is known of the body into the octets of an answer; no sockets.

The rules about which answers have a body, and how the client learns where it ends, are
decided here once for every answer.

Source: RFC 9112, sections 4, 6 and 9; RFC 9110, sections 6.6.1 and 8.6; PEP 3333.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from miniframe.servers.errors import ApplicationError
from miniframe.servers.protocol import TOKEN


class Headers(NamedTuple):
    """An application's headers, checked, and what they decide."""

    text: str
    """The field lines, each with its CRLF, without any Content-Length."""
    length: int | None
    """What the application's Content-Length says."""
    length_line: str
    """The field line that says so, as the application spelt it."""
    has_date: bool
    has_server: bool


class AnswerHead(NamedTuple):
    """The octets that begin an answer, and how its body is to be sent."""

    octets: bytes
    has_body: bool
    """False: whatever the application gives as a body is dropped."""
    chunked: bool
    length: int | None
    """Octets of the body; None when not known beforehand."""
    keep_alive: bool
    """The connection can serve another request after this answer."""


CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"

REASONS = {
    400: "Bad Request",
    408: "Request Timeout",
    413: "Content Too Large",
    414: "URI Too Long",
    417: "Expectation Failed",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    501: "Not Implemented",
    503: "Service Unavailable",
    505: "HTTP Version Not Supported",
}
"""Of the answers that the server gives by itself."""


# ---------------------------------------------------------------- status
_STATUS = re.compile(r"([1-9][0-9][0-9])(?: ([\t\x20-\x7e\x80-\xff]*))?")


@lru_cache(maxsize=128)
def parse_status(status: str) -> tuple[int, bytes]:
    """Return the code and the status line of a PEP 3333 status such as "200 OK".

    Raises:
        ApplicationError: no three digits and reason, or an interim (1xx) code.

    Source: RFC 9112, section 4; PEP 3333, "The start_response() Callable".

    >>> parse_status("200 OK")
    (200, b'HTTP/1.1 200 OK\\r\\n')
    """
    match = _STATUS.fullmatch(status) if isinstance(status, str) else None
    if match is None:
        raise ApplicationError(f"the status {status!r} is not three digits, a space and a reason")
    code = int(match[1])
    if code < 200:
        raise ApplicationError(f"the status {status!r} is an interim one, which only a server may send")
    return code, f"HTTP/1.1 {code} {match[2] or ''}\r\n".encode("latin-1")


# ---------------------------------------------------------------- headers
# Fields about this one connection are the server's (RFC 9110, section 7.6.1).
HOP_BY_HOP = frozenset(
    "connection keep-alive proxy-authenticate proxy-authorization proxy-connection"
    " te trailer trailers transfer-encoding upgrade".split()
)
_SPECIAL = frozenset(("content-length", "date", "server"))

_NAME = re.compile(TOKEN)
_FORBIDDEN = re.compile(r"[^\t\x20-\x7e\x80-\xff]")


def _read_header(header: tuple[str, str]) -> tuple[str, str]:
    """Return a header's field line, and its lower-case name if that means something to the server.

    Raises:
        ApplicationError: no token for a name, a hop-by-hop field, or a value that is no
            text or holds control or non-latin-1 characters.
    """
    name, value = header
    if not isinstance(name, str) or _NAME.fullmatch(name) is None:
        raise ApplicationError(f"{name!r} is no header name")
    if not isinstance(value, str):
        raise ApplicationError(f"the value of header {name!r} must be str, not {type(value).__name__}")
    if _FORBIDDEN.search(value):
        raise ApplicationError(f"control or non-latin-1 characters in header {name}: {value[:200]!r}")
    lower = name.lower()
    if lower in HOP_BY_HOP:
        raise ApplicationError(f"Hop-by-hop header {name!r} is the server's to send, not the application's")
    return f"{name}: {value}\r\n", lower if lower in _SPECIAL else ""


# An application says the same things again and again.
_known_header = lru_cache(maxsize=256)(_read_header)


def check_headers(headers: list[tuple[str, str]]) -> Headers:
    """Read an application's headers once, and refuse what may not be sent.

    Raises:
        ApplicationError: not a list of pairs of str, a hop-by-hop field, a control or
            non-latin-1 character, an impossible Content-Length.

    Source: PEP 3333, "The start_response() Callable"; RFC 9110, section 5.5.
    """
    if type(headers) is not list:
        raise ApplicationError(f"the headers must be a list, not {type(headers).__name__}")
    try:
        return _known_headers(tuple(headers))
    except TypeError:
        return _read_headers(headers)  # something without a hash, such as a list in the place of a pair


def _read_headers(headers: Sequence[tuple[str, str]]) -> Headers:
    text = ""
    length = None
    length_line = ""
    has_date = has_server = False
    for header in headers:
        try:
            line, special = _known_header(header)
        except TypeError:
            line, special = _read_header(header)
        if special == "content-length":
            length = _read_length(header[1], length)
            length_line = line
            continue
        text += line
        if special:
            has_date = has_date or special == "date"
            has_server = has_server or special == "server"
    return Headers(text, length, length_line, has_date, has_server)


# And most of its answers begin with the same headers altogether.
_known_headers = lru_cache(maxsize=128)(_read_headers)


def _read_length(value: str, before: int | None) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 19):
        raise ApplicationError(f"Content-Length {value!r} is no number of octets")
    if before is not None and before != int(value):
        raise ApplicationError(f"two Content-Length headers that differ: {before} and {value}")
    return int(value)


# ---------------------------------------------------------------- Date
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@lru_cache(maxsize=4)
def http_date(seconds: int) -> str:
    """Return `seconds` since the epoch as an IMF-fixdate; the names of days are English everywhere.

    Source: RFC 9110, section 5.6.7.

    >>> http_date(0)
    'Thu, 01 Jan 1970 00:00:00 GMT'
    """
    at = time.gmtime(seconds)
    return (
        f"{_DAYS[at.tm_wday]}, {at.tm_mday:02} {_MONTHS[at.tm_mon]} {at.tm_year:04}"
        f" {at.tm_hour:02}:{at.tm_min:02}:{at.tm_sec:02} GMT"
    )


# ---------------------------------------------------------------- the head of an answer
# Answers that never have a body, and what they say of its length (RFC 9110, sections 8.6,
# 15.3.5, 15.3.6 and 15.4.5).  Clients do not know by the number that 205 has none.
_BODYLESS = {204: "", 205: "Content-Length: 0\r\n", 304: ""}


def frame_answer(
    status: str,
    headers: Headers,
    *,
    method: str,
    version: str,
    keep_alive: bool,
    known_length: int | None,
    server: str = "",
) -> AnswerHead:
    """Decide how an answer is delimited, and write its head.

    `version` is the request's.  `known_length` is the size of the whole body where the
    server holds it in its hands; an application's own Content-Length goes before it.

    Source: RFC 9112, section 6.3 (where a body ends), section 9.3 (persistence);
    RFC 9110, section 8.6 (no length on 204, and the wrong one on 304 misleads caches).
    """
    return _known_head(
        status, headers, method == "HEAD", version, keep_alive, known_length, server, http_date(int(time.time()))
    )


def _make_head(
    status: str,
    headers: Headers,
    asks_head: bool,
    version: str,
    keep_alive: bool,
    known_length: int | None,
    server: str,
    date: str,
) -> AnswerHead:
    code, line = parse_status(status)
    length = headers.length
    bodyless = code in _BODYLESS
    has_body = not (bodyless or asks_head)
    chunked = False
    before = "" if headers.has_date else f"Date: {date}\r\n"
    if server and not headers.has_server:
        before += f"Server: {server}\r\n"
    after = _BODYLESS[code] if bodyless else headers.length_line
    if length is None and has_body:
        length = known_length
        if length is not None:
            after = f"Content-Length: {length}\r\n"
        elif version == "HTTP/1.1":
            after = "Transfer-Encoding: chunked\r\n"
            chunked = True
        else:
            keep_alive = False
    if version == "HTTP/1.1":
        if not keep_alive:
            after += "Connection: close\r\n"
    elif keep_alive:
        # Not the other way round: an HTTP/1.0 client that asks for nothing expects a close.
        after += "Connection: keep-alive\r\n"
    octets = line + f"{before}{headers.text}{after}\r\n".encode("latin-1")
    return AnswerHead(octets, has_body, chunked, length if has_body else 0, keep_alive)


# Within one second an answer that is the same has the same head.
_known_head = lru_cache(maxsize=128)(_make_head)


def asterisk_answer(version: str, keep_alive: bool, server: str = "") -> AnswerHead:
    """Answer `OPTIONS *`, which asks about the server and no application (RFC 9110, section 9.3.7)."""
    headers = check_headers([("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")])
    return frame_answer(
        "204 No Content",
        headers,
        method="OPTIONS",
        version=version,
        keep_alive=keep_alive,
        known_length=0,
        server=server,
    )


def chunk(data: bytes) -> bytes:
    r"""Return one chunk of the chunked coding; `data` is not empty, as that would end the body.

    Source: RFC 9112, section 7.1.

    >>> chunk(b"hello")
    b'5\r\nhello\r\n'
    """
    return b"%x\r\n%b\r\n" % (len(data), data)


def error_answer(status: int, reason: str, message: str, server: str = "") -> bytes:
    """Return a whole plain-text answer that ends the connection, for a request that was refused."""
    body = f"{status} {reason}: {message}\n".encode("latin-1", "replace")
    headers = check_headers([("Content-Type", "text/plain; charset=iso-8859-1")])
    head = frame_answer(
        f"{status} {reason}",
        headers,
        method="GET",
        version="HTTP/1.1",
        keep_alive=False,
        known_length=len(body),
        server=server,
    )
    return head.octets + body
