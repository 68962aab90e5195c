"""The functions that URLconf modules are written with: `path`, `re_path`, `include`.

Source: Django's reference "`urls` functions for use in URLconfs".
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from miniframe.exceptions import ImproperlyConfigured
from miniframe.types import View
from miniframe.urls.patterns import RegexPattern, RoutePattern
from miniframe.urls.resolvers import URLPattern, URLResolver
from miniframe.urls.utils import import_urlconf

__all__ = ["include", "path", "re_path"]

Included: TypeAlias = tuple[Any, str | None, str | None]
"""What include() returns: a module or patterns, the app's name, the instance's namespace."""


def include(arg: Any, namespace: str | None = None) -> Included:
    """Return what `path()` and `re_path()` take as a view to put other patterns under their route.

    `arg` is a module's dotted path, a module or object with `urlpatterns`, a list of patterns, or a
    pair (any of these, app_name).  A module may name its app by an attribute `app_name`.

    Raises:
        ImproperlyConfigured: `namespace` without an app_name, or a tuple that is no pair.
        URLconfNotFound: there is no such module.
    """
    app_name = None
    if isinstance(arg, tuple):
        if len(arg) != 2:
            raise ImproperlyConfigured(_not_a_pair(arg, namespace))
        arg, app_name = arg
    module = import_urlconf(arg, _call_of_include(arg)) if isinstance(arg, str) else arg
    app_name = getattr(module, "app_name", app_name)
    if namespace and not app_name:
        raise ImproperlyConfigured(
            "Specifying a namespace in include() without providing an app_name is not supported. Set the app_name "
            "attribute in the included module, or pass a 2-tuple containing the list of patterns and app_name instead."
        )
    return module, app_name, namespace or app_name


def _call_of_include(path: str) -> Callable[[], str]:
    """Return a function that says where `include(path)` was called, which is asked only if it was called in vain."""

    def place() -> str:
        frame = sys._getframe(1)
        while frame.f_globals.get("__name__") in {__name__, import_urlconf.__module__} and frame.f_back is not None:
            frame = frame.f_back
        return f"include({path!r}) in {frame.f_code.co_filename}, line {frame.f_lineno}"

    return place


def path(
    route: str, view: View | Included | Sequence[Any], kwargs: dict[str, Any] | None = None, name: str | None = None
) -> URLPattern | URLResolver:
    """Return a pattern that leads from `route`, such as "articles/<int:year>/", to a view or an include().

    `kwargs` are passed to the view beside what the route captures.

    Raises:
        ImproperlyConfigured: the route is malformed or names an unknown converter.
        TypeError: `view` is neither callable nor an include(), or `kwargs` is no dict.
    """
    if kwargs is None and callable(view):  # as most are
        return URLPattern(RoutePattern(route, name, True), view, None, name)
    return _pattern(RoutePattern, route, view, kwargs, name)


def re_path(
    route: str, view: View | Included | Sequence[Any], kwargs: dict[str, Any] | None = None, name: str | None = None
) -> URLPattern | URLResolver:
    """Do as `path()` does, for a regular expression.

    Raises:
        TypeError: `view` is neither callable nor an include(), or `kwargs` is no dict.
    """
    return _pattern(RegexPattern, route, view, kwargs, name)


def _pattern(
    kind: Callable[..., RoutePattern | RegexPattern], route: str, view: Any, kwargs: Any, name: str | None
) -> URLPattern | URLResolver:
    if kwargs is not None and not isinstance(kwargs, dict):
        raise TypeError(f"kwargs argument must be a dict, but got {type(kwargs).__name__}.")
    if callable(view):
        return URLPattern(kind(route, name, True), view, kwargs, name)
    if isinstance(view, list | tuple):
        module, app_name, namespace = view
        return URLResolver(kind(route), module, kwargs, app_name=app_name, namespace=namespace)
    raise TypeError(_not_a_view(view))


def _not_a_view(view: Any) -> str:
    if hasattr(view, "as_view"):
        name = type(view).__name__
        return f"view must be a callable, pass {name}.as_view(), not {name}()."
    hint = f" {view!r} is text: import the view and pass the function itself." if isinstance(view, str) else ""
    return "view must be a callable or a list/tuple in the case of include()." + hint


def _not_a_pair(arg: tuple[Any, ...], namespace: str | None) -> str:
    if namespace:
        return "Cannot override the namespace for a dynamic module that provides a namespace."
    return (
        f"Passing a {len(arg)}-tuple to include() is not supported. Pass a 2-tuple containing the list of patterns and "
        "app_name, and provide the namespace argument to include() instead."
    )
