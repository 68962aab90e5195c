"""A URLconf as rows: what `manage.py routes` shows."""

from __future__ import annotations

from functools import partial, wraps
from types import ModuleType
from typing import Any

from miniframe.urls import get_resolver, include, path, re_path
from miniframe.urls.listing import iter_routes


def view(request: Any) -> None: ...


def decorated(function: Any) -> Any:
    @wraps(function)
    def wrapper(*args: Any) -> Any:
        return function(*args)

    return wrapper


class PageView:
    http_method_names = ["get", "post", "put"]

    def get(self) -> None: ...

    def put(self) -> None: ...

    @classmethod
    def as_view(cls) -> Any:
        def made(request: Any) -> None: ...

        made.view_class = cls  # type: ignore[attr-defined]
        return made


FIRST_LINE = view.__code__.co_firstlineno


def test_each_route_is_a_row_in_the_order_of_the_search() -> None:
    below = [path("<int:n>/", decorated(view), name="deep"), re_path("^page$", PageView.as_view())]
    patterns = (
        path("", view, name="home"),
        path("a/", include((below, "app"), namespace="one")),
        path("b/", partial(view)),
        path("c/", print),
    )
    rows = list(iter_routes(get_resolver(patterns)))
    assert [(row.route, row.name, row.namespace) for row in rows] == [
        ("/", "home", ""),
        ("/a/<int:n>/", "one:deep", "one"),
        ("/a/page$", "", "one"),
        ("/b/", "", ""),
        ("/c/", "", ""),
    ]
    here = view.__module__
    assert [row.view for row in rows] == [
        f"{here}.view",
        f"{here}.view",
        f"{here}.PageView",
        f"{here}.view",
        "builtins.print",
    ]
    assert [row.methods for row in rows] == [None, None, ("GET", "PUT"), None, None]
    lines = [FIRST_LINE, FIRST_LINE, rows[2].line, FIRST_LINE, 0]
    assert [row.line for row in rows] == lines
    assert rows[2].line > FIRST_LINE
    assert [bool(row.file) for row in rows] == [True, True, True, True, False]


def test_a_urlconf_that_includes_itself_is_listed_once_deeper() -> None:
    module = ModuleType("listed_twice")
    module.urlpatterns = [path("leaf/", view)]  # type: ignore[attr-defined]
    module.urlpatterns.append(path("<int:n>/", include(module)))
    assert [row.route for row in iter_routes(get_resolver(module))] == ["/leaf/", "/<int:n>/leaf/"]
