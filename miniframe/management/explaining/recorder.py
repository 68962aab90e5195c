"""The `Trace` that writes down what happens inside the handler: middleware in and out, route, hooks, view, errors.

Every stretch of time belongs to one step.  A middleware has two: what it does until it asks for the response ("in"),
and what it does with it ("out").  One that has no "out" has answered by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from miniframe.conf import settings
from miniframe.exceptions import Http404, Resolver404
from miniframe.handlers.base import BaseHandler, owner_of
from miniframe.handlers.exception import RULES, response_for_exception
from miniframe.http import HttpRequest, HttpResponseBase
from miniframe.management.explaining.changes import RequestLook, ResponseLook, size_of
from miniframe.management.explaining.places import entrance_of, exit_of, routes_to, shown_path, view_place
from miniframe.management.explaining.timeline import Step, Timeline
from miniframe.servers.answers import frame_answer
from miniframe.types import GetResponse, View
from miniframe.urls import get_resolver
from miniframe.urls.routing import Router
from miniframe.utils.masking import STARS, sounds_secret
from miniframe.views.report.building import build_report
from miniframe.views.report.not_found import describe_not_found

__all__ = ["Recorder"]

Hook = Callable[..., Any]

MOST_ROUTES = 12
"""So many of the routes that were tried are named."""


class _Layer:
    """A middleware that the request is in."""

    def __init__(self, name: str, middleware: Any, step: Step, look: RequestLook) -> None:
        self.name = name
        self.middleware = middleware
        self.step = step
        self.look = look
        self.out: Step | None = None
        self.seen: ResponseLook | None = None


class Recorder:
    """Writes a handler's steps into a timeline; see `handlers.tracing.Trace`."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self.has_chain: bool = False
        """A handler has been built with us around its steps."""
        self.reached: bool = False
        """The request came to the handler's chain."""
        self.answered_by: str = ""
        """The middleware or hook that answered in place of the view."""
        self._layers: list[_Layer] = []
        self._count = 0
        self._told: BaseException | None = None

    def clear(self) -> None:
        """Begin with another request."""
        self.reached, self.answered_by = False, ""
        self._layers.clear()
        self._told = None

    # ------------------------------------------------------------- the chain
    def fork(self, traced: GetResponse, plain: GetResponse) -> GetResponse:
        """Tell of every request."""
        return traced

    def chain(self, call: GetResponse, plain: GetResponse) -> GetResponse:
        """Tell of the request object, and how many layers it will go through."""
        self.has_chain = True

        def traced(request: Any) -> Any:
            self.reached = True
            self.timeline.begin("chain", f"{self._count} middleware, a closure each", BaseHandler)
            response = call(request)
            self.timeline.begin("answer", "", frame_answer)
            return response

        return traced

    def layer(
        self, path: str, middleware: Any, call: GetResponse, convert: Callable[[GetResponse], GetResponse]
    ) -> GetResponse:
        """Tell of a middleware on the way in and on the way out; of what lies inside of all only when it fails."""
        if path:
            self._count += 1
            within = convert(self._within(path, middleware, call))
        else:
            self._count = 0
            within = convert(self._inmost(call))

        def traced(request: Any) -> Any:
            response = within(request)
            self._hand_up(response)
            return response

        return traced

    def _within(self, path: str, middleware: Any, call: GetResponse) -> GetResponse:
        name = path.rpartition(".")[2]

        def within(request: Any) -> Any:
            self._arrive(request)
            step = self.timeline.add("in", name, entrance_of(middleware))
            layer = _Layer(name, middleware, step, RequestLook(request))
            self._layers.append(layer)
            self.timeline.run(step)
            try:
                response = call(request)
            except Exception as error:
                self._converted(error, request)
                raise
            finally:
                self._layers.pop()
            self._leave(layer, request, response)
            return response

        return within

    def _inmost(self, call: GetResponse) -> GetResponse:
        def within(request: Any) -> Any:
            self._arrive(request)
            try:
                return call(request)
            except Exception as error:
                self._converted(error, request)
                raise

        return within

    def _arrive(self, request: Any) -> None:
        """The layer above has let the request through."""
        running = self.timeline.stop()
        if self._layers:
            above = self._layers[-1]
            above.step.changes += above.look.changes(request)
        self.timeline.run(running)

    def _hand_up(self, response: Any) -> None:
        """The layer above has got its response."""
        running = self.timeline.stop()
        if running is not None and running.kind == "page":
            running.title = _describe(response)
        if self._layers:
            above = self._layers[-1]
            above.seen = ResponseLook(response) if isinstance(response, HttpResponseBase) else None
            above.out = self.timeline.add("out", above.name, exit_of(above.middleware))
            running = above.out
        self.timeline.run(running)

    def _leave(self, layer: _Layer, request: Any, response: Any) -> None:
        running = self.timeline.stop()
        if layer.out is None:
            layer.step.changes += layer.look.changes(request)
            self._answers(layer.step, layer.name, response)
        elif layer.seen is not None and isinstance(response, HttpResponseBase):
            layer.out.changes += layer.seen.changes(ResponseLook(response))
        self.timeline.run(running)

    def _answers(self, step: Step, name: str, response: Any) -> None:
        step.notes.append(f"answers by itself, nothing further in is asked: {_describe(response)}")
        self.answered_by = name

    # ------------------------------------------------------------- inside of all middleware
    def hook(self, kind: str, hook: Hook) -> Hook:
        """Tell of a hook, and whether it answered."""
        name = owner_of(hook)

        @wraps(hook)
        def traced(request: Any, *args: Any) -> Any:
            step = self.timeline.begin("hook", f"{name}.{kind}", hook)
            result = hook(request, *args)
            self.timeline.stop()
            if result is not None and kind != "process_template_response":
                self._answers(step, f"{name}.{kind}", result)
            self.timeline.run(step)
            return result

        return traced

    def resolve(self, call: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """Tell which route was found, where it stands, and how many were tried before it."""

        def traced(request: Any) -> Any:
            step = self.timeline.begin("route", "", Router)
            try:
                match = call(request)
            except Resolver404 as error:
                self.timeline.stop()
                tried = error.args[0].get("tried") or [] if error.args and isinstance(error.args[0], dict) else []
                step.title = f"none of {len(tried)} routes matches"
                step.notes += [_route_text(way) for way in tried[:MOST_ROUTES]]
                if len(tried) > MOST_ROUTES:
                    step.notes.append(f"... and {len(tried) - MOST_ROUTES} more: manage.py routes")
                raise
            except Exception:
                step.title = "the URLconf cannot be searched"
                raise
            self.timeline.stop()
            self._found(step, request, match)
            self.timeline.run(step)
            return match

        return traced

    def _found(self, step: Step, request: Any, match: Any) -> None:
        tried = match.tried or []
        way: list[Any] = tried[-1] if tried else []
        step.title = f"/{match.route or ''} leads to {match.view_name}"
        before = [_route_text(each) for each in tried[:-1]]
        if before:
            more = f", and {len(before) - MOST_ROUTES} more" if len(before) > MOST_ROUTES else ""
            step.notes.append(f"tried before it: {', '.join(before[:MOST_ROUTES])}{more}")
        for entry, place in routes_to(get_resolver(request.urlconf), way):
            described = getattr(getattr(entry, "pattern", None), "describe", entry.__repr__)()
            step.notes.append(f"{described}  {shown_path(place)}".rstrip())
        step.notes += [
            f"{name} = {STARS if sounds_secret(name) else repr(value)}" for name, value in match.kwargs.items()
        ]
        step.notes += [repr(value) for value in match.args]

    def view(self, view: View, call: View) -> View:
        """Tell of the view and of what it returned."""

        def traced(request: Any, *args: Any, **kwargs: Any) -> Any:
            step = self.timeline.begin("view", _name_of(view), view_place(view, request.method))
            response = self._one_deeper(request, lambda: call(request, *args, **kwargs))
            if isinstance(response, HttpResponseBase):
                step = self.timeline.add("response", _describe(response), type(response))
                step.changes += ResponseLook(response).contents()
            else:
                step.notes.append(f"returned {type(response).__name__}, which is no response")
            self.timeline.run(step)
            return response

        return traced

    def render(self, call: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
        """Tell of a template that is rendered after the view."""

        def traced(request: Any, response: Any) -> Any:
            step = self.timeline.begin("render", f"{type(response).__name__}, late", type(response).render)
            rendered = self._one_deeper(request, lambda: call(request, response))
            step.notes.append(_describe(rendered))
            self.timeline.run(step)
            return rendered

        return traced

    def _one_deeper(self, request: HttpRequest, call: Callable[[], Any]) -> Any:
        """Return what `call` does, whose steps are told one level deeper; the time runs for nobody after it."""
        self.timeline.depth += 1
        try:
            result = call()
        except BaseException as error:
            self.timeline.depth -= 1
            # Others are the server's to tell.
            if isinstance(error, Exception) or type(error) is SystemExit:
                self._raised(error, request)
            raise
        self.timeline.stop()
        self.timeline.depth -= 1
        return result

    # ------------------------------------------------------------- errors
    def _raised(self, error: BaseException, request: HttpRequest) -> None:
        """Tell of an exception once, however many steps it comes through."""
        self.timeline.stop()
        if error is not self._told:
            self._told = error
            tell_error(self.timeline, error, request)

    def _converted(self, error: Exception, request: HttpRequest) -> None:
        """Tell that a page is made of an exception: this layer is the last that it leaves."""
        self._raised(error, request)
        step = self.timeline.add("page", "", response_for_exception)
        step.notes.append(_rule_text(error))
        self.timeline.run(step)


def tell_error(timeline: Timeline, error: BaseException, request: Any = None) -> None:
    """Write down an exception: what it says, where it was raised, and what may help; secrets are starred."""
    if isinstance(error, Http404):
        report = describe_not_found(request, error)
    else:
        report = build_report(request, error, error.__traceback__)
    frame = report.place
    place = (frame.file, frame.line) if frame is not None else ("", 0)
    step = timeline.add("error", f"{type(error).__name__}: {report.message}".rstrip(": "), place)
    step.notes += report.hints


def _rule_text(error: Exception) -> str:
    """Return what the handler's table says of an exception."""
    cls = next(cls for cls in type(error).__mro__ if cls in RULES)
    rule = RULES[cls]
    page = "DEBUG shows a report" if settings.DEBUG and rule.technical else f"handler{rule.status} makes the page"
    return f"{cls.__name__} is answered with {rule.status}; {page}"


def _describe(response: Any) -> str:
    """Return what a response is, in a few words."""
    if not isinstance(response, HttpResponseBase):
        return f"a {type(response).__name__}"
    size = size_of(response)
    body = "a stream" if response.streaming else "not rendered" if size is None else f"{size:,} octets"
    return f"{type(response).__name__} {response.status_code}, {body}"


def _name_of(view: View) -> str:
    shown = getattr(view, "view_class", view)
    return f"{shown.__module__}.{getattr(shown, '__qualname__', type(shown).__name__)}"


def _route_text(way: list[Any]) -> str:
    name = getattr(way[-1], "name", "")
    route = "".join(str(getattr(entry, "pattern", entry)) for entry in way)
    return f"/{route}" + (f" [{name}]" if name else "")
