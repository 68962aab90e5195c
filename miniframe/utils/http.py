"""Dates, entity tags, parameters and addresses as HTTP writes them.

Source: RFC 9110 (dates 5.6.7, parameters 5.6.6, entity tags 8.8.3), RFC 6266 (Content-Disposition),
RFC 8187 (`filename*`); Django's reference "Utils", section `django.utils.http`.
"""

from __future__ import annotations

import codecs
import re
import time
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, unquote, urlsplit
from urllib.parse import urlencode as _urlencode

from miniframe.utils.datastructures import MultiValueDict
from miniframe.utils.encoding import force_bytes

__all__ = [
    "MAX_HEADER_LENGTH",
    "MAX_URL_LENGTH",
    "MAX_URL_REDIRECT_LENGTH",
    "base36_to_int",
    "content_disposition_header",
    "escape_leading_slashes",
    "http_date",
    "int_to_base36",
    "is_same_domain",
    "parse_etags",
    "parse_header_parameters",
    "parse_http_date",
    "parse_http_date_safe",
    "quote_etag",
    "url_has_allowed_host_and_scheme",
    "urlencode",
    "urlsafe_base64_decode",
    "urlsafe_base64_encode",
]

MAX_URL_LENGTH = 2048
"""Characters of an address that we are asked to judge; longer ones are judged unsafe."""

MAX_URL_REDIRECT_LENGTH = 16384
"""Characters of an address that we redirect to; encoding a longer one costs too much (CVE-2025-64458)."""

MAX_HEADER_LENGTH = 10_000
"""Characters of one header value that we take apart into parameters."""

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_CLOCK = r"(?P<hour>\d{2}):(?P<minute>\d{2}):(?P<second>\d{2})"
# Texts, which `re` compiles when they are first used and keeps: half a millisecond less at every start.
_DATES = (
    rf"\w{{3}}, (?P<day>\d{{2}}) (?P<month>\w{{3}}) (?P<year>\d{{4}}) {_CLOCK} GMT",  # IMF-fixdate
    rf"\w{{6,9}}, (?P<day>\d{{2}})-(?P<month>\w{{3}})-(?P<year>\d{{2}}) {_CLOCK} GMT",  # RFC 850
    rf"\w{{3}} (?P<month>\w{{3}}) (?P<day>[ \d]\d) {_CLOCK} (?P<year>\d{{4}})",  # asctime
)
# A blank is none of the standard's characters (RFC 9110, section 8.8.3), but sites do send tags that have one.
_ETAG = re.compile(r'(?:W/)?"[^"\x00-\x1f\x7f]*"')
_BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"


def urlencode(query: Any, doseq: bool = False) -> str:
    """Return `query` (a mapping or pairs) as "a=1&b=2"; with `doseq` a list gives its key once for each value.

    Raises:
        TypeError: a value is None, which has no spelling in a query string.
    """
    if isinstance(query, MultiValueDict):
        query = query.lists()
    elif hasattr(query, "items"):
        query = query.items()
    pairs: list[tuple[Any, Any]] = []
    for key, value in query:
        if value is None:
            raise _none_in_query(key)
        if not doseq or isinstance(value, (str, bytes)) or not hasattr(value, "__iter__"):
            pairs.append((key, value if isinstance(value, bytes) else str(value)))
            continue
        for item in value:
            if item is None:
                raise _none_in_query(key)
            pairs.append((key, item if isinstance(item, bytes) else str(item)))
    return _urlencode(pairs)


def _none_in_query(key: object) -> TypeError:
    return TypeError(
        f"Cannot encode None for key '{key}' in a query string. Did you mean to pass an empty string or omit the value?"
    )


def http_date(epoch_seconds: float | None = None) -> str:
    """Return a time (default: now) as HTTP writes it, always in GMT and in English.

    >>> http_date(0)
    'Thu, 01 Jan 1970 00:00:00 GMT'
    """
    year, month, day, hour, minute, second, weekday, *_ = time.gmtime(epoch_seconds)
    return f"{_DAYS[weekday]}, {day:02} {_MONTHS[month - 1]} {year:04} {hour:02}:{minute:02}:{second:02} GMT"


