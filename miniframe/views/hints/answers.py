"""Advice on what views and middleware return, and on what is left undone in them."""

from __future__ import annotations

import inspect
from collections.abc import Container
from typing import Any

from miniframe.shortcuts import render
from miniframe.views.hints.row import Case, Hint

__all__ = ["ROWS"]

_VIEW = r"^The view (\S+) didn't return an HttpResponse"


def _view_arguments(case: Case) -> str:
    match = getattr(case.request, "resolver_match", None)
    missing = "" if match is None else _without_request(match.func, case.match[1], match.kwargs)
    if missing:
        return missing
    if match is None or case.match[1] not in getattr(match.func, "__qualname__", ""):
        return ""
    given = ", ".join(["request", *(repr(each) for each in match.args), *(f"{name}=…" for name in match.kwargs)])
    return (
        f"The route `{match.route}` calls this view with `({given})`: "
        "the names in the route must be those of the view's parameters."
    )


def _without_request(view: Any, name: str, captured: Container[str]) -> str:
    """A view, or a method of a view class, that has no parameter for the request."""
    page = getattr(view, "view_class", None)
    function: Any = getattr(page, name, None) if page else view
    if getattr(function, "__name__", None) != name:
        return ""
    before = ["self"] if page else []
    own = list(inspect.signature(function).parameters)[len(before) :]
    if own and own[0] not in captured:
        return ""
    kind = "async def" if inspect.iscoroutinefunction(function) else "def"
    return f"Give it a first parameter, for the request: `{kind} {name}({', '.join([*before, 'request', *own])}):`."


def _render_without_request(case: Case) -> str:
    called = [each for each in case.frames() if each.f_code is render.__code__]
    # Without such a call there was an argument too few to begin with.
    if called and not isinstance(called[-1].f_locals["request"], str):
        return ""
    if not called and case.match.string.startswith("unhashable"):
        return ""
    return "The request comes first: `render(request, 'page.html', {'name': value})`."


def _view_called(case: Case) -> str:
    """A view that urls.py calls while it is imported, where it should only name it."""
    if case.frame is None or case.frame.f_code.co_name != "<module>":
        return ""
    view = case.match[1]
    return f"`path()` takes the view itself: write `{view}` without parentheses, in place of `{view}()`."


def _view_class(case: Case) -> str:
    """A class that the URLconf names where it should name what its `as_view()` makes."""
    view = getattr(getattr(case.request, "resolver_match", None), "func", None)
    if not isinstance(view, type):
        return ""
    return f"The route names the class itself: write `{view.__name__}.as_view()` in the URLconf."


ROWS: list[Hint] = [
    Hint("view-returned-none", "ValueError", _VIEW + r".*returned None",
         "Some way through `{0}` ends without a `return`. Return a response there, for example `return "
         "render(request, ...)`."),
    Hint("view-not-awaited", "ValueError", _VIEW + r".*unawaited coroutine",
         "Something in `{0}` calls an `async def` function without `await`."),
    Hint("view-returned-other", "ValueError", _VIEW + r".*returned (?!None)(?!an unawaited)",
         "Wrap what `{0}` returns: `HttpResponse(text)` for text, `JsonResponse(data)` for a dict or a list."),
    Hint("middleware-returned-none", "ValueError", r"^The middleware (\S+) didn't return an HttpResponse",
         "Some way through `{0}` ends without a `return`. A middleware returns what `get_response(request)` gave it, "
         "or a response of its own."),
    Hint("view-arguments", "TypeError",
         r"(\w+)\(\) (?:got an unexpected|got multiple values|missing \d+ required|takes \d+) ", _view_arguments),
    Hint("view-called", "TypeError", r"(\w+)\(\) missing \d+ required positional arguments?: 'request'", _view_called),
    Hint("render-without-request", "TypeError",
         r"^render\(\) missing 1 required positional argument: 'template_name'|^unhashable type: 'dict'",
         _render_without_request),
    Hint("view-class", "TypeError",
         r"\w+\(\) takes (?:no arguments|1 positional argument but)|positional argument", _view_class),
    Hint("exit-in-view", "SystemExit", r"^",
         lambda case: "`sys.exit()` ends a program, and on other servers this would have ended the server's process: "
         "return a response, or raise an exception." if case.request is not None else ""),
    Hint("not-json", "TypeError", r"^Object of type (\w+) is not JSON serializable",
         "JSON has no `{0}`. Turn it into text, a number, a list or a dict first, or give JsonResponse an `encoder`."),
    Hint("json-not-dict", "TypeError", r"set the safe parameter to False",
         "`JsonResponse(data, safe=False)` sends a list; safe since browsers of 2011."),
    Hint("not-rendered", "ContentNotRenderedError", r"^",
         "A TemplateResponse is rendered after the middleware: what needs its content is given to "
         "`response.add_post_render_callback()`, or calls `response.render()` first."),
    Hint("redirect-protocol", "DisallowedRedirect", r"^Unsafe redirect to URL with protocol '([^']*)'",
         "Redirects go to `http`, `https` and `ftp`. For `{0}:` write a subclass of `HttpResponseRedirect` with that "
         "in its `allowed_schemes`; was it to be an address of this site, begin it with a slash."),
]  # fmt: skip
