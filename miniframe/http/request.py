"""The request as views see it: everything that the client sent, worked out when somebody asks.

`HttpRequest()` alone is an empty request, for tests and tools.  A handler's subclass does not call
`HttpRequest.__init__`: it sets META, path, path_info, method, and `_stream` for the body, and what
it leaves out is computed from those by the lazy attributes below.  So a view that reads no header,
cookie or parameter pays for none.

Source: Django's reference "Request and response objects", section "HttpRequest objects".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urljoin, urlsplit

from miniframe.conf import settings
from miniframe.exceptions import ImproperlyConfigured, RawPostDataException, UnreadablePostError
from miniframe.http import accept
from miniframe.http.accept import MediaType
from miniframe.http.attributes import lazy
from miniframe.http.body import RequestBody, UnsupportedMediaType
from miniframe.http.cookie import parse_cookie
from miniframe.http.headers import HttpHeaders
from miniframe.http.hosts import LOCAL_HOSTS, check_host, split_domain_port, validate_host
from miniframe.http.querydict import QueryDict
from miniframe.types import ResolverMatchLike
from miniframe.utils.datastructures import MultiValueDict
from miniframe.utils.encoding import escape_uri_path, iri_to_uri

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


class HttpRequest(RequestBody):
    """A request.  Every attribute may be assigned to; most are computed when first read."""

    path: str = ""
    """The path that was asked for, decoded, with the prefix under which the site is mounted; without the query."""
    path_info: str = ""
    """The same without that prefix: what routes are matched with."""
    urlconf: Any = None
    """A middleware may set another URLconf for this request."""
    resolver_match: ResolverMatchLike | None = None
    """The route that leads to the view; None until it is found."""
    session: Any
    """The visitor's session, a `SessionBase`; SessionMiddleware puts it here, and without that there is none."""
    _cookies: dict[str, str] | None = None

    def __init__(self) -> None:
        self.META = {}
        self.GET = QueryDict(mutable=True)
        self._post = QueryDict(mutable=True)
        self._files = MultiValueDict()
        self.COOKIES = {}
        self.content_type: str | None = None
        self.content_params: dict[str, str] | None = None

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
        return QueryDict(query, False, self.encoding)

    # No `lazy`: whoever asks whether cookies were set by hand need not ask for the request's __dict__ (`attributes`).
    @property
    def COOKIES(self) -> dict[str, str]:  # noqa: N802
        """The cookies, name -> value."""
        if self._cookies is None:
            text: str = self.META.get("HTTP_COOKIE", "")
            if not text.isascii():
                text = text.encode("latin-1").decode(errors="replace")
            self._cookies = parse_cookie(text) if text else {}
        return self._cookies

    @COOKIES.setter
    def COOKIES(self, value: dict[str, str]) -> None:  # noqa: N802
        """Set others in their place."""
        self._cookies = value

    def _cookie(self, name: str) -> str | None:
        """Return one cookie, for a middleware that wants no other.

        Taking all cookies apart is most of what such a middleware costs, and where the name does not occur it is not
        needed, unless a test or a middleware has made cookies by hand.
        """
        if self._cookies is None and name not in self.META.get("HTTP_COOKIE", ""):
            return None
        return self.COOKIES.get(name)

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
        host = meta.get("HTTP_HOST")
        if host is not None:
            return str(host)
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
            location = self.get_full_path()
            if "/." not in location and location[:1] == "/":
                return self._current_scheme_host + location
            # Dots in the path are resolved below; slashes at its start are of the path, and not of a host.
            location = "//" + location
        else:
            location = str(location)
        if location[:1] == "/" != location[1:2] and "/." not in location:
            # A path that needs no joining, by far the most frequent.
            return iri_to_uri(self._current_scheme_host + location) or ""
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
        from miniframe import signing  # 1 ms at every start, and many sites sign nothing

        try:
            return signing.unsign_cookie(self.COOKIES[key], key, salt, max_age)
        except (KeyError, signing.BadSignature):
            if default is RAISE_ERROR:
                raise
            return default
