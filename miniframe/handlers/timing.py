"""`Server-Timing`: how long each step of a response took, for the network panel of a browser.

A browser draws the list beside each request: the middleware from the outermost inwards, then the route, the view,
templates and the page of an error, each without what lies below it.  `runserver` switches it on under DEBUG; a site
that is served by anything else has nothing of this in it.

Nobody reads hundreds of these a second, and to write one takes as long as a small view: beyond `MOST` a second they
are left out.

Source: W3C, "Server Timing", section 2.1 (`server-timing-metric`).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from time import perf_counter
from typing import Any

from miniframe.conf import settings
from miniframe.handlers.base import BaseHandler, layer_of
from miniframe.handlers.tracing import Hook
from miniframe.template.utils import engines
from miniframe.types import GetResponse, View

__all__ = ["ServerTiming", "server_timing"]

MOST = 100
"""Responses a second that are timed."""

# In the environment; "0" switches it off.
_SWITCH = "MINIFRAME_SERVER_TIMING"


def server_timing() -> AbstractContextManager[None]:
    """Time the chains that are built in a `with` block of this, and all templates from now on, if DEBUG is on."""
    if not settings.DEBUG or os.environ.get(_SWITCH) == "0":
        return nullcontext()
    engines.watch(time_template)
    return BaseHandler.traced_by(ServerTiming())


class _Clock:
    """What one request has taken so far, in seconds; None where a step was not reached."""

    __slots__ = ("layers", "rendering", "route", "template", "view", "view_name")

    def __init__(self, layers: int) -> None:
        self.layers: list[float | None] = [None] * layers
        self.route: float | None = None
        self.view: float | None = None
        self.view_name = ""
        self.template = 0.0
        self.rendering = False


# Who renders a template need not have the request at hand.
_clock: ContextVar[_Clock | None] = ContextVar("miniframe.timing", default=None)


def time_template(template: Any, render: Callable[[], Any]) -> Any:
    """Render, and charge it to the request of this context; a template within a template is charged once."""
    clock = _clock.get()
    if clock is None or clock.rendering:
        return render()
    clock.rendering = True
    started = perf_counter()
    try:
        return render()
    finally:
        clock.template += perf_counter() - started
        clock.rendering = False


class ServerTiming:
    """The `Trace` that sums up a request in one header field of its response."""

    def __init__(self) -> None:
        # As the chain is built, from the innermost outwards.
        self._names: list[str] = []

    def chain(self, call: GetResponse, plain: GetResponse) -> GetResponse:
        """Give the request a clock, and the response what that shows."""
        names = self._names
        count = len(names)
        # Threads may disagree by one or two; nobody counts them.
        until, left = 0.0, 0

        def timed(request: Any) -> Any:
            nonlocal until, left
            started = perf_counter()
            if started > until:
                until, left = started + 1, MOST
            if left <= 0:
                request._clock = None
                return plain(request)
            left -= 1
            request._clock = clock = _Clock(count)
            before = _clock.set(clock)
            try:
                response = call(request)
            finally:
                _clock.reset(before)
            line = _line(perf_counter() - started, names, clock, response.status_code >= 400)
            given = response.headers.get("Server-Timing")
            response.headers["Server-Timing"] = f"{given}, {line}" if given else line
            return response

        return timed

    def fork(self, traced: GetResponse, plain: GetResponse) -> GetResponse:
        """Go on with the clock, if the request has one."""

        def get_response(request: Any) -> Any:
            return plain(request) if request._clock is None else traced(request)

        return get_response

    def layer(
        self, path: str, middleware: Any, call: GetResponse, convert: Callable[[GetResponse], GetResponse]
    ) -> GetResponse:
        """Time a middleware with all that lies below it; `_line` takes that off."""
        if not path:
            self._names = []  # another chain begins
        index = len(self._names)
        self._names.append(_token(path))
        quick = layer_of(path, middleware)

        def timed(request: Any) -> Any:
            clock = request._clock
            started = perf_counter()
            response = quick(request)
            clock.layers[index] = perf_counter() - started
            return response

        return timed

    def hook(self, kind: str, hook: Hook) -> Hook:
        """Leave it as it is: it counts for what lies inside of the middleware."""
        return hook

    def resolve(self, call: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """Time the search of the route."""

        def timed(request: Any) -> Any:
            clock = request._clock
            started = perf_counter()
            try:
                match = call(request)
            finally:
                clock.route = perf_counter() - started
            clock.view_name = getattr(match, "_func_path", "")
            return match

        return timed

    def view(self, view: View, call: View) -> View:
        """Time the view without its templates, whether it returns or raises."""

        def timed(request: Any, *args: Any, **kwargs: Any) -> Any:
            clock = request._clock
            templates = clock.template
            started = perf_counter()
            try:
                return call(request, *args, **kwargs)
            finally:
                clock.view = perf_counter() - started - (clock.template - templates)

        return timed

    def render(self, call: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
        """Leave it as it is: a late template is timed like any other."""
        return call


def _line(total: float, names: list[str], clock: _Clock, failed: bool) -> str:
    """Return the field's value; durations are milliseconds."""
    below = 0.0
    layers = []
    for name, taken in zip(names, clock.layers, strict=True):
        if taken is None:
            continue  # a middleware further out has answered by itself
        if name:
            layers.append(f"{name};dur={_ms(taken - below)}")
        below = taken
    parts = [f"total;dur={_ms(total)}", *reversed(layers)]
    if clock.route is not None:
        parts.append(f"route;dur={_ms(clock.route)}")
    if clock.view is not None:
        parts.append(f'view;desc="{_text(clock.view_name)}";dur={_ms(clock.view)}')
    if clock.template:
        parts.append(f"templates;dur={_ms(clock.template)}")
    inside = clock.layers[0]
    if failed and inside is not None:
        # What is left of it is mostly the page that tells of the error.
        page = inside - (clock.route or 0) - (clock.view or 0) - clock.template
        parts.append(f"page;dur={_ms(max(page, 0))}")
    return ", ".join(parts)


def _token(path: str) -> str:
    """Return a middleware's name as a metric's, which is a token (RFC 9110, section 5.6.2).

    >>> _token("miniframe.middleware.common.CommonMiddleware")
    'Common'
    """
    name = path.rpartition(".")[2]
    return (name.removesuffix("Middleware") or name).encode("ascii", "replace").decode().replace("?", "_")


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.3f}"


def _text(value: str) -> str:
    """Return what may stand between quotes without a backslash (RFC 9110, section 5.6.4)."""
    return "".join(letter if " " <= letter <= "~" and letter not in '"\\' else "?" for letter in value)
