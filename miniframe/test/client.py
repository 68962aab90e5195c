"""A factory of requests, and a client that sends them through the whole handler, as a browser would.

Source: Django's topics "Testing tools", section "The test client", and "Advanced testing topics", `RequestFactory`.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from http import HTTPStatus
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes, urljoin, urlsplit

from miniframe.conf import settings
from miniframe.handlers.base import BaseHandler
from miniframe.handlers.wsgi import WSGIRequest
from miniframe.http import HttpRequest, SimpleCookie
from miniframe.signals import got_request_exception, request_started
from miniframe.template.signals import template_rendered
from miniframe.test.payload import BOUNDARY, MULTIPART_CONTENT, FakePayload, encode_file, encode_multipart
from miniframe.urls import resolve
from miniframe.utils.encoding import force_bytes
from miniframe.utils.functional import SimpleLazyObject
from miniframe.utils.http import urlencode

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

CONTENT_TYPE_RE = re.compile(r".*; charset=([\w-]+);?")
JSON_CONTENT_TYPE_RE = re.compile(r"^application/(?:.+\+)?json")
REDIRECTS = {HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.FOUND, HTTPStatus.SEE_OTHER, 307, 308}


class RedirectCycleError(Exception):
    """Following redirects came back to an address, or went on for too long."""

    def __init__(self, message: str, last_response: Any) -> None:
        super().__init__(message)
        self.last_response = last_response
        self.redirect_chain = last_response.redirect_chain


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


class RequestFactory:
    """Make request objects for calling a view directly; no middleware, no URLs.

    `defaults` are put into every request's environ; `headers` are given by their HTTP names.
    """

    def __init__(
        self,
        *,
        json_encoder: type[json.JSONEncoder] | None = None,
        headers: Mapping[str, Any] | None = None,
        query_params: Mapping[str, Any] | None = None,
        **defaults: Any,
    ) -> None:
        self.json_encoder = json_encoder
        self.defaults: dict[str, Any] = {**defaults, **_environ_of(headers)}
        self.cookies: SimpleCookie = SimpleCookie()
        self.errors = BytesIO()

    def _base_environ(self, **request: Any) -> dict[str, Any]:
        cookies = "; ".join(sorted(f"{morsel.key}={morsel.coded_value}" for morsel in self.cookies.values()))
        plain = {
            "REQUEST_METHOD": "GET",
            "SCRIPT_NAME": "",
            "PATH_INFO": "/",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "SERVER_NAME": "testserver",
            "SERVER_PORT": "80",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_COOKIE": cookies,
            "wsgi.input": FakePayload(b""),
            "wsgi.errors": self.errors,
            "wsgi.url_scheme": "http",
            "wsgi.version": (1, 0),
            "wsgi.run_once": False,
            "wsgi.multithread": False,
            "wsgi.multiprocess": True,
        }
        return plain | self.defaults | request

    def request(self, **request: Any) -> Any:
        """Return the request that this environ describes."""
        return WSGIRequest(self._base_environ(**request))

    def generic(
        self,
        method: str,
        path: str,
        data: Any = "",
        content_type: str | None = "application/octet-stream",
        secure: bool = False,
        *,
        headers: Mapping[str, Any] | None = None,
        query_params: Mapping[str, Any] | None = None,
        **extra: Any,
    ) -> Any:
        """Return a request of any method with `data` as its body; every other method comes here."""
        parts = urlsplit(str(path))
        body: bytes = force_bytes(data, settings.DEFAULT_CHARSET)
        environ: dict[str, Any] = {
            "PATH_INFO": _path_info(parts.path),
            "REQUEST_METHOD": method,
            "SERVER_PORT": "443" if secure else "80",
            "wsgi.url_scheme": "https" if secure else "http",
        }
        if body:
            environ |= {
                "CONTENT_LENGTH": str(len(body)),
                "CONTENT_TYPE": content_type,
                "wsgi.input": FakePayload(body),
            }
        environ |= _environ_of(headers) | extra
        if query_params:
            extra["QUERY_STRING"] = environ["QUERY_STRING"] = urlencode(query_params, doseq=True)
        elif not environ.get("QUERY_STRING"):
            # WSGI gives bytes as latin-1 text, whatever they are (PEP 3333).
            environ["QUERY_STRING"] = parts.query.encode().decode("latin-1")
        return self.request(**environ)

    def get(self, path: str, data: Any = None, secure: bool = False, **extra: Any) -> Any:
        """GET; `data` becomes the query string."""
        return self._without_body("GET", path, data, secure, extra)

    def head(self, path: str, data: Any = None, secure: bool = False, **extra: Any) -> Any:
        """HEAD; `data` becomes the query string."""
        return self._without_body("HEAD", path, data, secure, extra)

    def trace(self, path: str, secure: bool = False, **extra: Any) -> Any:
        """TRACE, which has no body."""
        return self.generic("TRACE", path, secure=secure, **extra)

    def _without_body(self, method: str, path: str, data: Any, secure: bool, extra: dict[str, Any]) -> Any:
        if data and extra.get("query_params"):
            raise ValueError("query_params and data arguments are mutually exclusive.")
        if data is not None and not extra.get("query_params"):
            extra = {**extra, "QUERY_STRING": urlencode(data, doseq=True)}
        return self.generic(method, path, secure=secure, **extra)

    def post(
        self, path: str, data: Any = None, content_type: str = MULTIPART_CONTENT, secure: bool = False, **extra: Any
    ) -> Any:
        """POST a form (files included), or JSON where `content_type` says so."""
        body = self._encode_data(self._encode_json({} if data is None else data, content_type), content_type)
        return self.generic("POST", path, body, content_type, secure=secure, **extra)

    def put(
        self,
        path: str,
        data: Any = "",
        content_type: str = "application/octet-stream",
        secure: bool = False,
        **extra: Any,
    ) -> Any:
        """PUT `data`; JSON where `content_type` says so."""
        return self.generic("PUT", path, self._encode_json(data, content_type), content_type, secure=secure, **extra)

    def patch(
        self,
        path: str,
        data: Any = "",
        content_type: str = "application/octet-stream",
        secure: bool = False,
        **extra: Any,
    ) -> Any:
        """PATCH with `data`; JSON where `content_type` says so."""
        return self.generic("PATCH", path, self._encode_json(data, content_type), content_type, secure=secure, **extra)

    def delete(
        self,
        path: str,
        data: Any = "",
        content_type: str = "application/octet-stream",
        secure: bool = False,
        **extra: Any,
    ) -> Any:
        """DELETE, with a body if there is `data`."""
        return self.generic("DELETE", path, self._encode_json(data, content_type), content_type, secure=secure, **extra)

    def options(
        self,
        path: str,
        data: Any = "",
        content_type: str = "application/octet-stream",
        secure: bool = False,
        **extra: Any,
    ) -> Any:
        """OPTIONS, with a body if there is `data`."""
        return self.generic("OPTIONS", path, data, content_type, secure=secure, **extra)

    def _encode_json(self, data: Any, content_type: str) -> Any:
        if JSON_CONTENT_TYPE_RE.match(content_type) and isinstance(data, (dict, list, tuple)):
            return json.dumps(data, cls=self.json_encoder)
        return data

    def _encode_data(self, data: Any, content_type: str) -> bytes:
        if content_type is MULTIPART_CONTENT:
            return encode_multipart(BOUNDARY, data)
        named = CONTENT_TYPE_RE.match(content_type)
        encoded: bytes = force_bytes(data, encoding=named[1] if named else settings.DEFAULT_CHARSET)
        return encoded


def _environ_of(headers: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return headers under the names that WSGI gives them."""
    plain = {"CONTENT_TYPE", "CONTENT_LENGTH"}
    names = {name: name.replace("-", "_").upper() for name in headers or ()}
    return {new if new in plain else f"HTTP_{new}": (headers or {})[old] for old, new in names.items()}


