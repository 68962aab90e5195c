"""What is put into a response comes out as from Django: status, header fields, cookies, content, errors.

A row of a table makes a response with `h`, which is django.http and then miniframe.http.
"""

from __future__ import annotations

import datetime
import decimal
import io
import json
import re
import uuid
from collections.abc import Callable, Iterable
from itertools import product
from types import ModuleType
from typing import Any

import django.http
import pytest

import miniframe.http

Make = Callable[[Any], Any]
KINDS = ("BadHeaderError", "DisallowedRedirect", "ValueError", "TypeError", "AttributeError", "LookupError", "KeyError")
UTC = datetime.UTC


def shown(make: Make, http: ModuleType) -> dict[str, Any]:
    """Return all that can be seen of a response, or the classes of the error that it is not made for."""
    try:
        response = make(http)
        return {
            "status": response.status_code,
            "reason": response.reason_phrase,
            "headers": sorted(response.items()),
            "cookies": [_undated(morsel.OutputString()) for morsel in response.cookies.values()],
            "charset": response.charset,
            "repr": repr(response),
            "text": attempt(lambda: response.text),
            "size": attempt(response.tell),
            "content": attempt(lambda: b"".join(response)),
            "abilities": [response.readable(), response.writable(), response.seekable(), response.streaming],
        }
    except Exception as error:
        return {"error": [cls.__name__ for cls in type(error).__mro__ if cls.__name__ in KINDS]}