def parse_http_date(date: str) -> int:
    """Return a date in one of RFC 9110's three forms as seconds since 1970.

    Raises:
        ValueError: it is none of the three, or no such day or time exists.
    """
    import datetime  # 1 ms at every start, and few are sent a date

    for form in _DATES:
        if found := re.fullmatch(form, date, re.ASCII):
            break
    else:
        raise ValueError(f"{date!r} is not in a valid HTTP date format")
    try:
        year = int(found["year"])
        if year < 100:
            # RFC 9110, section 5.6.7: a two-digit year more than 50 years ahead is in the past.
            now = time.gmtime().tm_year
            year += now - now % 100
            if year > now + 50:
                year -= 100
        month = _MONTHS.index(found["month"].title()) + 1
        day, hour, minute, second = (int(found[name]) for name in ("day", "hour", "minute", "second"))
        moment = datetime.datetime(year, month, day, hour, minute, second, tzinfo=datetime.UTC)
        return int(moment.timestamp())
    except ValueError as error:
        raise ValueError(f"{date!r} is not a valid date") from error


def parse_http_date_safe(date: str) -> int | None:
    """Do as `parse_http_date`, but return None for what is no date."""
    try:
        return parse_http_date(date)
    except ValueError:
        return None


def base36_to_int(s: str) -> int:
    """Return the number that `s` writes in base 36.

    Raises:
        ValueError: more than 13 characters, which no 64-bit number needs, or no such number.
    """
    if len(s) > 13:
        raise ValueError("Base36 input too large")
    return int(s, 36)


def int_to_base36(i: int) -> str:
    """Return a number in base 36.

    Raises:
        ValueError: it is negative.
    """
    if i < 0:
        raise ValueError("Negative base36 conversion input.")
    digits = ""
    while True:
        i, rest = divmod(i, 36)
        digits = _BASE36[rest] + digits
        if not i:
            return digits


def urlsafe_base64_encode(s: bytes) -> str:
    """Return bytes in base 64 that may stand in an address, without the padding."""
    import base64  # with what it imports 1 ms at every start

    return base64.urlsafe_b64encode(s).rstrip(b"=").decode("ascii")


def urlsafe_base64_decode(s: str | bytes) -> bytes:
    """Undo `urlsafe_base64_encode`.

    Raises:
        ValueError: it is no base 64.
    """
    import base64
    import binascii

    raw: bytes = force_bytes(s)
    try:
        return base64.urlsafe_b64decode(raw + b"=" * (-len(raw) % 4))
    except (LookupError, binascii.Error) as error:
        raise ValueError(error) from error


def parse_etags(etag_str: str) -> list[str]:
    """Return the entity tags of an If-Match or If-None-Match field, quotes and "W/" kept; ["*"] for a star."""
    if etag_str.strip() == "*":
        return ["*"]
    tags = (part.strip() for part in etag_str.split(","))
    return [tag for tag in tags if _ETAG.fullmatch(tag)]


def quote_etag(etag_str: str) -> str:
    """Return an entity tag with its quotes; one that has them is returned unchanged."""
    return etag_str if _ETAG.fullmatch(etag_str) else f'"{etag_str}"'


def is_same_domain(host: str, pattern: str) -> bool:
    """Return whether `host` is `pattern`, or for a pattern with a leading dot that domain or one below it."""
    if not pattern:
        return False
    pattern = pattern.lower()
    return host == pattern or (pattern[0] == "." and (host.endswith(pattern) or host == pattern[1:]))


def url_has_allowed_host_and_scheme(
    url: str | None, allowed_hosts: str | Iterable[str] | None, require_https: bool = False
) -> bool:
    """Return whether it is safe to redirect to `url`, given by a visitor: on this site or on an allowed host.

    Source: CWE-601; the WHATWG URL standard for what browsers make of odd addresses.
    """
    url = (url or "").strip()
    if not url:
        return False
    hosts = (
        set() if allowed_hosts is None else {allowed_hosts} if isinstance(allowed_hosts, str) else set(allowed_hosts)
    )
    # Browsers read "\" as "/", so the address has to be safe in both readings.
    return all(_is_safe(reading, hosts, require_https) for reading in (url, url.replace("\\", "/")))


