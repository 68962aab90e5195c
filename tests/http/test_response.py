"""Responses: status, head, content, the end."""

from __future__ import annotations

import datetime
import pickle
from collections.abc import Iterator
from typing import Any

import pytest

from miniframe.exceptions import DisallowedRedirect
from miniframe.http import (
    BadHeaderError,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseForbidden,
    HttpResponseGone,
    HttpResponseNotAllowed,
    HttpResponseNotFound,
    HttpResponseNotModified,
    HttpResponsePermanentRedirect,
    HttpResponseRedirect,
    HttpResponseServerError,
    JsonResponse,
)
from miniframe.http.base import HttpResponseBase
from miniframe.http.response import HttpResponseRedirectBase
from miniframe.signals import request_finished
from miniframe.test.utils import override_settings

# Status.


@pytest.mark.parametrize(
    ("response", "line"),
    [
        (HttpResponse(), "200 OK"),
        (HttpResponse(status=201), "201 Created"),
        (HttpResponse(status="404"), "404 Not Found"),
        (HttpResponse(status=599), "599 Unknown Status Code"),
        (HttpResponse(status=299, reason="Odd"), "299 Odd"),
        (HttpResponse(reason="Très bien"), "200 Très bien"),
        (HttpResponse(reason=""), "200 "),
        (HttpResponseBadRequest(), "400 Bad Request"),
        (HttpResponseForbidden(), "403 Forbidden"),
        (HttpResponseNotFound(), "404 Not Found"),
        (HttpResponseNotAllowed(["GET"]), "405 Method Not Allowed"),
        (HttpResponseGone(), "410 Gone"),
        (HttpResponseServerError(), "500 Internal Server Error"),
        (HttpResponseNotModified(), "304 Not Modified"),
    ],
)
def test_contract_59_the_status_line_is_code_and_reason(response: HttpResponse, line: str) -> None:
    assert response.status_line == line


@pytest.mark.parametrize("reason", ["a\r\nX-Evil: 1", "a\nb", "a\rb", "a\0b", "a\x7fb", "\u65e5"])
def test_contract_59_a_reason_that_could_not_be_sent_is_refused(reason: str) -> None:
    with pytest.raises(BadHeaderError, match="reason phrase"):
        HttpResponse(reason=reason)
    response = HttpResponse()
    with pytest.raises(BadHeaderError):
        response.reason_phrase = reason
    assert response.status_line == "200 OK"


def test_contract_59_a_subclass_cannot_smuggle_a_reason_either() -> None:
    class Sly(HttpResponse):
        reason_phrase: Any = "a\r\nX-Evil: 1"

    response = Sly()
    response._reason_phrase = "x"
    with pytest.raises(BadHeaderError):
        _ = response.status_line


def test_the_reason_follows_the_status_until_it_is_set() -> None:
    response = HttpResponse()
    response.status_code = 404
    assert response.reason_phrase == "Not Found"
    response.reason_phrase = "Gone fishing"
    response.status_code = 200
    assert response.status_line == "200 Gone fishing"


@pytest.mark.parametrize("status", ["abc", b"abc", [], None])
def test_a_status_that_is_no_number_is_refused(status: Any) -> None:
    if status is None:
        assert HttpResponse(status=None).status_code == 200
        return
    with pytest.raises(TypeError, match="must be an integer"):
        HttpResponse(status=status)


@pytest.mark.parametrize("status", [99, 600, 1000, -1, 0])
def test_a_status_out_of_range_is_refused(status: int) -> None:
    with pytest.raises(ValueError, match="from 100 to 599"):
        HttpResponse(status=status)


# Head.


