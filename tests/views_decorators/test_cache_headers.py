"""`utils.cache`: directives added to Cache-Control and Vary, and read back."""

from __future__ import annotations

from typing import Any

import pytest

from miniframe.http import HttpResponse
from miniframe.utils.cache import (
    get_max_age,
    has_vary_header,
    patch_cache_control,
    patch_response_headers,
    patch_vary_headers,
    set_response_etag,
)


@pytest.mark.parametrize(
    ("there", "added", "expected"),
    [
        pytest.param(None, {"private": True}, "private", id="first"),
        pytest.param("", {"private": True}, "private", id="empty"),
        pytest.param("private", {"private": True}, "private", id="once"),
        pytest.param("private", {"public": True}, "public", id="public-for-private"),
        pytest.param("public, max-age=5", {"private": True}, "max-age=5, private", id="private-for-public"),
        pytest.param("max-age=60", {"max_age": 30}, "max-age=30", id="smaller-age"),
        pytest.param("Max-Age=30", {"max_age": 60}, "max-age=30", id="smaller-age-stays"),
        pytest.param("must-revalidate", {"s_maxage": 9}, "must-revalidate, s-maxage=9", id="underscore"),
        pytest.param("no-cache=Set-Cookie", {"no_cache": "Link"}, "no-cache=Set-Cookie, no-cache=Link", id="fields"),
        pytest.param("no-cache=Set-Cookie", {"no_cache": True}, "no-cache", id="all-fields"),
    ],
)
def test_directives_are_added(there: str | None, added: Any, expected: str) -> None:
    response = HttpResponse()
    if there is not None:
        response["Cache-Control"] = there
    patch_cache_control(response, **added)
    assert response["Cache-Control"] == expected


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("max-age=5", 5), ("public, MAX-AGE=5", 5), ("max-age=x", None), ("max-age", None), ("private", None)],
)
def test_the_age_is_read(value: str, seconds: int | None) -> None:
    assert get_max_age(HttpResponse(headers={"Cache-Control": value})) == seconds
    assert get_max_age(HttpResponse()) is None


@pytest.mark.parametrize(
    ("there", "added", "expected"),
    [
        pytest.param(None, ("Accept",), "Accept", id="first"),
        pytest.param("Cookie", ("accept", "cookie"), "Cookie, accept", id="in-any-case"),
        pytest.param("Cookie ,  Accept", ("X",), "Cookie, Accept, X", id="spaces"),
        pytest.param("Cookie", ("*",), "*", id="star"),
        pytest.param("*", ("Cookie",), "*", id="star-stays"),
    ],
)
def test_names_are_added_to_vary(there: str | None, added: tuple[str, ...], expected: str) -> None:
    response = HttpResponse()
    if there is not None:
        response["Vary"] = there
    patch_vary_headers(response, added)
    assert response["Vary"] == expected


def test_names_are_found_in_vary() -> None:
    response = HttpResponse(headers={"Vary": "Cookie , Accept"})
    assert has_vary_header(response, "cookie")
    assert not has_vary_header(response, "User-Agent")
    assert not has_vary_header(HttpResponse(), "Cookie")


def test_an_expiry_that_is_there_stays() -> None:
    response = HttpResponse(headers={"Expires": "tomorrow"})
    patch_response_headers(response, cache_timeout=-5)
    assert (response["Expires"], response["Cache-Control"]) == ("tomorrow", "max-age=0")


def test_a_tag_is_made_of_the_content() -> None:
    assert set_response_etag(HttpResponse("abc"))["ETag"] == '"900150983cd24fb0d6963f7d28e17f72"'
    assert "ETag" not in set_response_etag(HttpResponse())
