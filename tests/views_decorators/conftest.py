"""Requests and ways to call a view, plain or async."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from miniframe.http import HttpRequest, HttpResponse

MakeRequest = Callable[..., HttpRequest]


@pytest.fixture
def make_request() -> MakeRequest:
    """`make_request("POST", HTTP_X="...")`."""

    def make(method: str = "GET", **meta: Any) -> HttpRequest:
        request = HttpRequest()
        request.method, request.path = method, "/page/"
        request.META.update({"SERVER_NAME": "testserver", "SERVER_PORT": "80", **meta})
        return request

    return make


def plain(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
    """A page."""
    return HttpResponse(f"page {args} {kwargs}")


async def awaited(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
    """A page."""
    return HttpResponse(f"page {args} {kwargs}")


class Kind:
    """A kind of view: `decorate` one, `call` the result."""

    def __init__(self, view: Any) -> None:
        self.view = view

    def call(self, view: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(*args, **kwargs)
        result: HttpResponse = asyncio.run(response) if asyncio.iscoroutine(response) else response
        return result


@pytest.fixture(params=[plain, awaited], ids=["plain", "async"])
def kind(request: pytest.FixtureRequest) -> Kind:
    """Each test that asks for this runs with a plain and with an async view."""
    return Kind(request.param)
