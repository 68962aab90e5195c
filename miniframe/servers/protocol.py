"""Read the heads of HTTP/1.1 requests; bytes in, values out, no sockets and no threads.

In goes whatever the socket had; out comes a whole request head, or a complaint with
the status code that the client is owed.  Where two readers of one stream could differ
about where a message ends, the message is refused: that difference is how requests
are smuggled past a proxy.

Source: RFC 9112 (syntax, framing), RFC 9110 (fields, status codes).
Not here: the body (see `bodies`), the answer (see `answers`), `environ` (see `gateway`).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from miniframe.servers.errors import ProtocolError


class Limits(NamedTuple):
    """How much of a head is read before the client is told that it is too much."""

    line: int = 65536
    """Octets of the request line with its CRLF; beyond: 414."""
    field_line: int = 65536
    """Octets of one field line; beyond: 431."""
    fields: int = 100
    """Number of field lines; beyond: 431."""
    head: int = 131072
    """Octets of all field lines together; beyond: 431."""


DEFAULT_LIMITS = Limits()


class RequestLine(NamedTuple):
    """The first line of a request, taken apart."""

    method: str
    target: str
    """The request target as it was sent."""
    version: str
    """"HTTP/1.0" or "HTTP/1.1"; a later minor version of 1 counts as 1.1."""
    authority: str | None
    """Host and port of an absolute-form target, which overrule the Host field."""
    path: str
    """Undecoded; "*" when `OPTIONS *` asks about the server as a whole."""
    query: str
    """Undecoded, without its question mark."""


class RequestFields(NamedTuple):
    """The header fields of a request, with the decisions that follow from them; shared, so not to be changed."""

    values: dict[str, str]
    """Lower-case name to value; repeated fields are joined by "," (cookies by "; ")."""
    variables: dict[str, str]
    """The same as CGI variables (RFC 3875, section 4.1.18)."""
    length: int
    """Octets of the body as announced; 0 without one and for a chunked body."""
    chunked: bool
    keep_alive: bool
    """The client would send another request on this connection."""
    expects_continue: bool
    """The client waits for "100 Continue" before it sends the body."""


class RequestHead(NamedTuple):
    """All that precedes the body."""

    line: RequestLine
    fields: RequestFields
    variables: dict[str, str]
    """Both as CGI variables; shared, so not to be changed."""


# ---------------------------------------------------------------- the request line
# token = 1*tchar (RFC 9110, section 5.6.2)
TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"

# request-line = method SP request-target SP HTTP-version (RFC 9112, section 3).  Single
# spaces, as the grammar says.  The target may hold raw octets above 7F, because curl
# sends what was typed; a fragment never belongs on the wire.
_REQUEST_LINE = re.compile(rf"({TOKEN}) ([^\x00-\x20\x7f#]+) HTTP/1\.([0-9])")
_ANY_VERSION = re.compile(rf"{TOKEN} [^\x00-\x20\x7f]+ HTTP/[0-9]\.[0-9]")

# absolute-form (RFC 9112, section 3.2.2), as sent to proxies.
_ABSOLUTE = re.compile(r"(?i:https?)://([^/?#]*)([^?#]*)(?:\?(.*))?")

# uri-host [ ":" port ] (RFC 9110, section 7.2; RFC 3986, section 3.2.2).  A comma is
# legal in a reg-name, but there it is two Host fields that somebody joined.
_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+;=%\-]*)(?::[0-9]*)?")

_USUAL_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"))


def parse_request_line(line: str) -> RequestLine:
    """Take the first line of a request apart; `line` comes without its CRLF.

    Raises:
        ProtocolError: 400 (malformed), 501 (CONNECT, or a method in the wrong case),
            505 (a version other than 1.x).

    Source: RFC 9112, section 3.

    >>> parse_request_line("GET /a?b=1 HTTP/1.1").path
    '/a'
    """
    match = _REQUEST_LINE.fullmatch(line)
    if match is None:
        raise _request_line_complaint(line)
    method, target, minor = match.groups()
    if method not in _USUAL_METHODS and method.upper() in _USUAL_METHODS:
        # Methods are case-sensitive, so "get" is no GET; a filter in front of us
        # that folds case would disagree about what was asked.
        raise ProtocolError(501, f"Method names are case-sensitive: say {method.upper()}")
    if method == "CONNECT":
        raise ProtocolError(501, "This server is not a proxy: CONNECT is not implemented")
    version = "HTTP/1.0" if minor == "0" else "HTTP/1.1"
    if target[0] == "/":
        path, _, query = target.partition("?")
        return RequestLine(method, target, version, None, path, query)
    if target == "*" and method == "OPTIONS":
        return RequestLine(method, target, version, None, "*", "")
    absolute = _ABSOLUTE.fullmatch(target)
    if absolute is None:
        raise ProtocolError(400, "The request target must begin with a slash")
    authority, path, query = absolute.groups()
    if not authority or _HOST.fullmatch(authority) is None:
        raise ProtocolError(400, "The request target names no valid host")
    if method == "OPTIONS" and not path and query is None:
        path = "*"  # how a proxy is asked for "OPTIONS *" (section 3.2.4)
    return RequestLine(method, target, version, authority, path or "/", query or "")


def _request_line_complaint(line: str) -> ProtocolError:
    """Say what is wrong with a request line that the grammar refused."""
    if _ANY_VERSION.fullmatch(line) and not re.search(r" HTTP/1\.[0-9]\Z", line):
        return ProtocolError(505, "This server speaks HTTP/1.1 and HTTP/1.0")
    if line.count(" ") < 2:
        return ProtocolError(400, "The request line is not METHOD TARGET HTTP/VERSION")
    return ProtocolError(400, "Malformed request line")


# ---------------------------------------------------------------- field lines
# field-line = field-name ":" OWS field-value OWS (RFC 9112, section 5).  No space before
# the colon, no folded lines, no control characters but HTAB.  The possessive `*+` keeps
# a long run of blanks before a bad octet from being tried in every division.
_FIELD_LINE = re.compile(rf"({TOKEN}):[ \t]*+([\t\x20-\x7e\x80-\xff]*)")


def parse_field_line(line: str) -> tuple[str, str]:
    r"""Return the lower-case name and the value of one field line, without its CRLF.

    Raises:
        ProtocolError: 400, the line breaks the grammar.

    Source: RFC 9112, section 5; RFC 9110, section 5.5.

    >>> parse_field_line("Accept: */* ")
    ('accept', '*/*')
    """
    match = _FIELD_LINE.fullmatch(line)
    if match is None:
        if line[:1] in (" ", "\t"):
            raise ProtocolError(400, "Folded header lines are obsolete")
        raise ProtocolError(400, "Malformed header line")
    # Not .strip(): that would take A0, 85 and other octets that are part of the value.
    return match[1].lower(), match[2].rstrip(" \t")


# Clients repeat themselves: a browser sends the same dozen lines with every request, most
# requests of a connection differ in their first line only, and whoever looks at a page again
# sends the very same octets.  What was read before is looked up.  Long ones stay out, to bound
# the memory.
_SHORT_LINE = 256
_SHORT_HEAD = 1024
_SHORT_SECTION = 2048
_known_field_line = lru_cache(maxsize=1024)(parse_field_line)
_known_request_line = lru_cache(maxsize=256)(parse_request_line)


def parse_fields(lines: list[str], limits: Limits = DEFAULT_LIMITS) -> dict[str, str]:
    """Return the fields of a head by lower-case name; repeated ones are joined.

    Raises:
        ProtocolError: 400 (malformed, or a second Host), 431 (too many, or too long).

    Source: RFC 9110, section 5.3; RFC 6265, section 5.4 (cookies).
    """
    if len(lines) > limits.fields:
        raise ProtocolError(431, f"More than {limits.fields} header fields")
    fields: dict[str, str] = {}
    for line in lines:
        if len(line) <= _SHORT_LINE:
            name, value = _known_field_line(line)
        elif len(line) + 2 > limits.field_line:
            raise ProtocolError(431, "A header field is too long")
        else:
            name, value = parse_field_line(line)
        if name in fields:
            if name == "host":
                raise ProtocolError(400, "More than one Host field")
            value = fields[name] + ("; " if name == "cookie" else ",") + value
        fields[name] = value
    return fields


# ---------------------------------------------------------------- the whole head
def parse_head(head: bytes, limits: Limits = DEFAULT_LIMITS) -> RequestHead:
    """Read a request head; `head` comes without the empty line that ends it.

    Raises:
        ProtocolError: the request must be refused and the connection closed.

    Source: RFC 9112, sections 3 to 6.
    """
    return (_known_head if len(head) <= _SHORT_HEAD else _read_head)(head, limits)


def _read_head(head: bytes, limits: Limits) -> RequestHead:
    first, _, section = head.decode("latin-1").partition("\r\n")
    if len(first) + 2 > limits.line:
        raise ProtocolError(414, "The request line is too long")
    line = _known_request_line(first) if len(first) <= _SHORT_LINE else parse_request_line(first)
    short = len(section) <= _SHORT_SECTION
    fields = (_known_section if short else parse_section)(section, line.version, limits)
    if line.authority is not None:
        fields = _overrule_host(fields, line.authority)
    variables = {
        "REQUEST_METHOD": line.method,
        "PATH_INFO": unquote(line.path, "latin-1") if "%" in line.path else line.path,
        "QUERY_STRING": line.query,
        "SERVER_PROTOCOL": line.version,
        **fields.variables,
    }
    return RequestHead(line, fields, variables)


_known_head = lru_cache(maxsize=128)(_read_head)


def parse_section(section: str, version: str, limits: Limits = DEFAULT_LIMITS) -> RequestFields:
    """Read the field lines of a head, and decide what they ask of the server.

    Raises:
        ProtocolError: the request must be refused and the connection closed.
    """
    if len(section) > limits.head:
        raise ProtocolError(431, "The header fields are too long")
    values = parse_fields(section.split("\r\n") if section else [], limits)
    check_host(version, values.get("host"))
    length, chunked = body_framing(version, values)
    expects = values.get("expect")
    if expects is not None and expects.lower() != "100-continue":
        raise ProtocolError(417, "The only expectation known here is 100-continue")
    return RequestFields(
        values,
        cgi_variables(values),
        length,
        chunked,
        wants_keep_alive(version, values.get("connection")),
        # An HTTP/1.0 client does not know interim answers (RFC 9110, section 10.1.1).
        expects is not None and version == "HTTP/1.1" and (chunked or length > 0),
    )


_known_section = lru_cache(maxsize=128)(parse_section)


# Not for applications: the coding that was taken off already, and what would be named as the variable
# from which programs that a view starts learn their proxy (CVE-2016-5385); no client has a use for it.
_KEPT_BACK = frozenset(("transfer-encoding", "proxy"))


def cgi_variables(fields: dict[str, str]) -> dict[str, str]:
    """Return header fields under the names that CGI and WSGI have for them.

    Names with "_" would fall together with their twins with "-", so that a client could
    send what only a proxy may ("X_Forwarded_For"): they are dropped.  The body is handed
    on without its transfer coding, so nor is that.

    Source: RFC 3875, section 4.1.18; PEP 3333, "environ Variables".

    >>> cgi_variables({"user-agent": "curl", "content-type": "text/plain"})
    {'HTTP_USER_AGENT': 'curl', 'CONTENT_TYPE': 'text/plain'}
    """
    variables = {}
    for name, value in fields.items():
        if "_" in name or name in _KEPT_BACK:
            continue
        key = name.upper().replace("-", "_")
        variables[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
    return variables


def _overrule_host(fields: RequestFields, authority: str) -> RequestFields:
    """Put the host of an absolute-form target in the Host field's place (RFC 9112, section 3.2.2)."""
    return fields._replace(
        values={**fields.values, "host": authority}, variables={**fields.variables, "HTTP_HOST": authority}
    )


