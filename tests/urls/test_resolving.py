"""Which view a path leads to, and what the match says about it."""

from __future__ import annotations

import pickle
import sys
import uuid
from collections.abc import Iterator
from functools import partial
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from miniframe.exceptions import ImproperlyConfigured
from miniframe.test.utils import override_settings
from miniframe.urls import (
    NoReverseMatch,
    Resolver404,
    ResolverMatch,
    URLPattern,
    URLResolver,
    clear_url_caches,
    get_resolver,
    get_urlconf,
    include,
    is_valid_path,
    path,
    re_path,
    register_converter,
    resolve,
    reverse,
    set_urlconf,
)
from miniframe.urls.converters import get_converters


def home(request: Any, **kwargs: Any) -> None: ...


def page(request: Any, *args: Any, **kwargs: Any) -> None: ...


class Called:
    def __call__(self, request: Any) -> None: ...


NEWS = [
    path("", page, name="index"),
    path("<int:year>/", page, name="year"),
    path("<int:year>/<slug:title>/", page, {"edition": "web"}, name="article"),
    re_path(r"^archive/(\d+)-(\d+)/$", page, name="archive"),
]

PATTERNS = (
    path("", home, name="home"),
    path("about/", page, name="about"),
    path("files/<path:name>", page, name="file"),
    path("users/<uuid:id>", page, name="user"),
    path("q/<word>/", page, name="word"),
    path("img-<int:n>.png", page, name="image"),
    path("news/", include((NEWS, "news"))),
    path("<str:lang>/news/", include((NEWS, "news"), namespace="other"), {"edition": "paper"}),
    re_path(r"^re/(?P<a>\d+)(?:/(?P<b>\w+))?/$", page, name="re"),
)

ID = "075194d3-6885-417e-a8a8-6c931e272f00"


@pytest.mark.parametrize(
    ("asked", "view_name", "args", "kwargs"),
    [
        pytest.param("/", "home", (), {}, id="empty-route"),
        pytest.param("/about/", "about", (), {}, id="static"),
        pytest.param("/files/a/b.txt", "file", (), {"name": "a/b.txt"}, id="path-takes-slashes"),
        pytest.param(f"/users/{ID}", "user", (), {"id": uuid.UUID(ID)}, id="uuid"),
        pytest.param("/q/one%20two/", "word", (), {"word": "one%20two"}, id="str-is-not-unquoted-again"),
        pytest.param("/q/a\nb/", "word", (), {"word": "a\nb"}, id="str-takes-newlines"),
        pytest.param("/img-007.png", "image", (), {"n": 7}, id="int-between-texts"),
        pytest.param("/news/", "news:index", (), {}, id="include"),
        pytest.param("/news/2024/", "news:year", (), {"year": 2024}, id="include-int"),
        pytest.param(
            "/news/2024/a-b/", "news:article", (), {"year": 2024, "title": "a-b", "edition": "web"}, id="extra-kwargs"
        ),
        pytest.param("/news/archive/1-2/", "news:archive", ("1", "2"), {}, id="positional-groups"),
        pytest.param("/de/news/", "other:index", (), {"lang": "de", "edition": "paper"}, id="include-with-parameter"),
        pytest.param(
            "/de/news/7/x/",
            "other:article",
            (),
            {"lang": "de", "edition": "web", "year": 7, "title": "x"},
            id="inner-kwargs-win",
        ),
        pytest.param(
            "/de/news/archive/1-2/", "other:archive", ("1", "2"), {"lang": "de", "edition": "paper"}, id="both"
        ),
        pytest.param("/re/5/", "re", (), {"a": "5"}, id="optional-group-left-out"),
        pytest.param("/re/5/x/", "re", (), {"a": "5", "b": "x"}, id="optional-group"),
    ],
)
def test_contract_63_a_path_resolves_to_view_and_arguments(
    asked: str, view_name: str, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    match = resolve(asked, PATTERNS)
    assert (match.view_name, match.args, match.kwargs) == (view_name, args, kwargs)
    func, got_args, got_kwargs = match
    assert (func, got_args, got_kwargs) == (match.func, args, kwargs)
    assert resolve(asked, PATTERNS).kwargs == kwargs


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param("/about", id="slash-missing"),
        pytest.param("/about//", id="slash-too-many"),
        pytest.param("/about/\n", id="trailing-newline"),
        pytest.param("about/", id="no-leading-slash"),
        pytest.param("", id="empty"),
        pytest.param("/news/-1/", id="int-has-no-sign"),
        pytest.param("/news/٣/", id="int-is-ascii"),
        pytest.param("/news/²/", id="int-is-no-superscript"),
        pytest.param("/q//", id="str-is-not-empty"),
        pytest.param("/files/", id="path-is-not-empty"),
        pytest.param("/img-.png", id="int-between-texts-is-not-empty"),
        pytest.param(f"/users/{ID.upper()}", id="uuid-is-lower-case"),
        pytest.param(f"/news/{'9' * 5000}/", id="more-digits-than-int-takes"),
        pytest.param("/re/5/\n", id="dollar-is-the-very-end"),
    ],
)
def test_these_paths_match_nothing(asked: str) -> None:
    assert is_valid_path(asked, PATTERNS) is False


