"""What views and URLconfs call - reverse, resolve, include, redirect - beside Django's, argument by argument."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import django.test.utils
import pytest

import miniframe.test.utils

Case = Callable[[Any], Any]


def view(request: Any, **kwargs: Any) -> None:
    """Stand for any view."""


def toolbox(root: str) -> SimpleNamespace:
    names: dict[str, Any] = {}
    for name in ("urls", "http", "shortcuts"):
        names.update(vars(importlib.import_module(f"{root}.{name}")))
    return SimpleNamespace(**names)


@pytest.fixture(autouse=True)
def urlconfs() -> Iterator[None]:
    """The same routes as the root URLconf of both."""
    for root in ("django", "miniframe"):
        box, module = toolbox(root), ModuleType(f"{root}_routes")
        below = ([box.path("", view, name="i")], "app")
        routes = [
            box.path("a/<int:n>/", view, name="a"),
            box.path("é/", view, name="e"),
            box.path("x/", box.include(below, namespace="ns")),
            box.path("y/", box.include(below)),
            box.re_path(r"^r/(?P<y>\d+)/(?P<s>[^/]+)/$", view, name="r"),
            box.path("extra/", view, {"more": 1}, name="extra"),
            box.path("", view, name="root"),
        ]
        module.urlpatterns = routes  # type: ignore[attr-defined]
        sys.modules[module.__name__] = module
        # A request leaves its script prefix to the thread until the next one, in both.
        box.clear_script_prefix()
    with (
        django.test.utils.override_settings(ROOT_URLCONF="django_routes"),
        miniframe.test.utils.override_settings(ROOT_URLCONF="miniframe_routes"),
    ):
        yield
    for root in ("django", "miniframe"):
        del sys.modules[f"{root}_routes"]


CASES: dict[str, Case] = {
    "query": lambda box: box.reverse("root", query={"a": [1, 2], "b": "é &"}),
    "query-empty": lambda box: box.reverse("root", query={}, fragment=""),
    "query-of-a-QueryDict": lambda box: box.reverse("e", query=box.QueryDict("a=1&a=2&b")),
    "query-of-pairs": lambda box: box.reverse("root", query=[("a", 1), ("a", 2)]),
    "query-of-None": lambda box: box.reverse("root", query={"a": None}),
    "query-of-text": lambda box: box.reverse("root", query="a=1"),
    "fragment": lambda box: box.reverse("root", fragment="é b#"),
    "lazy": lambda box: str(box.reverse_lazy("root", query={"a": 1}, fragment="x")),
    "both-args-and-kwargs": lambda box: box.reverse("a", args=[1], kwargs={"n": 1}),
    "namespace": lambda box: box.reverse("ns:i"),
    "app": lambda box: box.reverse("app:i"),
    "current-app": lambda box: box.reverse("app:i", current_app="ns"),
    "expression": lambda box: box.reverse("r", args=(1, "é%")),
    "slash-in-a-value": lambda box: box.reverse("r", kwargs={"y": 1, "s": "a b/c"}),
    "negative": lambda box: box.reverse("a", kwargs={"n": -1}),
    "extra": lambda box: box.reverse("extra"),
    "extra-that-fits": lambda box: box.reverse("extra", kwargs={"more": 1}),
    "extra-that-differs": lambda box: box.reverse("extra", kwargs={"more": 2}),
    "unknown": lambda box: box.reverse("nope"),
    "unknown-namespace": lambda box: box.reverse("nope:i"),
    "view": lambda box: box.reverse(view),
    "resolve": lambda box: repr(box.resolve("/a/5/")),
    "resolve-extra": lambda box: (box.resolve("/extra/").extra_kwargs, box.resolve("/extra/").captured_kwargs),
    "resolve-namespaces": lambda box: (box.resolve("/x/").namespaces, box.resolve("/x/").app_names),
    "resolve-names": lambda box: (box.resolve("/x/").view_name, box.resolve("/y/").view_name, box.resolve("/").route),
    "resolve-unpacks": lambda box: [*box.resolve("/r/1/z/")][1:],
    "resolve-nothing": lambda box: box.resolve("/zzz"),
    "resolve-without-slash": lambda box: box.resolve("a/5/"),
    "valid": lambda box: (box.is_valid_path("/zzz"), bool(box.is_valid_path("/é/"))),
    "script-prefix": lambda box: box.get_script_prefix(),
    "urlconf": lambda box: (box.get_urlconf(), box.get_urlconf("x")),
    "no-view": lambda box: box.path("a", 3),
    "kwargs-of-a-list": lambda box: box.path("a", view, kwargs=[1]),
    "namespace-without-app": lambda box: box.include([], namespace="x"),
    "include-of-a-pair": lambda box: box.include(([], "a"), namespace="b")[1:],
    "include-of-three": lambda box: box.include(([], "a", "b")),
    "redirect": lambda box: box.redirect("a", 5).url,
    "redirect-statuses": lambda box: [
        box.redirect("a", 5, permanent=permanent, preserve_request=preserve).status_code
        for permanent in (True, False)
        for preserve in (True, False)
    ],
    "redirect-to-a-script": lambda box: box.redirect("javascript:alert(1)"),
    "redirect-to-lazy": lambda box: box.redirect(box.reverse_lazy("root")).url,
    "to-a-name": lambda box: (box.resolve_url("a", 5), box.resolve_url("a", n=5), box.resolve_url(view)),
    "to-an-address": lambda box: [box.resolve_url(to) for to in ("/x y/", "../x", "http://x/é", "a.b", "?a")],
    "to-nothing": lambda box: box.resolve_url("nope"),
    "to-an-object": lambda box: box.resolve_url(SimpleNamespace(get_absolute_url=lambda: "/mine/")),
}


def outcome(root: str, case: Case) -> object:
    try:
        return case(toolbox(root))
    except Exception as error:
        return type(error).__name__


@pytest.mark.parametrize("name", CASES)
def test_the_outcome_is_djangos(name: str) -> None:
    assert outcome("miniframe", CASES[name]) == outcome("django", CASES[name])
