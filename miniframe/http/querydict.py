"""The parameters of a query string or a form: a dict whose keys may have several values.

Source: the URL Standard, section "application/x-www-form-urlencoded parsing"; Django's reference
"Request and response objects", section "QueryDict objects".
"""

from __future__ import annotations

import copy
from codecs import unicode_escape_decode
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar, overload
from urllib.parse import quote, quote_plus, unquote, unquote_to_bytes

from miniframe.conf import settings
from miniframe.exceptions import TooManyFieldsSent
from miniframe.utils.datastructures import MultiValueDict

__all__ = ["QueryDict"]

D = TypeVar("D")


def _text(value: Any, encoding: str) -> Any:
    """Return bytes as text, with U+FFFD for what cannot be decoded; leave everything else alone."""
    return value.decode(encoding, "replace") if isinstance(value, bytes) else value


def _decoded(query: bytes, encoding: str) -> str:
    try:
        return query.decode(encoding)
    except UnicodeDecodeError:
        # A query string ought to be ASCII; raw bytes of another encoding still should not end in an error.
        return query.decode("latin-1")


def parse_fields(query: str, encoding: str, most: int | None) -> dict[str, list[str]]:
    """Return every name in `query` with its values, in their order; values may be blank, and names too.

    Only "&" separates fields, and a bad percent code stands for itself.

    Raises:
        TooManyFieldsSent: there are more than `most` fields (None: no limit).
    """
    pieces = query.split("&")
    if most is not None and len(pieces) > most:
        raise TooManyFieldsSent(
            "The number of GET/POST parameters exceeded settings.DATA_UPLOAD_MAX_NUMBER_FIELDS. "
            f"{len(pieces)} were sent, {most} are allowed."
        )
    fields: dict[str, list[str]] = {}
    coded = "%" in query
    if coded and query.isascii() and encoding == "utf-8" and not _coded_separator(query):
        # Then decoding everything at once gives the same, and is several times quicker.
        query = _decoded_percents(query.replace("+", " "), encoding)
        pieces, coded = query.split("&"), False
    elif "+" in query:
        pieces = query.replace("+", " ").split("&")
    for piece in pieces:
        if not piece:
            continue
        name, _, value = piece.partition("=")
        if coded:
            name = _unquoted(name, encoding)
            value = _unquoted(value, encoding)
        if name in fields:
            fields[name].append(value)
        else:
            fields[name] = [value]
    return fields


def _coded_separator(query: str) -> bool:
    """Return whether a name or a value has "&" or "=" in it, as a percent code."""
    return "%26" in query or "%3D" in query or "%3d" in query


def _unquoted(text: str, encoding: str) -> str:
    if "%" not in text:
        return text
    return _decoded_percents(text, encoding) if text.isascii() else unquote(text, encoding)


def _decoded_percents(text: str, encoding: str) -> str:
    r"""Return `text`, all ASCII, with its percent codes decoded, as `unquote` does it in twice the time or more.

    >>> _decoded_percents("caf%C3%A9 100%", "utf-8")
    'café 100%'
    """
    if "\\" not in text:
        try:
            # "%C3" becomes "\xC3", which C code knows how to read; unquote_to_bytes loops over the pieces in Python.
            raw, _ = unicode_escape_decode(text.replace("%", "\\x"))
            return raw.encode("latin-1").decode(encoding, "replace")
        except UnicodeDecodeError:
            pass  # a per cent sign that is followed by something else, and stands for itself
    return unquote_to_bytes(text).decode(encoding, "replace")


