"""The middleware chain: built once, walked in order, never leaking an exception from one layer to the next."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

from miniframe.exceptions import BadRequest, Http404, ImproperlyConfigured, MiddlewareNotUsed, PermissionDenied
from miniframe.handlers.wsgi import WSGIHandler
from miniframe.http import HttpResponse
from miniframe.types import GetResponse
from miniframe.urls import get_urlconf, path, reverse
from miniframe.utils.deprecation import MiddlewareMixin


def hello(request: Any) -> HttpResponse:
    return HttpResponse("hello")


def factory(name: str, make: Callable[[GetResponse], Any]) -> Any:
    make.__name__ = name
    return make


def tracing(name: str, trace: list[str]) -> Any:
    def make(get_response: GetResponse) -> Any:
        def middleware(request: Any) -> Any:
            trace.append(f"{name} in")
            response = get_response(request)
            trace.append(f"{name} out")
            return response

        return middleware

    return factory(name, make)


def hooked(name: str, **hooks: Any) -> Any:
    """A class of middleware with these hooks; each is a plain function of the hook's arguments."""
    return type(name, (MiddlewareMixin,), {hook: staticmethod(function) for hook, function in hooks.items()})


def test_contract_54_middleware_is_walked_down_in_order_and_up_in_reverse(make_site: Any) -> None:
    trace: list[str] = []

    def view(request: Any) -> HttpResponse:
        trace.append("view")
        return HttpResponse()

    site = make_site(path("", view), middleware=[tracing("a", trace), tracing("b", trace)])
    site.get()
    assert trace == ["a in", "b in", "view", "b out", "a out"]


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        pytest.param(
            "miniframe.middleware.comon.CommonMiddleware",
            "MIDDLEWARE has the entry 'miniframe.middleware.comon.CommonMiddleware': No module named "
            "'miniframe.middleware.comon'. Did you mean 'miniframe.middleware.common.CommonMiddleware'?",
            id="module",
        ),
        pytest.param("miniframe.middleware.common.ComonMiddleware", "did you mean 'CommonMiddleware'?", id="class"),
        pytest.param("", "MIDDLEWARE has the entry ''", id="empty"),
        pytest.param("middleware", "should be a dotted path", id="no-dot"),
        pytest.param(len, "should be a dotted path", id="no-text"),
    ],
)
def test_a_middleware_that_leads_nowhere_is_named_with_the_setting(make_site: Any, entry: Any, words: str) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        make_site(path("", hello), MIDDLEWARE=[entry]).get()
    assert isinstance(caught.value, ImportError)
    assert words in str(caught.value)


def test_contract_54_middleware_that_steps_aside_is_skipped(make_site: Any, caplog: pytest.LogCaptureFixture) -> None:
    def unused(get_response: GetResponse) -> Any:
        raise MiddlewareNotUsed("not today")

    caplog.set_level(logging.DEBUG, "miniframe.request")
    site = make_site(path("", hello), middleware=[unused], DEBUG=True)
    assert site.get().body == b"hello"
    assert caplog.messages == ["MiddlewareNotUsed('site_middleware.unused'): not today"]