def test_contract_63_a_match_tells_where_it_comes_from() -> None:
    match = resolve("/de/news/7/x/", PATTERNS)
    assert match.func is page
    assert match.url_name == "article"
    assert match.route == "<str:lang>/news/<int:year>/<slug:title>/"
    assert (match.app_names, match.app_name) == (["news"], "news")
    assert (match.namespaces, match.namespace) == (["other"], "other")
    assert match.captured_kwargs == {"year": 7, "title": "x"}
    assert match.extra_kwargs == {"edition": "web"}
    assert match._func_path == f"{page.__module__}.page"
    assert repr(match) == (
        f"ResolverMatch(func={page.__module__}.page, args=(), "
        "kwargs={'lang': 'de', 'edition': 'web', 'year': 7, 'title': 'x'}, url_name='article', app_names=['news'], "
        "namespaces=['other'], route='<str:lang>/news/<int:year>/<slug:title>/', "
        "captured_kwargs={'year': 7, 'title': 'x'}, extra_kwargs={'edition': 'web'})"
    )


def test_a_match_made_by_hand_reads_the_same() -> None:
    match = ResolverMatch(Called(), (1,), {}, app_names=[None, "a"], namespaces=["", "n"], tried=[["p"]])
    assert (match.app_name, match.namespace, match.tried) == ("a", "n", [["p"]])
    assert match.view_name == f"n:{Called.__module__}.Called"
    assert (match[0], match[1], match[2]) == (match.func, (1,), {})
    assert repr(ResolverMatch(partial(page), (), {})).startswith("ResolverMatch(func=functools.partial(<function page")
    with pytest.raises(AttributeError, match="'ResolverMatch' object has no attribute 'vieww'"):
        match.vieww  # type: ignore[attr-defined]  # noqa: B018


def test_a_match_is_not_pickled() -> None:
    with pytest.raises(pickle.PicklingError, match=r"Cannot pickle ResolverMatch\."):
        pickle.dumps(resolve("/", PATTERNS))


def test_each_match_has_arguments_of_its_own() -> None:
    first = resolve("/news/2024/", PATTERNS)
    first.kwargs["year"] = 1
    assert first.captured_kwargs == {"year": 2024}
    assert resolve("/news/2024/", PATTERNS).kwargs == {"year": 2024}


def test_a_miss_lists_the_patterns_tried_when_somebody_looks() -> None:
    with pytest.raises(Resolver404) as caught:
        resolve("/de/news/nothing", PATTERNS)
    info = caught.value.args[0]
    assert info["path"] == "de/news/nothing"
    tried = [[str(each.pattern) for each in way] for way in info["tried"]]
    assert len(info["tried"]) == len(tried) == 12
    assert tried[0] == [""]
    assert tried[7] == ["<str:lang>/news/", ""]
    assert info["tried"][0][0].name == "home"
    assert info["tried"] == list(info["tried"])


