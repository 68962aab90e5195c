"""The request as views see it: everything that the client sent, worked out when somebody asks.

`HttpRequest()` alone is an empty request, for tests and tools.  A handler's subclass does not call
`HttpRequest.__init__`: it sets META, path, path_info, method, and `_stream` for the body, and what
it leaves out is computed from those by the lazy attributes below.  So a view that reads no header,
cookie or parameter pays for none.

Source: Django's reference "Request and response objects", section "HttpRequest objects".
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any
from urllib.parse import urljoin, urlsplit

from miniframe import signing
from miniframe.conf import settings
from miniframe.exceptions import (
    BadRequest,
    ImproperlyConfigured,
    RawPostDataException,
    RequestDataTooBig,
    SuspiciousOperation,
    UnreadablePostError,
)
from miniframe.files import uploadhandler
from miniframe.http import accept
from miniframe.http.accept import MediaType
from miniframe.http.cookie import parse_cookie
from miniframe.http.headers import HttpHeaders
from miniframe.http.hosts import LOCAL_HOSTS, check_host, split_domain_port, validate_host
from miniframe.http.lazy import lazy
from miniframe.http.multipartparser import MultiPartParser, MultiPartParserError
from miniframe.http.querydict import QueryDict
from miniframe.types import ResolverMatchLike
from miniframe.utils.datastructures import ImmutableList, MultiValueDict
from miniframe.utils.encoding import escape_uri_path, iri_to_uri
from miniframe.utils.http import parse_header_parameters

__all__ = [
    "HttpHeaders",
    "HttpRequest",
    "MediaType",
    "QueryDict",
    "RawPostDataException",
    "UnreadablePostError",
    "UnsupportedMediaType",
    "split_domain_port",
    "validate_host",
]

_RAISE = object()
RAISE_ERROR = _RAISE


class UnsupportedMediaType(BadRequest):
    """The body is of another type than the view can read; to be answered with `status_code`, 415."""

    status_code = 415


class HttpRequest:
    """A request.  Every attribute may be assigned to; most are computed when first read."""

    META: dict[str, Any]
    path: str = ""
    path_info: str = ""
    method: str | None = None
    resolver_match: ResolverMatchLike | None = None

    multipart_parser_class: type[MultiPartParser] = MultiPartParser

    _read_started = False
    _upload_handlers: list[Any] = []
    _body: bytes
    _post: QueryDict
    _files: MultiValueDict

    def __init__(self) -> None:
        self.META = {}
        self.GET = QueryDict(mutable=True)
        self._post = QueryDict(mutable=True)
        self._files = MultiValueDict()
        self.COOKIES = {}
        self.content_type = None
        self.content_params = None

    def __repr__(self) -> str:
        if self.method is None or not self.get_full_path():
            return f"<{type(self).__name__}>"
        return f"<{type(self).__name__}: {self.method} {self.get_full_path()!r}>"

    # What the head of the request says.

    @lazy
    def headers(self) -> HttpHeaders:
        """The header fields, by any spelling of their names."""
        return HttpHeaders(self.META)

    @lazy
    def GET(self) -> QueryDict:  # noqa: N802
        """The parameters in the query string.

        Raises:
            TooManyFieldsSent: more than settings.DATA_UPLOAD_MAX_NUMBER_FIELDS.
        """
        query: str | bytes = self.META.get("QUERY_STRING", "")
        if isinstance(query, str) and not query.isascii():
            query = query.encode("latin-1")
        return QueryDict(query, encoding=self._encoding)

    @lazy
    def COOKIES(self) -> dict[str, str]:  # noqa: N802
        """The cookies, name -> value."""
        text: str = self.META.get("HTTP_COOKIE", "")
        if not text.isascii():
            text = text.encode("latin-1").decode(errors="replace")
        return parse_cookie(text) if text else {}

    @lazy
    def _content_type_header(self) -> tuple[str, dict[str, str]]:
        line = self.META.get("CONTENT_TYPE", "")
        try:
            return parse_header_parameters(line)
        except ValueError:
            # Parameters that nobody can read; the type in front of them may still be good.
            return line.partition(";")[0].strip().lower(), {}

    @lazy
    def content_type(self) -> str | None:
        """The media type of the body in lower case, without parameters; "" if there is none."""
        return self._content_type_header[0]

    @lazy
    def content_params(self) -> dict[str, str] | None:
        """The parameters of the body's media type, such as its charset."""
        return self._content_type_header[1]

    @lazy
    def _encoding(self) -> str | None:
        params = self.content_params
        charset = params.get("charset") if params else None
        if charset:
            try:
                codecs.lookup(charset)
            except (LookupError, ValueError):
                return None
        return charset

    @property
    def encoding(self) -> str | None:
        """The encoding of GET and POST, None for DEFAULT_CHARSET; setting it makes both be read anew."""
        return self._encoding

    @encoding.setter
    def encoding(self, value: str | None) -> None:
        self._encoding = value
        self.__dict__.pop("GET", None)
        self.__dict__.pop("_post", None)

    # Where it came from and where it wants to go.

    def _get_scheme(self) -> str:
        """Return the scheme that the server saw; a handler's request knows better than this."""
        return "http"

    @property
    def scheme(self) -> str:
        """The scheme, "http" or "https"; a proxy's word counts if SECURE_PROXY_SSL_HEADER names its header.

        Raises:
            ImproperlyConfigured: that setting is not a pair.
        """
        trusted = settings.SECURE_PROXY_SSL_HEADER
        if not trusted:
            return self._get_scheme()
        try:
            header, secure = trusted
        except ValueError:
            raise ImproperlyConfigured(
                "The SECURE_PROXY_SSL_HEADER setting must be a tuple containing two values, the name of the "
                f"header in META and its value for https; it is {trusted!r}."
            ) from None
        value = self.META.get(header)
        if value is None:
            return self._get_scheme()
        # Of several proxies the first one in the list faced the client.
        return "https" if value.partition(",")[0].strip() == secure else "http"

    def is_secure(self) -> bool:
        """Return whether the client used https."""
        return self.scheme == "https"

    def _get_raw_host(self) -> str:
        """Return the host as it was sent, or as the server names itself; nothing is checked yet."""
        meta = self.META
        if settings.USE_X_FORWARDED_HOST and "HTTP_X_FORWARDED_HOST" in meta:
            return str(meta["HTTP_X_FORWARDED_HOST"])
        if "HTTP_HOST" in meta:
            return str(meta["HTTP_HOST"])
        # Neither: put it together as PEP 3333, "URL Reconstruction", does.
        port = self.get_port()
        name = str(meta["SERVER_NAME"])
        return name if port == ("443" if self.is_secure() else "80") else f"{name}:{port}"

    def get_host(self) -> str:
        """Return the host with its port, having checked it against settings.ALLOWED_HOSTS.

        Raises:
            DisallowedHost: it is not allowed, or no host at all.
        """
        host = self._get_raw_host()
        allowed: Sequence[str] = settings.ALLOWED_HOSTS
        check_host(host, LOCAL_HOSTS if settings.DEBUG and not allowed else allowed)
        return host

    def get_port(self) -> str:
        """Return the port, as text."""
        meta = self.META
        if settings.USE_X_FORWARDED_PORT and "HTTP_X_FORWARDED_PORT" in meta:
            return str(meta["HTTP_X_FORWARDED_PORT"])
        return str(meta["SERVER_PORT"])

    def get_full_path(self, force_append_slash: bool = False) -> str:
        """Return the path with the query string, escaped so that it may stand in a URL."""
        return self._get_full_path(self.path, force_append_slash)

    def get_full_path_info(self, force_append_slash: bool = False) -> str:
        """Return the same as `get_full_path`, without the script's prefix."""
        return self._get_full_path(self.path_info, force_append_slash)

    def _get_full_path(self, path: str, force_append_slash: bool) -> str:
        slash = "/" if force_append_slash and not path.endswith("/") else ""
        query = self.META.get("QUERY_STRING", "")
        # A query string ought to be ASCII; if it is not, escaping it is better than failing.
        return f"{escape_uri_path(path)}{slash}?{iri_to_uri(query)}" if query else escape_uri_path(path) + slash

    @property
    def _current_scheme_host(self) -> str:
        return f"{self.scheme}://{self.get_host()}"

    def build_absolute_uri(self, location: str | None = None) -> str:
        """Return `location` (None: this request's own path and query) as an absolute URI.

        What is absolute already is only escaped.

        Raises:
            DisallowedHost: the location depends on the request's host, and that is not allowed.
        """
        if location is None:
            return self._current_scheme_host + self.get_full_path()
        location = str(location)
        parts = urlsplit(location)
        if not (parts.scheme and parts.netloc):
            path = parts.path
            plain = path.startswith("/") and not parts.scheme and not parts.netloc
            if plain and "/./" not in path and "/../" not in path:
                # Joining would give the same, slowly.  "///x" has a netloc too: an empty one.
                location = self._current_scheme_host + location.removeprefix("//")
            else:
                location = urljoin(self._current_scheme_host + self.path, location)
        return iri_to_uri(location) or ""

    # What it would like to get.

    @lazy
    def accepted_types(self) -> list[MediaType]:
        """The types in the Accept header, the most wanted first; those with q=0 are left out."""
        return accept.parse_accept(self.META.get("HTTP_ACCEPT", "*/*"))

    @lazy
    def accepted_types_by_precedence(self) -> list[MediaType]:
        """The same types, the most exact first."""
        return accept.by_precedence(self.accepted_types)

    def accepted_type(self, media_type: str) -> MediaType | None:
        """Return the accepted type that decides about `media_type`, or None."""
        return accept.best_match(media_type, self.accepted_types_by_precedence)

    def get_preferred_type(self, media_types: Sequence[str]) -> str | None:
        """Return the one of `media_types` that the client wants most, or None if it accepts none of them."""
        if not media_types or not self.accepted_types:
            return None
        return accept.preferred(media_types, self.accepted_types, self.accepted_types_by_precedence)

    def accepts(self, media_type: str) -> bool:
        """Return whether the client takes an answer of this type."""
        return self.accepted_type(media_type) is not None

    def get_signed_cookie(self, key: str, default: Any = RAISE_ERROR, salt: str = "", max_age: Any = None) -> Any:
        """Return the value of a cookie set with `set_signed_cookie`; `max_age` is in seconds or a timedelta.

        Raises (unless a `default` is given):
            KeyError: there is no such cookie.
            SignatureExpired: it is older than `max_age`.
            BadSignature: it was changed.
        """
        try:
            return signing.unsign_cookie(self.COOKIES[key], key, salt, max_age)
        except (KeyError, signing.BadSignature):
            if default is RAISE_ERROR:
                raise
            return default

    # The body: as a stream, as bytes, as a form, as JSON.

    @lazy
    def _stream(self) -> Any:
        return BytesIO()

    def read(self, *args: Any, **kwargs: Any) -> bytes:
        """Read from the body, like a file.

        Raises:
            UnreadablePostError: the client broke off.
        """
        self._read_started = True
        try:
            return self._stream.read(*args, **kwargs)  # type: ignore[no-any-return]
        except OSError as error:
            raise UnreadablePostError(*error.args) from error

    def readline(self, *args: Any, **kwargs: Any) -> bytes:
        """Read one line of the body; raises what `read` does."""
        self._read_started = True
        try:
            return self._stream.readline(*args, **kwargs)  # type: ignore[no-any-return]
        except OSError as error:
            raise UnreadablePostError(*error.args) from error

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")

    def readlines(self) -> list[bytes]:
        """Read all lines of the body."""
        return list(self)

    @property
    def body(self) -> bytes:
        """The whole body.

        Raises:
            RequestDataTooBig: it is larger than settings.DATA_UPLOAD_MAX_MEMORY_SIZE.
            RawPostDataException: somebody has read from the stream already.
            UnreadablePostError: the client broke off.
        """
        if "_body" not in self.__dict__:
            if self._read_started:
                raise RawPostDataException("You cannot access body after reading from request's data stream")
            self._body = self._read_body(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
            self._stream = BytesIO(self._body)
        return self._body

    def _read_body(self, limit: int | None) -> bytes:
        if limit is None:
            return self.read()
        # What announces itself as too big need not be read; what does not, a chunked body for one, is
        # read one byte beyond the limit at most.
        announced = str(self.META.get("CONTENT_LENGTH") or "")
        if not (announced.isdecimal() and int(announced[:20]) > limit):
            body = self.read(limit + 1)
            if len(body) <= limit:
                return body
        raise RequestDataTooBig(f"Request body exceeded settings.DATA_UPLOAD_MAX_MEMORY_SIZE. It is {limit} bytes.")

    def json(self) -> Any:
        """Return the body as JSON, whatever value it holds.

        Raises:
            UnsupportedMediaType: the content type is not application/json or something+json.
            BadRequest: it is not JSON; the message tells the place.
        """
        kind = self.content_type or ""
        if kind != "application/json" and not kind.endswith("+json"):
            raise UnsupportedMediaType(f"the body is {kind or 'of no type'!r}, not 'application/json'")
        try:
            return json.loads(self.body, parse_constant=_no_json_number)
        except json.JSONDecodeError as error:
            raise BadRequest(
                f"the body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
            ) from error
        except UnicodeDecodeError as error:
            raise BadRequest(f"the body is not JSON: byte {error.start} is not {error.encoding}") from error
        except (ValueError, RecursionError) as error:
            raise BadRequest(f"the body is not JSON that can be read: {error}") from error

    @property
    def POST(self) -> QueryDict:  # noqa: N802
        """The fields of a form that was sent with POST; empty for any other request."""
        if "_post" not in self.__dict__:
            self._load_post_and_files()
        return self._post

    @POST.setter
    def POST(self, value: QueryDict) -> None:  # noqa: N802
        self._post = value

    @property
    def FILES(self) -> MultiValueDict:  # noqa: N802
        """The uploaded files, name of the field -> `UploadedFile`."""
        if "_files" not in self.__dict__:
            self._load_post_and_files()
        return self._files

    @FILES.setter
    def FILES(self, value: MultiValueDict) -> None:  # noqa: N802
        self._files = value

    def _load_post_and_files(self) -> None:
        """Fill `_post` and `_files` if the body is a form; leave both empty if not.

        Raises:
            MultiPartParserError, BadRequest: the form is malformed.
            SuspiciousOperation: there are more fields, files or bytes than the settings allow.
        """
        if self.method != "POST" or (self._read_started and "_body" not in self.__dict__):
            self._mark_post_parse_error()
        elif self.content_type == "multipart/form-data":
            data = BytesIO(self._body) if "_body" in self.__dict__ else self
            try:
                self._post, self._files = self.parse_file_upload(self.META, data)
            except (MultiPartParserError, SuspiciousOperation):
                # The stream is spent: whoever looks at POST again, an error page for one, finds it empty.
                self._mark_post_parse_error()
                raise
        elif self.content_type == "application/x-www-form-urlencoded":
            encoding = self._encoding
            # The URL Standard knows no charset for this type: it is UTF-8.
            if encoding is not None and codecs.lookup(encoding).name != "utf-8":
                raise BadRequest(
                    "HTTP requests with the 'application/x-www-form-urlencoded' content type must be UTF-8 encoded."
                )
            self._post, self._files = QueryDict(self.body, encoding="utf-8"), MultiValueDict()
        else:
            self._mark_post_parse_error()

    def _mark_post_parse_error(self) -> None:
        self._post, self._files = QueryDict(encoding=self._encoding), MultiValueDict()

    def _initialize_handlers(self) -> None:
        self._upload_handlers = [uploadhandler.load_handler(path, self) for path in settings.FILE_UPLOAD_HANDLERS]

    @property
    def upload_handlers(self) -> list[Any]:
        """What receives the files of an upload, in order; it may be changed until POST or FILES is read."""
        if not self._upload_handlers:
            self._initialize_handlers()
        return self._upload_handlers

    @upload_handlers.setter
    def upload_handlers(self, upload_handlers: list[Any]) -> None:
        if "_files" in self.__dict__:
            raise AttributeError("You cannot set the upload handlers after the upload has been processed.")
        self._upload_handlers = upload_handlers

    def parse_file_upload(self, META: Mapping[str, Any], post_data: Any) -> tuple[QueryDict, MultiValueDict]:  # noqa: N803
        """Parse a multipart body with `multipart_parser_class`; return fields and files."""
        handlers: Any = ImmutableList(
            self.upload_handlers, warning="You cannot alter upload handlers after the upload has been processed."
        )
        self.upload_handlers = handlers
        return self.multipart_parser_class(META, post_data, handlers, self.encoding).parse()

    def close(self) -> None:
        """Close the uploaded files; a temporary one is deleted by that."""
        if "_files" in self.__dict__:
            for _, files in self._files.lists():
                for file in files:
                    file.close()


def _no_json_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")
