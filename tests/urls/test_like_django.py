"""Any route table resolves and reverses as in Django, and as when all patterns are tried one by one.

Route tables are drawn as data and built with miniframe and with Django, which is the oracle.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple, TypeAlias

import django.urls
from django.core.exceptions import ImproperlyConfigured as DjangoImproperlyConfigured
from django.urls.exceptions import NoReverseMatch as DjangoNoReverseMatch
from django.urls.exceptions import Resolver404 as DjangoResolver404
from django.urls.resolvers import RegexPattern as DjangoRegexPattern
from django.urls.resolvers import URLResolver as DjangoURLResolver
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import miniframe.urls
from miniframe.urls.converters import get_converters
from miniframe.urls.resolvers import RegexPattern


class Entry(NamedTuple):
    """A call of path() or re_path(); with `below`, one of include()."""

    kind: str
    route: str
    kwargs: dict[str, Any]
    name: str
    below: tuple[Any, ...] | None = None
    app: str | None = None
    namespace: str | None = None


Table: TypeAlias = tuple[Entry, ...]


def view(request: Any, *args: Any, **kwargs: Any) -> None:
    """Stand for any view."""


class EvenConverter:
    """Takes even numbers only, and may match half a segment."""

    regex = "[0-9]+"

    def to_python(self, value: str) -> int:
        if int(value) % 2:
            raise ValueError(value)
        return int(value)

    def to_url(self, value: Any) -> str:
        if int(value) % 2:
            raise ValueError(value)
        return str(value)


class TwoPartsConverter:
    """Matches across a slash."""

    regex = "[ab]/[ab]"

    def to_python(self, value: str) -> str:
        return value.upper()

    def to_url(self, value: Any) -> str:
        return str(value).lower()


if "even" not in get_converters():
    for registry in (miniframe.urls, django.urls):
        registry.register_converter(EvenConverter, "even")
        registry.register_converter(TwoPartsConverter, "two")


def build(urls: Any, table: Table) -> list[Any]:
    """Return `table` as the urlpatterns of miniframe.urls or django.urls."""
    patterns = []
    for entry in table:
        make = urls.path if entry.kind == "path" else urls.re_path
        if entry.below is None:
            patterns.append(make(entry.route, view, dict(entry.kwargs), name=entry.name))
            continue
        below: Any = build(urls, entry.below)
        included = urls.include((below, entry.app), namespace=entry.namespace) if entry.app else urls.include(below)
        patterns.append(make(entry.route, included, dict(entry.kwargs)))
    return patterns


def ours(table: Table) -> miniframe.urls.URLResolver:
    """Return miniframe's root resolver for `table`."""
    return miniframe.urls.URLResolver(RegexPattern("^/"), build(miniframe.urls, table))


def djangos(table: Table) -> Any:
    """Return Django's root resolver for `table`."""
    return DjangoURLResolver(DjangoRegexPattern("^/"), build(django.urls, table))


def facts(match: Any) -> dict[str, Any]:
    """Return all that a ResolverMatch says, as comparable values."""
    return {
        "args": match.args,
        "kwargs": list(match.kwargs.items()),
        "url_name": match.url_name,
        "app_names": match.app_names,
        "namespaces": match.namespaces,
        "route": match.route,
        "captured": match.captured_kwargs,
        "extra": match.extra_kwargs,
        "view_name": match.view_name,
        "tried": shown(match.tried),
        "repr": repr(match),
    }


def shown(tried: Any) -> list[list[str]]:
    """Return a list of tried patterns as text."""
    return [[str(each.pattern) for each in way] for way in tried]


def answer(resolver: Any, path: str) -> dict[str, Any]:
    """Return what `resolver` makes of `path`, match or not."""
    try:
        return facts(resolver.resolve(path))
    except (miniframe.urls.Resolver404, DjangoResolver404) as error:
        info = error.args[0]
        return {"path": info["path"], "tried": shown(info["tried"]) if "tried" in info else None}


