"""What the middleware and the decorators do to requests and answers is what Django's do."""

from __future__ import annotations

import re
from itertools import product
from typing import Any

import pytest

COMMON = "django.middleware.common.CommonMiddleware"
STACK = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    COMMON,
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TARGETS = [
    *("/", "/page/", "/page", "/number/5", "/number/5?x=1", "//page", "//number/5", "/%2Fnumber/5", "/stream/"),
    *("/fail/", '/tagged/?etag="abc"', '/tagged/?etag=W/"abc"', "/tagged/?etag=abc", "/tagged/?modified=nonsense"),
    *("/go/?to=/x", "/tagged/?modified=Sun,%2006%20Nov%201994%2008:49:37%20GMT"),
]  # fmt: skip
CODINGS = [
    *("gzip", "GZIP", "deflate, gzip", "x-gzip", "*", "identity", "gzip, identity;q=0", "br", "gzipx", "agzip", ""),
    *("gzip;q=0.5", "gzip;q=0.001"),
]
TAGS = [
    *('"abc"', 'W/"abc"', "abc", "*", '"x", "abc"', '"x","y"', "", '"abc', '"a"b"', "W/*", ' "abc" ', '"abc",'),
    *('w/"abc"', '"a,b"'),
]
DATES = [
    *("Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:36 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "", "0"),
    *("Sun Nov  6 08:49:37 1994", "Sun, 06 Nov 1994 08:49:37", "Mon, 06 Nov 1994 08:49:37 GMT"),
    *("Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:37 +0000", "Sun, 99 Nov 1994 08:49:37 GMT"),
    *("Sun, 06 Nov 0000 08:49:37 GMT", "Sun, 06 Nov 9999 23:59:60 GMT", "Sun, 06 Nov 1994 08:49:37 GMT; length=3"),
    *("Thu, 01 Jan 1970 00:00:00 GMT", "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 06 Nov 2094 08:49:37 GMT"),
    *("Sunday, 06-Nov-75 08:49:37 GMT",),
]


def test_the_whole_stack(twins: Any, a_request: Any) -> None:
    with twins("probe", MIDDLEWARE=STACK) as both:
        both.agree(
            a_request(method, target)
            for method, target in product(["GET", "HEAD", "POST", "OPTIONS", "DELETE"], TARGETS)
        )
        both.agree(
            a_request("GET", target, HTTP_ACCEPT_ENCODING=coding, HTTP_IF_NONE_MATCH=tag)
            for target, coding, tag in product(TARGETS, CODINGS, [None, '"abc"'])
        )
        both.agree(
            a_request("POST", "/page", HTTP_HOST=host) for host in ["evil", "", "testserver.", "www.testserver", None]
        )


@pytest.mark.parametrize("site", ["probe", "decorated"])
def test_conditional_requests(twins: Any, a_request: Any, site: str) -> None:
    targets = {
        "probe": ["/page/", "/stream/", "/fail/", *TARGETS[-5:]],
        "decorated": ["/etag/", "/weak/", "/bare/", "/none/", "/modified/", "/both/", "/conditional/"],
    }[site]
    with twins(site, MIDDLEWARE=STACK if site == "probe" else []) as both:
        both.agree(
            a_request(method, target, **{name: value})
            for method, target in product(["GET", "HEAD", "POST"], targets)
            for names, values in (
                (("HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH"), TAGS),
                (("HTTP_IF_MODIFIED_SINCE", "HTTP_IF_UNMODIFIED_SINCE"), DATES),
            )
            for name, value in product(names, values)
        )
        both.agree(
            a_request(method, target, HTTP_IF_NONE_MATCH=tag, HTTP_IF_MATCH=other, HTTP_IF_MODIFIED_SINCE=date)
            for method, target in product(["GET", "POST"], targets)
            for tag, other, date in product([None, '"abc"', "*"], [None, '"abc"', '"x"'], [None, *DATES[:2]])
        )


SETTINGS: list[dict[str, Any]] = [
    {"PREPEND_WWW": True},
    {"APPEND_SLASH": False},
    {"SECURE_SSL_REDIRECT": True},
    {"SECURE_SSL_REDIRECT": True, "SECURE_SSL_HOST": "secure.test", "SECURE_REDIRECT_EXEMPT": ["^page"]},
    {"SECURE_HSTS_SECONDS": 10, "SECURE_HSTS_PRELOAD": True, "SECURE_HSTS_INCLUDE_SUBDOMAINS": True},
    {"SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"), "SECURE_HSTS_SECONDS": 5},
    {"DISALLOWED_USER_AGENTS": [re.compile("bad")]},
    {"X_FRAME_OPTIONS": "SAMEORIGIN", "SECURE_REFERRER_POLICY": "a, b", "SECURE_CROSS_ORIGIN_OPENER_POLICY": None},
    {"SECURE_CONTENT_TYPE_NOSNIFF": False, "SECURE_REFERRER_POLICY": ["a", "b"]},
    {"USE_X_FORWARDED_HOST": True, "USE_X_FORWARDED_PORT": True},
    {"FORCE_SCRIPT_NAME": "/forced"},
    {"DATA_UPLOAD_MAX_NUMBER_FIELDS": 2, "DATA_UPLOAD_MAX_MEMORY_SIZE": 10},
]
WAYS: list[dict[str, Any]] = [
    {},
    {"wsgi.url_scheme": "https"},
    *({"HTTP_X_FORWARDED_PROTO": scheme} for scheme in ("https", "http", "https, http")),
    {"HTTP_USER_AGENT": "a bad one"},
    *({"HTTP_X_FORWARDED_HOST": host} for host in ("testserver", "evil")),
    {"HTTP_X_FORWARDED_PORT": "8080"},
    {"HTTP_HOST": "testserver:8000"},
    {"HTTP_HOST": None, "SERVER_PORT": "81"},
]


