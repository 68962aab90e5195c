"""SecurityMiddleware: the redirect to HTTPS, and the headers that make browsers careful."""

from __future__ import annotations

from typing import Any

import pytest

from miniframe.http import HttpResponse
from miniframe.middleware.security import SecurityMiddleware
from miniframe.test.utils import override_settings


def through(request: Any, view: Any = None, **settings: Any) -> HttpResponse:
    with override_settings(**settings):
        response: HttpResponse = SecurityMiddleware(view or (lambda request: HttpResponse()))(request)
    return response


@pytest.mark.parametrize(
    ("settings", "value"),
    [
        pytest.param({"SECURE_HSTS_SECONDS": 60}, "max-age=60", id="seconds"),
        pytest.param(
            {"SECURE_HSTS_SECONDS": 60, "SECURE_HSTS_INCLUDE_SUBDOMAINS": True},
            "max-age=60; includeSubDomains",
            id="subdomains",
        ),
        pytest.param(
            {"SECURE_HSTS_SECONDS": 60, "SECURE_HSTS_INCLUDE_SUBDOMAINS": True, "SECURE_HSTS_PRELOAD": True},
            "max-age=60; includeSubDomains; preload",
            id="preload",
        ),
        pytest.param({"SECURE_HSTS_SECONDS": 0}, None, id="off"),
    ],
)
def test_strict_transport_security_is_sent_over_https(make_request: Any, settings: Any, value: str | None) -> None:
    assert through(make_request(secure=True), **settings).get("Strict-Transport-Security") == value
    assert "Strict-Transport-Security" not in through(make_request(secure=False), **settings)


@pytest.mark.parametrize(
    ("settings", "name", "value"),
    [
        pytest.param({}, "X-Content-Type-Options", "nosniff", id="nosniff"),
        pytest.param({"SECURE_CONTENT_TYPE_NOSNIFF": False}, "X-Content-Type-Options", None, id="nosniff-off"),
        pytest.param({}, "Referrer-Policy", "same-origin", id="referrer"),
        pytest.param(
            {"SECURE_REFERRER_POLICY": "no-referrer,  origin"}, "Referrer-Policy", "no-referrer,origin", id="text"
        ),
        pytest.param({"SECURE_REFERRER_POLICY": ["a", "b"]}, "Referrer-Policy", "a,b", id="list"),
        pytest.param({"SECURE_REFERRER_POLICY": None}, "Referrer-Policy", None, id="referrer-off"),
        pytest.param({}, "Cross-Origin-Opener-Policy", "same-origin", id="opener"),
        pytest.param({"SECURE_CROSS_ORIGIN_OPENER_POLICY": None}, "Cross-Origin-Opener-Policy", None, id="opener-off"),
    ],
)
def test_each_header_follows_its_setting(make_request: Any, settings: Any, name: str, value: str | None) -> None:
    assert through(make_request(), **settings).get(name) == value


@pytest.mark.parametrize(
    "name",
    ["Strict-Transport-Security", "X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy"],
)
def test_the_view_has_the_last_word(make_request: Any, name: str) -> None:
    request = make_request(secure=True)
    response = through(request, lambda request: HttpResponse(headers={name: "own"}), SECURE_HSTS_SECONDS=60)
    assert response[name] == "own"


@pytest.mark.parametrize(
    ("address", "secure", "settings", "location"),
    [
        pytest.param("/a/?b=1", False, {}, "https://testserver/a/?b=1", id="redirected"),
        pytest.param("/a/", True, {}, None, id="secure-already"),
        pytest.param("/a/", False, {"SECURE_SSL_HOST": "s.example"}, "https://s.example/a/", id="other-host"),
        pytest.param("/insecure/a", False, {"SECURE_REDIRECT_EXEMPT": ["^insecure/"]}, None, id="exempt"),
        pytest.param("/a/", False, {"SECURE_SSL_REDIRECT": False}, None, id="off"),
    ],
)
def test_plain_http_is_redirected_if_it_is_to_be(
    make_request: Any, address: str, secure: bool, settings: Any, location: str | None
) -> None:
    options = {"SECURE_SSL_REDIRECT": True, **settings}
    response = through(make_request(address, secure=secure), **options)
    assert (response.status_code, response.get("Location")) == ((301, location) if location else (200, None))


def test_a_subclass_that_looks_at_requests_is_asked_even_without_the_redirect(make_request: Any) -> None:
    class Own(SecurityMiddleware):
        def process_request(self, request: Any) -> HttpResponse | None:
            return HttpResponse("own")

    assert Own(lambda request: HttpResponse())(make_request()).content == b"own"