def test_contract_60_the_header_list_has_one_set_cookie_for_each_cookie() -> None:
    response = HttpResponse(headers={"X-One": "1"})
    response.set_cookie("a", "1")
    response.set_cookie("b", "2", max_age=5, httponly=True, samesite="Lax")
    names = [name for name, _ in response._header_list()]
    assert names == ["X-One", "Content-Type", "Set-Cookie", "Set-Cookie"]
    values = [value for name, value in response._header_list() if name == "Set-Cookie"]
    assert values[0] == "a=1; Path=/"
    assert values[1].startswith("b=2; expires=")
    assert values[1].endswith("; HttpOnly; Max-Age=5; Path=/; SameSite=Lax")
    assert all(type(text) is str for pair in response._header_list() for text in pair)


def test_contract_60_items_are_the_headers_without_cookies() -> None:
    response = HttpResponse()
    response.set_cookie("a", "1")
    assert list(response.items()) == [("Content-Type", "text/html; charset=utf-8")]


def test_the_header_list_is_as_django_has_it(django: Any) -> None:
    def sent(module: Any) -> list[tuple[str, str]]:
        response = module.HttpResponse("x", headers={"X-B": 1}, status=201)
        response["X-A"] = "é"
        response.setdefault("X-A", "no")
        response.setdefault("x-c", "yes")
        response.set_cookie("plain", "1")
        response.set_cookie("full", "a;b", domain="example.com", secure=True, path=None, samesite="None")
        response.delete_cookie("__Secure-gone", samesite="strict")
        cookies = [("Set-Cookie", morsel.output(header="").strip()) for morsel in response.cookies.values()]
        return [*response.items(), *cookies]

    from miniframe import http

    assert sent(http) == sent(django)
    response = http.HttpResponse()
    response.set_cookie("a", "b")
    assert response._header_list() == [*response.items(), ("Set-Cookie", "a=b; Path=/")]


def test_the_head_can_be_used_like_a_dict() -> None:
    response = HttpResponse()
    response["X-One"] = "1"
    assert response["x-one"] == "1"
    assert "X-ONE" in response
    assert response.has_header("X-One")
    assert response.get("X-Two", "none") == "none"
    del response["X-One"]
    del response["X-One"]
    with pytest.raises(KeyError):
        _ = response["X-One"]


def test_the_content_type_may_be_given_once_only() -> None:
    assert HttpResponse(content_type="text/plain")["Content-Type"] == "text/plain"
    assert HttpResponse(headers={"content-type": "a/b"})["Content-Type"] == "a/b"
    assert HttpResponse(charset="latin-1")["Content-Type"] == "text/html; charset=latin-1"
    with pytest.raises(ValueError, match="must not contain 'Content-Type'"):
        HttpResponse(headers={"content-type": "a/b"}, content_type="c/d")


def test_the_default_charset_is_a_setting() -> None:
    with override_settings(DEFAULT_CHARSET="latin-1"):
        response = HttpResponse("é")
        assert response["Content-Type"] == "text/html; charset=latin-1"
        assert response.content == b"\xe9"
    assert HttpResponse("é").content == "é".encode()


@pytest.mark.parametrize(
    ("arguments", "charset"),
    [
        ({}, "utf-8"),
        ({"charset": "latin-1"}, "latin-1"),
        ({"content_type": "text/plain"}, "utf-8"),
        ({"content_type": "text/plain; charset=latin-1"}, "latin-1"),
        ({"content_type": 'text/plain; Charset="latin-1"; x=y'}, "latin-1"),
        ({"headers": {"Content-Type": "text/plain; charset=latin-1"}}, "latin-1"),
        ({"content_type": "text/plain; charset=latin-1", "charset": "utf-8"}, "utf-8"),
    ],
)
def test_text_is_encoded_in_the_charset_of_the_response(arguments: dict[str, Any], charset: str) -> None:
    response = HttpResponse("é", **arguments)
    assert response.charset == charset
    assert response.content == "é".encode(charset)
    assert response.text == "é"


# Cookies.


def test_a_response_without_cookies_makes_no_jar() -> None:
    response = HttpResponse()
    response._header_list()
    response.close()
    assert "cookies" not in vars(response)


