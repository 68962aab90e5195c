"""What happens around the view: it is found, called, and its answer looked at."""

from __future__ import annotations

import functools
from typing import Any

import pytest

from miniframe.handlers.wsgi import WSGIHandler
from miniframe.http import HttpResponse
from miniframe.urls import include, path


def test_contract_63_the_match_is_on_the_request(make_site: Any) -> None:
    def view(request: Any, pk: int) -> HttpResponse:
        match = request.resolver_match
        func, args, kwargs = match
        assert (func, args, kwargs) == (view, (), {"pk": 5})
        return HttpResponse(f"{match.view_name} {match.namespaces} {match.route} {match.captured_kwargs}")

    site = make_site(path("shop/", include(([path("<int:pk>/", view, name="item")], "shop"))))
    assert site.get("/shop/5/").body == b"shop:item ['shop'] shop/<int:pk>/ {'pk': 5}"


def test_contract_65_a_subclass_can_wrap_every_view(make_site: Any) -> None:
    class Shouting(WSGIHandler):
        def make_view_atomic(self, view: Any) -> Any:
            def wrapper(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
                return HttpResponse(view(request, *args, **kwargs).content.upper())

            return wrapper

    site = make_site(path("", lambda request: HttpResponse("quiet")), handler=Shouting)
    assert site.get().body == b"QUIET"


def no_response(request: Any) -> None:
    """A view whose author forgot to return."""


class NoResponse:
    def __call__(self, request: Any) -> None:
        pass


class Unawaited:
    def __call__(self, request: Any) -> Any:
        async def answer() -> HttpResponse:
            return HttpResponse()

        return answer()


def unawaited(request: Any) -> Any:
    return Unawaited()(request)


NONE = "didn't return an HttpResponse object. It returned None instead."
COROUTINE = (
    "didn't return an HttpResponse object. It returned an unawaited coroutine instead. "
    "You may need to add an 'await' into your view."
)


@pytest.mark.parametrize(
    ("view", "complaint"),
    [
        pytest.param(no_response, f"The view {__name__}.no_response {NONE}", id="contract_67-function"),
        pytest.param(NoResponse(), f"The view {__name__}.NoResponse.__call__ {NONE}", id="contract_67-class"),
        pytest.param(
            lambda request: "text",
            f"The view {__name__}.<lambda> didn't return an HttpResponse object. "
            "It returned a str instead. Put it into one: return HttpResponse(...).",
            id="text",
        ),
        pytest.param(
            lambda request: {"a": 1},
            f"The view {__name__}.<lambda> didn't return an HttpResponse object. "
            "It returned a dict instead. Put it into one: return JsonResponse(...).",
            id="dict",
        ),
        pytest.param(unawaited, f"The view {__name__}.unawaited {COROUTINE}", id="contract_68-function"),
        pytest.param(Unawaited(), f"The view {__name__}.Unawaited.__call__ {COROUTINE}", id="contract_68-class"),
    ],
)
def test_contract_67_68_a_view_without_an_answer_is_named(make_site: Any, view: Any, complaint: str) -> None:
    site = make_site(path("", view), DEBUG_PROPAGATE_EXCEPTIONS=True)
    with pytest.raises(ValueError) as caught:
        site.get()
    assert str(caught.value) == complaint


async def hello(request: Any, name: str = "world") -> HttpResponse:
    return HttpResponse(f"hello {name}")


class AsyncCallable:
    async def __call__(self, request: Any) -> HttpResponse:
        return HttpResponse("called")

    async def method(self, request: Any) -> HttpResponse:
        return HttpResponse("method")


@pytest.mark.parametrize(
    ("view", "body"),
    [
        pytest.param(hello, b"hello world", id="function"),
        pytest.param(functools.partial(hello, name="partial"), b"hello partial", id="partial"),
        pytest.param(AsyncCallable(), b"called", id="object"),
        pytest.param(AsyncCallable().method, b"method", id="method"),
    ],
)
def test_an_async_view_is_run_to_its_end(make_site: Any, view: Any, body: bytes) -> None:
    assert make_site(path("", view)).get().body == body


def test_an_error_in_an_async_view_is_an_error(make_site: Any) -> None:
    async def failing(request: Any) -> HttpResponse:
        raise LookupError

    assert make_site(path("", failing)).get().status == "500 Internal Server Error"