def check_host(version: str, host: str | None) -> None:
    """See that a host is named as the version demands.

    Raises:
        ProtocolError: 400.

    Source: RFC 9112, section 3.2.
    """
    if host is None:
        if version != "HTTP/1.0":
            raise ProtocolError(400, "HTTP/1.1 requests need a Host field")
    elif _HOST.fullmatch(host) is None:
        raise ProtocolError(400, "Malformed Host field")


def wants_keep_alive(version: str, connection: str | None) -> bool:
    """Tell from version and Connection field whether the client would go on.

    Source: RFC 9112, section 9.3.
    """
    if connection is None:
        return version == "HTTP/1.1"
    options = [option.strip(" \t") for option in connection.lower().split(",")]
    if "close" in options:
        return False
    return version == "HTTP/1.1" or "keep-alive" in options


# ---------------------------------------------------------------- framing
_LENGTH = re.compile(r"[0-9]+")


def body_framing(version: str, fields: dict[str, str]) -> tuple[int, bool]:
    """Return the announced length of the body and whether it is chunked.

    Raises:
        ProtocolError: 400 (ambiguous or malformed), 413 (a length beyond reason),
            501 (a transfer coding other than chunked).

    Source: RFC 9112, sections 6.1 to 6.3.
    """
    coding = fields.get("transfer-encoding")
    length = fields.get("content-length")
    if coding is not None:
        if length is not None:
            # Section 6.1 would let us go by the coding and close; what stands between
            # a client and us may have gone by the length, so neither is believed.
            raise ProtocolError(400, "Content-Length and Transfer-Encoding in one request")
        if version == "HTTP/1.0":
            raise ProtocolError(400, "HTTP/1.0 knows no Transfer-Encoding")
        _check_coding(coding)
        return 0, True
    if length is None:
        return 0, False
    # int() alone would take "+5", "1_0" and blanks of many kinds.  "5, 5", which a client
    # may not send, could be folded into one; it is a sign of a broken relay.
    if _LENGTH.fullmatch(length) is None:
        raise ProtocolError(400, "Malformed Content-Length")
    if len(length) > 18:
        raise ProtocolError(413, "Content-Length is beyond all bounds")
    return int(length), False


def _check_coding(value: str) -> None:
    codings = [coding.strip(" \t") for coding in value.lower().split(",")]
    if codings == ["chunked"]:
        return
    if codings[-1] == "chunked" and codings.count("chunked") == 1:
        raise ProtocolError(501, "The only transfer coding known here is chunked")
    raise ProtocolError(400, "Transfer-Encoding must end in chunked, said once")