def test_set_cookie_leaves_nothing_of_an_earlier_cookie() -> None:
    response = HttpResponse()
    response.delete_cookie("a", path="/x", domain="example.com")
    response.set_cookie("a", "new")
    assert response.cookies["a"].OutputString() == "a=new; Path=/"


@pytest.mark.parametrize("max_age", [10, 10.6, datetime.timedelta(seconds=10)])
def test_max_age_may_be_seconds_or_a_timedelta(max_age: Any) -> None:
    response = HttpResponse()
    response.set_cookie("a", max_age=max_age)
    assert response.cookies["a"]["max-age"] == 10
    assert response.cookies["a"]["expires"].endswith(" GMT")


@pytest.mark.parametrize("zone", [None, datetime.UTC, datetime.timezone(datetime.timedelta(hours=-5))])
def test_expires_may_be_a_moment_in_any_time_zone(zone: datetime.tzinfo | None) -> None:
    moment = datetime.datetime.now(tz=zone or datetime.UTC) + datetime.timedelta(seconds=10)
    response = HttpResponse()
    response.set_cookie("a", expires=moment.replace(tzinfo=zone))
    assert response.cookies["a"]["max-age"] in (9, 10)
    with pytest.raises(ValueError, match="can't be used together"):
        response.set_cookie("a", expires=moment, max_age=5)


def test_samesite_must_be_one_of_three() -> None:
    for value in ("lax", "None", "STRICT"):
        HttpResponse().set_cookie("a", samesite=value)
    with pytest.raises(ValueError, match='samesite must be "lax", "none", or "strict"'):
        HttpResponse().set_cookie("a", samesite="loose")


@pytest.mark.parametrize(
    ("name", "samesite", "secure"),
    [("a", None, ""), ("__Secure-a", None, True), ("__Host-a", None, True), ("a", "none", True), ("a", "lax", "")],
)
def test_deleting_is_secure_where_browsers_want_it(name: str, samesite: str | None, secure: Any) -> None:
    response = HttpResponse()
    response.delete_cookie(name, samesite=samesite)
    morsel = response.cookies[name]
    assert morsel["secure"] == secure
    assert (morsel["max-age"], morsel["expires"]) == (0, "Thu, 01 Jan 1970 00:00:00 GMT")


def test_a_partitioned_cookie_is_secure_and_is_deleted_as_such() -> None:
    response = HttpResponse()
    response.set_cookie("__Host-a", "1", secure=True, samesite="None", partitioned=True)
    assert response.cookies["__Host-a"].OutputString() == "__Host-a=1; Partitioned; Path=/; SameSite=None; Secure"
    response.delete_cookie("a", partitioned=True)
    assert response.cookies["a"].OutputString().endswith("; Max-Age=0; Partitioned; Path=/; Secure")
    with pytest.raises(ValueError, match="'a' is partitioned, so it must be secure"):
        response.set_cookie("a", partitioned=True)


# Content.


class Text(str):
    """A subclass, as safe strings are."""


def pieces() -> Iterator[str | bytes]:
    yield "a"
    yield b"b"


@pytest.mark.parametrize(
    ("given", "content"),
    [
        ("é", "é".encode()),
        (b"x", b"x"),
        (Text("é"), "é".encode()),
        (memoryview(b"x"), b"x"),
        (bytearray(b"xy"), b"120121"),
        (5, b"5"),
        (None, b"None"),
        (["a", b"b", 3], b"ab3"),
        (pieces(), b"ab"),
        ("", b""),
        ([], b""),
    ],
)
def test_content_becomes_bytes(django: Any, given: Any, content: bytes) -> None:
    response = HttpResponse(given)
    assert response.content == content
    assert type(response.content) is bytes
    assert response.getvalue() == content
    assert b"".join(response) == content
    if not isinstance(given, Iterator):
        assert django.HttpResponse(given).content == content


