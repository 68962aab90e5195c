"""What the client would like: Accept, media types, preferences."""

from __future__ import annotations

import time

import pytest

from miniframe.http import HttpRequest
from miniframe.http.request import MediaType


def request_that_accepts(value: str) -> HttpRequest:
    request = HttpRequest()
    request.META["HTTP_ACCEPT"] = value
    return request


@pytest.mark.parametrize(
    ("header", "order"),
    [
        ("*/*", ["*/*"]),
        ("text/html, text/*", ["text/html", "text/*"]),
        ("text/plain; q=0.5, text/html", ["text/html", "text/plain; q=0.5"]),
        ("text/*, text/html; level=1, text/html", ["text/html; level=1", "text/html", "text/*"]),
        ("text/html; q=0, */*", ["*/*"]),
        (",, text/html,", ["text/html"]),
        ("text/html; q=nan, a/b; q=2, c/d; q=x", ["text/html; q=nan", "a/b; q=2", "c/d; q=x"]),
        ("", []),
    ],
)
def test_accepted_types_are_sorted_by_what_the_client_wants(header: str, order: list[str]) -> None:
    assert [str(one) for one in request_that_accepts(header).accepted_types] == order


def test_without_the_header_everything_is_accepted() -> None:
    assert HttpRequest().accepts("image/png")
    assert HttpRequest().get_preferred_type(["a/b", "c/d"]) == "a/b"


@pytest.mark.parametrize(
    ("header", "candidates", "chosen"),
    [
        ("text/html, application/json; q=0.9", ["application/json", "text/html"], "text/html"),
        ("*/*", ["application/json", "text/html"], "application/json"),
        ("text/*; q=0.5, application/json", ["text/plain", "application/json"], "application/json"),
        ("text/*, text/plain; q=0.5", ["text/plain", "text/html"], "text/html"),
        ("image/png", ["text/html"], None),
        ("text/html", [], None),
        ("", ["text/html"], None),
    ],
)
def test_the_preferred_type_is_the_one_the_client_wants_most(
    header: str, candidates: list[str], chosen: str | None
) -> None:
    assert request_that_accepts(header).get_preferred_type(candidates) == chosen


@pytest.mark.parametrize(
    ("one", "other", "match"),
    [
        ("text/html", "text/html", True),
        ("text/html", "text/*", True),
        ("text/html", "*/*", True),
        ("text/html", "text/plain", False),
        ("text/html; level=1", "text/html", True),
        ("text/html", "text/html; level=1", False),
        ("text/html; level=1", "text/html; level=2", False),
        ("text/html; q=0.5", "text/html", True),
        ("text", "text/html", False),
        ("", "*/*", False),
        ("*/*", "", False),
    ],
)
def test_media_types_match(one: str, other: str, match: bool) -> None:
    assert MediaType(one).match(other) is match


def test_a_media_type_shows_itself() -> None:
    assert repr(MediaType("Text/HTML; Level=1")) == "<MediaType: text/html; level=1>"
    assert str(MediaType("")) == ""


@pytest.mark.parametrize(
    "header",
    [
        pytest.param("a/b," * 50_000, id="many-types"),
        pytest.param("a/b" + ";q=1" * 50_000, id="many-parameters"),
        pytest.param('a/b;x="' + "\\" * 50_000, id="open-quote"),
        pytest.param("a/b;" + "=" * 50_000, id="equals-signs"),
        pytest.param("/" * 50_000, id="slashes"),
        pytest.param("a/b;x*=nosuch''%ff, text/html", id="bad-charset"),
    ],
)
def test_a_hostile_accept_header_is_read_in_bounded_time(header: str) -> None:
    started = time.process_time()
    request = request_that_accepts(header)
    request.get_preferred_type([f"text/x{number}" for number in range(20)])
    request.accepts("text/html")
    assert time.process_time() - started < 0.5
    assert len(request.accepted_types) <= 100