def attempt(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except Exception as error:
        return type(error).__name__


def _undated(cookie: str) -> str:
    return re.sub(r"(?<=expires=)(?!Thu, 01 Jan 1970)\w{3}, [^;]+ GMT", "...", cookie)


def agree(rows: Iterable[Make]) -> None:
    """Fail with the numbers of the rows for which the two do not make the same."""
    complaints = [
        f"{number}: django {theirs}\n    miniframe {ours}"
        for number, make in enumerate(rows)
        if (theirs := shown(make, django.http)) != (ours := shown(make, miniframe.http))
    ]
    assert not complaints, "\n".join(complaints[:20])


def changed(*steps: Callable[[Any], object]) -> Make:
    """Return a maker of an empty response to which each of `steps` is done."""

    def make(http: Any) -> Any:
        response = http.HttpResponse()
        for step in steps:
            step(response)
        return response

    return make


CONTENTS: list[Callable[[], Any]] = [
    *(lambda: "", lambda: "é", lambda: b"\xff", lambda: ["a", b"b", 1], lambda: (each for each in "abc"), lambda: 1),
    *(lambda: None, lambda: memoryview(b"x"), lambda: bytearray(b"ab"), lambda: "\ud800", lambda: {"a": 1}),
    *(lambda: [["a"]], lambda: io.BytesIO(b"abc"), lambda: True, lambda: ["é"], lambda: {1: 2}.keys(), lambda: object),
]


def test_contents() -> None:
    arguments: list[dict[str, Any]] = [{}, {"charset": "latin-1"}, {"content_type": "text/plain; charset=utf-16"}]
    names = ["HttpResponse", "StreamingHttpResponse", "JsonResponse", "FileResponse"]
    agree(
        lambda h, name=name, content=content, more=more: getattr(h, name)(content(), **more)  # type: ignore[misc]
        for name, content, more in product(names, CONTENTS, arguments)
    )


TYPES: list[Any] = [
    *("text/plain", "text/plain; charset=iso-8859-1", 'text/html; charset="utf-8"', "text/html;charset=UTF-8;x=y", ""),
    *("text/html; charset=nosuch", "a\r\nb", None, "é", b"text/plain", "text/html; charset=", "a; CHARSET=latin-1"),
]


def test_content_types() -> None:
    agree(lambda h, kind=kind: h.HttpResponse("é", content_type=kind) for kind in TYPES)  # type: ignore[misc]
    agree(lambda h, kind=kind: h.HttpResponse("é", headers={"Content-Type": kind}) for kind in TYPES)  # type: ignore[misc]


STATUSES: list[Any] = [200, "404", 99, 600, "x", None, 418, 299, 3.7, "3.7", True, 599, 100, 0, -1]


def test_statuses_and_reasons() -> None:
    reasons: list[dict[str, Any]] = [{}, {"reason": "Odd"}, {"reason": ""}, {"reason": "é"}, {"reason": None}]
    agree(
        lambda h, status=status, more=more: h.HttpResponse(status=status, **more)  # type: ignore[misc]
        for status, more in product(STATUSES, reasons)
    )
    agree([changed(lambda r: setattr(r, "status_code", 999)), changed(lambda r: setattr(r, "reason_phrase", "x"))])


NAMES: list[Any] = ["X-A", "x-a", "é", "X\r", "X\n", b"X-B", 1, "X_A", "Set-Cookie"]
VALUES: list[Any] = [
    *("v", 1, None, "é", "日本", "a\r\nb", "a\nb", "a\tb", "", " pad ", b"bytes", b"\xff", datetime.date(2020, 1, 1)),
    *("x" * 2000, "日本" * 200, True, ["a"], "\x85", "\u2028"),
]


def test_header_fields() -> None:
    agree(changed(lambda r, n=name, v=value: r.__setitem__(n, v)) for name, value in product(NAMES, VALUES))  # type: ignore[misc]
    agree(
        [
            lambda h: h.HttpResponse(headers={"A": "1", "a": "2"}),
            lambda h: h.HttpResponse(headers={"Content-Type": "x"}, content_type="y"),
            changed(lambda r: r.__delitem__("nope")),
            changed(lambda r: r["nope"]),
            changed(lambda r: r.headers.setdefault("X", "1"), lambda r: r.setdefault("x", "2")),
            changed(lambda r: r.headers.update({"X": "1"})),
            changed(lambda r: r.write("é"), lambda r: r.write(b"x"), lambda r: r.writelines(["a", "b"])),
            changed(lambda r: setattr(r, "content", "x"), lambda r: r.flush()),
            changed(lambda r: setattr(r, "charset", "latin-1"), lambda r: setattr(r, "content", "é")),
        ]
    )


ADDRESSES: list[Any] = [
    *("/x", "/é?é=ü#é", "http://x/", "javascript:x", "//x/y", "", "a b", "/%zz", "http://[::1]/", None, "x" * 20000),
    *(
        "/a\r\nb",
        "/a\x00",
        "http://é.x/",
        "mailto:x",
        "FTP://x",
        "/x?a=1&b=2",
        "\\\\evil",
        "/\ud800",
        b"/x",
        b"/\xc3\xa9",
    ),
    *(" http://x", "http://x:abc/", "http:x", "///x", "?a", "data:x", "HTTP://x", "/a\tb", "http://x:99999999/"),
]


def test_redirects() -> None:
    names = ["HttpResponseRedirect", "HttpResponsePermanentRedirect"]
    agree(
        lambda h, name=name, to=address, kept=kept: getattr(h, name)(to, preserve_request=kept)  # type: ignore[misc]
        for name, address, kept in product(names, ADDRESSES, [False, True])
    )


def test_the_other_classes() -> None:
    agree(
        [
            lambda h: h.HttpResponseRedirect("/", True),
            lambda h: h.HttpResponseRedirect("/", content="x"),
            lambda h: h.HttpResponseRedirect("/", status=307),
            lambda h: h.HttpResponseNotModified(),
            lambda h: h.HttpResponseNotModified("x"),
            lambda h: h.HttpResponseNotModified(content_type="x"),
            lambda h: h.HttpResponseNotAllowed(["GET", "POST"]),
            lambda h: h.HttpResponseNotAllowed([]),
            lambda h: h.HttpResponseNotAllowed("GET"),
            lambda h: h.HttpResponseNotAllowed(),
            lambda h: h.HttpResponseBadRequest("x", status=200),
            lambda h: h.HttpResponseGone(),
            lambda h: h.HttpResponseForbidden(reason="no"),
            lambda h: h.HttpResponseNotFound(status=None),
            lambda h: h.HttpResponseServerError(b"\xff"),
            lambda h: h.StreamingHttpResponse(["a", b"b", 1]),
            lambda h: h.StreamingHttpResponse(iter("é"), charset="latin-1"),
            lambda h: h.StreamingHttpResponse("text"),
        ]
    )


COOKIE_VALUES: list[Any] = [
    *("v", "", "a b", "a;b", "a,b", "é", "日本", 'a"b', "a\\b", 1, None, True, "x" * 5000, "=", "{}", "a@b:c/d"),
]
COOKIE_NAMES = ["a", "__Secure-a", "__Host-a", "a:b", "$a", "a.b", "A"]
ATTRIBUTES: list[dict[str, Any]] = [
    *({"max_age": age} for age in (0, -5, 10.7, "10", "x", datetime.timedelta(minutes=1), True, float("nan"), 10**20)),
    *({"expires": when} for when in ("Thu, 01-Jan-1970 00:00:00 GMT", "", 5, datetime.date(2030, 1, 1))),
    *({"expires": datetime.datetime(year, 1, 1, tzinfo=zone)} for year, zone in product((2000, 2030), (None, UTC))),
    {"expires": datetime.datetime(2030, 1, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=5)))},
    {"max_age": 1, "expires": datetime.datetime(2030, 1, 1)},
    {"max_age": 1, "expires": "x"},
    *({"path": path} for path in (None, "", "/é")),
    *({"domain": domain} for domain in (".x.test", "")),
    *({"secure": secure} for secure in (True, "yes", None)),
    *({"httponly": only} for only in (True, 0)),
    *({"samesite": site} for site in ("Lax", "lax", "NONE", "odd", "", False, None, True)),
]


