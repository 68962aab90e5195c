"""The small tools beside Django's, on the same arguments: text, HTML, dates, pages, errors by field."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import django.core.exceptions
import django.core.paginator
import django.utils.dateparse
import django.utils.functional
import django.utils.html
import django.utils.text
import pytest

import miniframe.exceptions
import miniframe.paginator
import miniframe.utils.dateparse
import miniframe.utils.functional
import miniframe.utils.html
import miniframe.utils.text


def outcome(function: Callable[..., Any], *args: Any, **kwargs: Any) -> object:
    try:
        result = function(*args, **kwargs)
        return repr(result) if not isinstance(result, str) else str(result)
    except Exception as error:
        return type(error).__name__


CALLS: dict[tuple[str, str], list[Any]] = {
    ("dateparse", "parse_date"): "2024-2-9 2012-04-23 20120423 2012-W17-1 2012-04-56 2012-4-a 2024-02-30 x".split(),
    ("dateparse", "parse_time"): (
        "09:15:00 091500 10:10 10:20:30.400 10:20:30,400 4:8:16 00:05:23+04:00 00:05:23Z 4:18:101 1:2 25:00 09:60"
    ).split(),
    ("dateparse", "parse_datetime"): [
        *"2012-04-23T09:15:00 2012-04-23T09:15:00Z 2012-04-23T10:20:30.400+02:30 2012-04-23T10:20:30,400-02".split(),
        *("2012-4-9 4:8:16", "2012-4-9 4:8:16-0320", "2012-04-23T10:20:30.400 +0230", "2012-04-23T10:20:30   -02"),
        *"2012-04-56T09:15:90 2012-04-23T11:05:00-25:00 20120423091500 2012-04-23 2012-04-23x10:20".split(),
    ],
    ("dateparse", "parse_duration"): [
        *("4 00:15:30", "4 days 15:30", "4 days, 0:15:30", "-4 15:30", "1 day", "1 day, 1", "-1 day +0:00:01"),
        *("1 day -0:00:01", "-1 day, 1:02:03", "-2 days, 00:00:30.5", "99999999999999D"),
        *"172800 15:30 1:2:30 10:15:30.1 -172800 -15:30 -1:15:30 -30.1 -00:01:01 -01:-01 30.1234567 30,1 x".split(),
        *"P4Y P4M P4W P4D -P1D P0.5D P0,5D -P0,5D PT5H -PT5H PT5S PT0.000005S -P4DT1H P PT +PT5S".split(),
    ],
    ("html", "strip_tags"): [
        *("<p>See: &#39;&eacute; is an e</p>", "<adf>a", "</adf>a", "<asdf><asdf>e", "hi, <f x", "234<235, right?"),
        *("a4<a5 right?", "b7>b2!", "</fe", "<x>b<y>", "a<p onclick=\"alert('<test>')\">b</p>c", "d<a:b c>d"),
        *("<strong>foo</strong><a href='http://x.test'>bar</a>", "<script>alert()</script>h", "X<<<<br>br>br>br>X"),
        *(
            "<a" * 50,
            "<a>" * 60,
            "<" * 50 + "a>" * 50,
            "<" * 51 + "a>" * 51,
            "",
            7,
            "<>",
            "&lt;b&gt;",
            "a<!-- <b> -->c",
        ),
    ],
    ("html", "linebreaks"): ["one", "one\ntwo\n\nthree", "a\r\n\r\nb\rc", "\n\n\n", "<b>&", ""],
    ("text", "capfirst"): ["ab", "Ab", "", None, 0, "éa", "1a", 5],
    ("text", "camel_case_to_spaces"): ["camelCase", "CamelCaseHTTPServer", "ABC", "a", "x1Y2", " aB "],
    ("text", "normalize_newlines"): ["abc\ndef\rghi\r\n", "\n\r\r\n\r", "", "\r\r\n"],
    ("text", "get_text_list"): [["a", "b", "c"], ["a", "b"], ["a"], [], [1, 2]],
    ("text", "slugify"): [" Joel is a slug! ", "Élan", "__x__", "a -- b", 42, "İ"],
}


@pytest.mark.parametrize(
    ("module", "name", "argument"), [(*key, value) for key, values in CALLS.items() for value in values]
)
def test_a_function_returns_what_djangos_returns(module: str, name: str, argument: Any) -> None:
    theirs = getattr(getattr(django.utils, module), name)
    ours = getattr(getattr(miniframe.utils, module), name)
    assert outcome(ours, argument) == outcome(theirs, argument)


@pytest.mark.parametrize(
    "hostile",
    ["<a" * 200_000, "<a '" * 200_000, "<!--" * 200_000, "<a \"'" * 200_000, "<a>" * 200_000, "<" * 400_000],
    ids=lambda text: text[:6],
)
def test_tags_are_stripped_in_one_pass(hostile: str) -> None:
    assert len(miniframe.utils.html.strip_tags(hostile)) in {0, len(hostile)}


@pytest.mark.parametrize("name", ["slugify", "capfirst", "normalize_newlines"])
def test_text_functions_wait_for_lazy_arguments(name: str) -> None:
    waiting = getattr(miniframe.utils.text, name)(miniframe.utils.functional.lazystr("some text"))
    assert isinstance(waiting, miniframe.utils.functional.Promise)
    assert waiting == getattr(django.utils.text, name)("some text")


def test_a_lazy_format_is_filled_when_it_is_used() -> None:
    words: list[str] = []
    word = miniframe.utils.functional.lazy(lambda: words[-1], str)()
    text = miniframe.utils.text.format_lazy("{}-{x}", word, x=1)
    words.append("late")
    assert text == "late-1"


def test_keep_lazy_wants_the_classes_of_its_results() -> None:
    assert outcome(miniframe.utils.functional.keep_lazy) == outcome(django.utils.functional.keep_lazy) == "TypeError"


NUMBERS = (None, "", "x", "2", 0, -1, 1, 2, 3, 5, 1.0, 1.5, 99, True, "1.0")


def pages(module: Any, entries: int, per_page: int, orphans: int, empty: bool) -> list[object]:
    """Return all that a paginator tells."""
    paginator = module.Paginator(list(range(entries)), per_page, orphans, empty)
    told: list[object] = [paginator.count, paginator.num_pages, list(paginator.page_range)]
    for number, method in product(NUMBERS, ("page", "get_page")):
        try:
            page = getattr(paginator, method)(number)
        except module.InvalidPage as error:
            told.append((type(error).__name__, str(error)))
        else:
            told += [repr(page), list(page), len(page), page.has_next(), page.has_previous(), page.has_other_pages()]
            told += [page.start_index(), page.end_index(), outcome(page.next_page_number)]
    for number, each_side, ends in product(paginator.page_range, range(3), range(3)):
        told.append(list(map(str, paginator.get_elided_page_range(number, on_each_side=each_side, on_ends=ends))))
    return told


@pytest.mark.parametrize(
    "arguments", list(product((0, 1, 3, 11, 25), (1, 4, 10), (0, 1, 2), (True, False))), ids=lambda each: f"{each}"
)
def test_pages_are_as_djangos(arguments: tuple[int, int, int, bool]) -> None:
    assert pages(miniframe.paginator, *arguments) == pages(django.core.paginator, *arguments)


ERRORS: dict[str, Callable[[Any], Any]] = {
    "text": lambda error: error("a"),
    "parameters": lambda error: error("%(n)s is odd", code="odd", params={"n": 3}),
    "list": lambda error: error(["a", error("b", code="x")]),
    "dict": lambda error: error({"f": ["a", "b"], "g": error("c")}),
    "another": lambda error: error(error("a", code="k")),
    "list-of-dicts": lambda error: error([error({"f": "a"}), "z"]),
    "another-dict": lambda error: error(error({"f": "a"})),
    "another-list": lambda error: error(error(["q", "r"])),
    "nothing": lambda error: error({}),
}


def told(error: Any) -> object:
    by_field = {key: [each.message for each in errors] for key, errors in error.update_error_dict({}).items()}
    codes = [each.code for each in getattr(error, "error_list", [])]
    fields = getattr(error, "message_dict", None)
    return str(error), repr(error), error.messages, list(error), fields, codes, by_field, getattr(error, "code", None)


@pytest.mark.parametrize("make", ERRORS.values(), ids=ERRORS.keys())
def test_errors_by_field_are_as_djangos(make: Callable[[Any], Any]) -> None:
    ours, theirs = miniframe.exceptions.ValidationError, django.core.exceptions.ValidationError
    assert told(make(ours)) == told(make(theirs))
    assert make(ours) == make(ours)
    assert hash(make(ours)) == hash(make(ours))
    assert [make(ours) == other(ours) for other in ERRORS.values()] == [
        make(theirs) == other(theirs) for other in ERRORS.values()
    ]