def _is_safe(url: str, hosts: set[str], require_https: bool) -> bool:
    # Chrome takes three slashes for a host; control characters at the start are dropped by some browsers.
    if len(url) > MAX_URL_LENGTH or url.startswith("///") or not url[0].isprintable():
        return False
    try:
        parts = urlsplit(url)
    except ValueError:  # such as "http://[::1"
        return False
    if parts.scheme and not parts.netloc:  # "http:///evil.test" and "javascript:..."
        return False
    scheme = parts.scheme or ("http" if parts.netloc else "")
    schemes = {"https"} if require_https else {"http", "https"}
    return (not parts.netloc or parts.netloc in hosts) and (not scheme or scheme in schemes)


def escape_leading_slashes(url: str) -> str:
    """Return a path that a browser cannot take for another host: "//evil" becomes "/%2Fevil"."""
    return "/%2F" + url[2:] if url.startswith("//") else url


def parse_header_parameters(line: str, max_length: int | None = MAX_HEADER_LENGTH) -> tuple[str, dict[str, str]]:
    """Return a value and its parameters, as in `text/html; charset=utf-8`; names in lower case.

    Quoted strings and RFC 8187's `name*=utf-8''...` are decoded.

    Raises:
        ValueError: the line is longer than `max_length` characters, or names an encoding that does not exist.

    >>> parse_header_parameters('form-data; name="a;b"; size=3')
    ('form-data', {'name': 'a;b', 'size': '3'})
    """
    if not line:
        return "", {}
    if max_length is not None and len(line) > max_length:
        raise ValueError(f"Unable to parse header parameters: the value exceeds {max_length} characters.")
    value, *rest = _split_outside_quotes(line)
    parameters: dict[str, str] = {}
    for part in rest:
        name, _, text = part.partition("=")
        name = name.strip().lower()
        if not name:
            continue
        text = text.strip()
        if len(text) >= 2 and text[0] == text[-1] == '"':
            text = re.sub(r"\\([\\\"])", r"\1", text[1:-1])
        if name.endswith("*"):
            name, text = name[:-1], _extended(text)
        parameters[name] = text
    return value.strip().lower(), parameters


def _extended(text: str) -> str:
    """Decode RFC 8187's `charset'language'value`; senders that leave the quotes out mean UTF-8."""
    charset, quote_1, rest = text.partition("'")
    _, quote_2, encoded = rest.partition("'")
    if not (quote_1 and quote_2):
        return unquote(text)
    try:
        codecs.lookup(charset or "utf-8")  # also where there is nothing to decode
        return unquote(encoded, encoding=charset or "utf-8", errors="replace")
    except LookupError as error:
        raise ValueError(f"Invalid encoding: {charset!r}") from error


def _split_outside_quotes(line: str) -> list[str]:
    """Split at ";" where it is outside of quotes, in one pass."""
    if '"' not in line:
        return line.split(";")
    parts, start, quoted, skip = [], 0, False, False
    for place, letter in enumerate(line):
        if skip:
            skip = False
        elif quoted and letter == "\\":
            skip = True
        elif letter == '"':
            quoted = not quoted
        elif letter == ";" and not quoted:
            parts.append(line[start:place])
            start = place + 1
    parts.append(line[start:])
    return parts


def content_disposition_header(as_attachment: bool, filename: str) -> str | None:
    """Return the Content-Disposition value that gives a download its name; None where there is nothing to say."""
    disposition = "attachment" if as_attachment else "inline"
    if not filename:
        return "attachment" if as_attachment else None
    # Line breaks cannot stand in a header in any spelling that clients agree on.
    if filename.isascii() and filename.isprintable():
        escaped = filename.replace("\\", "\\\\").replace('"', r"\"")
        return f'{disposition}; filename="{escaped}"'
    return f"{disposition}; filename*=utf-8''{quote(filename)}"
