"""The responses that views return: text, JSON, redirects, and one class for each usual status.

Source: Django's reference "Request and response objects", sections "HttpResponse objects",
"HttpResponse subclasses" and "JsonResponse objects".
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from miniframe.exceptions import BadHeaderError, DisallowedRedirect, Http404
from miniframe.http.attributes import lazy
from miniframe.http.base import HttpResponseBase
from miniframe.http.headers import ResponseHeaders
from miniframe.http.streaming import FileResponse, StreamingHttpResponse
from miniframe.serializers.json import DjangoJSONEncoder, encode_json
from miniframe.utils.encoding import iri_to_uri
from miniframe.utils.http import MAX_URL_REDIRECT_LENGTH

__all__ = [
    "BadHeaderError",
    "FileResponse",
    "Http404",
    "HttpResponse",
    "HttpResponseBadRequest",
    "HttpResponseBase",
    "HttpResponseForbidden",
    "HttpResponseGone",
    "HttpResponseNotAllowed",
    "HttpResponseNotFound",
    "HttpResponseNotModified",
    "HttpResponsePermanentRedirect",
    "HttpResponseRedirect",
    "HttpResponseRedirectBase",
    "HttpResponseServerError",
    "JsonResponse",
    "ResponseHeaders",
    "StreamingHttpResponse",
]


class HttpResponse(HttpResponseBase):
    """A response whose content is all there: text, bytes, or an iterable of either, which is used up at once."""

    _container: list[bytes]
    # Whether `content` is the property below: only then may __init__ fill the container itself.
    _own_content = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._own_content = cls.content is HttpResponse.content

    def __init__(
        self,
        content: Any = b"",
        content_type: str | None = None,
        status: int | str | None = None,
        reason: str | None = None,
        charset: str | None = None,
        headers: Mapping[str, Any] | None = None,
    ) -> None:
        """Make a response; raises what `HttpResponseBase` does."""
        charset = self._begin(content_type, status, reason, charset, headers)
        if not self._own_content:
            self.content = content
        elif type(content) is str:
            self._container = [content.encode(charset)]
        elif type(content) is bytes:
            self._container = [content]
        else:
            self.content = content

    def __repr__(self) -> str:
        return f"<{type(self).__name__} status_code={self.status_code}{self._content_type_for_repr}>"

    def serialize(self) -> bytes:
        """Return header fields and content as they go over the wire, without the status line."""
        return b"\r\n\r\n".join([self.serialize_headers(), self.getvalue()])

    __bytes__ = serialize

    @property
    def content(self) -> Any:
        """The content as bytes; setting it replaces what is there."""
        container = self._container
        return container[0] if len(container) == 1 else b"".join(container)

    @content.setter
    def content(self, value: Any) -> None:
        """Replace it."""
        kind = type(value)
        if kind is str:
            self._container = [value.encode(self.charset)]
        elif kind is bytes:
            self._container = [value]
        elif hasattr(value, "__iter__") and not isinstance(value, (bytes, memoryview, str)):
            self._container = [b"".join([self.make_bytes(piece) for piece in value])]
            _close_quietly(value)
        else:
            self._container = [self.make_bytes(value)]
        self.__dict__.pop("text", None)

    @lazy
    def text(self) -> str:
        """The content as text."""
        return str(self.content, self.charset or "utf-8")

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._container)

    def write(self, content: object) -> None:
        """Add to the content."""
        self._container.append(self.make_bytes(content))
        self.__dict__.pop("text", None)

    def writelines(self, lines: Iterable[object]) -> None:
        """Add each line to the content; line ends are the caller's."""
        for line in lines:
            self.write(line)

    def tell(self) -> int:
        """Return how many bytes there are so far."""
        return len(self.content)

    def getvalue(self) -> bytes:
        """Return the content as bytes."""
        return bytes(self.content)

    def writable(self) -> bool:
        """Return True."""
        return True


def _close_quietly(value: Any) -> None:
    try:
        value.close()
    except Exception:  # most have no close(); the content is complete either way
        pass