def _path_info(path: str) -> str:
    # An empty path is "/" on the wire; the bytes are shown as latin-1 (PEP 3333).
    return unquote_to_bytes(path or "/").decode("latin-1")


class Client(RequestFactory):
    """A browser for tests: it keeps cookies, follows redirects, and shows what the view raised.

    `raise_request_exception` False gives the 500 page instead of the exception.
    """

    def __init__(
        self,
        enforce_csrf_checks: bool = False,
        raise_request_exception: bool = True,
        *,
        headers: Mapping[str, Any] | None = None,
        query_params: Mapping[str, Any] | None = None,
        **defaults: Any,
    ) -> None:
        super().__init__(headers=headers, query_params=query_params, **defaults)
        self.handler = ClientHandler(enforce_csrf_checks)
        self.raise_request_exception = raise_request_exception
        self.exc_info: Any = None
        self.extra: dict[str, Any] | None = None
        self.headers: Mapping[str, Any] | None = None

    def request(self, **request: Any) -> Any:
        """Send one request; the response knows its `client`, `request`, `templates`, `context`, `resolver_match`."""
        environ = self._base_environ(**request)
        rendered: list[Any] = []
        contexts: list[Any] = []

        def on_template(sender: Any, template: Any, context: Any, **kwargs: Any) -> None:
            rendered.append(template)
            contexts.append(context)

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
        content_type: str | None = "application/octet-stream",
        secure: bool = False,
        *,
        follow: bool = False,
        **extra: Any,
    ) -> Any:
        """Send a request of any method; `follow` goes on to where it redirects, keeping `redirect_chain`."""
        response = super().generic(method, path, data, content_type, secure, **extra)
        if not follow:
            return response
        return self._follow(response, data if method not in ("GET", "HEAD") else "", content_type, extra)

    def _follow(self, response: Any, data: Any, content_type: str | None, extra: dict[str, Any]) -> Any:
        chain: list[tuple[str, int]] = []
        response.redirect_chain = chain
        extra = {name: value for name, value in extra.items() if name not in ("QUERY_STRING", "query_params")}
        while response.status_code in REDIRECTS:
            target = response["Location"]
            chain.append((target, response.status_code))
            parts = urlsplit(urljoin(response.request["PATH_INFO"], target))
            if parts.scheme:
                extra["wsgi.url_scheme"] = parts.scheme
            if parts.hostname:
                extra["SERVER_NAME"] = parts.hostname
                extra["SERVER_PORT"] = str(parts.port or (443 if parts.scheme == "https" else 80))
            method, body = "GET", ""
            if response.status_code in (307, 308):
                method, body = response.request["REQUEST_METHOD"], data
            elif response.request["REQUEST_METHOD"] == "HEAD":
                method = "HEAD"
            response = super().generic(
                method, parts.path, body, content_type, parts.scheme == "https", QUERY_STRING=parts.query, **extra
            )
            response.redirect_chain = chain
            if chain[-1] in chain[:-1]:
                raise RedirectCycleError("Redirect loop detected.", last_response=response)
            if len(chain) > 20:
                raise RedirectCycleError("Too many redirects.", last_response=response)
        return response

    def _parse_json(self, response: Any, **extra: Any) -> Any:
        if not hasattr(response, "_json"):
            kind = response.get("Content-Type", "")
            if not JSON_CONTENT_TYPE_RE.match(kind):
                raise ValueError(f'Content-Type header is "{kind}", not "application/json"')
            response._json = json.loads(response.text, **extra)
        return response._json
