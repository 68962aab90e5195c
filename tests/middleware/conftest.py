"""Requests to drive a middleware with, made without a server."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest

from miniframe.handlers.wsgi import WSGIRequest

MakeRequest = Callable[..., WSGIRequest]


@pytest.fixture
def make_request() -> MakeRequest:
    """`make_request("/path?query", method="GET", secure=False, body=b"", HTTP_X="...")`."""

    def make(
        address: str = "/", method: str = "GET", secure: bool = False, body: bytes = b"", **environ: Any
    ) -> WSGIRequest:
        path, _, query = address.partition("?")
        if body:
            environ.setdefault("CONTENT_TYPE", "application/x-www-form-urlencoded")
        return WSGIRequest(
            {
                "REQUEST_METHOD": method,
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "SERVER_NAME": "testserver",
                "SERVER_PORT": "443" if secure else "80",
                "HTTP_HOST": "testserver",
                "CONTENT_LENGTH": str(len(body)),
                "wsgi.url_scheme": "https" if secure else "http",
                "wsgi.input": io.BytesIO(body),
                **environ,
            }
        )

    return make
