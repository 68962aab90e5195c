"""Cookies: read the ones that a browser sends, write the ones that it shall keep.

Reading takes linear time and forgives: a name or value that is odd costs nothing but itself, for
other programs on the same domain set cookies too.  Writing is strict: what would end a field or
start another attribute is refused where it is set.

The standard library's `http.cookies` does the same work many times slower, and when reading drops
every cookie because of one.  Names and output here are as there, for Django's users know those.

Source: RFC 6265, sections 4.1 and 5.4; Python's `http.cookies`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from miniframe.exceptions import BadHeaderError
from miniframe.utils.http import http_date

if TYPE_CHECKING:
    import datetime

__all__ = ["Morsel", "SimpleCookie", "check_attribute", "parse_cookie", "set_lifetime"]

_NAME = re.compile(r"[!#$%&'*+.^_`|~:0-9A-Za-z-]+")
_CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")

# A quoted value: backslash and three octal digits are one character, backslash and anything is that.
_ESCAPED = r"(?s)\\(?:([0-3][0-7][0-7])|(.))"

# Inside quotes these stand for themselves, beside what a name may have; latin-1's others are escaped.
_PLAIN_IN_QUOTES = frozenset(
    "!#$%&'*+-.^_`|~: ()/<=>?@[]{}0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
)
_ESCAPES = {n: f"\\{n:03o}" for n in range(256) if chr(n) not in _PLAIN_IN_QUOTES} | {
    ord('"'): '\\"',
    ord("\\"): "\\\\",
}

# Attribute -> how it is written, in the order in which they are sent.
_ATTRIBUTES = {
    "comment": "Comment",
    "domain": "Domain",
    "expires": "expires",
    "httponly": "HttpOnly",
    "max-age": "Max-Age",
    "partitioned": "Partitioned",
    "path": "Path",
    "samesite": "SameSite",
    "secure": "Secure",
    "version": "Version",
}
_FLAGS = frozenset({"httponly", "partitioned", "secure"})
_UNSET = dict.fromkeys(_ATTRIBUTES, "")

# Names that have been checked; a site has few, and sets them again and again.
_MOST_NAMES = 256
_good_names: set[str] = set()


def parse_cookie(cookie: str) -> dict[str, str]:
    """Return the cookies in the value of a Cookie header, name -> value; of two with one name, the last.

    A piece without "=" is a value without a name, as browsers have it.

    >>> parse_cookie('a=1; odd:(name)=2; quoted="x\\\\054y"; alone')
    {'a': '1', 'odd:(name)': '2', 'quoted': 'x,y', '': 'alone'}
    """
    cookies: dict[str, str] = {}
    for piece in cookie.split(";"):
        name, equals, value = piece.partition("=")
        if not equals:
            name, value = "", name
        name = name.strip()
        value = value.strip()
        if name or value:
            cookies[name] = _unquoted(value) if value.startswith('"') else value
    return cookies


def _unquoted(value: str) -> str:
    if len(value) < 2 or value[-1] != '"':
        return value
    value = value[1:-1]
    return re.sub(_ESCAPED, _character, value) if "\\" in value else value


def _character(match: re.Match[str]) -> str:
    octal, other = match.groups()
    return chr(int(octal, 8)) if octal else str(other)


def _is_clean(text: str) -> bool:
    # The two tests in front say yes to nearly everything, and are cheaper than any search.
    return (text.isascii() and text.isprintable()) or not _CONTROLS.search(text)


def _quoted(value: str) -> str:
    return value if _NAME.fullmatch(value) else f'"{value.translate(_ESCAPES)}"'


def _check_name(key: str) -> None:
    if key.lower() in _ATTRIBUTES:
        raise BadHeaderError(f"Attempt to set a reserved key {key!r}: it is the name of a cookie's attribute")
    if not _NAME.fullmatch(key):
        raise BadHeaderError(f"Illegal key {key!r}: a cookie's name is letters, digits and !#$%&'*+-.^_`|~:")
    if len(_good_names) < _MOST_NAMES:
        _good_names.add(key)


def check_attribute(name: str, value: Any) -> Any:
    """Return `value` if it may be sent as this attribute of a cookie.

    Raises:
        BadHeaderError: it would end the attribute: ";" or a control character.
    """
    if isinstance(value, str) and (";" in value or not _is_clean(value)):
        raise BadHeaderError(f"attribute {name!r} of a cookie cannot be {value!r}: it would end there")
    return value


class Morsel(dict[str, Any]):
    """One cookie to be set: `key`, `value`, `coded_value` (as it is sent), and a dict of its attributes.

    Every attribute is there from the start; "" means that it is not sent.
    """

    key: str = ""
    value: str = ""
    coded_value: str = ""

    def __init__(self) -> None:
        dict.update(self, _UNSET)

    def set(self, key: str, val: str, coded_val: str) -> None:
        """Set name and value; `coded_val` is sent as it is.

        Raises:
            BadHeaderError: the name cannot be a cookie's, or the value has a control character.
        """
        if key not in _good_names:
            _check_name(key)
        if not _is_clean(val) or (coded_val is not val and not _is_clean(coded_val)):
            raise BadHeaderError(f"the value of cookie {key!r} holds a control character: {val!r}")
        self.key, self.value, self.coded_value = key, val, coded_val

    def __setitem__(self, name: str, value: Any) -> None:
        """Set an attribute.

        Raises:
            BadHeaderError: there is no such attribute, or the value would end it (";", a control character).
        """
        name = name.lower()
        if name not in _ATTRIBUTES:
            raise BadHeaderError(f"Invalid attribute {name!r}: a cookie has {', '.join(_ATTRIBUTES)}")
        super().__setitem__(name, check_attribute(name, value))

    def update(self, values: Any = (), /, **more: Any) -> None:
        """Set several attributes, each as `morsel[name] = value` would."""
        for name, value in {**dict(values), **more}.items():
            self[name] = value

    def setdefault(self, name: str, default: Any = None) -> Any:
        """Return an attribute; all are there, so `default` is never used."""
        return super().setdefault(name.lower(), default)

    def isReservedKey(self, key: str) -> bool:  # noqa: N802  # the standard library's name
        """Return whether `key` is the name of an attribute."""
        return key.lower() in _ATTRIBUTES

    def copy(self) -> Morsel:
        """Return a morsel of its own with the same name, value and attributes."""
        result = type(self)()
        dict.update(result, self)
        result.key, result.value, result.coded_value = self.key, self.value, self.coded_value
        return result

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Morsel):
            return NotImplemented
        mine = (self.key, self.value, self.coded_value)
        return mine == (other.key, other.value, other.coded_value) and dict.__eq__(self, other)

    __hash__ = None

    def output(self, attrs: Iterable[str] | None = None, header: str = "Set-Cookie:") -> str:
        """Return the whole header line, without its end."""
        return f"{header} {self.OutputString(attrs)}"

    def OutputString(self, attrs: Iterable[str] | None = None) -> str:  # noqa: N802  # the standard library's name
        """Return what follows "Set-Cookie: "; with `attrs`, only these attributes are written."""
        parts = [f"{self.key}={self.coded_value}"]
        wanted = _ATTRIBUTES if attrs is None else set(attrs)
        for name, value in self.items():
            # Max-Age=0 deletes the cookie, so this zero counts; every other nothing is not sent.
            if (not value and (name != "max-age" or value != 0 or value is False)) or name not in wanted:
                continue
            if name in _FLAGS:
                parts.append(_ATTRIBUTES[name])
            elif name == "expires" and isinstance(value, (int, float)):
                parts.append(f"expires={http_date(time.time() + value)}")
            elif name == "comment":
                parts.append(f"Comment={_quoted(str(value))}")
            else:
                parts.append(f"{_ATTRIBUTES[name]}={value}")
        return "; ".join(parts)

    def __str__(self) -> str:
        return self.output()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.OutputString()}>"


def set_lifetime(
    morsel: Morsel, max_age: float | datetime.timedelta | None, expires: str | datetime.datetime | None
) -> None:
    """Say until when a browser keeps the cookie: for `max_age`, seconds or a timedelta, or until `expires`.

    Raises:
        ValueError: both are given, and `expires` is a datetime.
    """
    if hasattr(expires, "utcoffset"):  # a datetime
        if max_age is not None:
            raise ValueError("'expires' and 'max_age' can't be used together.")
        max_age = _seconds_until(expires)
    elif expires is not None:
        morsel["expires"] = expires
    if max_age is None:
        return
    seconds = max_age.total_seconds() if hasattr(max_age, "total_seconds") else max_age
    morsel["max-age"] = int(seconds)
    # Old browsers know Expires only.
    if not morsel["expires"]:
        morsel["expires"] = http_date(time.time() + seconds)


def _seconds_until(moment: Any) -> int:
    import datetime  # whoever has a moment has imported it; the others save 1 ms at every start

    if moment.tzinfo is None or moment.utcoffset() is None:
        moment = moment.replace(tzinfo=datetime.UTC)
    left = moment - datetime.datetime.now(tz=datetime.UTC)
    # Rounded up, so that a cookie set for "in ten seconds" says 10 and not 9.
    return max(0, int(left.days * 86400 + left.seconds + 1))


class SimpleCookie(dict[str, Morsel]):
    """The cookies to be set by one response, name -> `Morsel`; assigning a string keeps the attributes."""

    def __init__(self, input: str | Mapping[str, Any] | None = None) -> None:
        if input:
            self.load(input)

    def __setitem__(self, key: str, value: Any) -> None:
        if not isinstance(value, Morsel):
            text = str(value)
            morsel = self[key] if key in self else Morsel()
            morsel.set(key, text, _quoted(text))
            value = morsel
        super().__setitem__(key, value)

    def fresh(self, key: str, value: object) -> Morsel:
        """Set a cookie that has no attributes yet, whatever there was under its name; return its morsel."""
        text = value if type(value) is str else str(value)
        morsel = Morsel()
        if key in _good_names and text.isalnum() and text.isascii():
            # Nothing to check and nothing to quote, as with most identifiers: 0.5 us less.
            morsel.key, morsel.value, morsel.coded_value = key, text, text
        else:
            morsel.set(key, text, _quoted(text))
        dict.__setitem__(self, key, morsel)
        return morsel

    def load(self, rawdata: str | Mapping[str, Any]) -> None:
        """Take over cookies from a mapping, or from a header's text, where attributes follow their cookie."""
        if not isinstance(rawdata, str):
            for key, value in rawdata.items():
                self[key] = value
            return
        morsel: Morsel | None = None
        for piece in rawdata.split(";"):
            name, equals, coded = (part.strip() for part in piece.partition("="))
            attribute = name.lower().removeprefix("$")
            if morsel is not None and attribute in _ATTRIBUTES:
                morsel[attribute] = _unquoted(coded) if equals else attribute in _FLAGS
            elif _NAME.fullmatch(name) and equals and attribute not in _ATTRIBUTES:
                morsel = Morsel()
                morsel.set(name, _unquoted(coded), coded)
                dict.__setitem__(self, name, morsel)

    def output(self, attrs: Iterable[str] | None = None, header: str = "Set-Cookie:", sep: str = "\r\n") -> str:
        """Return all header lines, sorted by name and joined by `sep`."""
        return sep.join(morsel.output(attrs, header) for _, morsel in sorted(self.items()))

    def __str__(self) -> str:
        return self.output()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {' '.join(f'{k}={m.value!r}' for k, m in sorted(self.items()))}>"

    def header_fields(self) -> list[tuple[str, str]]:
        """Return one ("Set-Cookie", value) pair for each cookie, as `start_response` wants them."""
        return [("Set-Cookie", _native(morsel.OutputString())) for morsel in self.values()]


def _native(text: str) -> str:
    # PEP 3333 wants latin-1 text that stands for bytes; what latin-1 lacks is sent as UTF-8, and read back as that.
    if text.isascii():
        return text
    return text.encode().decode("latin-1")
