"""Requests that tests make, by `RequestFactory`, are those that Django's makes."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import django.test
import pytest

import miniframe.test


class FF(io.BytesIO):
    """A file with a name, as tests upload it."""

    name = "x.png"


def facts(factory: Any, make: Callable[[Any], Any]) -> Any:
    """Return what the request says, or the error that making it is."""
    try:
        made = make(factory)
        return {
            "line": (made.method, made.path, made.get_full_path(), made.scheme, made.content_type),
            "parameters": (list(made.GET.lists()), list(made.POST.lists()), made.COOKIES),
            "files": [(name, file.name, file.size, file.content_type) for name, file in made.FILES.items()],
            "headers": sorted(made.headers.items()),
        }
    except Exception as error:
        return f"{type(error).__name__}: {error}"


REQUESTS: list[Callable[[Any], Any]] = [
    lambda f: f.get("/x"),
    lambda f: f.get("/x?a=1"),
    lambda f: f.get("/x?a=1", {"b": [1, 2]}),
    lambda f: f.get("/é ü?ö=1"),
    lambda f: f.get("http://h:81/x?y#z"),
    lambda f: f.get(""),
    lambda f: f.get("x"),
    lambda f: f.get("//x/y"),
    lambda f: f.get("/%2F%00"),
    lambda f: f.get("/x;y=1"),
    lambda f: f.get("/x", {"a": None}),
    lambda f: f.get("/x", query_params={"a": [1, "é"]}),
    lambda f: f.get("/x?z=1", query_params={"a": 1}),
    lambda f: f.get("/x", {"a": 1}, query_params={"b": 2}),
    lambda f: f.post("/x", {"a": 1, "b": ["x", "y"]}),
    lambda f: f.post("/x", {"a": "é", "f": FF(b"abc")}),
    lambda f: f.post("/x", {"f": [FF(b"1"), FF(b"2")]}),
    lambda f: f.post("/x", {"a": None}),
    lambda f: f.post("/x", "raw", content_type="text/plain"),
    lambda f: f.post("/x", "é", content_type="text/plain; charset=latin-1"),
    lambda f: f.post("/x", {"a": 1}, content_type="application/json"),
    lambda f: f.post("/x", [1, 2], content_type="application/json"),
    lambda f: f.post("/x", {"a": 1}, content_type="application/vnd.x+json; charset=utf-8"),
    lambda f: f.post("/x", {"a": "1"}, content_type="application/x-www-form-urlencoded"),
    lambda f: f.post("/x", "a=1&b=2", content_type="application/x-www-form-urlencoded"),
    lambda f: f.post("/x"),
    lambda f: f.post("/x", query_params={"q": 1}),
    lambda f: f.put("/x", "d"),
    lambda f: f.put("/x", {"a": 1}, content_type="application/json"),
    lambda f: f.put("/x", {"a": 1}),
    lambda f: f.patch("/x", b"\xff"),
    lambda f: f.delete("/x"),
    lambda f: f.delete("/x", "body"),
    lambda f: f.options("/x"),
    lambda f: f.options("/x", {"a": 1}),
    lambda f: f.head("/x", {"a": 1}),
    lambda f: f.trace("/x"),
    lambda f: f.generic("FOO", "/x", "data"),
    lambda f: f.generic("get", "/x"),
    lambda f: f.get("/x", secure=True),
    lambda f: f.get("/x", headers={"Accept": "a/b", "X-Y": "z", "Content-Type": "q"}),
    lambda f: f.get("/x", HTTP_HOST="h", REMOTE_ADDR="1.2.3.4"),
    lambda f: f.get("/x", headers={"host": "hh"}, HTTP_ACCEPT="c"),
    lambda f: f.post("/x", {"a": 1}, secure=True, headers={"cookie": "a=b"}),
    lambda f: f.get("/x", {"a": "b c", "d": ""}),
    lambda f: f.post("/x", {}),
    lambda f: f.post("/x", b"", content_type=""),
    lambda f: f.get("/x", [("a", "1"), ("a", "2")]),
    lambda f: f.post("/x", {"é": "ü"}),
    lambda f: f.get("/x?" + "a=1&" * 3),
    lambda f: f.post("/x", {"a": ["1", FF(b"2")]}),
    lambda f: f.get("/x", QUERY_STRING="a=5"),
]


@pytest.mark.parametrize("make", REQUESTS)
def test_a_request_is_djangos(make: Callable[[Any], Any]) -> None:
    assert facts(miniframe.test.RequestFactory(), make) == facts(django.test.RequestFactory(), make)


def test_bytes_in_a_form_are_sent_as_they_are(differences: str) -> None:
    """Django sends each octet as a number of its own."""
    assert "bytes as the value of a field" in differences
    assert miniframe.test.RequestFactory().post("/", {"a": b"xy"}).POST.getlist("a") == ["xy"]
