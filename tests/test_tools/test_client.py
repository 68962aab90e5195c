"""The test client against a small site: cookies, redirects, uploads, JSON, exceptions, templates."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from miniframe.exceptions import PermissionDenied
from miniframe.http import HttpResponse, HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from miniframe.signals import request_finished
from miniframe.test import Client, RequestFactory, override_settings
from miniframe.test.client import RedirectCycleError
from miniframe.test.html import HTMLParseError, parse_html
from miniframe.test.payload import FakePayload
from miniframe.urls import path


def show(request: Any) -> HttpResponse:
    seen = {
        "method": request.method,
        "query": request.GET.urlencode(),
        "body": request.body.decode("latin-1") if request.method != "POST" else "",
        "post": dict(request.POST.lists()),
        "files": {name: file.read().decode() for name, file in request.FILES.items()},
        "cookies": request.COOKIES,
        "secure": request.is_secure(),
        "type": request.content_type,
        "x": request.headers.get("X-Mine"),
    }
    return JsonResponse(seen)


def set_cookie(request: Any) -> HttpResponse:
    response = HttpResponse("set")
    response.set_cookie("seen", "yes; indeed")
    return response


def fail(request: Any) -> HttpResponse:
    raise ZeroDivisionError("on purpose")


def deny(request: Any) -> HttpResponse:
    raise PermissionDenied


def stream(request: Any) -> StreamingHttpResponse:
    return StreamingHttpResponse([b"a", b"b"])


@pytest.fixture(autouse=True)
def site() -> Iterator[None]:
    urls = ModuleType("client_urls")
    urls.urlpatterns = [  # type: ignore[attr-defined]
        path("show/", show),
        path("cookie/", set_cookie),
        path("fail/", fail),
        path("deny/", deny),
        path("stream/", stream),
        path("to/show/", lambda request: HttpResponseRedirect("/show/?a=1")),
        path("keep/", lambda request: HttpResponseRedirect("/show/", preserve_request=True)),
        path("loop/", lambda request: HttpResponseRedirect("/loop/")),
    ]
    sys.modules["client_urls"] = urls
    with override_settings(ROOT_URLCONF="client_urls"):
        yield
    del sys.modules["client_urls"]


def test_every_method_arrives_with_its_body() -> None:
    client = Client()
    for method in ("get", "put", "patch", "delete", "options"):
        answer = getattr(client, method)("/show/").json()
        assert answer["method"] == method.upper()
    assert client.head("/show/").content == b""
    assert client.put("/show/", "text", content_type="text/plain").json()["body"] == "text"
    assert client.put("/show/", {"a": 1}, content_type="application/json").json()["body"] == json.dumps({"a": 1})


@pytest.mark.parametrize(
    ("arguments", "query"),
    [
        pytest.param({"data": {"a": [1, 2], "b": "ü"}}, "a=1&a=2&b=%C3%BC", id="data"),
        pytest.param({"query_params": {"a": "1"}}, "a=1", id="query_params"),
        pytest.param({}, "in=path", id="in-the-path"),
    ],
)
def test_a_query_is_sent(arguments: dict[str, Any], query: str) -> None:
    assert Client().get("/show/?in=path", **arguments).json()["query"] == query


def test_forms_and_files_are_sent_as_a_browser_sends_them() -> None:
    upload = io.BytesIO(b"content")
    upload.name = "/somewhere/report.txt"
    answer = Client().post("/show/", {"a": ["1", "2"], "b": "ü", "file": upload}).json()
    assert answer["post"] == {"a": ["1", "2"], "b": ["ü"]}
    assert answer["files"] == {"file": "content"}
    with pytest.raises(TypeError, match="Cannot encode None for key 'a'"):
        Client().post("/show/", {"a": None})


def test_cookies_are_kept_and_sent_back() -> None:
    client = Client()
    client.get("/cookie/")
    assert client.get("/show/").json()["cookies"] == {"seen": "yes; indeed"}


def test_redirects_are_followed() -> None:
    response = Client().get("/to/show/", follow=True)
    assert response.redirect_chain == [("/show/?a=1", 302)]
    assert response.json()["query"] == "a=1"
    kept = Client().post("/keep/", {"a": "1"}, follow=True)
    assert kept.json()["post"] == {"a": ["1"]}
    with pytest.raises(RedirectCycleError, match="loop"):
        Client().get("/loop/", follow=True)


def test_what_the_view_raises_is_raised_or_shown() -> None:
    with pytest.raises(ZeroDivisionError, match="on purpose"):
        Client().get("/fail/")
    response = Client(raise_request_exception=False).get("/fail/")
    assert response.status_code == 500
    assert response.exc_info[0] is ZeroDivisionError
    assert Client().get("/deny/").status_code == 403


def test_headers_and_https() -> None:
    answer = Client(headers={"X-Mine": "always"}).get("/show/", secure=True).json()
    assert answer["x"] == "always"
    assert answer["secure"] is True
    assert Client().get("/show/", headers={"X-Mine": "once"}).json()["x"] == "once"


def test_a_stream_is_closed_when_it_has_been_read() -> None:
    finished: list[Any] = []

    def note(sender: Any, **kwargs: Any) -> None:
        finished.append(sender)

    request_finished.connect(note)
    try:
        response = Client().get("/stream/")
        assert not finished
        assert b"".join(response.streaming_content) == b"ab"
        assert len(finished) == 1
    finally:
        request_finished.disconnect(note)


def test_the_factory_makes_requests_for_a_view_alone() -> None:
    request = RequestFactory(headers={"X-Mine": "1"}).post("/any/", {"a": "b"})
    assert (request.method, request.path, request.POST["a"], request.headers["X-Mine"]) == ("POST", "/any/", "b", "1")


def test_reading_past_the_body_fails_instead_of_hanging() -> None:
    payload = FakePayload(b"abc")
    assert payload.read(2) == b"ab"
    with pytest.raises(AssertionError, match="Cannot read more"):
        payload.read(2)
    with pytest.raises(ValueError, match="after it's been read"):
        payload.write(b"d")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("<p>a  b</p>", "<p> a b </p>"),
        ('<a b="1" c="2">x</a>', '<a c="2" b="1">x</a>'),
        ('<p class="b a">x</p>', '<p class="a b">x</p>'),
        ("<input checked>", '<input checked="checked">'),
        ("<br/>", "<br>"),
        ("&lt;", "&#60;"),
    ],
)
def test_html_that_means_the_same_is_equal(first: str, second: str) -> None:
    assert parse_html(first) == parse_html(second)


def test_broken_html_is_refused() -> None:
    for broken in ("</p>", "<p><b></p>x</b>"):
        with pytest.raises(HTMLParseError):
            parse_html(broken)