def test_a_match_lists_the_patterns_up_to_itself() -> None:
    tried = resolve("/news/2024/", PATTERNS).tried
    assert tried is not None
    assert [str(way[-1].pattern) for way in tried][-2:] == ["", "<int:year>/"]


@pytest.mark.parametrize(
    ("routes", "asked", "name"),
    [
        pytest.param(["<str:a>/", "b/"], "/b/", "0", id="earlier-parameter-wins-over-exact-path"),
        pytest.param(["b/", "<str:a>/"], "/b/", "0", id="earlier-exact-path-wins"),
        pytest.param(["<int:a>/", "b/"], "/b/", "1", id="parameter-that-does-not-match"),
        pytest.param(["^.*$", "b/"], "/b/", "0", id="earlier-expression-wins"),
        pytest.param(["^c", "b/", "<path:x>"], "/b/", "1", id="expression-that-does-not-match"),
        pytest.param(["<path:x>", "a/<int:y>/"], "/a/1/", "0", id="earlier-path-parameter-wins"),
        pytest.param(["<slug:a>/<int:b>/", "x/<str:c>/"], "/x/1/", "0", id="two-ways-in-the-tree"),
        pytest.param(["<slug:a>/<int:b>/", "x/<str:c>/"], "/x/y/", "1", id="way-back-in-the-tree"),
        pytest.param(["<int:a>/", "<int:b>/"], "/1/", "0", id="same-shape-twice"),
        pytest.param(["<a>-<b>", "<c>"], "/x-y-z", "0", id="two-parameters-in-a-segment"),
        pytest.param(["a\0b", "<x>"], "/a\0b", "0", id="the-mark-of-a-gap-in-a-route"),
        pytest.param(["<x>\0/", "<y>/"], "/1\0/", "0", id="the-mark-of-a-gap-beside-a-parameter"),
    ],
)
def test_the_first_match_wins(routes: list[str], asked: str, name: str) -> None:
    make = [re_path if route.startswith("^") else path for route in routes]
    patterns = tuple(one(route, page, name=str(at)) for at, (one, route) in enumerate(zip(make, routes, strict=True)))
    assert [resolve(asked, patterns).url_name for _ in range(2)] == [name, name]


def test_an_include_never_gives_back_what_its_own_parameter_took() -> None:
    patterns = (path("<str:a>", include([path("-edit", page, name="edit"), path("", page, name="all")])),)
    assert resolve("/x-edit", patterns).url_name == "all"


def test_a_urlconf_may_include_itself() -> None:
    module = ModuleType("self_including")
    module.urlpatterns = [path("leaf/", page, name="leaf")]  # type: ignore[attr-defined]
    module.urlpatterns.append(path("<int:n>/", include((module, "again"))))
    match = resolve("/1/2/3/leaf/", module)
    assert match.kwargs == {"n": 3}
    assert match.namespaces == ["again"] * 3
    assert match.route == "<int:n>/<int:n>/<int:n>/leaf/"
    assert reverse("again:leaf", urlconf=module, args=[1]) == "/1/leaf/"
    with pytest.raises(NoReverseMatch, match=r"Did you mean 'again:leaf'\?"):
        reverse("again:leav", urlconf=module)


class Odd(URLPattern):
    """A pattern of the user's, with a way of its own to resolve."""

    def resolve(self, path: str) -> ResolverMatch | None:
        return ResolverMatch(page, (), {"odd": path}, "odd", route="?") if path.startswith("odd") else None


