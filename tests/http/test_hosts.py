"""Which host did the client ask for, and may it be believed?"""

from __future__ import annotations

from typing import Any

import pytest

from miniframe.exceptions import DisallowedHost, ImproperlyConfigured
from miniframe.http import HttpRequest
from miniframe.http.request import split_domain_port, validate_host
from miniframe.test.utils import override_settings


def request_with(**meta: str) -> HttpRequest:
    request = HttpRequest()
    request.META = {"SERVER_NAME": "internal.com", "SERVER_PORT": "80", **meta}
    return request


@pytest.mark.parametrize(
    ("host", "parts"),
    [
        ("example.com", ("example.com", "")),
        ("Example.COM:8000", ("example.com", "8000")),
        ("example.com.", ("example.com", "")),
        ("example.com.:80", ("example.com", "80")),
        ("127.0.0.1:80", ("127.0.0.1", "80")),
        ("[::1]", ("[::1]", "")),
        ("[2001:DB8::1]:8000", ("[2001:db8::1]", "8000")),
        ("xn--4ca9at.com", ("xn--4ca9at.com", "")),
        ("", ("", "")),
        ("example.com:80:80", ("", "")),
        ("example.com:80a", ("", "")),
        ("example.com:", ("", "")),
        ("user@example.com", ("", "")),
        ("example.com/path", ("", "")),
        ("example.com\n", ("", "")),
        ("exam ple.com", ("", "")),
        ("a,b", ("", "")),
        ("[::1", ("", "")),
        ("é.com", ("", "")),
    ],
)
def test_a_host_is_split_or_refused(host: str, parts: tuple[str, str]) -> None:
    assert split_domain_port(host) == parts


@pytest.mark.parametrize(
    ("host", "patterns", "valid"),
    [
        ("example.com", ["example.com"], True),
        ("example.com", ["EXAMPLE.com"], True),
        ("www.example.com", ["example.com"], False),
        ("www.example.com", [".example.com"], True),
        ("example.com", [".example.com"], True),
        ("badexample.com", [".example.com"], False),
        ("example.com.evil.test", [".example.com"], False),
        ("anything.test", ["*"], True),
        ("example.com", ["", "other"], False),
        ("example.com", [], False),
    ],
)
def test_a_host_matches_a_pattern(host: str, patterns: list[str], valid: bool) -> None:
    assert validate_host(host, patterns) is valid


FORGED = [
    "evil.test",
    "evil.test:80",
    "localhost.evil.test",
    "xlocalhost",
    "127.0.0.1.evil.test",
    "example.com@evil.test",
    "evil.test#example.com",
    "example.com,evil.test",
    "example.com\r\nX: y",
    "",
]


@pytest.mark.parametrize("host", FORGED)
@pytest.mark.parametrize("debug", [True, False])
def test_contract_71_a_forged_host_is_disallowed(host: str, debug: bool) -> None:
    hosts = [] if debug else ["example.com"]
    with override_settings(DEBUG=debug, ALLOWED_HOSTS=hosts), pytest.raises(DisallowedHost, match="Invalid HTTP_HOST"):
        request_with(HTTP_HOST=host).get_host()


def test_contract_71_the_message_names_what_to_add_to_allowed_hosts() -> None:
    with override_settings(ALLOWED_HOSTS=["example.com"]):
        with pytest.raises(DisallowedHost) as caught:
            request_with(HTTP_HOST="Other.Test:81").get_host()
        assert str(caught.value) == (
            "Invalid HTTP_HOST header: 'Other.Test:81'. You may need to add 'other.test' to ALLOWED_HOSTS."
        )
        with pytest.raises(DisallowedHost, match="not valid according to RFC 1034/1035"):
            request_with(HTTP_HOST="under_score.test").get_host()


@pytest.mark.parametrize("host", ["localhost", "LocalHost:8000", "sub.localhost", "127.0.0.1:1", "[::1]", "[::1]:80"])
def test_contract_71_the_localhost_family_is_allowed_in_debug(host: str) -> None:
    with override_settings(DEBUG=True, ALLOWED_HOSTS=[]):
        assert request_with(HTTP_HOST=host).get_host() == host
    with override_settings(DEBUG=False, ALLOWED_HOSTS=[]), pytest.raises(DisallowedHost):
        request_with(HTTP_HOST=host).get_host()
    with override_settings(DEBUG=True, ALLOWED_HOSTS=["example.com"]), pytest.raises(DisallowedHost):
        request_with(HTTP_HOST=host).get_host()


