"""Decorators made from middlewares work on plain and on async views, and run every hook."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from miniframe.http import HttpResponse
from miniframe.test import RequestFactory
from miniframe.utils.decorators import decorator_from_middleware, decorator_from_middleware_with_args


class Tracing:
    def __init__(self, get_response: Any, name: str = "trace") -> None:
        self.name = name

    def process_request(self, request: Any) -> None:
        request.trace = [f"{self.name} request"]

    def process_view(self, request: Any, view: Any, args: Any, kwargs: Any) -> None:
        request.trace.append(f"view {kwargs}")

    def process_exception(self, request: Any, error: Exception) -> HttpResponse | None:
        return HttpResponse("rescued") if isinstance(error, KeyError) else None

    def process_response(self, request: Any, response: HttpResponse) -> HttpResponse:
        response["X-Trace"] = " | ".join(request.trace)
        return response


def test_every_hook_runs_around_a_plain_view() -> None:
    @decorator_from_middleware_with_args(Tracing)("named")
    def view(request: Any, pk: int) -> HttpResponse:
        return HttpResponse(str(pk))

    response = view(RequestFactory().get("/"), pk=3)
    assert response.content == b"3"
    assert response["X-Trace"] == "named request | view {'pk': 3}"


def test_every_hook_runs_around_an_async_view() -> None:
    @decorator_from_middleware(Tracing)
    async def view(request: Any) -> HttpResponse:
        return HttpResponse("later")

    response = asyncio.run(view(RequestFactory().get("/")))
    assert response["X-Trace"] == "trace request | view {}"


@pytest.mark.parametrize("is_async", [False, True], ids=["plain", "async"])
def test_an_exception_is_rescued_or_goes_on(is_async: bool) -> None:
    def fail(request: Any, error: Exception) -> HttpResponse:
        raise error

    async def fail_async(request: Any, error: Exception) -> HttpResponse:
        raise error

    decorated = decorator_from_middleware(Tracing)(fail_async if is_async else fail)

    def call(error: Exception) -> Any:
        result = decorated(RequestFactory().get("/"), error)
        return asyncio.run(result) if is_async else result

    assert call(KeyError("known")).content == b"rescued"
    with pytest.raises(ZeroDivisionError):
        call(ZeroDivisionError())
