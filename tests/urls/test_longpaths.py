"""Long paths are matched as the routes' regular expressions would match them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from miniframe.urls import path, register_converter
from miniframe.urls.converters import StringConverter, get_converters
from miniframe.urls.longpaths import find_values
from miniframe.urls.patterns import RoutePattern

KINDS = ["int", "str", "slug", "path", "uuid"]
UUID = "0f0e0d0c-0b0a-0908-0706-050403020100"
LONG = "a" * 300
PIECES = ["a", "b", "-", "/", "1", "22", "\n", "é", "a-1", "/b/", UUID]


def by_expression(pattern: RoutePattern, text: str) -> list[str] | None:
    found = pattern.regex.search(text)
    return None if found is None else [*found.groups(), text[found.end() :]]


def by_table(pattern: RoutePattern, text: str) -> list[str] | None:
    expressions = [each.converter.regex for each in pattern.parameters]
    return find_values(text, pattern.literals, expressions, pattern.is_endpoint)


@given(
    st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from(["", "/", "-", "/b/", "a"])), min_size=1, max_size=4),
    st.sampled_from(["", "a", "b/"]),
    st.lists(st.sampled_from(PIECES), max_size=12).map("".join),
    st.booleans(),
)
@example([("path", "/b/"), ("path", "")], "", "a\n/b/a", True)
@example([("path", "/b/"), ("path", "")], "", "a/b/a\na", False)
def test_a_table_finds_what_the_expression_finds(
    parts: list[tuple[str, str]], begin: str, text: str, is_endpoint: bool
) -> None:
    route = begin + "".join(f"<{kind}:p{number}>{literal}" for number, (kind, literal) in enumerate(parts))
    pattern = RoutePattern(route, is_endpoint=is_endpoint)
    assert by_table(pattern, text) == by_expression(pattern, text)


@pytest.mark.parametrize(
    ("route", "text", "values"),
    [
        pytest.param(
            "<path:x>/b/<path:y>", "a" * 300 + "/b/b/b/c", {"x": "a" * 300 + "/b/b", "y": "c"}, id="two-paths"
        ),
        pytest.param(
            "<slug:a>-<slug:b>-<int:c>", "s-" * 200 + "7", {"a": ("s-" * 199)[:-1], "b": "s", "c": 7}, id="slugs"
        ),
        pytest.param("<slug:a>-<slug:b>-<int:c>", "s-" * 200, None, id="no-number"),
        pytest.param("<slug:a>/<int:b>", LONG + "/" + "9" * 5000, None, id="more-digits-than-python-takes"),
    ],
)
def test_a_long_path_gives_its_values(route: str, text: str, values: dict[str, Any] | None) -> None:
    match = path(route, print).pattern.match(text)
    assert (None if match is None else match[2]) == values


def test_a_converter_of_ones_own_is_left_to_its_expression() -> None:
    class Vowels(StringConverter):
        regex = "(?:a|e)+"

    register_converter(Vowels, "vowels")
    try:
        match = path("<vowels:x>/<path:y>", print).pattern.match("ae" * 200 + "/z")
    finally:
        del get_converters()["vowels"]
    assert match == ("", (), {"x": "ae" * 200, "y": "z"})
