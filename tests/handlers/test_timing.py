"""`Server-Timing`: the steps of a request as a browser shows them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from miniframe.exceptions import Http404
from miniframe.handlers.base import BaseHandler
from miniframe.handlers.timing import ServerTiming, server_timing
from miniframe.http import HttpResponse
from miniframe.urls import path
from miniframe.utils.deprecation import MiddlewareMixin


def hello(request: Any) -> HttpResponse:
    return HttpResponse("hello")


def lost(request: Any) -> HttpResponse:
    raise Http404("not here")


async def waiting(request: Any) -> HttpResponse:
    return HttpResponse("hello")


class Late(HttpResponse):
    def render(self) -> HttpResponse:
        return self


def late(request: Any) -> HttpResponse:
    return Late("late")


class OuterMiddleware(MiddlewareMixin):
    def process_request(self, request: Any) -> HttpResponse | None:
        return HttpResponse("no further") if request.path == "/short/" else None


def inner(get_response: Any) -> Any:
    def middleware(request: Any) -> Any:
        response = get_response(request)
        response["Server-Timing"] = "db;dur=1"
        return response

    return middleware


ROUTES = [
    path("", hello, name="h\xf6me"),
    path("lost/", lost),
    path("waiting/", waiting),
    path("late/", late),
    path("short/", hello),
]


def timing_of(make_site: Any, address: str) -> list[str]:
    """Return the metrics of an answer, without their durations."""
    with BaseHandler.traced_by(ServerTiming()):
        site = make_site(*ROUTES, middleware=[OuterMiddleware, inner], DEBUG=True)
        site.handler.load_middleware_once()
    [value] = [value for name, value in site.get(address).headers if name == "Server-Timing"]
    assert all(float(taken) >= 0 for taken in re.findall(r"dur=(\S+?)(?:,|$)", value))
    return re.sub(r";dur=[\d.]+", "", value).split(", ")


@pytest.mark.parametrize(
    ("address", "metrics"),
    [
        pytest.param("/", ["db", "total", "Outer", "inner", "route", 'view;desc="h?me"'], id="view"),
        pytest.param(
            "/late/",
            ["db", "total", "Outer", "inner", "route", f'view;desc="{__name__}.late"', "template"],
            id="late-template",
        ),
        pytest.param(
            "/waiting/", ["db", "total", "Outer", "inner", "route", f'view;desc="{__name__}.waiting"'], id="async"
        ),
        pytest.param(
            "/lost/", ["db", "total", "Outer", "inner", "route", f'view;desc="{__name__}.lost"'], id="view-raises"
        ),
        pytest.param("/nowhere/", ["db", "total", "Outer", "inner"], id="no-route"),
        pytest.param("/short/", ["total", "Outer"], id="short-circuit"),
    ],
)
def test_each_step_that_was_reached_has_its_metric(make_site: Any, address: str, metrics: list[str]) -> None:
    assert timing_of(make_site, address) == metrics


def test_a_middleware_is_charged_without_what_lies_below(make_site: Any) -> None:
    with BaseHandler.traced_by(ServerTiming()):
        site = make_site(*ROUTES, middleware=[OuterMiddleware, inner], DEBUG=True)
        site.handler.load_middleware_once()
    value = dict(site.get("/").headers)["Server-Timing"]
    taken = {name: float(ms) for name, ms in re.findall(r"(\w+);(?:desc=\"[^\"]*\";)?dur=([\d.]+)", value)}
    assert taken["total"] >= taken["Outer"] + taken["inner"] + taken["route"] + taken["view"] - 0.005  # rounding


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
    assert ("Server-Timing" in dict(site.get("/").headers)) is timed