@pytest.mark.parametrize("settings", SETTINGS, ids=lambda each: next(iter(each)))
def test_settings(twins: Any, a_request: Any, settings: dict[str, Any]) -> None:
    form = {"CONTENT_TYPE": "application/x-www-form-urlencoded"}
    targets = ["/", "/page/", "/page", "/number/5", "//number/5?x", "/%C3%A9", "/stream/", "/?a=1&b=2&c=3", "/one/uri/"]
    with twins("probe", MIDDLEWARE=STACK, **settings) as both:
        both.agree(a_request(method, target, **way) for method, target, way in product(["GET", "POST"], targets, WAYS))
        both.agree(
            a_request("POST", target, body, **form)
            for target, body in product(
                ["/one/POST/", "/one/body/", "/"], [b"a&b", b"a&b&c", b"a=1&b=2&c=3", b"x" * 10]
            )
        )


DECORATED = [
    *("/get/", "/post/", "/safe/", "/methods/", "/class/", "/class/5/", "/class/x/", "/class/5", "/guarded/"),
    *("/gone/", "/elsewhere/7/", "/elsewhere/7/?a=1&b=%C3%A9", "/away/x/", "/away/x/?q", "/gzip/", "/never/"),
    *("/control/", "/nocache/", "/cookie/", "/frame/deny/", "/frame/same/", "/frame/exempt/", "/unslashed/"),
    *("/unslashed", "/token/", "/common/", "/raise/404/", "/raise/403/", "/raise/400/", "/raise/suspicious/"),
    *("/raise/500/", "/go/view/", "/go/path/", "/go/relative/", "/go/permanent/", "/go/kept/", "/go/both/"),
    *("/go/lazy/", "/go/query/", "/go/nowhere/", "/inner/", "/inner/deep/a/b", "/inner/deep/", "/stream/"),
]


@pytest.mark.parametrize("middleware", [[], [COMMON, STACK[-1]]], ids=["bare", "stack"])
def test_decorators_generic_views_and_shortcuts(twins: Any, a_request: Any, middleware: list[str]) -> None:
    methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PURGE", "TRACE"]
    with twins("decorated", MIDDLEWARE=middleware) as both:
        both.agree(
            a_request(method, target, HTTP_ACCEPT_ENCODING="gzip") for method, target in product(methods, DECORATED)
        )


@pytest.mark.parametrize("seconds", [0, 60])
@pytest.mark.parametrize("site", ["probe", "decorated"])
def test_pages_that_are_kept(twins: Any, a_request: Any, site: str, seconds: int) -> None:
    kept = [
        "/page/",
        "/stream/",
        "/fail/",
        "/?a=1",
        "/never/",
        "/control/",
        "/cookie/",
        "/get/",
        "/class/5/",
        "/raise/404/",
    ]
    headers: list[dict[str, Any]] = [
        *({}, {}, {"HTTP_COOKIE": "a=1"}, {"HTTP_ACCEPT_ENCODING": "gzip"}, {"HTTP_ACCEPT_ENCODING": "gzip"}),
        *({"HTTP_IF_NONE_MATCH": "*"}, {"HTTP_CACHE_CONTROL": "no-cache"}, {"HTTP_HOST": "testserver:81"}),
    ]
    with twins(
        site,
        MIDDLEWARE=[
            "django.middleware.cache.UpdateCacheMiddleware",
            *STACK[1:4],
            "django.middleware.cache.FetchFromCacheMiddleware",
        ],
        CACHE_MIDDLEWARE_SECONDS=seconds,
        CACHE_MIDDLEWARE_KEY_PREFIX=f"{site}-{seconds}",
    ) as both:
        both.agree(
            a_request(method, target, **more) for target, method, more in product(kept, ["GET", "HEAD"], headers)
        )


def test_a_coding_that_is_refused_is_not_used(twins: Any, a_request: Any, differences: str) -> None:
    assert "`Accept-Encoding: gzip;q=0`" in differences
    with twins("probe", MIDDLEWARE=STACK) as both:
        for coding in ("gzip;q=0", "gzip; q=0.0", "br, gzip ;q=0.000, *;q=0"):
            answers = both.ask(a_request(target="/page/", HTTP_ACCEPT_ENCODING=coding))
            assert ("Content-Encoding", "gzip") not in answers["miniframe"].headers
            assert ("Content-Encoding", "gzip") in answers["django"].headers


def test_default_error_pages_have_the_same_status_and_title(twins: Any, a_request: Any, differences: str) -> None:
    assert "the default error pages without DEBUG" in differences
    with twins("bare") as both:
        for target, host in (("/404", "testserver"), ("/403", "testserver"), ("/400", "evil"), ("/500", "testserver")):
            answers = both.ask(a_request(target=target, HTTP_HOST=host))
            assert answers["django"].status == answers["miniframe"].status
            titles = [re.findall(rb"<title>\s*(.*?)\s*</title>", answer.body) for answer in answers.values()]
            assert titles[0] == titles[1] != []