def test_an_iterable_that_is_content_is_closed() -> None:
    class Source:
        closed = False

        def __iter__(self) -> Iterator[str]:
            return iter(["a"])

        def close(self) -> None:
            self.closed = True
            raise ValueError("never seen")

    source = Source()
    assert HttpResponse(source).content == b"a"
    assert source.closed


def test_content_can_be_written_and_replaced() -> None:
    response = HttpResponse("a")
    assert response.text == "a"
    response.write("é")
    assert response.text == "aé"
    response.writelines([b"b", 3])
    assert response.content == b"a\xc3\xa9b3"
    assert response.tell() == 5
    assert response.writable()
    assert not response.readable()
    assert not response.seekable()
    response.flush()
    response.content = "new"
    assert (response.content, response.text, list(response)) == (b"new", "new", [b"new"])


def test_a_subclass_may_have_its_own_content() -> None:
    class Shouting(HttpResponse):
        @property
        def content(self) -> Any:
            return b"".join(self._container)

        @content.setter
        def content(self, value: Any) -> None:
            self._container = [self.make_bytes(value).upper()]

    assert Shouting("a").content == b"A"
    assert Shouting(b"a").content == b"A"


def test_a_subclass_may_set_its_status_and_pass_arguments_on() -> None:
    class Teapot(HttpResponse):
        status_code = 418

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)

    response = Teapot("short", "text/plain")
    assert (response.status_line, response["Content-Type"]) == ("418 I'm a Teapot", "text/plain")


def test_a_base_response_has_no_content() -> None:
    response = HttpResponseBase()
    with pytest.raises(OSError, match="This HttpResponseBase instance is not writable"):
        response.write("x")
    with pytest.raises(OSError, match="not writable"):
        response.writelines(["x"])
    with pytest.raises(OSError, match="cannot tell its position"):
        response.tell()
    with pytest.raises(NotImplementedError):
        iter(response)
    assert not response.writable()


def test_a_response_shows_itself_and_serializes() -> None:
    response = HttpResponse("hello", status=404)
    assert repr(response) == '<HttpResponse status_code=404, "text/html; charset=utf-8">'
    assert bytes(response) == response.serialize() == b"Content-Type: text/html; charset=utf-8\r\n\r\nhello"
    assert bytes(HttpResponseBase()) == b"Content-Type: text/html; charset=utf-8"
    assert repr(HttpResponseNotAllowed(["GET", "PUT"], content_type="a/b")) == (
        '<HttpResponseNotAllowed [GET, PUT] status_code=405, "a/b">'
    )


def test_a_response_survives_pickling() -> None:
    response = HttpResponse("x", status=201, headers={"X-One": "1"})
    response.set_cookie("a", "1", secure=True)
    again = pickle.loads(pickle.dumps(response))
    assert (again.content, again.status_code, again._header_list()) == (b"x", 201, response._header_list())
    again["X-One"] = "2"
    assert response["X-One"] == "1"


def test_not_allowed_lists_the_methods() -> None:
    assert HttpResponseNotAllowed(["GET", "POST"])["Allow"] == "GET, POST"


def test_not_modified_has_no_content() -> None:
    response = HttpResponseNotModified()
    assert (response.content, list(response)) == (b"", [])
    assert "Content-Type" not in response
    with pytest.raises(AttributeError, match="You cannot set content to a 304"):
        response.content = "x"
    with pytest.raises(AttributeError):
        HttpResponseNotModified("x")


# The end.


def test_closing_runs_every_closer_once_and_sends_request_finished() -> None:
    heard: list[Any] = []

    def listener(sender: Any, **kwargs: Any) -> None:
        heard.append(sender)

    def broken() -> None:
        heard.append("broken")
        raise ValueError

    response = HttpResponse()
    response._handler_class = HttpResponse
    response._resource_closers.extend([broken, lambda: heard.append("closed")])
    request_finished.connect(listener)
    try:
        assert not response.closed
        response.close()
        assert response.closed
        assert heard == ["broken", "closed", HttpResponse]
        response.close()
        assert heard[3:] == [HttpResponse]
    finally:
        request_finished.disconnect(listener)