def try_all(resolver: Any, rest: str) -> tuple[Any, tuple[Any, ...], dict[str, Any]] | None:
    """Find a pattern, args and kwargs the slow way: one pattern after another, with nothing prepared."""
    for entry in resolver.url_patterns:
        start = entry.pattern.match(rest)
        if start is None:
            continue
        further, args, kwargs = start
        if isinstance(entry, miniframe.urls.URLPattern):
            return entry, args, {**kwargs, **entry.default_args}
        found = try_all(entry, further)
        if found is not None:
            pattern, inner_args, inner = found
            merged = {**kwargs, **entry.default_kwargs, **inner}
            return pattern, inner_args if merged else args + inner_args, merged
    return None


def address(urls: Any, patterns: Any, name: str, arguments: Any, current_app: str | None = None) -> str | None:
    """Return what reverse() gives, None for no match, or "error" where Django fails in another way."""
    given = {"args" if isinstance(arguments, list | tuple) else "kwargs": arguments}
    try:
        path: str = urls.reverse(name, urlconf=patterns, current_app=current_app, **given)
    except (miniframe.urls.NoReverseMatch, DjangoNoReverseMatch):
        return None
    except (KeyError, re.error, DjangoImproperlyConfigured):
        # A parameter left to its default, and one name for two parameters; both work here.
        return "error"
    return path


LITERALS = ["a", "b", "ab", "/", "/", "a/", "b/", "1", "-", ".", "%", " "]
KINDS = ["int", "str", "slug", "path", "uuid", "even", "two"]
REGEXES = [
    "^a/", "^(?P<x>[ab]+)/", "^([0-9]+)/", r"^(?P<y>\d+)(?:/(?P<z>[a-z]))?", "b", "^", "a|b", "^/?a", "^ab*/", "(a)?b",
]  # fmt: skip
UUID = "075194d3-6885-417e-a8a8-6c931e272f00"


@st.composite
def path_routes(draw: st.DrawFn) -> str:
    route = ""
    names = iter("xyz")
    for piece in draw(st.lists(st.sampled_from([*LITERALS, *KINDS]), max_size=5)):
        if piece in KINDS:
            name = next(names, None)
            route += f"<{piece}:{name}>" if name else ""
        else:
            route += piece
    return route


def entries(below: st.SearchStrategy[Table] | None) -> st.SearchStrategy[Entry]:
    kwargs = st.sampled_from([{}, {}, {}, {"d": 1}, {"x": 0}])
    names = st.sampled_from("mno")
    end = st.sampled_from(["", "$"])
    if below is None:
        routes = st.tuples(st.just("path"), path_routes()) | st.builds(
            lambda head, tail: ("re", head + tail), st.sampled_from(REGEXES), end
        )
        return st.builds(lambda route, kw, name: Entry(route[0], route[1], kw, name), routes, kwargs, names)
    spaces = st.sampled_from([(None, None), (None, None), ("app", None), ("app", "one"), ("other", "two")])
    routes = st.tuples(st.just("path"), path_routes()) | st.tuples(st.just("re"), st.sampled_from(REGEXES))
    return st.builds(
        lambda route, kw, inner, space: Entry(route[0], route[1], kw, "", inner, *space), routes, kwargs, below, spaces
    )


def tables(depth: int = 2) -> st.SearchStrategy[Table]:
    """Return a strategy for route tables with include()s nested up to `depth` deep."""
    each = entries(None)
    if depth:
        each |= entries(tables(depth - 1))
    return st.lists(each, min_size=1, max_size=6 if depth == 2 else 3).map(tuple)


PATHS = st.lists(st.sampled_from([*LITERALS, "/", "2", "22", "a/b", UUID, "c", "\n", "é"]), max_size=8).map(
    lambda pieces: "/" + "".join(pieces)
)


