"""What all responses have in common: status, header fields, cookies, and an orderly end.

An instance holds only what was given or touched: cookies, closers and the rest are class-level
defaults until then, which is what makes a plain response cheap.

Source: Django's reference "Request and response objects", section "HttpResponse objects".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from miniframe.conf import settings
from miniframe.http.cookie import SimpleCookie, check_attribute, set_lifetime
from miniframe.http.headers import ResponseHeaders, check_value
from miniframe.http.status import REASON_PHRASES, STATUS_LINES, check_reason_phrase
from miniframe.signals import request_finished

if TYPE_CHECKING:
    import datetime

__all__ = ["HttpResponseBase"]

_CHARSET = r"(?i);\s*charset=(?P<charset>[^\s;]+)"
_SAMESITE = frozenset({"lax", "none", "strict", "Lax", "None", "Strict"})

# Content types come from code and are few; for each the header field and the charset that it names.
_MOST_TYPES = 256
_content_types: dict[str, tuple[tuple[str, str], str]] = {}


def content_type_field(content_type: object) -> tuple[tuple[str, str], str]:
    """Return the header field for a content type, and the charset in it ("" if there is none).

    Raises:
        BadHeaderError: it holds a line break or another control character.
    """
    value = check_value(content_type)
    match = re.search(_CHARSET, value)
    entry = (("Content-Type", value), match["charset"].replace('"', "") if match else "")
    if len(_content_types) >= _MOST_TYPES:
        _content_types.clear()
    if isinstance(content_type, str):
        _content_types[content_type] = entry
    return entry


# Charset -> the field for HTML in it.
_html_fields: dict[str, tuple[str, str]] = {}
_new_headers = ResponseHeaders.__new__


def _html_field(charset: str) -> tuple[str, str]:
    field = content_type_field(f"text/html; charset={charset}")[0]
    if len(_html_fields) < _MOST_TYPES:
        _html_fields[charset] = field
    return field


def _given_headers(headers: Mapping[str, Any], content_type: str | None, charset: str | None) -> ResponseHeaders:
    """Return the fields for the arguments of a response; the content type may be in either place, not in both."""
    fields = ResponseHeaders(headers)
    if "content-type" in fields._store:
        if content_type:
            raise ValueError("'headers' must not contain 'Content-Type' when the 'content_type' parameter is provided.")
    elif content_type is None:
        fields._store["content-type"] = _html_field(charset or settings.DEFAULT_CHARSET)
    else:
        fields._store["content-type"] = content_type_field(content_type)[0]
    return fields


class HttpResponseBase:
    """A response without content; use `HttpResponse` or `StreamingHttpResponse`."""

    status_code: int = 200  #: 200 unless given; may be set.
    headers: ResponseHeaders  #: The header fields, by any spelling of their names; without cookies.
    streaming: bool = False  #: Whether the content is made while it is sent.
    closed: bool = False  #: Whether `close()` was called.

    _charset: str | None = None
    _reason_phrase: str | None = None
    # Set by the handler: whom `request_finished` names as its sender.
    _handler_class: type | None = None
    _cookies: SimpleCookie | None = None
    _closers: list[Callable[[], object]] | None = None
    # What the page of an error advises, for the log.
    _hints: tuple[str, ...] = ()
    # Content-Security-Policy of this response in place of the settings'; {} sends none.
    _csp_config: Mapping[str, Any] | None = None
    _csp_ro_config: Mapping[str, Any] | None = None

    def __init__(
        self,
        content_type: str | None = None,
        status: int | str | None = None,
        reason: str | None = None,
        charset: str | None = None,
        headers: Mapping[str, Any] | None = None,
    ) -> None:
        """Make the head of a response.

        Raises:
            TypeError, ValueError: the status is not a number from 100 to 599.
            ValueError: the content type is given twice, in `headers` and by itself.
            BadHeaderError: a header or the reason phrase holds a control character.
        """
        self._begin(content_type, status, reason, charset, headers)

    def _begin(
        self,
        content_type: str | None,
        status: int | str | None,
        reason: str | None,
        charset: str | None,
        headers: Mapping[str, Any] | None,
    ) -> str:
        """Make the head, and return the charset of the text that goes with it; raises what `__init__` does."""
        named: str = ""
        if charset is not None:
            self._charset = charset
        if headers:
            self.headers = _given_headers(headers, content_type, charset)
            named = self.charset
        else:
            # Most responses: a table of one field, which is ready.
            self.headers = fields = _new_headers(ResponseHeaders)
            if content_type is None:
                named = charset or settings.DEFAULT_CHARSET
                field = _html_fields.get(named) or _html_field(named)
            else:
                field, named = _content_types.get(content_type) or content_type_field(content_type)
            fields._store = {"content-type": field}
        if status is not None:
            self._set_status(status)
        if reason is not None:
            self._reason_phrase = check_reason_phrase(reason)
        return charset or named or settings.DEFAULT_CHARSET

    def _set_status(self, status: int | str) -> None:
        try:
            code = int(status)
        except (ValueError, TypeError):
            raise TypeError("HTTP status code must be an integer.") from None
        if not 100 <= code <= 599:
            raise ValueError("HTTP status code must be an integer from 100 to 599.")
        self.status_code = code

    # Status.

    @property
    def reason_phrase(self) -> str:
        """The words after the status code; those of the standard unless set."""
        if self._reason_phrase is not None:
            return self._reason_phrase
        return REASON_PHRASES.get(self.status_code, "Unknown Status Code")

    @reason_phrase.setter
    def reason_phrase(self, value: str | None) -> None:
        """Set it; None gives back the standard one."""
        self._reason_phrase = None if value is None else check_reason_phrase(value)

    @property
    def status_line(self) -> str:
        """Code and reason phrase as `start_response` wants them, such as "200 OK".

        Raises:
            BadHeaderError: the reason phrase holds a control character.
        """
        if self._reason_phrase is None:
            try:
                return STATUS_LINES[self.status_code]
            except KeyError:
                pass
        # A subclass may have a property of its own here, so it is checked again.
        return f"{self.status_code:d} {check_reason_phrase(self.reason_phrase)}"

    # Header fields.

    def __setitem__(self, header: str | bytes, value: object) -> None:
        self.headers[header] = value

    def __delitem__(self, header: str) -> None:
        del self.headers[header]

    def __getitem__(self, header: str) -> str:
        return self.headers[header]

    def has_header(self, header: str) -> bool:
        """Return whether a field of this name, in any case, is set."""
        return header in self.headers

    __contains__ = has_header

    def items(self) -> Any:
        """Return the header fields, without cookies, as (name, value) pairs."""
        return self.headers.items()

    def get(self, header: str, alternate: Any = None) -> Any:
        """Return a header's value, or `alternate`."""
        return self.headers.get(header, alternate)

    def setdefault(self, key: str, value: object) -> None:
        """Set a header unless it is there already."""
        self.headers.setdefault(key, value)

    def _header_list(self) -> list[tuple[str, str]]:
        """Return all header fields as `start_response` wants them, one Set-Cookie for each cookie."""
        fields = list(self.headers._store.values())
        if self._cookies:
            fields += self._cookies.header_fields()
        return fields

    def serialize_headers(self) -> bytes:
        """Return the header fields as they go over the wire, without cookies and without a final line break."""
        return b"\r\n".join([f"{name}: {value}".encode("latin-1") for name, value in self.items()])

    __bytes__ = serialize_headers

    @property
    def _content_type_for_repr(self) -> str:
        content_type = self.headers.get("Content-Type")
        return "" if content_type is None else f', "{content_type}"'

    @property
    def charset(self) -> str:
        """The encoding of the text: as given, or as in Content-Type, or DEFAULT_CHARSET."""
        if self._charset is not None:
            return self._charset
        field = self.headers._store.get("content-type")
        if field is not None:
            charset = (_content_types.get(field[1]) or content_type_field(field[1]))[1]
            if charset:
                return charset
        default: str = settings.DEFAULT_CHARSET
        return default

    @charset.setter
    def charset(self, value: str | None) -> None:
        """Set it; None leaves it to Content-Type."""
        self._charset = value

    # Cookies.

    # No `lazy` here, and none for the closers: each response is asked for both at its end, mostly in vain.
    @property
    def cookies(self) -> SimpleCookie:
        """The cookies that the response sets, name -> `Morsel`."""
        if self._cookies is None:
            self._cookies = SimpleCookie()
        return self._cookies

    @cookies.setter
    def cookies(self, value: SimpleCookie) -> None:
        """Set others in their place."""
        self._cookies = value

    def set_cookie(
        self,
        key: str,
        value: str = "",
        max_age: float | datetime.timedelta | None = None,
        expires: str | datetime.datetime | None = None,
        path: str | None = "/",
        domain: str | None = None,
        secure: bool = False,
        httponly: bool = False,
        samesite: str | None = None,
        partitioned: bool = False,
    ) -> None:
        """Set a cookie; nothing of an earlier one with this name remains.

        `max_age` is in seconds or a timedelta; `expires` is a moment (without a time zone: UTC) or the
        text to send.  With neither, the cookie ends with the browser's session.  A `partitioned` one is
        kept apart for each site that shows ours in a frame (CHIPS).

        Raises:
            ValueError: `max_age` together with a datetime, a `samesite` other than lax, none, strict, or
                `partitioned` without `secure`, which browsers drop.
            BadHeaderError: name, value or an attribute cannot stand in a header.
        """
        morsel = self.cookies.fresh(key, value)
        if max_age is not None or expires is not None:
            set_lifetime(morsel, max_age, expires)
        # Past Morsel.__setitem__, for here the names are right and most values are known.
        put = dict.__setitem__
        if path is not None:
            put(morsel, "path", path if path == "/" else check_attribute("path", path))
        if domain is not None:
            put(morsel, "domain", check_attribute("domain", domain))
        if secure:
            put(morsel, "secure", True)
        if httponly:
            put(morsel, "httponly", True)
        if samesite:
            if samesite not in _SAMESITE and samesite.lower() not in _SAMESITE:
                raise ValueError('samesite must be "lax", "none", or "strict".')
            put(morsel, "samesite", samesite)
        if partitioned:
            if not secure:
                raise ValueError(f"cookie {key!r} is partitioned, so it must be secure: browsers drop it otherwise")
            put(morsel, "partitioned", True)

    def set_signed_cookie(self, key: str, value: Any, salt: str = "", **kwargs: Any) -> None:
        """Set a cookie that `request.get_signed_cookie` gives back if nobody has changed it."""
        from miniframe import signing  # 1 ms at every start, and many sites sign nothing

        self.set_cookie(key, signing.sign_cookie(value, key, salt), **kwargs)

    def delete_cookie(
        self,
        key: str,
        path: str | None = "/",
        domain: str | None = None,
        samesite: str | None = None,
        partitioned: bool = False,
    ) -> None:
        """Tell the browser to forget a cookie; path, domain and `partitioned` must be those it was set with."""
        # Browsers ignore a Set-Cookie for these that lacks "secure", even one that deletes.
        secure = partitioned or key.startswith(("__Secure-", "__Host-")) or (samesite or "").lower() == "none"
        self.set_cookie(
            key,
            max_age=0,
            expires="Thu, 01 Jan 1970 00:00:00 GMT",
            path=path,
            domain=domain,
            secure=secure,
            samesite=samesite,
            partitioned=partitioned,
        )

    # The end.

    def settle(self, request: Any) -> None:
        """Do what is left when all middleware has seen a streamed response: nothing, but for files."""

    @property
    def _resource_closers(self) -> list[Callable[[], object]]:
        if self._closers is None:
            self._closers = []
        return self._closers

    def close(self) -> None:
        """Free what the response and its request hold, and send `request_finished`; the server calls this."""
        if self._closers:
            for closer in self._closers:
                try:
                    closer()
                except Exception:  # the answer is out; the other closers still must run
                    pass
            self._closers.clear()
        self.closed = True
        if request_finished.receivers:
            request_finished.send_to_all(sender=self._handler_class)

    # The parts of a file's interface that make sense.

    def make_bytes(self, value: object) -> bytes:
        """Return `value` as bytes, text in the response's charset."""
        if isinstance(value, (bytes, memoryview)):
            # bytes() of bytes copies nothing, and makes plain bytes of a subclass such as a safe string's.
            return bytes(value)
        text = value if isinstance(value, str) else str(value)
        return text.encode(self.charset)

    def __iter__(self) -> Iterator[bytes]:
        raise NotImplementedError(f"{type(self).__name__} has no content to iterate over")

    def write(self, content: object) -> None:
        """Refuse: only some responses can be written to."""
        self._not_writable()

    def writelines(self, lines: Iterable[object]) -> None:
        """Refuse: only some responses can be written to."""
        self._not_writable()

    def _not_writable(self) -> NoReturn:
        raise OSError(f"This {type(self).__name__} instance is not writable")

    def flush(self) -> None:
        """Do nothing; there is nothing to flush."""

    def tell(self) -> int:
        """Refuse: only some responses have a position."""
        raise OSError(f"This {type(self).__name__} instance cannot tell its position")

    def readable(self) -> bool:
        """Return False: a response is not read from."""
        return False

    def seekable(self) -> bool:
        """Return False: what was written cannot be taken back."""
        return False

    def writable(self) -> bool:
        """Return whether `write` works."""
        return False
