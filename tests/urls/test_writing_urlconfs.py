"""path(), re_path(), include() and converters: what they take, and what they say to what they do not take."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

from miniframe.exceptions import ImproperlyConfigured, ViewDoesNotExist
from miniframe.test.utils import override_settings
from miniframe.urls import (
    URLPattern,
    URLResolver,
    get_callable,
    get_mod_func,
    include,
    path,
    re_path,
    register_converter,
    resolve,
)


def view(request: Any, **kwargs: Any) -> None: ...


class PageView:
    """As a class-based view looks from here."""

    @classmethod
    def as_view(cls) -> Any: ...


@pytest.mark.parametrize(
    ("given", "words"),
    [
        pytest.param("shop.views.cart", "view must be a callable or a list/tuple in the case of include().", id="text"),
        pytest.param(PageView(), "view must be a callable, pass PageView.as_view(), not PageView().", id="instance"),
        pytest.param(None, "view must be a callable or a list/tuple in the case of include().", id="none"),
    ],
)
def test_what_is_no_view_is_refused(given: Any, words: str) -> None:
    for make in (path, re_path):
        with pytest.raises(TypeError) as caught:
            make("", given)
        assert str(caught.value).startswith(words)


def test_kwargs_must_be_a_dict() -> None:
    with pytest.raises(TypeError, match=r"kwargs argument must be a dict, but got str\."):
        path("", view, "name")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("route", "words"),
    [
        pytest.param("<int: x>", "cannot contain whitespace in angle brackets <…>.", id="space"),
        pytest.param("<\nx>", "cannot contain whitespace in angle brackets <…>.", id="newline"),
        pytest.param("<1x>", "uses parameter name '1x' which isn't a valid Python identifier.", id="identifier"),
        pytest.param("<imt:x>", "uses invalid converter 'imt'. Did you mean 'int'?", id="converter"),
        pytest.param("<int:x>/<x>", "uses parameter name 'x' more than once.", id="twice"),
    ],
)
def test_a_malformed_route_says_what_is_wrong(route: str, words: str) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        path(route, view)
    assert str(caught.value) == f"URL route {route!r} {words}"


def test_an_invalid_expression_is_named() -> None:
    with pytest.raises(ImproperlyConfigured, match=r'"\(a" is not a valid regular expression: missing \)'):
        resolve("/", (re_path("(a", view),))


def module(**names: Any) -> ModuleType:
    made = ModuleType("included")
    vars(made).update(urlpatterns=[path("x/", view, name="x")], **names)
    return made


@pytest.mark.parametrize(
    ("argument", "namespace", "app_name", "instance"),
    [
        pytest.param(module(), None, None, None, id="module"),
        pytest.param(module(app_name="app"), None, "app", "app", id="module-with-app-name"),
        pytest.param(module(app_name="app"), "one", "app", "one", id="module-and-namespace"),
        pytest.param([path("x/", view)], None, None, None, id="list"),
        pytest.param(([path("x/", view)], "app"), None, "app", "app", id="pair"),
        pytest.param((module(), "app"), "one", "app", "one", id="pair-and-namespace"),
        pytest.param((module(app_name="own"), "app"), None, "own", "own", id="modules-own-name-wins"),
    ],
)
def test_include_takes(argument: Any, namespace: str | None, app_name: str | None, instance: str | None) -> None:
    resolver = path("a/", include(argument, namespace=namespace))
    assert isinstance(resolver, URLResolver)
    assert (resolver.app_name, resolver.namespace) == (app_name, instance)
    assert resolve("/a/x/", (resolver,)).app_name == (app_name or "")


def test_include_imports_a_dotted_path() -> None:
    with pytest.raises(ModuleNotFoundError):
        include("no_such_package.urls")
    assert include("miniframe.urls")[0].__name__ == "miniframe.urls"


def test_an_include_of_nothing_names_the_call_and_the_nearest_module() -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        include("miniframe.url")
    assert isinstance(caught.value, ModuleNotFoundError)
    line = test_an_include_of_nothing_names_the_call_and_the_nearest_module.__code__.co_firstlineno + 2
    assert str(caught.value) == (
        f"include('miniframe.url') in {__file__}, line {line}: there is no module 'miniframe.url'. "
        "Did you mean 'miniframe.urls'?"
    )


@pytest.mark.parametrize(
    ("urlconf", "words"),
    [
        pytest.param("", "ROOT_URLCONF is '': it should be the dotted path of a module", id="empty"),
        pytest.param("miniframe.url", "ROOT_URLCONF is 'miniframe.url'.*Did you mean 'miniframe.urls'", id="misspelt"),
        pytest.param(".urls", "should be the dotted path of a module", id="relative"),
    ],
)
def test_a_root_urlconf_that_leads_nowhere_is_named(urlconf: str, words: str) -> None:
    with override_settings(ROOT_URLCONF=urlconf), pytest.raises(ImproperlyConfigured, match=words):
        resolve("/")


def test_a_urlconf_that_is_no_setting_is_named_by_itself() -> None:
    with pytest.raises(ImproperlyConfigured, match=r"by request\.urlconf or by hand, is 'miniframe\.url'"):
        resolve("/", "miniframe.url")


@pytest.mark.parametrize(
    ("argument", "namespace", "words"),
    [
        pytest.param([], "one", "Specifying a namespace in include() without providing an app_name", id="no-app-name"),
        pytest.param(([], "a", "b"), None, "Passing a 3-tuple to include() is not supported.", id="three"),
        pytest.param(([], "a", "b"), "one", "Cannot override the namespace for a dynamic module", id="three-and-one"),
    ],
)
def test_include_refuses(argument: Any, namespace: str | None, words: str) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        include(argument, namespace)
    assert str(caught.value).startswith(words)


def test_patterns_show_themselves() -> None:
    leaf = path("x/<int:y>/", view, name="leaf")
    assert repr(leaf) == "<URLPattern 'x/<int:y>/' [name='leaf']>"
    assert repr(path("a/", include(([leaf], "app")))) == "<URLResolver <URLPattern list> (app:app) 'a/'>"
    assert str(re_path("^r/$", view).pattern) == "^r/$"


def test_a_pattern_can_be_asked_alone() -> None:
    leaf = path("x/<int:y>/", view, {"z": 1}, name="leaf")
    assert isinstance(leaf, URLPattern)
    match = leaf.resolve("x/5/")
    assert match is not None
    assert (match.kwargs, match.captured_kwargs, match.extra_kwargs) == ({"y": 5, "z": 1}, {"y": 5}, {"z": 1})
    assert leaf.resolve("x/a/") is None


class Year:
    regex = "[0-9]{4}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return f"{value:04}"


def test_a_converters_name_is_taken_once() -> None:
    register_converter(Year, "year_once")
    assert resolve("/y/0800/", (path("y/<year_once:y>/", view),)).kwargs == {"y": 800}
    for name in ("year_once", "int"):
        with pytest.raises(ValueError, match=f"Converter '{name}' is already registered"):
            register_converter(Year, name)


@pytest.mark.parametrize(
    ("dotted", "kind", "words"),
    [
        ("miniframe.urls.pth", ViewDoesNotExist, "exist in module miniframe.urls. Did you mean 'path'?"),
        ("miniframe.nowhere.x", ViewDoesNotExist, "Parent module miniframe.nowhere does not exist."),
        ("miniframe.urls.__all__", ViewDoesNotExist, "View is not callable."),
        (5, ViewDoesNotExist, "'5' is not a callable or a dot-notation path"),
        ("view", ImportError, "The path must be fully qualified."),
        ("no_such_package.x", ImportError, "No module named 'no_such_package'"),
    ],
    ids=["name", "module", "not-callable", "number", "no-dot", "no-package"],
)
def test_a_dotted_path_that_leads_nowhere_says_where_it_ends(dotted: Any, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind) as caught:
        get_callable(dotted)
    assert words in str(caught.value)


def test_a_dotted_path_is_imported() -> None:
    assert get_callable("miniframe.urls.path") is path
    assert get_callable(view) is view
    assert get_mod_func("a.b.c") == ("a.b", "c")
    assert get_mod_func("a") == ("a", "")