# Redirects.


@pytest.mark.parametrize(
    ("cls", "status", "preserving"),
    [(HttpResponseRedirect, 302, 307), (HttpResponsePermanentRedirect, 301, 308)],
)
def test_a_redirect_may_preserve_the_request(cls: type[HttpResponseRedirectBase], status: int, preserving: int) -> None:
    assert cls("/x").status_code == status
    assert cls("/x", preserve_request=True).status_code == preserving
    assert cls("/x", True, b"content", "text/plain").content == b"content"


@pytest.mark.parametrize(
    "url",
    [
        "/path/",
        "relative",
        "?q=1",
        "//other.test/x",
        "https://example.com/é?q=ü#ä",
        "/a b",
        "/%C3%A9",
        "/x\r\nSet-Cookie: a=1",
        "/x\nb",
        "ftp://example.com/",
        "",
    ],
)
def test_a_redirects_location_is_escaped_as_django_does(django: Any, url: str) -> None:
    response = HttpResponseRedirect(url)
    assert response.url == response["Location"] == django.HttpResponseRedirect(url).url
    assert response.url.isascii()
    assert "\n" not in response.url


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "mailto:x@y.z", "file:///etc/passwd", "JavaScript:x", "a:b"]
)
def test_a_redirect_to_another_scheme_is_disallowed(url: str) -> None:
    with pytest.raises(DisallowedRedirect, match="Unsafe redirect to URL with protocol"):
        HttpResponseRedirect(url)


def test_a_redirect_to_what_is_no_url_is_disallowed() -> None:
    with pytest.raises(DisallowedRedirect, match="not valid"):
        HttpResponseRedirect("http://[::1")


def test_a_redirects_length_is_capped() -> None:
    with pytest.raises(DisallowedRedirect, match="exceeding 16384 characters"):
        HttpResponseRedirect("/" + "x" * 16384)
    with pytest.raises(DisallowedRedirect, match="exceeding 5 characters"):
        HttpResponseRedirect("/12345", max_length=5)
    assert len(HttpResponseRedirect("/" + "x" * 20000, max_length=None).url) == 20001


def test_a_redirect_shows_where_it_leads() -> None:
    assert repr(HttpResponseRedirect("/x")) == (
        '<HttpResponseRedirect status_code=302, "text/html; charset=utf-8", url="/x">'
    )


# JSON.


def test_json_is_written_and_labelled() -> None:
    response = JsonResponse({"é": 1})
    assert response.content == b'{"\\u00e9": 1}'
    assert response["Content-Type"] == "application/json"
    assert response.text == '{"\\u00e9": 1}'


def test_json_arguments_are_passed_on() -> None:
    response = JsonResponse({"é": 1}, json_dumps_params={"ensure_ascii": False, "indent": 1}, status=201)
    assert (response.content.decode(), response.status_code) == ('{\n "é": 1\n}', 201)
    assert JsonResponse({}, content_type="application/ld+json")["Content-Type"] == "application/ld+json"
    assert JsonResponse({}, headers={"X-A": "1"})["X-A"] == "1"


def test_json_that_is_no_object_needs_safe_false() -> None:
    with pytest.raises(TypeError, match="set the safe parameter to False"):
        JsonResponse([1])
    assert JsonResponse([1], safe=False).content == b"[1]"


def test_json_that_cannot_be_written_is_an_error_of_ours_not_a_broken_page() -> None:
    with pytest.raises(TypeError, match="not JSON serializable"):
        JsonResponse({"a": object()})
    loop: dict[str, Any] = {}
    loop["a"] = loop
    with pytest.raises(ValueError, match="Circular"):
        JsonResponse(loop)
    assert JsonResponse({"a": 1}).content == b'{"a": 1}'
