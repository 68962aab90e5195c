"""What the system checks say about a URLconf."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import wraps
from types import ModuleType
from typing import Any

import pytest

from miniframe.checks import CheckMessage
from miniframe.checks.urls import (
    E006,
    check_custom_error_handlers,
    check_url_config,
    check_url_namespaces_unique,
    check_url_settings,
    check_view_arguments,
)
from miniframe.test.utils import override_settings
from miniframe.urls import include, path, re_path

Check = Callable[..., list[CheckMessage]]


def view(request: Any, **kwargs: Any) -> None: ...


def two(request: Any, a: int, b: int = 0) -> None: ...


def three(request: Any, exception: Exception, more: str) -> None: ...


class PageView:
    @classmethod
    def as_view(cls) -> Any: ...

    def __call__(self) -> None: ...


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
        pytest.param(re_path("^(?P<a>[0-9])$", two), [], id="named-group"),
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
