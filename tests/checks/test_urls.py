"""What the system checks say about a URLconf."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID  # noqa: F401  # named by an annotation below

import pytest

from miniframe.checks import CheckMessage
from miniframe.checks.urls import (
    E006,
    check_custom_error_handlers,
    check_dead_names,
    check_dead_routes,
    check_url_config,
    check_url_namespaces_unique,
    check_url_settings,
    check_view_arguments,
)
from miniframe.test.utils import override_settings
from miniframe.urls import include, path, re_path, reverse_lazy
from miniframe.views.decorators.csrf import csrf_exempt
from miniframe.views.generic import RedirectView, TemplateView, View

Check = Callable[..., list[CheckMessage]]


def view(request: Any, **kwargs: Any) -> None: ...


def two(request: Any, a: int, b: int = 0) -> None: ...


def three(request: Any, exception: Exception, more: str) -> None: ...


class PageView:
    @classmethod
    def as_view(cls) -> Any: ...

    def __call__(self) -> None: ...


def typed(annotation: str) -> Any:
    def view(request: Any, a: Any) -> None: ...

    view.__annotations__["a"] = annotation
    return view


class Shop(View):
    def get(self, request: Any, a: int) -> None: ...

    def post(self, request: Any, **kwargs: Any) -> None: ...

    def delete(self, request: Any, a: Any = None) -> None: ...


class Busy(Shop):
    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return super().dispatch(request, *args, a=1, **kwargs)


def other(request: Any, **kwargs: Any) -> None: ...


@pytest.fixture
def urlconf() -> Iterator[Any]:
    """The root URLconf, to be filled by the test."""
    module = ModuleType("urlconf_under_check")
    module.urlpatterns = []  # type: ignore[attr-defined]
    sys.modules[module.__name__] = module
    with override_settings(ROOT_URLCONF=module.__name__):
        yield module
    del sys.modules[module.__name__]


def ids(check: Check) -> list[str | None]:
    return [message.id for message in check(None)]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        pytest.param(path("a/<int:b>/", view, name="fine"), [], id="fine"),
        pytest.param(re_path("^a$", include([])), ["urls.W001"], id="dollar-in-include"),
        pytest.param(re_path(r"^a\$", include([])), [], id="escaped-dollar-in-include"),
        pytest.param(path("/a", view), ["urls.W002"], id="leading-slash"),
        pytest.param(path("/a/", view), ["urls.W002"], id="leading-slash-and-one-at-the-end"),
        pytest.param(path("/", include([path("a", view)])), [], id="leading-slash-of-an-include"),
        pytest.param(re_path("^/a", view), ["urls.W002"], id="leading-slash-in-expression"),
        pytest.param(path("/", view), ["urls.W002"], id="only-a-slash"),
        pytest.param(path("a/", view, name="a:b"), ["urls.W003"], id="colon-in-name"),
        pytest.param("a/", ["urls.E004"], id="text"),
        pytest.param(("a/", view), ["urls.E004"], id="tuple"),
        pytest.param(path("a/", PageView), ["urls.E009"], id="class-without-as-view"),
        pytest.param(path("a/<b", view), ["urls.W010"], id="unmatched-open-bracket"),
        pytest.param(path("a/b>", view), ["urls.W010"], id="unmatched-close-bracket"),
        pytest.param(path("^a/", view), ["2_0.W001"], id="caret-in-route"),
        pytest.param(path("a/$", view), ["2_0.W001"], id="dollar-in-route"),
        pytest.param(path("a/", include([path("/b", view)])), ["urls.W002"], id="within-an-include"),
    ],
)
def test_patterns_tell_their_mistakes(urlconf: Any, pattern: Any, expected: list[str]) -> None:
    urlconf.urlpatterns.append(pattern)
    assert ids(check_url_config) == expected


def test_a_urlconf_that_includes_itself_is_checked_once(urlconf: Any) -> None:
    urlconf.urlpatterns += [path("/a", view), path("<int:n>/", include((urlconf, "again")))]
    assert set(ids(check_url_config)) == {"urls.W002"}
    assert ids(check_url_namespaces_unique) == []


def test_a_leading_slash_is_fine_without_append_slash(urlconf: Any) -> None:
    urlconf.urlpatterns.append(path("/a", view))
    with override_settings(APPEND_SLASH=False):
        assert ids(check_url_config) == []


def test_without_a_urlconf_there_is_nothing_to_check() -> None:
    with override_settings(ROOT_URLCONF=None):
        for check in (check_url_config, check_url_namespaces_unique, check_custom_error_handlers, check_view_arguments):
            assert check(None) == []


def test_namespaces_are_unique_where_they_stand(urlconf: Any) -> None:
    inner = ([path("x/", view)], "inner")
    outer = ([path("i/", include(inner))], "outer")
    urlconf.urlpatterns += [path("a/", include(outer)), path("b/", include(outer, namespace="second"))]
    assert ids(check_url_namespaces_unique) == []
    urlconf.urlpatterns += [path("c/", include(outer))]
    texts = [message.msg for message in check_url_namespaces_unique(None)]
    assert [text.split("'")[1] for text in texts] == ["outer", "outer:inner"]


def test_settings_that_begin_addresses_end_with_a_slash() -> None:
    with override_settings(STATIC_URL="static", MEDIA_URL="/media/"):
        assert check_url_settings(None) == [E006("STATIC_URL")]
    with override_settings(STATIC_URL="", MEDIA_URL="/"):
        assert check_url_settings(None) == []


@pytest.mark.parametrize(
    ("name", "handler", "expected"),
    [
        pytest.param("handler404", view, "urls.E007", id="takes-no-exception"),
        pytest.param("handler404", three, "urls.E007", id="wants-more"),
        pytest.param("handler500", view, None, id="takes-the-request"),
        pytest.param("handler503", view, "urls.E007", id="unavailable-takes-the-exception"),
        pytest.param("handler400", f"{__name__}.nothing", "urls.E008", id="missing"),
        pytest.param("handler403", "nothing", "urls.E008", id="no-dotted-path"),
    ],
)
def test_error_handlers_exist_and_take_what_they_are_given(
    urlconf: Any, name: str, handler: Any, expected: str | None
) -> None:
    setattr(urlconf, name, handler)
    assert ids(check_custom_error_handlers) == ([expected] if expected else [])


def foreign(function: Any) -> Any:
    @wraps(function)
    def wrapper(request: Any, *args: Any, **kwargs: Any) -> Any:
        return function(request, 1, *args, **kwargs)

    return wrapper


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        pytest.param(path("<int:a>/", two), [], id="fine"),
        pytest.param(path("<int:a>/<int:b>/", two), [], id="with-the-optional-one"),
        pytest.param(path("", two), ["urls.W101"], id="missing"),
        pytest.param(path("", two, {"a": 1}), [], id="extra-argument-of-path"),
        pytest.param(path("<int:a>/<int:c>/", two), ["urls.W100"], id="unknown"),
        pytest.param(path("<int:c>/", two), ["urls.W100", "urls.W101"], id="another-name"),
        pytest.param(path("<int:c>/", view), [], id="takes-anything"),
        pytest.param(path("<int:a>/", include([path("", two)])), [], id="argument-of-the-include"),
        pytest.param(re_path("^(?P<a>[0-9])$", two), ["urls.W102"], id="named-group"),
        pytest.param(path("<a>/", two), ["urls.W102"], id="text-for-a-number"),
        pytest.param(path("<a>/", two, {"a": 1}), [], id="text-replaced-by-an-extra-argument"),
        pytest.param(path("<int:a>/", typed("float")), [], id="a-number-for-a-float"),
        pytest.param(path("<int:a>/", typed("int | None")), [], id="optional"),
        pytest.param(path("<int:a>/", typed("str | None")), ["urls.W102"], id="optional-other"),
        pytest.param(path("<uuid:a>/", typed("UUID")), [], id="uuid"),
        pytest.param(path("<slug:a>/", typed("UUID")), ["urls.W102"], id="slug-for-a-uuid"),
        pytest.param(path("<slug:a>/", typed("Any")), [], id="any"),
        pytest.param(path("<slug:a>/", typed("ForCheckersOnly")), [], id="annotations-that-fail-are-not-judged"),
        pytest.param(path("<slug:a>/", typed("list[int]")), [], id="generics-are-not-judged"),
        pytest.param(path("<int:a>/", Shop.as_view()), [], id="class-that-fits"),
        pytest.param(path("", Shop.as_view()), ["urls.W101"], id="class-without-its-argument"),
        pytest.param(path("<int:b>/", Shop.as_view()), ["urls.W100", "urls.W101", "urls.W100"], id="class-other-name"),
        pytest.param(path("<a>/", Shop.as_view()), ["urls.W102"], id="class-other-type"),
        pytest.param(path("", foreign(Shop.as_view())), [], id="class-behind-a-foreign-decorator"),
        pytest.param(path("", csrf_exempt(Shop.as_view())), ["urls.W101"], id="class-behind-a-decorator-of-ours"),
        pytest.param(path("", Busy.as_view()), [], id="class-with-a-dispatch-of-its-own"),
        pytest.param(path("<int:a>/", TemplateView.as_view()), [], id="class-of-ours"),
        pytest.param(re_path("^([0-9])$", two), [], id="unnamed-groups-are-not-judged"),
        pytest.param(path("", foreign(two)), [], id="foreign-decorators-are-not-judged"),
        pytest.param(path("", PageView()), [], id="callable-objects-are-not-judged"),
        pytest.param(path("<int:a>", lambda request=None, a=1: None), [], id="all-optional"),
        pytest.param(path("<int:a>", lambda request, /, *, a: None), [], id="keyword-only"),
    ],
)
def test_views_can_be_called_with_what_their_routes_pass(urlconf: Any, pattern: Any, expected: list[str]) -> None:
    urlconf.urlpatterns.append(pattern)
    assert ids(check_view_arguments) == expected


def test_a_wrong_argument_is_reported_with_file_and_line(urlconf: Any) -> None:
    urlconf.urlpatterns.append(path("shop/<int:c>/", two))
    unknown, missing = check_view_arguments(None)
    where = f"The view '{two.__module__}.two' ({__file__}:{two.__code__.co_firstlineno})"
    assert unknown.msg == f"{where} takes no argument 'c', but its route '/shop/<int:c>/' passes one."
    assert missing.msg == f"{where} needs an argument 'a', but its route '/shop/<int:c>/' passes none."
    assert missing.hint == "Add <a> to the route, or give the parameter a default."


@pytest.mark.parametrize(
    ("patterns", "dead"),
    [
        pytest.param([path("a/", view), path("b/", view)], [], id="apart"),
        pytest.param([path("a/", view), path("a/", other)], ["/a/"], id="twice"),
        pytest.param([path("<int:a>/", view), path("<int:b>/", other)], ["/<int:b>/"], id="twice-by-another-name"),
        pytest.param([path("<int:a>/", view), path("<slug:b>/", other)], [], id="another-converter"),
        pytest.param([path("<int:a>/x/", view), path("<int:a>/y/", other)], [], id="apart-behind-a-parameter"),
        pytest.param([path("<slug:a>/", view), path("new/", other)], ["/new/"], id="behind-a-parameter"),
        pytest.param([path("new/", other), path("<slug:a>/", view)], [], id="before-a-parameter"),
        pytest.param([path("<int:a>/", view), path("new/", other)], [], id="behind-a-number"),
        pytest.param([path("<path:rest>", view), path("x/y/", other)], ["/x/y/"], id="behind-everything"),
        pytest.param([re_path("^a", view), path("a/b/", other)], ["/a/b/"], id="behind-an-expression"),
        pytest.param(
            [path("a/", include([path("b/", view)])), path("a/b/", other)], ["/a/b/"], id="behind-one-of-an-include"
        ),
        pytest.param([path("<slug:a>/", view), re_path("^new/$", other)], [], id="expressions-are-not-judged"),
    ],
)
def test_routes_that_are_never_reached_are_told(urlconf: Any, patterns: list[Any], dead: list[str]) -> None:
    urlconf.urlpatterns += patterns
    messages = check_dead_routes(None)
    assert [message.msg.split("'")[1] for message in messages] == dead
    assert {message.id for message in messages} <= {"urls.W103"}


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        pytest.param([path("a/", view, name="n"), path("b/", other, name="n")], ["urls.W104"], id="same-name"),
        pytest.param([path("a/", view, name="n"), path("b/", view, name="n")], [], id="two-addresses-of-one-view"),
        pytest.param([path("a/", view, name="n"), path("<int:a>/", other, name="n")], [], id="other-arguments"),
        pytest.param([path("a/", view, {"x": 1}, name="n"), path("b/", other, name="n")], [], id="extra-arguments"),
        pytest.param(
            [path("a/", include([path("", view, name="n")]), {"x": 1}), path("b/", other, name="n")],
            [],
            id="extra-arguments-of-an-include",
        ),
        pytest.param([path("<int:a>/", view, name="n"), path("<uuid:a>/", other, name="n")], [], id="other-converters"),
        pytest.param(
            [path("a/", include(([path("", view, name="n")], "x"))), path("b/", other, name="n")], [], id="namespace"
        ),
        pytest.param([path("", RedirectView.as_view(pattern_name="nobody"))], ["urls.W105"], id="redirect-to-nobody"),
        pytest.param(
            [path("", RedirectView.as_view(pattern_name="x:n"))], ["urls.W105"], id="redirect-to-no-namespace"
        ),
        pytest.param(
            [path("", RedirectView.as_view(pattern_name="n")), path("a/", view, name="n")], [], id="redirect-to-a-name"
        ),
        pytest.param(
            [path("", RedirectView.as_view(url=reverse_lazy("nobody")))], ["urls.W105"], id="lazy-redirect-to-nobody"
        ),
    ],
)
def test_names_that_lead_elsewhere_or_nowhere_are_told(urlconf: Any, patterns: list[Any], expected: list[str]) -> None:
    urlconf.urlpatterns += patterns
    assert ids(check_dead_names) == expected


URLS = """\
from miniframe.urls import include, path, re_path
from miniframe.views.generic import RedirectView

