"""Find secrets in a text by where they stand, and tell which ones a request brought.

A secret rarely comes alone: it is the password within an address, the value after a name, a cookie.  The text may be
JSON that is cut off, the `repr` of an object, a form as it was sent: so this reads no grammar, and where the end of a
value cannot be told it takes too much rather than too little.  Time grows with the length of the text and no faster.

Source: RFC 3986, section 3.2.1 (passwords in addresses); RFC 9110, section 11.4 (Authorization).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, quote

from miniframe.http import parse_cookie

__all__ = ["secrets_of", "star_address", "star_addresses", "star_fields", "star_headers", "star_named"]

IsSecret = Callable[[str], bool]

_ADDRESS = re.compile(
    r"(://[^\s:/?#@'\"\[]{0,200}:)"
    r"(?!\d{1,5}[/?#]|\{[\w.]*\}@|%s@)"  # a port; a placeholder in source code
    # Somebody may have forgotten to quote a slash, or a blank; behind a port a blank begins other words.
    r"(?:\S{1,300}?|(?!\d{1,5}[\s,;.)]|\{[\w.]*\})[^\r\n'\"<>`]{1,300}?)@"
    # And an "@": the host is behind the last one before the path.
    r"(?:[^\r\n/?#'\"<>`@]{0,300}@)*"
)
# A text that is an address and nothing else: here a password may have line breaks and quotes, and be of any length.
_WHOLE_ADDRESS = re.compile(r"(\s*[\w+.-]+://[^:/@]*:)(?!\d{1,5}(?:[/?#]|\Z)).+?@(?:[^/?#@]*@)*", re.DOTALL)
# A name, "=" or ":", and the quote that opens the value: of JSON, of Python, of either within a string.
_NAMED = re.compile(
    r"(?<![\w.-])([\w.-]{1,200}+)\\{0,8}[\"']?\]?\s{0,9}"
    r"(?::[\w\[\], .|]{1,40}=|=>|[:=])"  # the first: a name with an annotation
    r"\s{0,9}([\[(]?)\s{0,9}[A-Za-z]{0,2}(\\{0,8}[\"'])(?!\3)"
)
_NUMBERED = re.compile(r"(?<![\w.-])([\w.-]{1,200}+)(\\{0,8}[\"']\s{0,9}:\s{0,9})-?\d[\w.+-]{0,100}")
_NEXT_ITEM = re.compile(r"\\{0,8}[\"']\s{0,9},\s{0,9}[A-Za-z]{0,2}(\\{0,8}[\"'])")
# A field of a query, of a form, of a Cookie header, or of a database's "host=db password=x".
_FIELD = re.compile(r"((?:\A|[?&;\"']|(?<=\w)\s)\s{0,2})([\w.%\[\]-]{1,200}+)=([^&;\s\"'<>]+)")
# A field of a message's head, within the text of the whole.
_HEADER = re.compile(
    r"(?:(?<![\w-])|(?<=\\n))((?:proxy-)?authorization|(?:set-)?cookie|x-[\w-]{1,60}):(\s{0,9})([^\r\n'\"\\]+)",
    re.IGNORECASE,
)
# The value of a field in HTML: of a hidden one, mostly.
_INPUT = re.compile(
    r"(name=(\\{0,8}[\"'])([\w.-]{1,200})\2[^<>\"']{0,200}value=\2)((?:(?!\2).){1,8192})", re.IGNORECASE | re.DOTALL
)

# In characters: what is shorter is starred by its name only, since it could be a part of any word.
SHORTEST = 4
SHORTEST_COOKIE = 8
LONGEST = 8192
# Texts are cut before they are looked through, so a long secret is known by its pieces too.
LONG = 800
PIECE = 100
SHORTEST_PIECE = 16
# Of one request: a client that sends more hides nothing but its own.
MOST_SECRETS = 200
MOST_BODY = 65_536


def star_addresses(text: str, stars: str) -> str:
    """Return `text` with stars for the password of each "scheme://user:password@host"."""
    if "://" not in text:
        return text
    return _ADDRESS.sub(lambda match: f"{match[1]}{stars}@", text)


def star_address(value: str, stars: str) -> str:
    """Return a value, which may be an address as a whole, with stars for the password in it and in others behind it."""
    match = _WHOLE_ADDRESS.match(value)
    return star_addresses(f"{match[1]}{stars}@{value[match.end() :]}" if match else value, stars)


def star_named(text: str, is_secret: IsSecret, stars: str) -> str:
    """Return `text` with stars for each text or number after the name of a secret, as in `"password": "x"`."""
    made, place = [], 0
    for start, end in _named_values(text, is_secret):
        made += [text[place:start], stars]
        place = end
    text = "".join([*made, text[place:]]) if made else text
    return _NUMBERED.sub(lambda match: f"{match[1]}{match[2]}{stars}" if is_secret(match[1]) else match[0], text)


def star_fields(text: str, is_secret: IsSecret, stars: str) -> str:
    """Return `text` with stars for secrets as queries, forms, cookies and HTML have them: `a=1&token=x`."""
    if "=" not in text:
        return text
    if "value=" in text:
        text = _INPUT.sub(lambda match: f"{match[1]}{stars}" if is_secret(match[3]) else match[0], text)
    return _FIELD.sub(lambda match: f"{match[1]}{match[2]}={stars}" if is_secret(match[2]) else match[0], text)


def star_headers(text: str, is_secret: IsSecret, stars: str) -> str:
    """Return `text` with stars for the values of secret fields of a head, as in `Cookie: a=1`."""
    if ":" not in text:
        return text
    return _HEADER.sub(lambda match: f"{match[1]}:{match[2]}{stars}" if is_secret(match[1]) else match[0], text)


def _named_values(text: str, is_secret: IsSecret) -> Iterator[tuple[int, int]]:
    place = 0
    while match := _NAMED.search(text, place):
        place = match.end()
        if is_secret(match[1]):
            end = _closing(text, place, match[3])
            # A list of values: all of them.
            while match[2] and (following := _NEXT_ITEM.match(text, end)):
                end = _closing(text, following.end(), following[1])
            yield place, end
            place = end


def _closing(text: str, place: int, quote_mark: str) -> int:
    """Return where the value ends: at a quote with no backslash before it, else at the end of the text."""
    end = text.find(quote_mark, place)
    while end > 0 and text[end - 1] == "\\":
        end = text.find(quote_mark, end + 1)
    return len(text) if end < 0 else end


def secrets_of(request: Any, is_secret: IsSecret) -> list[str]:
    """Return the secrets that came with `request`, in the ways they can be written, the longest first.

    Only what has been read is looked at: nothing is read for this.
    """
    found: dict[str, None] = {}
    for secret in _brought_by(request, is_secret):
        if SHORTEST <= len(secret) <= LONGEST:
            found.update(dict.fromkeys((secret, repr(secret)[1:-1], quote(secret, safe="", errors="replace"))))
            # Not of one around another: each piece that is found breaks up those of the other.
            if len(secret) > LONG and not any(known in secret for known in found if known != secret):
                found.update(dict.fromkeys(re.findall(rf"(?s).{{{SHORTEST_PIECE},{PIECE}}}", secret)))
        if len(found) >= MOST_SECRETS:
            break
    # The longest first, or the rest of it would stay where a shorter one is a part of it.
    return sorted(found, key=len, reverse=True)


def _brought_by(request: Any, is_secret: IsSecret) -> Iterator[str]:
    meta = getattr(request, "META", None)
    if isinstance(meta, dict):
        yield from _in_headers(meta, is_secret)
    read = getattr(request, "__dict__", {})
    for parameters in (read.get("GET"), read.get("_post"), read.get("POST")):
        if parameters is not None and hasattr(parameters, "getlist"):
            for name in parameters:
                yield from [str(value) for value in parameters.getlist(name)] if is_secret(str(name)) else ()
    body = read.get("_body")
    if isinstance(body, bytes) and body:
        text = body[:MOST_BODY].decode(errors="replace")
        yield from [text[start:end] for start, end in _named_values(text, is_secret)]
        if "=" in text[:200]:
            yield from _in_query(text, is_secret)


def _in_headers(meta: dict[str, Any], is_secret: IsSecret) -> Iterator[str]:
    # Cookies last: there may be many.
    for name, value in sorted(meta.items(), key=lambda item: item[0] == "HTTP_COOKIE"):
        if str(name).startswith("HTTP_") and is_secret(name.removeprefix("HTTP_")) and isinstance(value, str):
            if name.endswith("AUTHORIZATION"):
                yield from _credentials(value)
            elif name == "HTTP_COOKIE":
                yield from _in_cookies(value, is_secret)
            yield value
    yield from _in_query(str(meta.get("QUERY_STRING") or "")[:4000], is_secret)


def _in_cookies(text: str, is_secret: IsSecret) -> Iterator[str]:
    for name, value in parse_cookie(text).items():
        if len(value) >= SHORTEST_COOKIE or is_secret(name):
            yield value


def _credentials(value: str) -> Iterator[str]:
    """Yield the token of "Bearer TOKEN", and the password within that of "Basic TOKEN" (RFC 7617)."""
    scheme, _, token = value.partition(" ")
    yield token.strip()
    if scheme.lower() == "basic":
        try:
            yield base64.b64decode(token).decode(errors="replace").partition(":")[2]
        except (binascii.Error, ValueError):
            return


def _in_query(text: str, is_secret: IsSecret) -> Iterator[str]:
    try:
        pairs = parse_qsl(text)
    except ValueError:  # more fields than it will read
        return
    yield from [value for name, value in pairs if is_secret(name)]