class HttpResponseRedirectBase(HttpResponse):
    """A redirect; `status_code_preserve_request` is the status that keeps the method and body."""

    allowed_schemes: list[str] = ["http", "https", "ftp"]
    status_code_preserve_request: int

    def __init__(
        self,
        redirect_to: Any,
        preserve_request: bool = False,
        *args: Any,
        max_length: int | None = MAX_URL_REDIRECT_LENGTH,
        **kwargs: Any,
    ) -> None:
        """Redirect to a URL or path; `max_length` is in characters, None lifts it.

        Raises:
            DisallowedRedirect: the URL is too long, cannot be parsed, or its scheme is not in `allowed_schemes`.
        """
        super().__init__(*args, **kwargs)
        url = redirect_to.decode() if isinstance(redirect_to, bytes) else str(redirect_to)
        # First, because what follows takes its time on a very long one.
        if max_length is not None and len(url) > max_length:
            raise DisallowedRedirect(f"Unsafe redirect exceeding {max_length} characters")
        self.headers["Location"] = iri_to_uri(url)
        try:
            scheme = urlsplit(url).scheme
        except ValueError as error:
            raise DisallowedRedirect(f"Unsafe redirect to a URL that is not valid: {error}") from error
        if scheme and scheme not in self.allowed_schemes:
            raise DisallowedRedirect(f"Unsafe redirect to URL with protocol '{scheme}'")
        if preserve_request:
            self.status_code: int = self.status_code_preserve_request

    @property
    def url(self) -> str:
        """Where the redirect leads."""
        return self.headers["Location"]

    def __repr__(self) -> str:
        head = f"{type(self).__name__} status_code={self.status_code}{self._content_type_for_repr}"
        return f'<{head}, url="{self.url}">'


class HttpResponseRedirect(HttpResponseRedirectBase):
    """302 Found, for now; 307 with `preserve_request`."""

    status_code: int = 302
    status_code_preserve_request: int = 307


class HttpResponsePermanentRedirect(HttpResponseRedirectBase):
    """301 Moved Permanently; 308 with `preserve_request`."""

    status_code: int = 301
    status_code_preserve_request: int = 308


class HttpResponseNotModified(HttpResponse):
    """304 Not Modified: what the client has is still good, so there is no content."""

    status_code = 304

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.headers["Content-Type"]

    @property
    def content(self) -> Any:
        """Always empty."""
        return b""

    @content.setter
    def content(self, value: Any) -> None:
        """Replace it."""
        if value:
            raise AttributeError("You cannot set content to a 304 (Not Modified) response")
        self._container = []


class HttpResponseBadRequest(HttpResponse):
    """400 Bad Request."""

    status_code = 400


class HttpResponseForbidden(HttpResponse):
    """403 Forbidden."""

    status_code = 403


class HttpResponseNotFound(HttpResponse):
    """404 Not Found."""

    status_code = 404


class HttpResponseNotAllowed(HttpResponse):
    """405 Method Not Allowed, with the methods that are."""

    status_code = 405

    def __init__(self, permitted_methods: Iterable[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.headers["Allow"] = ", ".join(permitted_methods)

    def __repr__(self) -> str:
        head = f"{type(self).__name__} [{self.headers['Allow']}]"
        return f"<{head} status_code={self.status_code}{self._content_type_for_repr}>"


class HttpResponseGone(HttpResponse):
    """410 Gone."""

    status_code = 410


class HttpResponseServerError(HttpResponse):
    """500 Internal Server Error."""

    status_code = 500


class JsonResponse(HttpResponse):
    """Data as JSON; dates, decimals and UUIDs are written as `DjangoJSONEncoder` does."""

    def __init__(
        self,
        data: Any,
        encoder: type[json.JSONEncoder] = DjangoJSONEncoder,
        safe: bool = True,
        json_dumps_params: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Encode `data`; `json_dumps_params` go to `json.dumps`.

        Raises:
            TypeError: `data` is no dict and `safe` is true, or it holds what JSON cannot write.
        """
        if safe and not isinstance(data, dict):
            raise TypeError("In order to allow non-dict objects to be serialized set the safe parameter to False.")
        if encoder is DjangoJSONEncoder and not json_dumps_params:
            text = encode_json(data)
        else:
            text = json.dumps(data, cls=encoder, **(json_dumps_params or {}))
        if kwargs:
            kwargs.setdefault("content_type", "application/json")
            super().__init__(text, **kwargs)
        else:
            super().__init__(text, "application/json")
