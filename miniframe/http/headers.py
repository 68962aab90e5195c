"""Header fields: those of a request, read from WSGI's `environ`, and those of a response, checked as they are set.

A response keeps its fields in one dict, lower-case name -> (name, value): its values are the list
that `start_response` wants, so nothing is converted when the answer is sent.

Source: RFC 9110, section 5; PEP 3333, section "environ Variables"; Django's reference "Request and
response objects", sections `HttpRequest.headers` and "Setting header fields".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar, overload

from miniframe.exceptions import BadHeaderError
from miniframe.utils.datastructures import CaseInsensitiveMapping

__all__ = ["HttpHeaders", "ResponseHeaders", "check_value"]

D = TypeVar("D")

# field-name = token (RFC 9110, section 5.1).
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")

# Names come from code, so there are few; yet a view may make them from input, so the table is bounded.
_MOST_NAMES = 1024
_lower_names: dict[str, str] = {}
_environ_names: dict[str, str] = {}


def _lower_name(name: str) -> str:
    """Return the key of a response header called `name`, having checked that the name can be sent.

    Raises:
        UnicodeEncodeError: the name is not ASCII.
        BadHeaderError: it is no token, for example empty or with a space, colon or line break in it.
    """
    if "\n" in name or "\r" in name:
        raise BadHeaderError(f"Header values can't contain newlines (got {name!r}), and names cannot either")
    name.encode("ascii")
    if not _TOKEN.fullmatch(name):
        raise BadHeaderError(f"{name!r} is no header name: names are letters, digits and !#$%&'*+-.^_`|~")
    if len(_lower_names) >= _MOST_NAMES:
        _lower_names.clear()
    lower = _lower_names[name] = name.lower()
    return lower


def check_value(value: object) -> str:
    """Return `value` as text that may stand in a header field.

    Text outside latin-1 is MIME-encoded, as Django does it; bytes are taken as latin-1.

    Raises:
        BadHeaderError: there is a line break, NUL or another control character in it.
    """
    if isinstance(value, bytes):
        text = value.decode("latin-1")
    else:
        text = value if type(value) is str else str(value)
        # Almost every value is printable ASCII, and these two tests are the cheapest way to know.
        if text.isascii() and text.isprintable():
            return text
    if _CONTROLS.search(text):
        raise BadHeaderError(
            f"Header values can't contain newlines (got {value!r})"
            if "\n" in text or "\r" in text
            else f"Header values can't contain control characters (got {value!r})"
        )
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return _mime_encoded(text)
    return text


def _mime_encoded(text: str) -> str:
    # The email package takes 13 ms to import, and few sites ever need it.
    from email.header import Header

    return Header(text, "utf-8", maxlinelen=2**31).encode()


class ResponseHeaders(CaseInsensitiveMapping):
    """The header fields of a response: a mapping that ignores case and keeps the case it was given."""

    _store: dict[str, tuple[str, str]]

    def __init__(self, data: Mapping[str, object] | Iterable[tuple[str, object]] | None = None) -> None:
        self._store = {}
        if data:
            for name, value in data.items() if isinstance(data, Mapping) else data:
                self[name] = value

    def __setitem__(self, name: str | bytes, value: object) -> None:
        """Set a field, replacing one of the same name.

        Raises:
            BadHeaderError: name or value hold what would break the head of the response.
            UnicodeError: the name is not ASCII.
        """
        if not isinstance(name, str):
            name = name.decode("latin-1") if isinstance(name, bytes) else str(name)
        lower = _lower_names.get(name) or _lower_name(name)
        self._store[lower] = (name, check_value(value))

    def __getitem__(self, name: str) -> str:
        return self._store[name.lower()][1]

    def __delitem__(self, name: str) -> None:
        """Remove a field; one that is not there is no error."""
        self._store.pop(name.lower(), None)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._store

    def __iter__(self) -> Iterator[str]:
        return iter([name for name, _ in self._store.values()])

    def __len__(self) -> int:
        return len(self._store)

    def items(self) -> Any:
        """Return the fields as (name, value) pairs."""
        return self._store.values()

    def get(self, name: str, default: Any = None) -> Any:
        """Return a field's value, or `default`."""
        found = self._store.get(name.lower())
        return default if found is None else found[1]

    def pop(self, name: str, default: Any = None) -> Any:
        """Remove a field and return its value, or `default` if it is not there."""
        found = self._store.pop(name.lower(), None)
        return default if found is None else found[1]

    def setdefault(self, name: str, value: object) -> None:
        """Set a field unless it is there already."""
        if name.lower() not in self._store:
            self[name] = value

    def copy(self) -> ResponseHeaders:
        """Return headers of their own, to be changed without changing these."""
        result = type(self)()
        result._store = self._store.copy()
        return result

    __copy__ = copy


class HttpHeaders(CaseInsensitiveMapping):
    """The header fields of a request, by any spelling of their names: "User-Agent", "user-agent", "user_agent".

    A view on the request's META: nothing is copied, and what is put there is seen here.
    """

    HTTP_PREFIX = "HTTP_"
    # CGI has these two without the prefix.
    UNPREFIXED_HEADERS = frozenset({"CONTENT_TYPE", "CONTENT_LENGTH"})

    def __init__(self, environ: Mapping[str, Any]) -> None:
        self._environ = environ

    def __getitem__(self, name: str) -> str:
        key = _environ_names.get(name)
        if key is None:
            if len(_environ_names) >= _MOST_NAMES:
                _environ_names.clear()
            key = _environ_names[name] = self.to_wsgi_name(name)
        try:
            value: str = self._environ[key]
        except KeyError:
            raise KeyError(name) from None
        return value

    @overload
    def get(self, name: str, default: None = None) -> str | None: ...

    @overload
    def get(self, name: str, default: D) -> str | D: ...

    def get(self, name: str, default: Any = None) -> Any:
        """Return a field's value, or `default`."""
        try:
            return self[name]
        except KeyError:
            return default

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.to_wsgi_name(name) in self._environ

    def __iter__(self) -> Iterator[str]:
        return (name for key in self._environ if (name := self.parse_header_name(key)))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return repr(dict(self.items()))

    def copy(self) -> HttpHeaders:
        """Return these headers: they cannot be changed, so there is no need of others."""
        return self

    @classmethod
    def parse_header_name(cls, header: str) -> str | None:
        """Return the field name for a key of META, such as "User-Agent"; None if the key is no header's."""
        name = header.removeprefix(cls.HTTP_PREFIX)
        is_header = name != header or header in cls.UNPREFIXED_HEADERS
        return name.replace("_", "-").title() if is_header else None

    @classmethod
    def to_wsgi_name(cls, header: str) -> str:
        """Return the key in `environ` for a field name: "HTTP_USER_AGENT" for "User-Agent"."""
        name = cls.to_asgi_name(header)
        return name if name in cls.UNPREFIXED_HEADERS else cls.HTTP_PREFIX + name

    @classmethod
    def to_asgi_name(cls, header: str) -> str:
        """Return a field name in capitals with underscores: "USER_AGENT" for "User-Agent"."""
        return header.replace("-", "_").upper()

    @classmethod
    def to_wsgi_names(cls, headers: Mapping[str, Any]) -> dict[str, Any]:
        """Return `headers` with each name as `to_wsgi_name` has it."""
        return {cls.to_wsgi_name(name): value for name, value in headers.items()}

    @classmethod
    def to_asgi_names(cls, headers: Mapping[str, Any]) -> dict[str, Any]:
        """Return `headers` with each name as `to_asgi_name` has it."""
        return {cls.to_asgi_name(name): value for name, value in headers.items()}
