"""A browser for tests: it sends requests through the whole handler, without a socket.

Source: Django's topic "Testing tools", section "The test client".
Not here: how a request is made from arguments (`factory`, whose names people import from here as well).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import copy
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

from miniframe.handlers.base import BaseHandler
from miniframe.handlers.wsgi import WSGIRequest
from miniframe.http import HttpRequest
from miniframe.serializers.json import DjangoJSONEncoder
from miniframe.sessions.backends.base import SessionBase
from miniframe.signals import got_request_exception, request_started
from miniframe.template.signals import template_rendered
from miniframe.test.contexts import ContextList
from miniframe.test.factory import CONTENT_TYPE_RE, JSON_CONTENT_TYPE_RE, OCTETS, RequestFactory
from miniframe.test.payload import BOUNDARY, MULTIPART_CONTENT, FakePayload, encode_file, encode_multipart
from miniframe.test.sessions import session_of
from miniframe.urls import resolve
from miniframe.utils.functional import SimpleLazyObject

__all__ = [
    "BOUNDARY",
    "CONTENT_TYPE_RE",
    "MULTIPART_CONTENT",
    "Client",
    "ClientHandler",
    "FakePayload",
    "RedirectCycleError",
    "RequestFactory",
    "conditional_content_removal",
    "encode_file",
    "encode_multipart",
]

REDIRECTS: set[int] = {HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.FOUND, HTTPStatus.SEE_OTHER, 307, 308}


class RedirectCycleError(Exception):
    """Following redirects came back to an address, or went on for too long."""

    def __init__(self, message: str, last_response: Any) -> None:
        super().__init__(message)
        self.last_response = last_response
        self.redirect_chain: Any = last_response.redirect_chain


def conditional_content_removal(request: HttpRequest, response: Any) -> Any:
    """Remove the body where a server would: for HEAD, 1xx, 204 and 304 (RFC 9110, section 6.4.1)."""
    bodiless = response.status_code < 200 or response.status_code in (204, 304)
    if bodiless or request.method == "HEAD":
        setattr(response, *(("streaming_content", []) if response.streaming else ("content", b"")))
    return response


class ClientHandler(BaseHandler):
    """A handler that gives back the response object itself, before it becomes bytes."""

    def __init__(self, enforce_csrf_checks: bool = True) -> None:
        self.enforce_csrf_checks = enforce_csrf_checks
        super().__init__()

    def __call__(self, environ: dict[str, Any]) -> Any:
        """Answer one request; a streamed response is closed when its content has been read."""
        if self._middleware_chain is None:
            self.load_middleware_once()
        request_started.send(sender=self.__class__, environ=environ)
        request = WSGIRequest(environ)
        # The CSRF middleware reads this: a test need not fetch a token first, unless it is about that.
        request._dont_enforce_csrf_checks = not self.enforce_csrf_checks  # type: ignore[attr-defined]
        response: Any = conditional_content_removal(request, self.get_response(request))
        response.wsgi_request = request
        if response.streaming:
            response.streaming_content = _closing(response.streaming_content, response.close)
        else:
            response.close()
        return response


def _closing(parts: Iterable[bytes], close: Callable[[], None]) -> Iterator[bytes]:
    try:
        yield from parts
    finally:
        close()


def _towards(parts: SplitResult, extra: dict[str, Any]) -> dict[str, Any]:
    """Return what goes with a request to that address: of another server the address says all."""
    extra = dict(extra)
    if parts.scheme:
        extra["wsgi.url_scheme"] = parts.scheme
    if parts.hostname:
        extra["SERVER_NAME"] = parts.hostname
        extra["SERVER_PORT"] = str(parts.port or (443 if parts.scheme == "https" else 80))
        extra.pop("HTTP_HOST", None)
        extra["headers"] = {k: v for k, v in (extra.get("headers") or {}).items() if k.lower() != "host"}
    return extra


class Client(RequestFactory):
    """A browser for tests: it keeps cookies, follows redirects, and shows what the view raised.

    `raise_request_exception` False gives the 500 page instead of the exception.
    """

    def __init__(
        self,
        enforce_csrf_checks: bool = False,
        raise_request_exception: bool = True,
        json_encoder: type[json.JSONEncoder] = DjangoJSONEncoder,
        *,
        headers: Mapping[str, Any] | None = None,
        query_params: Mapping[str, Any] | None = None,
        **defaults: Any,
    ) -> None:
        super().__init__(json_encoder=json_encoder, headers=headers, query_params=query_params, **defaults)
        self.handler: ClientHandler = ClientHandler(enforce_csrf_checks)
        self.raise_request_exception = raise_request_exception
        self.exc_info: Any = None
        self.extra: dict[str, Any] = {}  # what went with the last request: headers, and entries of the environ

    @property
    def session(self) -> SessionBase:
        """What the next request finds as `request.session`; see `sessions.session_of` for how to change it."""
        return session_of(self)

    def request(self, **request: Any) -> Any:
        """Send one request; the response knows its `client`, `request`, `templates`, `context`, `resolver_match`."""
        environ = self._base_environ(**request)
        rendered: list[Any] = []
        contexts = ContextList()

        def on_template(sender: Any, template: Any, context: Any, **kwargs: Any) -> None:
            rendered.append(template)
            contexts.append(copy(context))

        def on_exception(sender: Any, **kwargs: Any) -> None:
            self.exc_info = sys.exc_info()

        uid = object()
        template_rendered.connect(on_template, weak=False, dispatch_uid=uid)
        got_request_exception.connect(on_exception, weak=False, dispatch_uid=uid)
        try:
            response = self.handler(environ)
        finally:
            template_rendered.disconnect(dispatch_uid=uid)
            got_request_exception.disconnect(dispatch_uid=uid)
        self._raise_what_the_view_raised(response)
        response.client = self
        response.request = request
        response.templates = rendered
        response.context = contexts[0] if len(contexts) == 1 else contexts or None
        response.json = partial(self._parse_json, response)
        urlconf = getattr(response.wsgi_request, "urlconf", None)
        response.resolver_match = SimpleLazyObject(lambda: resolve(request.get("PATH_INFO", "/"), urlconf))
        if response.cookies:
            self.cookies.update(response.cookies)
        return response

    def _raise_what_the_view_raised(self, response: Any) -> None:
        response.exc_info = self.exc_info
        if self.exc_info:
            _, error, _ = self.exc_info
            self.exc_info = None
            if self.raise_request_exception:
                raise error

    def generic(
        self,
        method: str,
        path: str,
        data: Any = "",
        content_type: str | None = OCTETS,
        secure: bool = False,
        *,
        follow: bool = False,
        **extra: Any,
    ) -> Any:
        """Send a request of any method; `follow` goes on to where it redirects, keeping `redirect_chain`."""
        self.extra = {name: value for name, value in extra.items() if name not in ("QUERY_STRING", "query_params")}
        response = super().generic(method, path, data, content_type, secure, **extra)
        if not follow:
            return response
        return self._follow(response, data if method not in ("GET", "HEAD") else "", content_type, extra)

    def _follow(self, response: Any, data: Any, content_type: str | None, extra: dict[str, Any]) -> Any:
        chain: list[tuple[str, int]] = []
        response.redirect_chain = chain
        # A query given as data belongs to the request, one in the path to the address that has been left.
        given = response.request["QUERY_STRING"] if {"QUERY_STRING", "query_params"} & extra.keys() else ""
        extra = self.extra
        while response.status_code in REDIRECTS:
            target = response["Location"]
            chain.append((target, response.status_code))
            parts = urlsplit(urljoin(response.request["PATH_INFO"], target))
            extra = _towards(parts, extra)
            method, query, body = "GET", parts.query, ""
            if response.status_code in (307, 308):
                method, body = response.request["REQUEST_METHOD"], data
                query = given if given and method in ("GET", "HEAD") else query
            elif response.request["REQUEST_METHOD"] == "HEAD":
                method = "HEAD"
            response = super().generic(
                method, parts.path, body, content_type, parts.scheme == "https", QUERY_STRING=query, **extra
            )
            response.redirect_chain = chain
            if chain[-1] in chain[:-1]:
                raise RedirectCycleError("Redirect loop detected.", last_response=response)
            if len(chain) > 20:
                raise RedirectCycleError("Too many redirects.", last_response=response)
        return response

    # The same methods again: `follow` stands before `secure` here, for who gives them by position.

    def get(  # type: ignore[override]  # one argument more, in Django's order
        self, path: str, data: Any = None, follow: bool = False, secure: bool = False, **extra: Any
    ) -> Any:
        """GET; `data` becomes the query string."""
        return super().get(path, data, secure, follow=follow, **extra)

    def head(  # type: ignore[override]  # as `get`
        self, path: str, data: Any = None, follow: bool = False, secure: bool = False, **extra: Any
    ) -> Any:
        """HEAD; `data` becomes the query string."""
        return super().head(path, data, secure, follow=follow, **extra)

    def trace(  # type: ignore[override]  # as `get`
        self, path: str, follow: bool = False, secure: bool = False, **extra: Any
    ) -> Any:
        """TRACE, which has no body."""
        return super().trace(path, secure, follow=follow, **extra)

    def post(  # type: ignore[override]  # as `get`
        self,
        path: str,
        data: Any = None,
        content_type: str = MULTIPART_CONTENT,
        follow: bool = False,
        secure: bool = False,
        **extra: Any,
    ) -> Any:
        """POST a form (files included), or JSON where `content_type` says so."""
        return super().post(path, data, content_type, secure, follow=follow, **extra)

    def put(  # type: ignore[override]  # as `get`
        self,
        path: str,
        data: Any = "",
        content_type: str = OCTETS,
        follow: bool = False,
        secure: bool = False,
        **extra: Any,
    ) -> Any:
        """PUT `data`; JSON where `content_type` says so."""
        return super().put(path, data, content_type, secure, follow=follow, **extra)

    def patch(  # type: ignore[override]  # as `get`
        self,
        path: str,
        data: Any = "",
        content_type: str = OCTETS,
        follow: bool = False,
        secure: bool = False,
        **extra: Any,
    ) -> Any:
        """PATCH with `data`; JSON where `content_type` says so."""
        return super().patch(path, data, content_type, secure, follow=follow, **extra)

    def delete(  # type: ignore[override]  # as `get`
        self,
        path: str,
        data: Any = "",
        content_type: str = OCTETS,
        follow: bool = False,
        secure: bool = False,
        **extra: Any,
    ) -> Any:
        """DELETE, with a body if there is `data`; JSON where `content_type` says so."""
        return super().delete(path, data, content_type, secure, follow=follow, **extra)

    def options(  # type: ignore[override]  # as `get`
        self,
        path: str,
        data: Any = "",
        content_type: str = OCTETS,
        follow: bool = False,
        secure: bool = False,
        **extra: Any,
    ) -> Any:
        """OPTIONS, with a body if there is `data`."""
        return super().options(path, data, content_type, secure, follow=follow, **extra)

    def _parse_json(self, response: Any, **extra: Any) -> Any:
        if not hasattr(response, "_json"):
            kind = response.get("Content-Type", "")
            if not JSON_CONTENT_TYPE_RE.match(kind):
                raise ValueError(f'Content-Type header is "{kind}", not "application/json"')
            response._json = json.loads(response.text, **extra)
        return response._json
