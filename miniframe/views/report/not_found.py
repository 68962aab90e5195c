"""Why nothing was found: the routes that were tried, the nearest one, or the view that said so."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Any

from miniframe.conf import settings
from miniframe.exceptions import Http404
from miniframe.views.report.building import build_report
from miniframe.views.report.data import Report, Route

__all__ = ["describe_not_found", "is_untouched"]

MOST_ROUTES = 200
# How alike two paths must be, of 1, to be offered as a misspelling.
ALIKE = 0.7
# What is longer is no misspelling, and to compare two paths takes time that grows with their lengths multiplied.
LONGEST_PATH = 300
# Routes that are compared.
MOST_COMPARED = 500


def _failure(exception: BaseException) -> dict[str, Any]:
    """Return what the resolver says: `path` and `tried`; nothing for an Http404 that a view raised."""
    said = exception.args[0] if exception.args else None
    return said if isinstance(said, dict) and "path" in said else {}


def is_untouched(request: Any, exception: BaseException) -> bool:
    """Return whether the project has no routes at all, and its front page was asked for."""
    failure = _failure(exception)
    return bool(failure) and not failure.get("tried") and getattr(request, "path_info", "") in ("", "/")


def describe_not_found(request: Any, exception: BaseException) -> Report:
    """Return the report of a 404."""
    failure = _failure(exception)
    if not failure:
        report = build_report(request, exception, status=404, kind="not_found", title="Page not found")
        return report if report.message else report._replace(message=_nobody(exception))
    routes = [_route(tried) for tried in failure.get("tried") or ()]
    path = str(getattr(request, "path_info", failure["path"])).lstrip("/")
    report = build_report(
        request,
        None,
        status=404,
        kind="not_found",
        title="Page not found",
        message=f"No route in {_urlconf(request)} matches the path {_shown('/' + path)}.",
        routes=tuple(routes[:MOST_ROUTES]),
    )
    return report._replace(hints=tuple(_hints(path, routes)))


def _shown(path: str) -> str:
    return repr(path) if len(path) <= LONGEST_PATH else f"{path[:LONGEST_PATH]!r}… ({len(path):,} characters)"


def _nobody(exception: BaseException) -> str:
    what = "Http404" if isinstance(exception, Http404) else type(exception).__name__
    return f"The view raised {what} without a message."


def _urlconf(request: Any) -> str:
    urlconf = getattr(request, "urlconf", None) or settings.ROOT_URLCONF
    return str(getattr(urlconf, "__name__", urlconf if isinstance(urlconf, str) else "the URLconf of this request"))


def _route(tried: list[Any]) -> Route:
    """Join a pattern with those of the include()s around it."""
    pattern = "".join(str(each.pattern) for each in tried)
    name = str(getattr(tried[-1], "name", None) or "")
    spaces = [str(each.namespace) for each in tried if getattr(each, "namespace", None)]
    return Route(pattern, ":".join([*spaces, name]) if name else "")


def _hints(path: str, routes: list[Route]) -> list[str]:
    if not routes:
        return ["This URLconf is empty: add routes to its `urlpatterns`."]
    best, wanted = _nearest(path, routes[:MOST_COMPARED]) if len(path) <= LONGEST_PATH else (None, "")
    if best is None:
        return []
    if wanted == path:
        return [f"The route `{best.pattern}` is like it, and its parameters do not take what stands in this address."]
    if wanted.startswith("/"):
        return [f"The route `{best.pattern}` begins with a slash, and so never matches: remove that slash."]
    if wanted.rstrip("/") == path.rstrip("/"):
        more = "ends with a slash" if wanted.endswith("/") else "has no slash at its end"
        return [f"The route `{best.pattern}` {more}: the address is `/{wanted}`."]
    return [f"The nearest route is `{best.pattern}`" + (f": did you mean `/{wanted}`?" if "<" not in wanted else ".")]


def _nearest(path: str, routes: list[Route]) -> tuple[Route | None, str]:
    """Return the route that is most like `path`, if one is like it, and that route with the path's own parameters."""
    best, likeness, wanted = None, ALIKE, ""
    # It keeps what it found out about the second sequence, so that is the one which stays.
    matcher = SequenceMatcher(None, "", path)
    for route in routes:
        filled = _filled(route.pattern, path)[:LONGEST_PATH]
        matcher.set_seq1(filled)
        # Upper bounds first, which are had for less.
        if matcher.real_quick_ratio() >= likeness and matcher.quick_ratio() >= likeness:
            alike = matcher.ratio()
            if alike > likeness or (best is None and alike == likeness):
                best, likeness, wanted = route, alike, filled
    return best, wanted


def _filled(pattern: str, path: str) -> str:
    """Put the parts of `path` in place of the parameters of `pattern`, so that only the fixed parts are compared."""
    theirs = path.split("/")
    parts = pattern.replace("^", "").replace("$", "").split("/")
    for index, part in enumerate(parts):
        # A parameter takes whatever is there, if something is.
        if ("<" in part or "(" in part) and index < len(theirs) and theirs[index]:
            parts[index] = theirs[index]
    return "/".join(parts)