class QueryDict(MultiValueDict):
    """A `MultiValueDict` made from a query string, and read-only unless `mutable`.

    `encoding` is that of the percent codes, and of bytes that are put in later (None: DEFAULT_CHARSET).
    """

    # The instance sets both; unpickling needs values before it does.
    _mutable = True
    _encoding: str | None = None

    def __init__(
        self, query_string: str | bytes | None = None, mutable: bool = False, encoding: str | None = None
    ) -> None:
        """Parse `query_string`.

        Raises:
            TooManyFieldsSent: more fields than settings.DATA_UPLOAD_MAX_NUMBER_FIELDS.
        """
        self._encoding = encoding = encoding or settings.DEFAULT_CHARSET
        if query_string:
            if isinstance(query_string, bytes):
                query_string = _decoded(query_string, encoding)
            fields = parse_fields(query_string, encoding, settings.DATA_UPLOAD_MAX_NUMBER_FIELDS)
            # Past MultiValueDict.update, which would look at every value again.
            dict.update(self, fields)
        self._mutable = mutable

    @classmethod
    def fromkeys(
        cls, iterable: Iterable[Any], value: Any = "", mutable: bool = False, encoding: str | None = None
    ) -> QueryDict:
        """Return a QueryDict with `value` once for each key in `iterable`; a repeated key has it repeatedly."""
        result = cls("", mutable=True, encoding=encoding)
        for key in iterable:
            result.appendlist(key, value)
        result._mutable = mutable
        return result

    @property
    def encoding(self) -> str:
        """The encoding of bytes that are put in."""
        if self._encoding is None:
            self._encoding = settings.DEFAULT_CHARSET
        return self._encoding

    @encoding.setter
    def encoding(self, value: str | None) -> None:
        """Set it; None means DEFAULT_CHARSET."""
        self._encoding = value

    def _assert_mutable(self) -> None:
        if not self._mutable:
            raise AttributeError("This QueryDict instance is immutable")

    if TYPE_CHECKING:
        # What comes out is text: what goes in as something else comes from a program, and seldom.
        def __getitem__(self, key: Any) -> str: ...

        @overload
        def get(self, key: Any, default: None = None) -> str | None: ...

        @overload
        def get(self, key: Any, default: D) -> str | D: ...

        def get(self, key: Any, default: Any = None) -> Any:
            """Return the last value of `key`, or `default`."""

        def getlist(self, key: Any, default: Any = None) -> list[str]:
            """Return all values of `key`, or `default`."""

    def __setitem__(self, key: Any, value: Any) -> None:
        self._assert_mutable()
        super().__setitem__(_text(key, self.encoding), _text(value, self.encoding))

    def __delitem__(self, key: Any) -> None:
        self._assert_mutable()
        super().__delitem__(key)

    def __copy__(self) -> QueryDict:
        result = type(self)("", mutable=True, encoding=self.encoding)
        for key, values in self.lists():
            result.setlist(key, values)
        return result

    def __deepcopy__(self, memo: dict[int, Any]) -> QueryDict:
        result = type(self)("", mutable=True, encoding=self.encoding)
        memo[id(self)] = result
        for key, values in self.lists():
            result.setlist(copy.deepcopy(key, memo), copy.deepcopy(values, memo))
        return result

    def copy(self) -> QueryDict:
        """Return a copy that can be changed, and that shares no value with this one."""
        return copy.deepcopy(self)

    def setlist(self, key: Any, list_: Iterable[Any]) -> None:
        """Replace all values of `key`."""
        self._assert_mutable()
        super().setlist(_text(key, self.encoding), [_text(value, self.encoding) for value in list_])

    def setlistdefault(self, key: Any, default_list: Iterable[Any] | None = None) -> list[Any]:
        """Return the values of `key`, which become `default_list` if there are none."""
        self._assert_mutable()
        return super().setlistdefault(key, default_list)  # type: ignore[no-any-return,arg-type,unused-ignore]

    def appendlist(self, key: Any, value: Any) -> None:
        """Add a value to those of `key`."""
        self._assert_mutable()
        super().appendlist(_text(key, self.encoding), _text(value, self.encoding))

    def pop(self, key: Any, *args: Any) -> Any:
        """Remove `key` and return the list of its values."""
        self._assert_mutable()
        return super().pop(key, *args)

    def popitem(self) -> Any:
        """Remove a key; return it with the list of its values."""
        self._assert_mutable()
        return super().popitem()

    def clear(self) -> None:
        """Remove everything."""
        self._assert_mutable()
        super().clear()

    def setdefault(self, key: Any, default: Any = None) -> Any:
        """Return the last value of `key`, which becomes `default` if there is none."""
        self._assert_mutable()
        return super().setdefault(_text(key, self.encoding), _text(default, self.encoding))

    def urlencode(self, safe: str | None = None) -> str:
        """Return everything as a query string; characters in `safe` are not percent-encoded.

        Without `safe` a blank becomes "+", as in a form; with it, "%20".
        """
        encoding = self.encoding
        escape: Callable[[bytes], str] = quote_plus
        if safe:
            kept = safe.encode(encoding)

            def escape(raw: bytes) -> str:
                return quote(raw, kept)

        return "&".join(
            f"{name}={escape(str(value).encode(encoding))}"
            for key, values in self.lists()
            for name in [escape(str(key).encode(encoding))]
            for value in values
        )
