"""`Server-Timing`: the steps of a request as a browser shows them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from miniframe.exceptions import Http404
from miniframe.handlers import timing
from miniframe.handlers.base import BaseHandler
from miniframe.handlers.timing import ServerTiming, server_timing
from miniframe.http import HttpResponse
from miniframe.template.response import TemplateResponse
from miniframe.template.utils import engines
from miniframe.urls import path
from miniframe.utils.deprecation import MiddlewareMixin


def hello(request: Any) -> HttpResponse:
    return HttpResponse("hello")


def lost(request: Any) -> HttpResponse:
    raise Http404("not here")


def odd(request: Any) -> HttpResponse:
    return HttpResponse("odd")


odd.__name__ = 'ödd" \\ view'
odd.__module__ = ""


async def waiting(request: Any) -> HttpResponse:
    return HttpResponse("hello")


def early(request: Any) -> HttpResponse:
    return HttpResponse(engines["jinja2"].from_string("early").render({}, request))


def late(request: Any) -> TemplateResponse:
    return TemplateResponse(request, engines["jinja2"].from_string("late"))


class OuterMiddleware(MiddlewareMixin):
    def process_request(self, request: Any) -> HttpResponse | None:
        return HttpResponse("no further") if request.path == "/short/" else None


def inner(get_response: Any) -> Any:
    def middleware(request: Any) -> Any:
        response = get_response(request)
        response["Server-Timing"] = "db;dur=1"
        return response

    return middleware


JINJA2 = {"BACKEND": "miniframe.template.backends.jinja2.Jinja2"}

ROUTES = [
    path("", hello, name="home"),
    path("lost/", lost),
    path("waiting/", waiting),
    path("late/", late),
    path("early/", early),
    path("short/", hello),
    path("odd/", odd),
]


@pytest.fixture
def timed_site(make_site: Any) -> Iterator[Any]:
    """The site with its chain and its templates timed."""
    site = make_site(*ROUTES, middleware=[OuterMiddleware, inner], DEBUG=True, TEMPLATES=[JINJA2])
    with server_timing():
        site.handler.load_middleware_once()
    yield site
    engines.watch(None)


def timing_of(site: Any, address: str) -> list[str]:
    """Return the metrics of an answer, without their durations."""
    [value] = [value for name, value in site.get(address).headers if name == "Server-Timing"]
    assert all(float(taken) >= 0 for taken in re.findall(r"dur=(\S+?)(?:,|$)", value))
    return re.sub(r";dur=[\d.]+", "", value).split(", ")


LAYERS = ["db", "total", "Outer", "inner"]


def view(name: str) -> str:
    return f'view;desc="{__name__}.{name}"'


@pytest.mark.parametrize(
    ("address", "metrics"),
    [
        pytest.param("/", [*LAYERS, "route", view("hello")], id="view"),
        pytest.param("/late/", [*LAYERS, "route", view("late"), "templates"], id="late-template"),
        pytest.param("/early/", [*LAYERS, "route", view("early"), "templates"], id="template-in-a-view"),
        pytest.param("/waiting/", [*LAYERS, "route", view("waiting")], id="async"),
        pytest.param("/lost/", [*LAYERS, "route", view("lost"), "page"], id="view-raises"),
        pytest.param("/nowhere/", [*LAYERS, "route", "page"], id="no-route"),
        pytest.param("/short/", ["total", "Outer"], id="short-circuit"),
        pytest.param("/odd/", [*LAYERS, "route", 'view;desc=".?dd? ? view"'], id="odd-name"),
    ],
)
def test_each_step_that_was_reached_has_its_metric(timed_site: Any, address: str, metrics: list[str]) -> None:
    assert timing_of(timed_site, address) == metrics


def test_the_metrics_add_up(timed_site: Any) -> None:
    for address in ("/", "/late/", "/early/", "/lost/", "/nowhere/"):
        value = dict(timed_site.get(address).headers)["Server-Timing"].partition(", ")[2]
        total, *parts = [float(taken) for taken in re.findall(r"dur=([\d.]+)", value)]
        assert sum(parts) <= total + 0.02  # each is rounded
        if "page" in value:
            assert sum(parts) > total * 0.5


def test_beyond_a_number_a_second_responses_are_not_timed(timed_site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "MOST", 2)
    monkeypatch.setattr(timing, "perf_counter", lambda: 100.0)
    names = [dict(timed_site.get("/early/").headers).get("Server-Timing", "").count("view") for _ in range(4)]
    assert names == [1, 1, 0, 0]
    monkeypatch.setattr(timing, "perf_counter", lambda: 101.1)
    assert "view" in dict(timed_site.get("/early/").headers)["Server-Timing"]


class Made(MiddlewareMixin):
    """Counts how often it is made, and signs each answer."""

    made = 0

    def __init__(self, get_response: Any) -> None:
        super().__init__(get_response)
        type(self).made += 1

    def process_view(self, request: Any, view: Any, args: Any, kwargs: Any) -> None:
        request.seen = True

    def process_response(self, request: Any, response: Any) -> Any:
        response["X-Made"] = f"{self.made} {request.seen}"
        return response


def test_a_response_that_is_not_timed_comes_through_the_same_middleware(
    make_site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timing, "MOST", 1)
    monkeypatch.setattr(timing, "perf_counter", lambda: 100.0)
    site = make_site(*ROUTES, middleware=[OuterMiddleware, inner, Made], DEBUG=True)
    with BaseHandler.traced_by(ServerTiming()):
        site.handler.load_middleware_once()
    timed, plain = (dict(site.get("/").headers) for _ in range(2))
    assert timed.pop("Server-Timing").startswith("db;dur=1, total;")
    assert plain.pop("Server-Timing") == "db;dur=1"
    assert timed == plain
    assert plain["X-Made"] == "1 True"


def test_a_chain_that_is_built_outside_of_the_block_is_left_alone(make_site: Any) -> None:
    with BaseHandler.traced_by(ServerTiming()):
        pass
    site = make_site(*ROUTES, DEBUG=True)
    assert "Server-Timing" not in dict(site.get("/").headers)
    assert "resolve_request" not in vars(site.handler)


@pytest.mark.parametrize(
    ("debug", "switch", "timed"),
    [
        pytest.param(True, None, True, id="debug"),
        pytest.param(True, "0", False, id="switched-off"),
        pytest.param(False, None, False, id="production"),
    ],
)
def test_it_is_there_under_debug_unless_it_is_switched_off(
    make_site: Any, monkeypatch: pytest.MonkeyPatch, debug: bool, switch: str | None, timed: bool
) -> None:
    if switch is not None:
        monkeypatch.setenv("MINIFRAME_SERVER_TIMING", switch)
    site = make_site(*ROUTES, DEBUG=debug)
    with server_timing():
        site.handler.load_middleware_once()
    engines.watch(None)
    assert ("Server-Timing" in dict(site.get("/").headers)) is timed
