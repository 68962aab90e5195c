"""Make a request object from a method, a path and data, as if it had come from a browser.

Source: Django's topic "Advanced testing topics", section "The request factory".
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from miniframe.conf import settings
from miniframe.handlers.wsgi import WSGIRequest
from miniframe.http import SimpleCookie
from miniframe.serializers.json import DjangoJSONEncoder
from miniframe.test.payload import BOUNDARY, MULTIPART_CONTENT, FakePayload, encode_multipart
from miniframe.utils.encoding import force_bytes
from miniframe.utils.http import urlencode

__all__ = ["CONTENT_TYPE_RE", "JSON_CONTENT_TYPE_RE", "OCTETS", "RequestFactory"]

CONTENT_TYPE_RE = re.compile(r".*; charset=([\w-]+);?")
OCTETS = "application/octet-stream"
JSON_CONTENT_TYPE_RE = re.compile(r"^application/(?:.+\+)?json")


class RequestFactory:
    """Make request objects for calling a view directly; no middleware, no URLs.

    `headers` (by their HTTP names), `query_params` and `defaults` (of the environ) go with every request.
    Each method takes `headers`, `query_params` and entries of the environ for one request as well.
    """

    def __init__(
        self,
        *,
        json_encoder: type[json.JSONEncoder] = DjangoJSONEncoder,
        headers: Mapping[str, Any] | None = None,
        query_params: Mapping[str, Any] | None = None,
        **defaults: Any,
    ) -> None:
        self.json_encoder = json_encoder
        self.defaults: dict[str, Any] = {**defaults, **_environ_of(headers)}
        if query_params:
            self.defaults["QUERY_STRING"] = urlencode(query_params, doseq=True)
        self.cookies: SimpleCookie = SimpleCookie()
        self.errors: BytesIO = BytesIO()

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
        content_type: str | None = OCTETS,
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
        elif not environ.get("QUERY_STRING") and (parts.query or "QUERY_STRING" not in self.defaults):
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

    def put(self, path: str, data: Any = "", content_type: str = OCTETS, secure: bool = False, **extra: Any) -> Any:
        """PUT `data`; JSON where `content_type` says so."""
        return self.generic("PUT", path, self._encode_json(data, content_type), content_type, secure, **extra)

    def patch(self, path: str, data: Any = "", content_type: str = OCTETS, secure: bool = False, **extra: Any) -> Any:
        """PATCH with `data`; JSON where `content_type` says so."""
        return self.generic("PATCH", path, self._encode_json(data, content_type), content_type, secure, **extra)

    def delete(self, path: str, data: Any = "", content_type: str = OCTETS, secure: bool = False, **extra: Any) -> Any:
        """DELETE, with a body if there is `data`; JSON where `content_type` says so."""
        return self.generic("DELETE", path, self._encode_json(data, content_type), content_type, secure, **extra)

    def options(self, path: str, data: Any = "", content_type: str = OCTETS, secure: bool = False, **extra: Any) -> Any:
        """OPTIONS, with a body if there is `data`."""
        return self.generic("OPTIONS", path, data, content_type, secure, **extra)

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