def test_patterns_of_ones_own_are_asked_in_their_turn() -> None:
    plain = path("", page)
    odd = Odd(plain.pattern, page)
    patterns = (path("a/<int:n>/", include(([odd, path("odd", page, name="plain")], "app"))),)
    match = resolve("/a/5/odd", patterns)
    assert (match.view_name, match.kwargs, match.route) == ("app:odd", {"n": 5, "odd": "odd"}, "a/<int:n>/?")
    assert is_valid_path("/a/5/even", patterns) is False


class Wanting:
    """Refuses in two ways."""

    regex = "[a-z]+"

    def to_python(self, value: str) -> str:
        if value == "value":
            raise ValueError
        if value == "type":
            raise TypeError("from the converter")
        return value

    def to_url(self, value: str) -> str:
        return value


def test_a_converters_value_error_is_no_match_and_other_errors_show() -> None:
    if "wanting" not in get_converters():
        register_converter(Wanting, "wanting")
    patterns = (path("w/<wanting:x>/", page, name="w"), path("w/<y>/", page, name="y"))
    assert resolve("/w/good/", patterns).kwargs == {"x": "good"}
    assert resolve("/w/value/", patterns).kwargs == {"y": "value"}
    with pytest.raises(TypeError, match="from the converter"):
        resolve("/w/type/", patterns)


class Holder:
    """An object with urlpatterns."""

    def __init__(self, urlpatterns: Any) -> None:
        self.urlpatterns = urlpatterns


@pytest.fixture
def module() -> Iterator[ModuleType]:
    """A URLconf module that can be imported as `urls_of_a_test`."""
    made = ModuleType("urls_of_a_test")
    made.urlpatterns = [path("here/", page, name="here")]  # type: ignore[attr-defined]
    sys.modules[made.__name__] = made
    yield made
    del sys.modules[made.__name__]
    clear_url_caches()


def test_a_urlconf_is_a_name_a_module_an_object_or_patterns(module: ModuleType) -> None:
    patterns = module.urlpatterns
    for urlconf in ("urls_of_a_test", module, Holder(patterns), patterns, tuple(patterns)):
        assert resolve("/here/", urlconf).url_name == "here"
        assert get_resolver(urlconf) is get_resolver(urlconf)


def test_the_default_resolver_is_the_root_urlconfs(module: ModuleType) -> None:
    with override_settings(ROOT_URLCONF="urls_of_a_test"):
        assert get_resolver() is get_resolver("urls_of_a_test")
        assert resolve("/here/").url_name == "here"
    assert is_valid_path("/here/") is False


def test_contract_62_the_urlconf_of_a_request_holds_until_it_is_reset(module: ModuleType) -> None:
    assert get_urlconf() is None
    set_urlconf("urls_of_a_test")
    try:
        assert get_urlconf() == "urls_of_a_test"
        assert resolve("/here/").url_name == "here"
        assert reverse("here") == "/here/"
    finally:
        set_urlconf(None)
    assert get_urlconf("default") == "default"
    assert is_valid_path("/here/") is False


def test_changed_patterns_count_after_the_caches_are_cleared(module: ModuleType) -> None:
    assert is_valid_path("/new/", module) is False
    module.urlpatterns.append(path("new/", page, name="new"))
    clear_url_caches()
    assert resolve("/new/", module).url_name == "new"


def test_a_urlconf_without_patterns_says_what_may_be_wrong() -> None:
    with pytest.raises(ImproperlyConfigured, match="included URLconf 'sys' does not appear to have any patterns"):
        resolve("/", "sys")


@pytest.mark.parametrize("wrong", ["text", ("a", page), None])
def test_something_else_among_the_patterns_is_named(wrong: Any) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"Your URL pattern .* is invalid\. Ensure that"):
        resolve("/x", (path("", home), wrong))


def test_handlers_are_the_urlconfs_or_ours() -> None:
    with_handler = SimpleNamespace(urlpatterns=[], handler404=page, handler500=f"{__name__}.no_such_view")
    resolver = URLResolver(path("", page).pattern, with_handler)
    assert resolver.resolve_error_handler(404) is page
    assert resolver.resolve_error_handler(403).__name__ == "permission_denied"