@st.composite
def tables_and_paths(draw: st.DrawFn) -> tuple[Table, list[str]]:
    """Return a table, and paths of which some are made to match it."""
    table = draw(tables())
    paths = draw(st.lists(PATHS, min_size=1, max_size=6))
    for _ in range(4):
        paths.append("/" + _fitting(draw, table))
    return table, paths


def _fitting(draw: st.DrawFn, table: Table) -> str:
    entry = draw(st.sampled_from(table))
    samples = {"int": "2", "str": "a", "slug": "a-1", "path": "a/b", "uuid": UUID, "even": "22", "two": "a/b"}
    route = entry.route if entry.kind == "path" else draw(st.sampled_from(["a/", "b", "1/", "1/a", "ab/", "22"]))
    for kind in KINDS:
        for name in "xyz":
            route = route.replace(f"<{kind}:{name}>", samples[kind])
    return route + (_fitting(draw, entry.below) if entry.below else "")


def flat(table: Table) -> list[Entry]:
    """Return all entries of a table, those of its include()s too."""
    return [each for entry in table for each in (entry, *flat(entry.below or ()))]


some = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@some
@given(tables_and_paths())
def test_any_table_resolves_as_in_django(case: tuple[Table, list[str]]) -> None:
    table, paths = case
    mine, theirs = ours(table), djangos(table)
    for path in paths:
        assert answer(mine, path) == answer(theirs, path)


@some
@given(tables_and_paths())
def test_any_table_resolves_as_when_all_patterns_are_tried(case: tuple[Table, list[str]]) -> None:
    table, paths = case
    resolver = ours(table)
    for path in paths * 2:  # a path is settled when it is first asked for; the second answer must be the same
        found = try_all(resolver, path[1:])
        if found is None:
            assert "args" not in answer(resolver, path)
            continue
        pattern, args, kwargs = found
        match = resolver.resolve(path)
        assert (match.args, match.kwargs, match.url_name) == (args, kwargs, pattern.name)


VALUES = st.sampled_from([1, 22, 0, -3, "a", "b", "ab", "a/b", "A/B", "1", "", "é x", "a-b", UUID, True, 2.5])
ARGUMENTS = st.lists(VALUES, max_size=3) | st.dictionaries(st.sampled_from(["x", "y", "z", "d"]), VALUES, max_size=3)
NAMES = ["m", "n", "o", "app:m", "one:m", "other:n", "two:o", "app:app:m", "app:other:o", "one:two:m", "zz", "zz:m"]
CALLS = st.tuples(st.sampled_from(NAMES), ARGUMENTS, st.sampled_from([None, "one", "app", "one:two"]))


def reversible_in_django(table: Table) -> bool:
    """Return False for what only miniframe can reverse: alternatives, and per cent signs."""
    return not any("|" in entry.route or "%" in entry.route for entry in flat(table))


@some
@given(tables().filter(reversible_in_django), st.lists(CALLS, min_size=5, max_size=12))
def test_any_name_reverses_as_in_django(table: Table, calls: list[tuple[str, Any, str | None]]) -> None:
    mine, theirs = tuple(build(miniframe.urls, table)), tuple(build(django.urls, table))
    for name, arguments, current_app in calls:
        expected = address(django.urls, theirs, name, arguments, current_app)
        if expected != "error":
            assert address(miniframe.urls, mine, name, arguments, current_app) == expected


@some
@given(tables_and_paths())
def test_what_was_resolved_reverses_as_in_django(case: tuple[Table, list[str]]) -> None:
    table, paths = case
    if not reversible_in_django(table):
        return
    mine, theirs = tuple(build(miniframe.urls, table)), tuple(build(django.urls, table))
    for path in paths:
        try:
            match = miniframe.urls.resolve(path, mine)
        except miniframe.urls.Resolver404:
            continue
        for arguments in (match.args, match.kwargs, list(match.kwargs.values())):
            expected = address(django.urls, theirs, match.view_name, arguments)
            if expected != "error":
                assert address(miniframe.urls, mine, match.view_name, arguments) == expected