def test_cookies() -> None:
    agree(changed(lambda r, v=value: r.set_cookie("a", v)) for value in COOKIE_VALUES)  # type: ignore[misc]
    agree(changed(lambda r, n=name: r.set_cookie(n, "v")) for name in COOKIE_NAMES)  # type: ignore[misc]
    agree(changed(lambda r, n=name: r.delete_cookie(n)) for name in COOKIE_NAMES)  # type: ignore[misc]
    agree(changed(lambda r, m=more: r.set_cookie("k", "v", **m)) for more in ATTRIBUTES)  # type: ignore[misc]
    agree(
        [
            changed(lambda r: r.set_cookie("k", "v", 5, None, "/p", "d", True, True, "Strict")),
            changed(lambda r: r.set_cookie("k", "1"), lambda r: r.set_cookie("k", "2", secure=True)),
            changed(lambda r: r.delete_cookie("k", "/p", "d", "None")),
            changed(lambda r: r.delete_cookie("k", samesite="lax")),
            changed(lambda r: r.delete_cookie("k", path=None)),
            changed(lambda r: r.set_cookie("k", "1"), lambda r: r.cookies["k"].__setitem__("path", "/z")),
            changed(lambda r: r.cookies.__setitem__("z", "1")),
        ]
    )


DATA: list[Any] = [
    {"a": datetime.datetime(2020, 1, 1, 1, 2, 3, 456789)},
    {"a": datetime.datetime(2020, 1, 1, tzinfo=UTC)},
    {"a": datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=-5, minutes=-30)))},
    *({"a": value} for value in (datetime.date(2020, 1, 1), datetime.time(1, 2, 3, 400000), decimal.Decimal("1.10"))),
    *({"a": value} for value in (datetime.time(1, 2, tzinfo=UTC), uuid.UUID(int=5), float("nan"), {1, 2}, b"x")),
    *({"a": datetime.timedelta(*given)} for given in ((1, 5, 7), (-1,), (0, -1, 1))),
    *({"a": "é\u2028</script>"}, {"é": 1}, {1: 2}, {"a": object()}, {(1, 2): 3}, {"a": (1, 2)}, {None: 1, True: 2}),
    *({}, {"a": 1e400}, {"a": 10**30}, {"a": "\ud800"}, [1], "text", None),
]


def test_json() -> None:
    options: list[dict[str, Any]] = [
        {},
        {"safe": False},
        {"json_dumps_params": {"indent": 2, "ensure_ascii": False, "sort_keys": False}},
        {"encoder": json.JSONEncoder},
        {"content_type": "application/x", "status": 201, "headers": {"X": "1"}},
    ]
    agree(
        lambda h, data=data, more=more: h.JsonResponse(data, **more)  # type: ignore[misc]
        for data, more in product(DATA, options)
    )


FILE_NAMES: list[Any] = [
    *("x.txt", "x.tar.gz", "é.pdf", 'a"b.txt', "a\\b.txt", "x", "", "/dir/x.html", "a\nb.txt", "x.css.br", "x.svg"),
    *("x.js", "x.json.gz", 1, None, "x.bz2", "x.xz", "x.Z", "ab;c.txt"),
]


def test_files() -> None:
    options: list[dict[str, Any]] = [
        *({}, {"as_attachment": True}, {"filename": "other.zip"}, {"as_attachment": True, "filename": "ü.zip"}),
        *({"content_type": "a/b"}, {"filename": "dir/x.y"}),
    ]

    def file(name: Any) -> io.BytesIO:
        made = io.BytesIO(b"abc" * 3000)
        made.name = name
        return made

    agree(
        lambda h, name=name, more=more: h.FileResponse(file(name), **more)  # type: ignore[misc]
        for name, more in product(FILE_NAMES, options)
    )


REFUSED = "names must be RFC 9110 tokens, values hold no control character but tab"
ON_PURPOSE: list[Any] = [
    pytest.param(changed(lambda r: r.__setitem__("X A", "v")), REFUSED, id="blank-in-a-name"),
    pytest.param(changed(lambda r: r.__setitem__("", "v")), REFUSED, id="empty-name"),
    pytest.param(changed(lambda r: r.__setitem__("X", "a\0b")), REFUSED, id="nul"),
    pytest.param(changed(lambda r: r.__setitem__("X", "\x7f")), REFUSED, id="delete"),
    pytest.param(lambda h: h.HttpResponse(reason="a\nb"), "| reason phrases |", id="reason"),
    pytest.param(
        lambda h: h.HttpResponseRedirect("http://[x"), "redirects to an address that cannot be parsed", id="["
    ),
    pytest.param(
        changed(lambda r: r.set_cookie("k", "1", secure=True), lambda r: r.set_cookie("k", "2")),
        "`set_cookie` again, or after `delete_cookie`",
        id="set-again",
    ),
    pytest.param(
        changed(lambda r: r.delete_cookie("k"), lambda r: r.set_cookie("k", "v")),
        "`set_cookie` again, or after `delete_cookie`",
        id="deleted-and-set",
    ),
]


@pytest.mark.parametrize(("make", "row"), ON_PURPOSE)
def test_a_difference_is_written_down(make: Make, row: str, differences: str) -> None:
    assert shown(make, django.http) != shown(make, miniframe.http)
    assert row in differences