def one(request, n): ...
def two(request): ...
def three(request): ...

handler404 = "nowhere.at.all"
handler500 = one

urlpatterns = [
    path("a/", two, name="first"),
    path("a/", three, name="b:c"),
    path("list/", include([
        path("/x", two),
        re_path(route="^y", view=two),
    ])),
    re_path("^z$", include([])),
    path("<slug:wrong>/", one),
    path("old/", RedirectView.as_view(pattern_name="gone")),
    path("s/", include(([], "same"))),
    path("t/", include(([], "same"))),
    "text",
    path("f/" + "g/$", two),
]
"""


def test_each_mistake_is_told_with_file_and_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "urls_with_mistakes.py").write_text(URLS)
    monkeypatch.syspath_prepend(tmp_path)
    module = importlib.import_module("urls_with_mistakes")
    checks = [check_url_config, check_url_namespaces_unique, check_custom_error_handlers]
    with override_settings(ROOT_URLCONF=module.__name__):
        found = [message for check in checks for message in check(None)]
        module.urlpatterns.remove("text")
        for check in (check_view_arguments, check_dead_routes, check_dead_names):
            found += check(None)
    del sys.modules[module.__name__]
    places = [(each.id, (each.place or "").replace(f"{module.__file__}:", "")) for each in found]
    assert places == [
        ("urls.W003", "13"),
        ("urls.W002", "15"),
        ("urls.W001", "18"),
        ("urls.E004", "11"),
        ("2_0.W001", "11"),
        ("urls.W005", "21, 22"),
        ("urls.E008", "8"),
        ("urls.E007", "4"),
        ("urls.W100", "19"),
        ("urls.W101", "19"),
        ("urls.W103", "13"),
        ("urls.W103", "20"),
        ("urls.W105", "20"),
    ]
    assert str(found[0]).startswith(f"{module.__file__}:13: (urls.W003) Your URL pattern 'a/'")