def test_allowed_hosts_may_be_changed_in_place() -> None:
    hosts = ["one.test"]
    with override_settings(ALLOWED_HOSTS=hosts):
        assert request_with(HTTP_HOST="one.test").get_host() == "one.test"
        hosts[0] = "two.test"
        assert request_with(HTTP_HOST="two.test").get_host() == "two.test"
        with pytest.raises(DisallowedHost):
            request_with(HTTP_HOST="one.test").get_host()


@override_settings(ALLOWED_HOSTS=["*"])
def test_a_wildcard_does_not_fill_the_memory() -> None:
    from miniframe.http import hosts

    for number in range(1000):
        request_with(HTTP_HOST=f"h{number}.test").get_host()
    assert len(hosts._known[1]) <= 256


@pytest.mark.parametrize(
    ("meta", "host"),
    [
        ({"SERVER_PORT": "80"}, "internal.com"),
        ({"SERVER_PORT": "8042"}, "internal.com:8042"),
        ({"SERVER_PORT": "80", "HTTP_HOST": "example.com"}, "example.com"),
        ({"SERVER_PORT": "80", "HTTP_X_FORWARDED_HOST": "forward.com"}, "internal.com"),
    ],
)
def test_without_a_host_header_the_server_names_itself(meta: dict[str, str], host: str) -> None:
    with override_settings(ALLOWED_HOSTS=["*"]):
        assert request_with(**meta).get_host() == host


def test_forwarded_host_and_port_count_only_if_the_settings_say_so() -> None:
    request = request_with(HTTP_HOST="example.com", HTTP_X_FORWARDED_HOST="forward.com", HTTP_X_FORWARDED_PORT="8443")
    with override_settings(ALLOWED_HOSTS=["*"]):
        assert (request.get_host(), request.get_port()) == ("example.com", "80")
    with override_settings(ALLOWED_HOSTS=["*"], USE_X_FORWARDED_HOST=True, USE_X_FORWARDED_PORT=True):
        assert (request.get_host(), request.get_port()) == ("forward.com", "8443")
    with override_settings(ALLOWED_HOSTS=["example.com"], USE_X_FORWARDED_HOST=True), pytest.raises(DisallowedHost):
        request.get_host()


@pytest.mark.parametrize(
    ("value", "secure"),
    [("https", True), ("https, http", True), (" https ", True), ("http, https", False), ("", False), (None, False)],
)
def test_a_trusted_proxy_decides_about_the_scheme(value: str | None, secure: bool) -> None:
    request = request_with(**({} if value is None else {"HTTP_X_FORWARDED_PROTO": value}))
    with override_settings(SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https")):
        assert request.is_secure() is secure
        assert request.scheme == ("https" if secure else "http")
    assert request.scheme == "http"


def test_a_malformed_proxy_setting_is_named() -> None:
    broken: Any = ("HTTP_X_FORWARDED_PROTO",)
    complaint = pytest.raises(ImproperlyConfigured, match="SECURE_PROXY_SSL_HEADER setting must be a tuple")
    with override_settings(SECURE_PROXY_SSL_HEADER=broken), complaint:
        _ = request_with().scheme


@pytest.mark.parametrize(
    ("path", "query", "location", "uri"),
    [
        ("/a/", "", None, "http://example.com/a/"),
        ("/a/", "x=1&y=é", None, "http://example.com/a/?x=1&y=%C3%A9"),
        ("//a/b", "", None, "http://example.com//a/b"),
        ("/a/é;x=1", "", None, "http://example.com/a/%C3%A9%3Bx%3D1"),
        ("/a/", "x=1", "/b/?y=2", "http://example.com/b/?y=2"),
        ("/a/b", "", "c", "http://example.com/a/c"),
        ("/a/b/", "", "../c", "http://example.com/a/c"),
        ("/a/", "", "/b/../c", "http://example.com/c"),
        ("/a/", "", "?x=1", "http://example.com/a/?x=1"),
        ("/a/", "", "//other.test/x", "http://other.test/x"),
        ("/a/", "", "///x", "http://example.com/x"),
        ("/a/", "", "https://other.test/é", "https://other.test/%C3%A9"),
        ("/a/", "", "mailto:x@example.com", "mailto:x@example.com"),
        ("/a/", "", "", "http://example.com/a/"),
    ],
)
def test_an_absolute_uri_is_built_as_django_builds_it(
    django: Any, path: str, query: str, location: str | None, uri: str
) -> None:
    def built_by(request: Any) -> str:
        request.path = path
        request.META = {"HTTP_HOST": "example.com", "SERVER_PORT": "80", "QUERY_STRING": query}
        return str(request.build_absolute_uri(location))

    with override_settings(ALLOWED_HOSTS=["example.com"]):
        assert built_by(HttpRequest()) == uri
    from django.test.utils import override_settings as django_settings

    with django_settings(ALLOWED_HOSTS=["example.com"]):
        assert built_by(django.HttpRequest()) == uri