def test_middleware_that_steps_aside_is_not_worth_a_word_in_production(
    make_site: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def unused(get_response: GetResponse) -> Any:
        raise MiddlewareNotUsed

    caplog.set_level(logging.DEBUG, "miniframe.request")
    assert make_site(path("", hello), middleware=[unused], DEBUG=False).get().body == b"hello"
    assert caplog.messages == []


def test_contract_54_a_factory_that_returns_none_is_an_error(make_site: Any) -> None:
    def forgetful(get_response: GetResponse) -> None:
        pass

    site = make_site(path("", hello), middleware=[forgetful])
    with pytest.raises(ImproperlyConfigured, match=r"Middleware factory site_middleware.forgetful returned None\."):
        site.get()


def test_a_factory_that_is_neither_sync_nor_async_is_an_error(make_site: Any) -> None:
    def neither(get_response: GetResponse) -> Any:
        return get_response

    neither.sync_capable = False  # type: ignore[attr-defined]  # read by the handler
    with pytest.raises(RuntimeError, match=r"site_middleware\.neither must have at least one of sync_capable"):
        make_site(path("", hello), middleware=[neither]).get()


def test_middleware_that_returns_none_is_named(make_site: Any, caplog: pytest.LogCaptureFixture) -> None:
    def forgetful(get_response: GetResponse) -> Any:
        return lambda request: None

    assert make_site(path("", hello), middleware=[forgetful]).get().status == "500 Internal Server Error"
    assert "The middleware site_middleware.forgetful didn't return an HttpResponse object" in caplog.text


def test_an_async_middleware_is_run_to_its_end(make_site: Any) -> None:
    def polite(get_response: Any) -> Any:
        async def middleware(request: Any) -> Any:
            response = await get_response(request)
            response["X-Polite"] = "yes"
            return response

        return middleware

    polite.sync_capable, polite.async_capable = False, True  # type: ignore[attr-defined]  # read by the handler

    async def view(request: Any) -> HttpResponse:
        return HttpResponse("async all the way")

    answer = make_site(path("", view), middleware=[polite]).get()
    assert (answer.body, ("X-Polite", "yes") in answer.headers) == (b"async all the way", True)


def test_an_async_middleware_may_be_a_class(make_site: Any) -> None:
    class Polite:
        sync_capable, async_capable = False, True

        def __init__(self, get_response: Any) -> None:
            self.get_response = get_response

        async def __call__(self, request: Any) -> Any:
            return await self.get_response(request)

        async def process_view(self, request: Any, view: Any, args: Any, kwargs: Any) -> HttpResponse:
            return HttpResponse("from the async hook")

    class Old(MiddlewareMixin):
        sync_capable, async_capable = False, True

    assert make_site(path("", hello), middleware=[Polite, Old]).get().body == b"from the async hook"
    assert make_site(path("", hello), middleware=[Old]).get().body == b"hello"


class CountingHandler(WSGIHandler):
    def __init__(self) -> None:
        super().__init__()
        self.builds = 0

    def load_middleware(self) -> None:
        self.builds += 1
        super().load_middleware()


def test_contract_53_fifty_first_requests_at_once_build_the_chain_once(make_site: Any) -> None:
    barrier = threading.Barrier(50, timeout=20)
    site = make_site(path("", hello), middleware=[tracing("slow", [])], handler=CountingHandler)
    bodies: list[bytes] = []

    def first_request() -> None:
        barrier.wait()
        bodies.append(site.get().body)

    threads = [threading.Thread(target=first_request) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert (bodies, site.handler.builds) == ([b"hello"] * 50, 1)


def test_contract_53_a_build_that_failed_is_undone_and_tried_again(make_site: Any) -> None:
    trace: list[str] = []
    site = make_site(
        path("", hello),
        middleware=[tracing("early", trace)],
        MIDDLEWARE=["site_middleware.late", "site_middleware.early"],
        handler=CountingHandler,
    )
    for _ in range(2):
        with pytest.raises(ImportError, match="late"):
            site.get()
    assert site.handler._middleware_chain is None
    sys.modules["site_middleware"].late = tracing("late", trace)  # type: ignore[attr-defined]  # mended
    assert site.get().body == b"hello"
    assert (trace[:2], site.handler.builds) == (["late in", "early in"], 3)


def test_contract_64_the_first_view_hook_that_answers_spares_the_view(make_site: Any) -> None:
    calls: list[Any] = []

    def note(name: str, answer: Any) -> Any:
        def process_view(request: Any, view: Any, args: Any, kwargs: Any) -> Any:
            calls.append((name, view, args, kwargs))
            return answer

        return process_view

    def view(request: Any, pk: int) -> HttpResponse:
        raise AssertionError("the view was called")

    site = make_site(
        path("<int:pk>/", view),
        middleware=[
            hooked("First", process_view=note("first", None)),
            hooked("Second", process_view=note("second", HttpResponse("from the hook"))),
            hooked("Third", process_view=note("third", HttpResponse("too late"))),
        ],
    )
    assert site.get("/7/").body == b"from the hook"
    assert calls == [("first", view, (), {"pk": 7}), ("second", view, (), {"pk": 7})]


def failing(request: Any) -> HttpResponse:
    raise LookupError("no luck")


def test_contract_66_the_exception_hooks_are_asked_from_the_inside(make_site: Any) -> None:
    asked: list[str] = []

    def note(name: str, answer: Any) -> Any:
        def process_exception(request: Any, exception: Exception) -> Any:
            asked.append(f"{name}: {exception}")
            return answer

        return process_exception

    site = make_site(
        path("", failing),
        middleware=[
            hooked("Outer", process_exception=note("outer", HttpResponse("too late"))),
            hooked("Middle", process_exception=note("middle", HttpResponse("mended"))),
            hooked("Inner", process_exception=note("inner", None)),
        ],
    )
    assert site.get().body == b"mended"
    assert asked == ["inner: no luck", "middle: no luck"]


def test_contract_66_an_exception_that_no_hook_wants_is_a_500(make_site: Any) -> None:
    site = make_site(path("", failing), middleware=[hooked("Shy", process_exception=lambda request, exception: None)])
    assert site.get().status == "500 Internal Server Error"


class Deferred(HttpResponse):
    """A response that is rendered late, as a TemplateResponse is."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.words = text

    def render(self) -> HttpResponse:
        if self.words == "broken":
            raise LookupError("broken template")
        self.content = self.words
        return self


def test_contract_69_template_hooks_change_what_is_rendered_after_them(make_site: Any) -> None:
    def louder(request: Any, response: Deferred) -> Deferred:
        response.words = response.words.upper()
        return response

    site = make_site(
        path("", lambda request: Deferred("words")), middleware=[hooked("Louder", process_template_response=louder)]
    )
    assert site.get().body == b"WORDS"


def test_contract_69_a_template_hook_that_returns_none_is_named(
    make_site: Any, caplog: pytest.LogCaptureFixture
) -> None:
    middleware = hooked("Forgetful", process_template_response=lambda request, response: None)

    class Unforgettable(MiddlewareMixin):
        def process_template_response(self, request: Any, response: Any) -> None:
            pass

    assert make_site(path("", lambda request: Deferred("x")), middleware=[middleware]).get().status[:3] == "500"
    assert make_site(path("", lambda request: Deferred("x")), middleware=[Unforgettable]).get().status[:3] == "500"
    assert (
        "Unforgettable.process_template_response didn't return an HttpResponse object. It returned None instead."
    ) in caplog.text


def test_contract_69_an_error_while_rendering_goes_to_the_exception_hooks(make_site: Any) -> None:
    site = make_site(
        path("", lambda request: Deferred("broken")),
        middleware=[hooked("Mender", process_exception=lambda request, exception: HttpResponse(str(exception)))],
    )
    assert site.get().body == b"broken template"


@pytest.mark.parametrize(
    ("exception", "status"),
    [
        pytest.param(Http404("x"), 404, id="404"),
        pytest.param(PermissionDenied("x"), 403, id="403"),
        pytest.param(BadRequest("x"), 400, id="400"),
        pytest.param(LookupError("x"), 500, id="500"),
    ],
)
@pytest.mark.parametrize("where", ["view", "inner middleware"])
def test_contract_70_the_outer_layer_sees_a_response_and_no_exception(
    make_site: Any, exception: Exception, status: int, where: str
) -> None:
    seen: list[int] = []

    def outer(get_response: GetResponse) -> Any:
        def middleware(request: Any) -> Any:
            response = get_response(request)
            seen.append(response.status_code)
            return response

        return middleware

    def inner(get_response: GetResponse) -> Any:
        def middleware(request: Any) -> Any:
            if where == "inner middleware":
                raise exception
            return get_response(request)

        return middleware

    def view(request: Any) -> HttpResponse:
        raise exception

    site = make_site(path("", view), middleware=[outer, inner])
    assert site.get().status.startswith(str(status))
    assert seen == [status]


def test_exit_and_interrupt_pass_through_and_leave_no_urlconf(make_site: Any) -> None:
    def view(request: Any) -> HttpResponse:
        raise KeyboardInterrupt

    def switch(get_response: GetResponse) -> Any:
        def middleware(request: Any) -> Any:
            request.urlconf = "site_urls"
            return get_response(request)

        return middleware

    with pytest.raises(KeyboardInterrupt):
        make_site(path("", view), middleware=[switch]).get()
    assert get_urlconf() is None


def test_contract_62_middleware_may_switch_the_urlconf_for_one_request(make_site: Any) -> None:
    def where(request: Any) -> HttpResponse:
        return HttpResponse(f"{reverse('here')} {get_urlconf() is None}")

    other = [path("other/", where, name="here")]

    def switch(get_response: GetResponse) -> Any:
        def middleware(request: Any) -> Any:
            if request.GET.get("switch"):
                request.urlconf = other
            return get_response(request)

        return middleware

    site = make_site(path("root/", where, name="here"), middleware=[switch])
    assert site.get("/other/", QUERY_STRING="switch=1").body == b"/other/ False"
    assert get_urlconf() is None
    assert site.get("/root/").body == b"/root/ True"
    assert site.get("/other/").status == "404 Not Found"


def test_contract_62_a_streamed_page_still_sees_the_switched_urlconf(make_site: Any) -> None:
    from miniframe.http import StreamingHttpResponse

    def stream(request: Any) -> StreamingHttpResponse:
        return StreamingHttpResponse(text for text in [reverse("here")])

    other = [path("other/", stream, name="here")]

    def switch(get_response: GetResponse) -> Any:
        def middleware(request: Any) -> Any:
            request.urlconf = other
            return get_response(request)

        return middleware

    assert make_site(middleware=[switch]).get("/other/").body == b"/other/"
    assert get_urlconf() is None
