"""Forged requests are refused, and for the same reason, where Django refuses them."""

from __future__ import annotations

from itertools import product
from typing import Any
from urllib.parse import quote

import pytest

MIDDLEWARE = ["django.middleware.common.CommonMiddleware", "django.middleware.csrf.CsrfViewMiddleware"]
FORM = "application/x-www-form-urlencoded"
SECRET = "a" * 32
GOOD = {"HTTP_COOKIE": f"csrftoken={SECRET}", "HTTP_X_CSRFTOKEN": SECRET}
COOKIES = [
    *(None, f"csrftoken={SECRET}", "csrftoken=" + "b" * 64, "csrftoken=" + "a" * 31, "csrftoken=" + "a" * 33),
    *("csrftoken=" + "é" * 32, "csrftoken=" + "a" * 31 + "!", "csrftoken=", "csrftoken"),
    *(f"csrftoken=x; csrftoken={SECRET}", f"csrftoken={SECRET}; csrftoken=x", f'csrftoken="{SECRET}"'),
    *(f"xcsrftoken={SECRET}", f"CSRFTOKEN={SECRET}", "csrftoken=" + "a" * 31 + "\x00"),
]  # fmt: skip
TOKENS = [
    *(None, SECRET, "b" * 64, "a" * 31, "a" * 33, "", SECRET.upper(), "é" * 32, "a" * 31 + "!", "b" * 63 + "-"),
    *("b" * 32 + "a" * 32, "ab" * 32),
]
ORIGINS = [
    *("http://testserver", "https://testserver", "null", "", "http://testserver:80", "http://evil", "http://["),
    *("http://testserver.evil", "HTTP://TESTSERVER", "http://trusted.org", "http://a.trusted.org", "testserver"),
    *("http://sub.example.com", "https://sub.example.com", "http://example.com", "http://testserver/"),
    *("http://testserver, http://evil", "http://user@testserver", "http://a.b.example.com:8080", "ftp://testserver"),
    *("http://xexample.com", "http://example.com:8080"),
]
REFERERS = [
    *(None, "", "https://testserver/", "https://testserver", "http://testserver/", "https://evil/", "https://["),
    *("https://testserver.evil/", "https://testserver:443/", "https://testserver:80/", "https://trusted.org/"),
    *("https://a.trusted.org/x", "https://sub.example.com/", "https://example.com", "https:///x", "/x"),
    *("https://user@testserver/", "https://TESTSERVER/", "javascript:x", "https://cookie.domain/"),
    *("https://cookie.domain:8443", "https://x.cookie.domain/"),
]
SETTINGS: list[dict[str, Any]] = [
    {"CSRF_COOKIE_SECURE": True},
    {"CSRF_TRUSTED_ORIGINS": ["http://trusted.org", "https://*.example.com", "http://*.example.com:8080"]},
    {"CSRF_COOKIE_DOMAIN": ".cookie.domain"},
    {"CSRF_COOKIE_DOMAIN": "cookie.domain", "CSRF_HEADER_NAME": "HTTP_X_OTHER", "CSRF_COOKIE_NAME": "other"},
]


@pytest.mark.parametrize("settings", SETTINGS, ids=lambda each: next(iter(each)))
def test_where_a_form_comes_from(twins: Any, a_request: Any, settings: dict[str, Any]) -> None:
    with twins("probe", MIDDLEWARE=MIDDLEWARE, **settings) as both:
        both.agree(
            a_request("POST", "/form/", HTTP_ORIGIN=origin, HTTP_HOST=host, **GOOD, **{"wsgi.url_scheme": scheme})
            for origin, host, scheme in product(ORIGINS, ["testserver", "evil"], ["http", "https"])
        )
        both.agree(
            a_request("POST", "/form/", HTTP_REFERER=page, SERVER_PORT=port, HTTP_HOST=host, **secure)
            for page, port, host in product(REFERERS, ["443", "8443"], ["testserver", None])
            for secure in [{**GOOD, "wsgi.url_scheme": "https"}]
        )


def test_cookies_and_tokens(twins: Any, a_request: Any) -> None:
    with twins("probe", MIDDLEWARE=MIDDLEWARE) as both:
        both.agree(
            a_request(method, "/form/", HTTP_COOKIE=cookie, HTTP_X_CSRFTOKEN=token)
            for method, cookie, token in product(["POST", "DELETE", "GET", "OPTIONS"], COOKIES, TOKENS)
        )
        both.agree(
            a_request(method, "/form/", f"csrfmiddlewaretoken={quote(token or '')}".encode(), CONTENT_TYPE=FORM, **jar)
            for method, cookie, token in product(["POST", "PUT"], COOKIES, TOKENS)
            for jar in [{"HTTP_COOKIE": cookie}]
        )


def test_the_cookie_that_is_set(twins: Any, a_request: Any) -> None:
    settings = {"SAMESITE": "Strict", "PATH": "/p", "AGE": 100, "SECURE": True, "HTTPONLY": True, "DOMAIN": "x.test"}
    with twins(
        "probe", MIDDLEWARE=MIDDLEWARE, **{f"CSRF_COOKIE_{name}": each for name, each in settings.items()}
    ) as both:
        for cookie in (None, f"csrftoken={SECRET}", "csrftoken=bad", "csrftoken=" + "b" * 64):
            answers = both.ask(a_request(target="/token/", HTTP_COOKIE=cookie))
            assert answers["django"].headers == answers["miniframe"].headers
            # Tokens are random; what Django made of a cookie, we accept, and the other way round.
            for ours, theirs in (("django", "miniframe"), ("miniframe", "django")):
                if cookie == f"csrftoken={SECRET}":
                    token = answers[ours].body.decode()
                    sent = a_request("POST", "/form/", HTTP_COOKIE=cookie, HTTP_X_CSRFTOKEN=token)
                    assert both.ask(sent)[theirs].body == b"accepted"


def test_the_secret_origin_is_never_trusted(twins: Any, a_request: Any, differences: str) -> None:
    assert "`Origin: null` and CSRF_TRUSTED_ORIGINS" in differences
    with twins("probe", MIDDLEWARE=MIDDLEWARE, CSRF_TRUSTED_ORIGINS=["null"]) as both:
        answers = both.ask(a_request("POST", "/form/", HTTP_ORIGIN="null", **GOOD))
    assert [answers[name].status[:3] for name in ("django", "miniframe")] == ["200", "403"]
