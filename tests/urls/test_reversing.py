"""Which address a name and its arguments make, and what is said when there is none."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from miniframe.exceptions import NoReverseMatch
from miniframe.urls import (
    clear_script_prefix,
    get_resolver,
    get_script_prefix,
    include,
    path,
    re_path,
    reverse,
    reverse_lazy,
    set_script_prefix,
)


def view(request: Any, **kwargs: Any) -> None: ...


def other(request: Any, **kwargs: Any) -> None: ...


SHOP = [
    path("", view, name="index"),
    path("<int:id>/", view, name="item"),
    path("in/", include(([path("<slug:s>", view, name="deep")], "inner"))),
]

PATTERNS = (
    path("", view, name="home"),
    path("a b/é", view, name="quoted"),
    path("100%/<int:n>", view, name="percent"),
    path("n/<int:n>/", view, name="int"),
    path("s/<s>/", view, name="str"),
    path("slug/<slug:s>", view, name="slug"),
    path("u/<uuid:u>", view, name="uuid"),
    path("p/<path:p>", view, name="path"),
    path("two/<int:a>/<str:b>/", view, name="two"),
    path("<int:a>x<int:b>", view, name="beside"),
    path("d/<int:n>/", view, {"mode": "fast"}, name="default"),
    path("e/<int:n>/", view, {"n": 5}, name="filled"),
    path("first/", view, name="many"),
    path("second/<int:x>/", view, name="many"),
    path("third/", other, name="many"),
    path("shop/", include((SHOP, "shop"))),
    path("<str:city>/shop/", include((SHOP, "shop"), namespace="city")),
    path("/evil.example/", view, name="evil"),
    re_path(r"^re/(?P<a>\d+)(?:/(?P<b>\w+))?/$", view, name="re"),
    re_path(r"^pos/(\d+)/(?:p(\d+)/)?$", view, name="positional"),
    re_path(r"^(?:old|new)/(?P<x>[a-z]+)\.html$", view, name="either"),
    re_path(r"^v[0-9]{2}\.\w[^/]/(?!x)end$", view, name="classes"),
    re_path(r"^again/(?P<w>\w)-(?P=w)$", view, name="again"),
    re_path(r"(?i)^flags/$", view, name="flags"),
    path("<int:id>/", include([path("in/<int:id>/", view, name="same")])),
)

ID = "075194d3-6885-417e-a8a8-6c931e272f00"


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        pytest.param("home", {}, "/", id="empty-route"),
        pytest.param("quoted", {}, "/a%20b/%C3%A9", id="text-is-quoted"),
        pytest.param("percent", {"n": 1}, "/100%25/1", id="percent-sign"),
        pytest.param("int", {"n": 42}, "/n/42/", id="int"),
        pytest.param("int", ["42"], "/n/42/", id="int-as-text"),
        pytest.param("str", ["café & co"], "/s/caf%C3%A9%20&%20co/", id="str-is-quoted"),
        pytest.param("str", [5], "/s/5/", id="str-of-a-number"),
        pytest.param("str", ["!$&'()*+,;=:@~.-_"], "/s/!$&'()*+,;=:@~.-_/", id="what-needs-no-quotes"),
        pytest.param("slug", ["a-b_1"], "/slug/a-b_1", id="slug"),
        pytest.param("uuid", [ID], f"/u/{ID}", id="uuid"),
        pytest.param("path", ["a/b c"], "/p/a/b%20c", id="path-keeps-slashes"),
        pytest.param("two", {"b": "x", "a": 1}, "/two/1/x/", id="two"),
        pytest.param("two", (1, "x"), "/two/1/x/", id="two-positional"),
        pytest.param("beside", (1, 2), "/1x2", id="two-in-a-segment"),
        pytest.param("default", {"n": 1}, "/d/1/", id="extra-argument-left-out"),
        pytest.param("default", {"n": 1, "mode": "fast"}, "/d/1/", id="extra-argument-as-it-is"),
        pytest.param("filled", {}, "/e/5/", id="parameter-from-extra-arguments"),
        pytest.param("many", [], "/third/", id="last-of-several"),
        pytest.param("many", [7], "/second/7/", id="the-one-that-takes-the-arguments"),
        pytest.param("shop:item", [3], "/shop/3/", id="namespace"),
        pytest.param("city:item", ["ulm", 3], "/ulm/shop/3/", id="namespace-with-parameter"),
        pytest.param("city:inner:deep", {"city": "ulm", "s": "x"}, "/ulm/shop/in/x", id="namespace-in-namespace"),
        pytest.param("evil", [], "/%2Fevil.example/", id="no-other-site"),
        pytest.param("re", {"a": 1}, "/re/1/", id="optional-group-left-out"),
        pytest.param("re", {"a": 1, "b": "x"}, "/re/1/x/", id="optional-group"),
        pytest.param("positional", [1], "/pos/1/", id="positional"),
        pytest.param("positional", [1, 2], "/pos/1/p2/", id="positional-optional"),
        pytest.param("either", ["x"], "/old/x.html", id="first-alternative"),
        pytest.param("classes", [], "/v00.xx/end", id="a-character-of-each-class"),
        pytest.param("again", ["k"], "/again/k-k", id="back-reference"),
        pytest.param("same", {"id": 4}, "/4/in/4/", id="one-name-in-both-routes"),
    ],
)
def test_a_name_and_its_arguments_make_an_address(name: str, arguments: Any, expected: str) -> None:
    given = {"kwargs": arguments} if isinstance(arguments, dict) else {"args": arguments}
    for _ in range(2):  # the second time it is looked up
        assert reverse(name, urlconf=PATTERNS, **given) == expected


def test_a_view_is_reversed_like_a_name() -> None:
    assert reverse(other, urlconf=PATTERNS) == "/third/"


INT = r"not found. 1 pattern(s) tried: ['n/(?P<n>[0-9]+)/\\Z']"
UNKNOWN = "is not a valid view function or pattern name."


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("hone", [], f"Reverse for 'hone' not found. 'hone' {UNKNOWN} Did you mean 'home'?"),
        ("shop:itm", [1], f"Reverse for 'shop:itm' not found. 'shop:itm' {UNKNOWN} Did you mean 'shop:item'?"),
        ("shp:item", [1], "'shp' is not a registered namespace. Did you mean 'shop'?"),
        ("shop:iner:deep", [1], "'iner' is not a registered namespace inside 'shop'. Did you mean 'inner'?"),
        ("int", ["x"], f"Reverse for 'int' with arguments '('x',)' {INT}"),
        ("int", {"m": 1}, f"Reverse for 'int' with keyword arguments '{{'m': 1}}' {INT}"),
        ("int", [], f"Reverse for 'int' with no arguments {INT}"),
    ],
    ids=["near", "near-in-namespace", "namespace", "namespace-inside", "arguments", "keywords", "none"],
)
def test_no_match_says_what_was_asked_tried_and_near(name: str, arguments: Any, words: str) -> None:
    given = {"kwargs": arguments} if isinstance(arguments, dict) else {"args": arguments}
    with pytest.raises(NoReverseMatch) as caught:
        reverse(name, urlconf=PATTERNS, **given)
    assert str(caught.value) == words


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        pytest.param("int", [-1], id="negative"),
        pytest.param("int", ["٣"], id="digits-of-another-script"),
        pytest.param("str", [""], id="empty"),
        pytest.param("str", ["a/b"], id="slash"),
        pytest.param("slug", ["ä"], id="no-slug"),
        pytest.param("uuid", [ID.upper()], id="upper-case"),
        pytest.param("default", {"n": 1, "mode": "slow"}, id="another-value-than-the-extra-argument"),
        pytest.param("two", [1], id="too-few"),
        pytest.param("two", {"a": 1, "c": 2}, id="another-name"),
        pytest.param("flags", [], id="flags-cannot-be-reversed"),
    ],
)
def test_arguments_that_do_not_fit_make_no_address(name: str, arguments: Any) -> None:
    given = {"kwargs": arguments} if isinstance(arguments, dict) else {"args": arguments}
    with pytest.raises(NoReverseMatch):
        reverse(name, urlconf=PATTERNS, **given)


def test_args_and_kwargs_do_not_mix() -> None:
    with pytest.raises(ValueError, match=r"Don't mix \*args and \*\*kwargs in call to reverse\(\)!"):
        reverse("two", urlconf=PATTERNS, args=[1], kwargs={"b": 2})


@pytest.mark.parametrize(
    ("asked", "current_app", "expected"),
    [
        pytest.param("app:x", None, "/default/x", id="the-instance-named-like-the-app"),
        pytest.param("app:x", "one", "/one/x", id="the-current-instance"),
        pytest.param("app:x", "no-such", "/default/x", id="an-unknown-current-instance"),
        pytest.param("one:x", "two", "/one/x", id="an-instance-by-name"),
        pytest.param("lone:x", None, "/last/x", id="the-last-instance-without-a-default"),
    ],
)
def test_current_app_chooses_among_instances(asked: str, current_app: str | None, expected: str) -> None:
    inner = ([path("x", view, name="x")], "app")
    lone = ([path("x", view, name="x")], "lone")
    patterns = (
        path("one/", include(inner, namespace="one")),
        path("default/", include(inner)),
        path("two/", include(inner, namespace="two")),
        path("early/", include(lone, namespace="early")),
        path("last/", include(lone, namespace="last")),
    )
    for _ in range(2):
        assert reverse(asked, urlconf=patterns, current_app=current_app) == expected


class Query:
    """As a QueryDict looks from here."""

    def urlencode(self) -> str:
        return "a=1&a=2"


@pytest.mark.parametrize(
    ("query", "fragment", "expected"),
    [
        pytest.param({"a": "1 2"}, None, "/?a=1+2", id="query"),
        pytest.param({"a": [1, 2]}, None, "/?a=1&a=2", id="list"),
        pytest.param(Query(), None, "/?a=1&a=2", id="querydict"),
        pytest.param({}, None, "/", id="empty-query"),
        pytest.param(None, "top", "/#top", id="fragment"),
        pytest.param(None, "", "/#", id="empty-fragment"),
        pytest.param({"a": 1}, "top", "/?a=1#top", id="both"),
    ],
)
def test_query_and_fragment_follow(query: Any, fragment: str | None, expected: str) -> None:
    assert reverse("home", urlconf=PATTERNS, query=query, fragment=fragment) == expected


def test_reverse_lazy_waits_until_it_is_used() -> None:
    address = reverse_lazy("hone", urlconf=PATTERNS)
    with pytest.raises(NoReverseMatch):
        str(address)
    assert str(reverse_lazy("home", urlconf=PATTERNS)) == "/"


def test_a_resolver_reverses_without_a_prefix() -> None:
    assert get_resolver(PATTERNS).reverse("two", 1, "x") == "two/1/x/"
    assert get_resolver(PATTERNS).reverse("int", n=1) == "n/1/"


@pytest.mark.parametrize(
    ("prefix", "kept", "address"),
    [
        pytest.param("/app", "/app/", "/app/n/1/", id="slash-is-added"),
        pytest.param("/app/", "/app/", "/app/n/1/", id="slash-is-kept"),
        pytest.param("/a b%/", "/a b%/", "/a%20b%25/n/1/", id="prefix-is-quoted"),
        pytest.param("//evil/", "//evil/", "/%2Fevil/n/1/", id="no-other-site"),
        pytest.param("/{}/", "/{}/", "/%7B%7D/n/1/", id="braces"),
    ],
)
def test_contract_55_addresses_begin_with_the_script_prefix(prefix: str, kept: str, address: str) -> None:
    set_script_prefix(prefix)
    try:
        assert get_script_prefix() == kept
        assert reverse("int", urlconf=PATTERNS, args=[1]) == address
        assert reverse("home", urlconf=PATTERNS) == address.removesuffix("n/1/")
        assert reverse("path", urlconf=PATTERNS, args=["x"]) == address.removesuffix("n/1/") + "p/x"
    finally:
        clear_script_prefix()
    assert get_script_prefix() == "/"


def test_contract_55_each_thread_has_its_own_script_prefix() -> None:
    seen: list[str] = []

    def in_another_thread() -> None:
        seen.append(reverse("home", urlconf=PATTERNS))
        set_script_prefix("/there/")
        seen.append(reverse("home", urlconf=PATTERNS))

    set_script_prefix("/here/")
    try:
        thread = threading.Thread(target=in_another_thread)
        thread.start()
        thread.join()
        assert seen == ["/", "/there/"]
        assert reverse("home", urlconf=PATTERNS) == "/here/"
    finally:
        clear_script_prefix()
