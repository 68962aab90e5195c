"""CommonMiddleware: one address for each page, unwanted robots, Content-Length."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from miniframe.exceptions import DisallowedHost, PermissionDenied
from miniframe.http import HttpResponse, HttpResponseNotFound, HttpResponseRedirect, StreamingHttpResponse
from miniframe.middleware.common import CommonMiddleware
from miniframe.test.utils import override_settings
from miniframe.urls import path, re_path
from miniframe.views.decorators.common import no_append_slash


def view(request: Any, **kwargs: Any) -> HttpResponse:
    return HttpResponse("page")


URLS = ModuleType("urls_of_common")
URLS.urlpatterns = [  # type: ignore[attr-defined]  # a URLconf
    path("slash/", view),
    path("noslash", view),
    path("both", view),
    path("both/", view),
    path("sensitive/", no_append_slash(view)),
    re_path(r"^(?P<rest>.+)/security/$", view),
]


@pytest.fixture(autouse=True)
def routes() -> Iterator[None]:
    with override_settings(ROOT_URLCONF=URLS):
        yield


def respond(request: Any, response: Any = None, **settings: Any) -> Any:
    with override_settings(**settings):
        return CommonMiddleware(lambda request: response or HttpResponseNotFound())(request)


@pytest.mark.parametrize(
    ("address", "settings", "location"),
    [
        pytest.param("/slash", {}, "/slash/", id="slash-is-added"),
        pytest.param("/slash?q=%C3%A9", {}, "/slash/?q=%C3%A9", id="query-is-kept"),
        pytest.param("/slash/", {}, None, id="has-one"),
        pytest.param("/both", {}, None, id="a-route-without"),
        pytest.param("/unknown", {}, None, id="no-route"),
        pytest.param("/sensitive", {}, None, id="the-view-does-not-want-it"),
        pytest.param("/slash", {"APPEND_SLASH": False}, None, id="off"),
        pytest.param("//evil.example/security", {}, "/%2Fevil.example/security/", id="no-other-host"),
    ],
)
def test_a_404_is_redirected_to_the_path_with_a_slash(
    make_request: Any, address: str, settings: Any, location: str | None
) -> None:
    response = respond(make_request(address), **settings)
    assert (response.status_code, response.get("Location")) == ((301, location) if location else (404, None))


def test_the_request_s_own_urlconf_decides(make_request: Any) -> None:
    request = make_request("/elsewhere")
    request.urlconf = (path("elsewhere/", view),)
    assert respond(request)["Location"] == "/elsewhere/"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_in_debug_a_form_without_the_slash_is_an_error_that_tells_how_to_mend_it(
    make_request: Any, method: str
) -> None:
    message = f"maintaining {method} data. Change your form to point to testserver/slash/ (note the trailing slash)"
    with pytest.raises(RuntimeError, match=re.escape(message)):
        respond(make_request("/slash", method=method), DEBUG=True)


def test_in_production_a_form_without_the_slash_is_redirected(make_request: Any) -> None:
    assert respond(make_request("/slash", method="POST"), DEBUG=False).status_code == 301


@pytest.mark.parametrize(
    ("address", "location"),
    [
        pytest.param("/noslash", "http://www.testserver/noslash", id="www"),
        pytest.param("/slash", "http://www.testserver/slash/", id="both-at-once"),
    ],
)
def test_www_is_put_before_the_host(make_request: Any, address: str, location: str) -> None:
    response = respond(make_request(address), HttpResponse(), PREPEND_WWW=True)
    assert (response.status_code, response["Location"]) == (301, location)


def test_www_is_not_put_twice(make_request: Any) -> None:
    request = make_request("/noslash", HTTP_HOST="www.testserver")
    assert respond(request, HttpResponse(), PREPEND_WWW=True, ALLOWED_HOSTS=["*"]).status_code == 200


def test_the_kind_of_redirect_can_be_chosen(make_request: Any) -> None:
    class Temporary(CommonMiddleware):
        response_redirect_class = HttpResponseRedirect  # type: ignore[assignment]  # any redirect will do

    assert Temporary(lambda request: HttpResponseNotFound())(make_request("/slash")).status_code == 302


def test_unwanted_robots_are_refused(make_request: Any) -> None:
    unwanted = {"DISALLOWED_USER_AGENTS": [re.compile("^Bad")]}
    with pytest.raises(PermissionDenied, match="Forbidden user agent"):
        respond(make_request(HTTP_USER_AGENT="BadBot/1.0"), HttpResponse(), **unwanted)
    assert respond(make_request(HTTP_USER_AGENT="GoodBot"), HttpResponse(), **unwanted).status_code == 200
    assert respond(make_request(), HttpResponse(), **unwanted).status_code == 200


def test_contract_71_a_forged_host_is_refused(make_request: Any) -> None:
    with pytest.raises(DisallowedHost, match="ALLOWED_HOSTS"):
        respond(make_request(HTTP_HOST="evil.example"), HttpResponse())


@pytest.mark.parametrize("status", [100, 204, 304])
def test_content_length_is_not_set_where_there_is_no_content(make_request: Any, status: int) -> None:
    assert "Content-Length" not in respond(make_request(), HttpResponse(status=status))


@pytest.mark.parametrize(
    ("response", "length"),
    [
        pytest.param(HttpResponse("é"), "2", id="octets"),
        pytest.param(HttpResponse(), "0", id="empty"),
        pytest.param(HttpResponse("page", headers={"Content-Length": "99"}), "99", id="the-view-s-own"),
        pytest.param(StreamingHttpResponse(iter([b"x"])), None, id="streamed"),
    ],
)
def test_content_length_is_set_if_it_is_known(make_request: Any, response: Any, length: str | None) -> None:
    assert respond(make_request(), response).get("Content-Length") == length
