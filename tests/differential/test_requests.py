"""Requests are understood as Django understands them: every fact of `sites/probe.py`, for a table of odd requests."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

FORM = "application/x-www-form-urlencoded"

PATHS = [
    *("/", "/a/b", "/%C3%A9/", "/%ff", "/%E2%82", "/%ED%A0%80", "//x", "//evil.test/%2f..", "/a%00b", "/a%0d%0ab"),
    *("/a;b=1", "/a%3fb", "/a%23b", "/a%25zz", "/%zz", "/a b", "/a+b", "/..", "/.", "/./", "/a/..", "/a/../b"),
    *("//a/./b", "/%2e%2e/x", "/%5C", "/~", "/!$&'()*+,;=:@", "/[x]", "/\\x", "/a%0A", "/page", "/one/x", "", "x"),
    *("*", "/http://x/../y", "/:80/../x", "/number/5/", "/number/-5/", "/number/%D9%A3/"),
    *("/number/" + "9" * 30 + "/", "/number/5/%0A", "/number/5", "/number//", "/text/a/b/c/d", "/text/%2F/x"),
    *("/re/1/", "/re/1/abc/", "/re/1", "/re/1/abc", "/re/%D9%A3/abc", "/re/1/ABC/"),
]  # fmt: skip
QUERIES = [
    *("", "a", "a=", "=", "&", "&&a", "a=1&b=%C3%A9&a=2", "a=%", "a=%zz", "a=%ff", "é=ü", "a+b=c+d", "a=1;b=2"),
    *("a[]=1&a[]=2", "a=%00", "%00", "a=%0d%0a", "?a=1", "??", "a=%2526", "a=\x01", "a b=c d", "%26=%3D&a%3Db=c"),
    *("a=%f0%9f%98%80", "+=+", "a=%ed%a0%80", "a=%F4%90%80%80", "a=<>\"'", "a={}|^`\\", "a=1&A=2", "%C3=1"),
    *("a=%u00e9", "x=/../", "a=%C3%A9%ff"),
]  # fmt: skip
HOSTS = [
    *("testserver", "TESTSERVER", "testserver:80", "testserver:8080", "testserver.", "testserver:"),
    *("testserver:abc", "evil", "", "a,testserver", "testserver@evil", "testserver/", "[::1]", "[::1]:80"),
    *("testserver:99999", "tést", " testserver", "testserver\r\nX: y", "testserver\n", "testserver ", "127.0.0.1"),
    *("testserver:0", "testserver:-1", "test_server", None),
]  # fmt: skip
COOKIES = [
    *("", "a=1", "a=1; b=2", "a=1;a=2", 'a="x"', 'a="x\\054y"', "a", "=", "=x", "a=é", "a=\xc3\xa9", "a=\xff"),
    *("a=b=c", "a=%20", "$Version=1; a=1", "a=1,b=2", "a =1", "a= 1", " a=1", "a=1; ", "a=\x01", "a[b]=1", 'a="'),
    *('a="b;c"', "path=/; a=1", 'a={"b": 1}', ";", "a=1;;b=2", "\x00=1", "a=\x00", "a=1\r\nb=2", 'a="\\"', "a=\\"),
    *('a="b"c', 'a="b" ;c=d'),
]  # fmt: skip
ACCEPTS = [
    *("", "*/*", "text/html", "text/*", "text/html;q=0", "text/html;q=0.5,application/json"),
    *("application/json;q=0.9,*/*;q=0.1", "*", "*/html", "text", "text/", "/", "/html", "text/html;level=1"),
    *("text/html;level=1;q=0.3, text/html;q=0.7", "text/html; q=abc", "text/html;q=1.5", "text/html;q=-1"),
    *("text/html;q=nan", "text/html;q=inf", "text/html;Q=0.3", "TEXT/HTML", "text/html ;q=0.2", "text/html;;q=0.5"),
    *('text/html;charset="utf;8"', ",", "text/html,,", ",text/html", 'text/html;q="0.5"'),
    *("image/png,image/*;q=0.8,*/*;q=0.5", "text/html;level*=utf-8''1", "text/html;q=0.1234", "a;b"),
    *("text/html;q=1e-1", "text/html;q=٣", "text/html; q = 0.5", "text/plain;q=0.5, text/html;q=0.5", "*/*;q=0"),
    *(None, "text/html;q=", "text/html;level=2", "text/html;level", "text/html; =1", "text/html;q=0.5;level=1"),
    *("text/html\t;\tq=0.5",),
]  # fmt: skip
TYPES = [
    *("", "text/plain", "text/plain; charset=utf-8", "text/plain; charset=latin-1", "TEXT/Plain; Charset=UTF-8"),
    *(";", "é", "text/plain; charset=nosuch", "text/plain;charset=", "text/plain; charset='utf-8'"),
    *('text/plain; charset="utf-8"', "text/plain; charset=utf-16", "text/plain;a=1;a=2", "text/plain;a"),
    *("text/plain; =1", "; charset=utf-8", "a" * 300, "text/plain; charset*=utf-8''latin-1"),
    *('text/plain; x="a\\"b;c"', 'text/plain; x="a', "text/plain,text/html", None),
    *("text/plain; charset=utf-8; charset=latin-1", " text/plain ", FORM, FORM + "; charset=utf-8"),
    *(FORM + ";charset=UTF-8", FORM + "; charset=nosuch", FORM.upper(), FORM + ";charset=latin-1"),
    *(FORM + "; charset=utf-16", FORM + ", text/plain"),
]  # fmt: skip
BODIES = [
    *(b"", b"a=1", b"a=1&b=2&a=3", b"a=%ff", b"\xff=\xfe", b"a=\x00", b"a=1;b=2", b"&&", b"=", b"a", b"+=%2b", b"%"),
    *(b"a=1\r\n", b"a=%C3%A9&\xc3\xa9=1", b"\xef\xbb\xbfa=1", b"a=%u1234"),
]  # fmt: skip
LENGTHS = ["0", "1", "3", "-1", "", "+3", " 3 ", "0_3", "٣", None]
METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT", "get", "FOO", "PROPFIND"]
MOUNTS: list[dict[str, Any]] = [
    *({"SCRIPT_NAME": name} for name in ("/app", "/app/", "app", "/\xc3\xa9", "//app", "/a/../b")),
    *({"SCRIPT_URL": "/pre/x"}, {"REDIRECT_URL": "/pre//x"}, {"SCRIPT_URL": "/other", "SCRIPT_NAME": "/a"}),
]


def test_paths(twins: Any, a_request: Any) -> None:
    with twins("probe") as both:
        both.agree(a_request(target=path + query) for path, query in product(PATHS, ["", "?a=1&b=%C3%A9"]))


def test_query_strings(twins: Any, a_request: Any) -> None:
    with twins("probe") as both:
        both.agree(a_request(target="/?" + query) for query in QUERIES)
        both.agree(a_request(QUERY_STRING=raw) for raw in ["a=\xff", "a=\xe9&b=%C3%A9", "\xff", None])


def test_hosts(twins: Any, a_request: Any) -> None:
    with twins("probe") as both:
        both.agree(
            a_request(target=path, HTTP_HOST=host) for path, host in product(["/", "/one/host/", "/one/uri/"], HOSTS)
        )
        both.agree(
            a_request(HTTP_HOST=None, SERVER_NAME=name, SERVER_PORT=port, **{"wsgi.url_scheme": scheme})
            for name, port, scheme in product(["testserver", "evil"], ["80", "443", "8000"], ["http", "https"])
        )


PROXIES: list[dict[str, Any]] = [
    {},
    {"USE_X_FORWARDED_HOST": True},
    {"USE_X_FORWARDED_PORT": True},
    {"SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https")},
    {"FORCE_SCRIPT_NAME": "/forced"},
    {"DEFAULT_CHARSET": "latin-1"},
    {"ALLOWED_HOSTS": [".testserver", "evil"]},
    {"ALLOWED_HOSTS": [], "DEBUG": True},
]


@pytest.mark.parametrize("settings", PROXIES, ids=lambda each: ",".join(each) or "none")
def test_settings_that_change_what_is_understood(twins: Any, a_request: Any, settings: dict[str, Any]) -> None:
    with twins("probe", **settings) as both:
        both.agree(
            a_request(
                target=target,
                HTTP_X_FORWARDED_HOST=host,
                HTTP_X_FORWARDED_PORT="8443",
                HTTP_X_FORWARDED_PROTO=scheme,
                HTTP_HOST=own,
            )
            for target, host, scheme, own in product(
                ["/?a=%E9", "/x/../y"],
                ["evil", "testserver:81", ""],
                ["https", "http", "https, http", "HTTPS", ""],
                ["testserver", "a.testserver", "localhost:8000", None],
            )
        )


@pytest.mark.parametrize(
    ("name", "values"), [("HTTP_COOKIE", COOKIES), ("HTTP_ACCEPT", ACCEPTS)], ids=["cookies", "accept"]
)
def test_header_fields(twins: Any, a_request: Any, name: str, values: list[str | None]) -> None:
    with twins("probe") as both:
        both.agree(a_request(**{name: value}) for value in values)


def test_bodies_and_their_types(twins: Any, a_request: Any) -> None:
    with twins("probe") as both:
        both.agree(
            a_request(method, target, body, CONTENT_TYPE=kind)
            for method, target, body, kind in product(["POST", "PUT"], ["/?a=%E9", "/one/POST/"], BODIES, TYPES)
        )
        both.agree(a_request("POST", "/", b"a=1", CONTENT_TYPE=FORM, CONTENT_LENGTH=length) for length in LENGTHS)


def test_methods(twins: Any, a_request: Any) -> None:
    with twins("probe") as both:
        both.agree(
            a_request(method, target) for method, target in product(METHODS, ["/x?y", "/fail/", "/page/", "/stream/"])
        )


def test_where_the_site_is_mounted(twins: Any, a_request: Any) -> None:
    with twins("probe") as both:
        both.agree(a_request(target=target, **more) for target, more in product(["/x", "", "/page"], MOUNTS))


ON_PURPOSE = [
    pytest.param({"HTTP_ACCEPT": "text/html;x*=nosuch''1"}, "what is unreadable is passed over", id="accept"),
    pytest.param({"CONTENT_TYPE": "text/plain; charset=rot13"}, "a charset that is no text encoding", id="charset"),
    pytest.param({"CONTENT_TYPE": FORM + "; charset=UTF8", "REQUEST_METHOD": "POST"}, "any name of it", id="UTF8"),
    pytest.param({"CONTENT_LENGTH": "x", "REQUEST_METHOD": "POST"}, "a Content-Length that is no number", id="length"),
    pytest.param(
        {"CONTENT_TYPE": FORM, "CONTENT_LENGTH": "9", "REQUEST_METHOD": "POST"},
        "a body that ends before its Content-Length",
        id="cut-off",
    ),
    pytest.param({"SCRIPT_NAME": "/\xff"}, "a SCRIPT_NAME that is not UTF-8", id="script-name"),
]


@pytest.mark.parametrize(("more", "row"), ON_PURPOSE)
def test_a_difference_is_written_down_and_is_no_error_here(
    twins: Any, a_request: Any, differences: str, more: dict[str, Any], row: str
) -> None:
    with twins("probe") as both:
        answers = both.ask(a_request(**more))
    assert answers["django"] != answers["miniframe"]
    assert answers["miniframe"].status == "200 OK"
    assert row in differences
