"""HttpRequest: what is computed when, the body, forms, JSON, signed cookies."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest

from miniframe import signing
from miniframe.exceptions import BadRequest, RequestDataTooBig, TooManyFieldsSent
from miniframe.http import (
    HttpRequest,
    HttpResponse,
    QueryDict,
    RawPostDataException,
    UnreadablePostError,
    UnsupportedMediaType,
)
from miniframe.test.utils import override_settings

FORM = "application/x-www-form-urlencoded"


class HandlersRequest(HttpRequest):
    """As a handler makes it: only what is known at once is set, the rest is computed."""

    def __init__(self, body: Any = b"", method: str = "POST", **meta: Any) -> None:
        self.META = meta
        self.method = method
        self._stream = BytesIO(body) if isinstance(body, bytes) else body


class BrokenStream:
    """A client that goes away."""

    def read(self, *args: Any) -> bytes:
        raise OSError("connection reset")

    readline = read


def test_an_empty_request_has_everything() -> None:
    request = HttpRequest()
    assert (request.GET, request.POST, request.FILES, request.COOKIES, request.META) == ({}, {}, {}, {}, {})
    assert (request.method, request.path, request.path_info, request.encoding) == (None, "", "", None)
    assert (request.content_type, request.content_params, request.resolver_match) == (None, None, None)
    assert request.body == b""
    request.GET["a"] = "1"
    request.POST["a"] = "1"
    assert repr(request) == "<HttpRequest>"


def test_a_request_shows_method_and_path() -> None:
    request = HttpRequest()
    request.method, request.path, request.META["QUERY_STRING"] = "GET", "/é/", "a=1"
    assert repr(request) == "<HttpRequest: GET '/%C3%A9/?a=1'>"
    assert request.get_full_path(force_append_slash=True) == "/%C3%A9/?a=1"
    request.path_info = "/b"
    assert request.get_full_path_info(force_append_slash=True) == "/b/?a=1"


def test_a_handlers_request_computes_nothing_until_asked() -> None:
    request = HandlersRequest(HTTP_COOKIE="a=1", QUERY_STRING="b=2", CONTENT_TYPE="text/plain; charset=latin-1")
    assert set(vars(request)) == {"META", "method", "_stream"}
    assert request.COOKIES == {"a": "1"}
    assert request.GET["b"] == "2"
    assert request.content_type == "text/plain"
    assert request.content_params == {"charset": "latin-1"}
    assert request.encoding == "latin-1"
    assert request.GET is request.GET
    assert request.headers is request.headers


def test_wsgi_text_is_decoded_as_utf_8() -> None:
    raw = "é=€".encode().decode("latin-1")
    request = HandlersRequest(HTTP_COOKIE=raw, QUERY_STRING=raw)
    assert request.COOKIES == {"é": "€"}
    assert request.GET["é"] == "€"
    assert HandlersRequest(HTTP_COOKIE="a=\xff").COOKIES == {"a": "\ufffd"}


@pytest.mark.parametrize(
    ("content_type", "kind", "encoding"),
    [
        ("", "", None),
        ("Text/HTML", "text/html", None),
        ("text/html; charset=UTF-8", "text/html", "UTF-8"),
        ('text/html; charset="latin-1"', "text/html", "latin-1"),
        ("text/html; charset=nosuch", "text/html", None),
        ("text/html; charset=hex", "text/html", None),
        ("text/html; charset=punycode", "text/html", None),
        ("text/html; charset=idna", "text/html", None),
        ("text/html; charset=undefined", "text/html", None),
        ("text/html; charset=Shift_JIS", "text/html", "Shift_JIS"),
        ("text/html; charset=\0", "text/html", None),
        ("text/html; charset=", "text/html", None),
        ("text/html;" + "a" * 20_000, "text/html", None),
        (";;;", "", None),
    ],
)
def test_an_odd_content_type_is_no_error(content_type: str, kind: str, encoding: str | None) -> None:
    request = HandlersRequest(CONTENT_TYPE=content_type)
    assert request.content_type == kind
    assert (request.encoding or None) == encoding
    assert request.POST == {}


def test_setting_the_encoding_reads_parameters_anew() -> None:
    request = HandlersRequest(QUERY_STRING="a=%E9")
    assert request.GET["a"] == "\ufffd"
    request.encoding = "latin-1"
    assert request.GET["a"] == "é"


# The body.


def test_the_body_can_be_read_again_and_like_a_file_afterwards() -> None:
    request = HandlersRequest(b"one\ntwo")
    assert request.body == b"one\ntwo"
    assert request.body is request.body
    assert request.read(3) == b"one"
    assert request.readline() == b"\n"
    assert list(request) == [b"two"]


def test_the_body_cannot_be_had_after_reading_from_the_stream() -> None:
    request = HandlersRequest(b"one\ntwo")
    assert request.readlines() == [b"one\n", b"two"]
    with pytest.raises(RawPostDataException, match="You cannot access body after reading"):
        _ = request.body
    assert request.POST == {}


@pytest.mark.parametrize("length", [None, "", "11", "5", "x", "-1", "²", "9" * 5000])
def test_a_body_over_the_limit_is_refused_whatever_length_it_announces(length: str | None) -> None:
    meta = {} if length is None else {"CONTENT_LENGTH": length}
    too_big = pytest.raises(RequestDataTooBig, match=r"DATA_UPLOAD_MAX_MEMORY_SIZE\.")
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=10), too_big:
        _ = HandlersRequest(b"x" * 11, **meta).body
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=11):
        if length is None or not length.isdecimal() or len(length) < 5:
            assert HandlersRequest(b"x" * 11, **meta).body == b"x" * 11
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=None):
        assert HandlersRequest(b"x" * 11, **meta).body == b"x" * 11


def test_an_endless_body_is_read_one_byte_over_the_limit_only() -> None:
    class Endless:
        asked = 0

        def read(self, size: int) -> bytes:
            self.asked += size
            return b"x" * size

    stream = Endless()
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=1000), pytest.raises(RequestDataTooBig):
        _ = HandlersRequest(stream).body
    assert stream.asked == 1001


READERS: list[Any] = [
    pytest.param(lambda request: request.body, id="body"),
    pytest.param(lambda request: request.read(), id="read"),
    pytest.param(lambda request: request.readline(), id="readline"),
    pytest.param(lambda request: request.readlines(), id="readlines"),
    pytest.param(lambda request: request.POST, id="POST"),
    pytest.param(lambda request: request.FILES, id="FILES"),
]


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("content_type", [FORM, "multipart/form-data; boundary=x"])
def test_a_client_that_goes_away_is_an_unreadable_post(read: Any, content_type: str) -> None:
    request = HandlersRequest(BrokenStream(), CONTENT_TYPE=content_type, CONTENT_LENGTH="10")
    with pytest.raises(UnreadablePostError, match="connection reset"):
        read(request)


# Forms.


def test_a_form_is_read_with_post_only() -> None:
    form = {"CONTENT_TYPE": FORM, "CONTENT_LENGTH": "7"}
    request = HandlersRequest(b"a=1&a=2", **form)
    assert request.POST.getlist("a") == ["1", "2"]
    assert request.FILES == {}
    assert request.body == b"a=1&a=2"
    assert HandlersRequest(b"a=1&a=2", "PUT", **form).POST == {}
    assert HandlersRequest(b"a=1&a=2", CONTENT_TYPE="text/plain").POST == {}


def test_post_may_be_replaced() -> None:
    request = HandlersRequest(b"a=1", CONTENT_TYPE=FORM)
    request.POST = QueryDict("b=2")
    assert request.POST.urlencode() == "b=2"


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b"a=%zz&b=%ff&%=%&&=&c", {"a": ["%zz"], "b": ["\ufffd"], "%": ["%"], "": [""], "c": [""]}),
        (b"\xff=\xfe", {"ÿ": ["þ"]}),
        (b"\0=\0", {"\0": ["\0"]}),
        (b"", {}),
    ],
)
def test_a_malformed_form_is_read_as_well_as_it_goes(body: bytes, fields: dict[str, list[str]]) -> None:
    assert dict(HandlersRequest(body, CONTENT_TYPE=FORM).POST.lists()) == fields


@pytest.mark.parametrize("charset", ["utf-8", "UTF8", "utf_8"])
def test_a_form_may_say_that_it_is_utf_8(charset: str) -> None:
    request = HandlersRequest("a=é".encode(), CONTENT_TYPE=f"{FORM}; charset={charset}")
    assert request.POST["a"] == "é"


def test_a_form_in_another_charset_is_a_bad_request() -> None:
    with pytest.raises(BadRequest, match="must be UTF-8 encoded"):
        _ = HandlersRequest(b"a=1", CONTENT_TYPE=f"{FORM}; charset=latin-1").POST


def test_a_form_with_too_many_fields_is_refused() -> None:
    with override_settings(DATA_UPLOAD_MAX_NUMBER_FIELDS=2), pytest.raises(TooManyFieldsSent):
        _ = HandlersRequest(b"a&b&c", CONTENT_TYPE=FORM).POST


# JSON.


@pytest.mark.parametrize(
    ("body", "value"),
    [(b'{"a": [1, null]}', {"a": [1, None]}), (b'"\xc3\xa9"', "é"), (b"5", 5), ('"é"'.encode("utf-16"), "é")],
)
@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "application/ld+json"])
def test_a_json_body_is_read(body: bytes, value: Any, kind: str) -> None:
    assert HandlersRequest(body, CONTENT_TYPE=kind).json() == value


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param(b'{"a": 1,\n "b" 2}', "line 2, column 6", id="place"),
        pytest.param(b"", "line 1, column 1", id="empty"),
        pytest.param(b'"\xff"', "byte 1 is not utf-8", id="not-utf-8"),
        pytest.param(b"[NaN]", "NaN is no JSON number", id="nan"),
        pytest.param(b"-Infinity", "-Infinity is no JSON number", id="infinity"),
        pytest.param(b"[" * 100_000, "the body is not JSON that can be read", id="too-deep"),
        pytest.param(b"1" * 10_000, "the body is not JSON that can be read", id="number-too-long"),
        pytest.param(b'{"a": 1} x', "line 1, column 10", id="something-behind-it"),
    ],
)
def test_a_body_that_is_not_json_is_a_bad_request_that_tells_the_place(body: bytes, message: str) -> None:
    with pytest.raises(BadRequest, match=message):
        HandlersRequest(body, CONTENT_TYPE="application/json").json()


@pytest.mark.parametrize("kind", ["", "text/plain", FORM, "application/jsonp"])
def test_json_of_another_content_type_is_unsupported(kind: str) -> None:
    with pytest.raises(UnsupportedMediaType, match="not 'application/json'") as caught:
        HandlersRequest(b"{}", CONTENT_TYPE=kind).json()
    assert caught.value.status_code == 415
    assert isinstance(caught.value, BadRequest)


# Signed cookies.


def request_with_signed_cookie(**kwargs: Any) -> HttpRequest:
    response = HttpResponse()
    response.set_signed_cookie("name", "value", **kwargs)
    request = HttpRequest()
    request.COOKIES["name"] = response.cookies["name"].value
    return request


def test_a_signed_cookie_comes_back() -> None:
    assert request_with_signed_cookie().get_signed_cookie("name", max_age=10) == "value"
    assert request_with_signed_cookie(salt="s").get_signed_cookie("name", salt="s") == "value"


@pytest.mark.parametrize("tampered", ["other", "value", "", ":::", "value:1:\ud800", "é:1:é"])
def test_a_tampered_cookie_is_refused_or_gives_the_default(tampered: str) -> None:
    request = request_with_signed_cookie()
    request.COOKIES["name"] = tampered
    with pytest.raises(signing.BadSignature):
        request.get_signed_cookie("name")
    assert request.get_signed_cookie("name", default=None) is None


def test_a_signed_cookie_is_worthless_elsewhere() -> None:
    request = request_with_signed_cookie(salt="bc")
    request.COOKIES["nameb"] = request.COOKIES["name"]
    for name, salt in [("name", ""), ("name", "x"), ("nameb", "c")]:
        with pytest.raises(signing.BadSignature):
            request.get_signed_cookie(name, salt=salt)
    with pytest.raises(KeyError):
        request.get_signed_cookie("absent")
    assert request.get_signed_cookie("absent", default="d") == "d"


def test_an_old_signed_cookie_has_expired() -> None:
    with pytest.raises(signing.SignatureExpired):
        request_with_signed_cookie().get_signed_cookie("name", max_age=-1)
