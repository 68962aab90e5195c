"""Nothing that a client sends takes more than linear time: sixteen times the input, not 256 times the work."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest

from miniframe import signing, validators
from miniframe.exceptions import BadRequest, SuspiciousOperation, ValidationError
from miniframe.http import HttpRequest, HttpResponseRedirect, QueryDict, SimpleCookie, parse_cookie
from miniframe.http.accept import parse_accept
from miniframe.http.hosts import split_domain_port, validate_host
from miniframe.http.parts import sanitize_file_name
from miniframe.http.ranges import parse_range
from miniframe.middleware.gzip import re_accepts_gzip
from miniframe.test.utils import override_settings
from miniframe.urls import Resolver404, path, re_path, resolve
from miniframe.utils import dateparse, html, text
from miniframe.utils.cache import get_max_age, has_vary_header
from miniframe.utils.encoding import escape_uri_path, iri_to_uri, repercent_broken_unicode, uri_to_iri
from miniframe.utils.http import (
    base36_to_int,
    content_disposition_header,
    escape_leading_slashes,
    parse_etags,
    parse_header_parameters,
    parse_http_date_safe,
    url_has_allowed_host_and_scheme,
    urlsafe_base64_decode,
)

END = b"--XX--\r\n"
ROUTES = (
    path("a/<str:x>/b/<str:y>/c/", print),
    path("p/<path:x>/end/", print),
    path("<slug:x>/<int:z>/", print),
    # Parameters that may take the same characters: an expression would try all ways to share them out.
    path("o/<path:x>/b/<path:y>/c", print),
    path("<slug:a>-<slug:b>-<slug:c>-<int:d>", print),
    re_path(r"^re/(?P<x>[^/]+)/(?P<y>\d+)/$", print),
)


class LongURLs(validators.URLValidator):
    """Takes addresses of any length, which the usual one refuses unread."""

    max_length = 1 << 30


def forgiving(work: Callable[[Any], object], *errors: type[Exception]) -> Callable[[Any], object]:
    """Return `work` with these errors as one of its results: a refusal may not take long either."""

    def quiet(given: Any) -> object:
        try:
            return work(given)
        except errors:
            return None

    return quiet


def invalid(check: Callable[[Any], object]) -> Callable[[Any], object]:
    return forgiving(check, ValidationError)


def posted(kind: str) -> Callable[[bytes], object]:
    """Return a function that parses a body of this type and closes what it opened."""

    def parse(body: bytes) -> object:
        request = HttpRequest()
        for name in ("_post", "_files", "content_type", "content_params"):
            del request.__dict__[name]
        request.method = "POST"
        request.META = {"CONTENT_TYPE": kind, "CONTENT_LENGTH": str(len(body))}
        request._stream = BytesIO(body)
        try:
            return request.POST if "json" not in kind else request.json()
        except (BadRequest, SuspiciousOperation):
            return None  # a refusal may not take long either
        finally:
            request.close()

    return parse


def part(name: str, data: bytes = b"1", *lines: str) -> bytes:
    head = "\r\n".join([f'--XX\r\nContent-Disposition: form-data; name="a"{name}', *lines])
    return head.encode() + b"\r\n\r\n" + data + b"\r\n"


form = posted("application/x-www-form-urlencoded")
multipart = posted("multipart/form-data; boundary=XX")
as_json = posted("application/json")
found = forgiving(lambda target: resolve(target, urlconf=ROUTES), Resolver404)
BASE64 = "Content-Transfer-Encoding: base64"

CASES: list[tuple[str, Callable[[Any], object], Callable[[int], Any]]] = [
    ("query-of-percent-signs", QueryDict, lambda n: "%" * n),
    ("query-of-half-codes", QueryDict, lambda n: "a=" + "%2" * n),
    ("query-of-broken-utf-8", QueryDict, lambda n: "a=" + "%ff" * n),
    ("query-of-one-name", QueryDict, lambda n: "a=1&" * n),
    ("query-of-names", QueryDict, lambda n: "&".join(f"a{i}={i}" for i in range(n))),
    ("query-of-separators", QueryDict, lambda n: "&=" * n),
    ("form-of-plus-signs", form, lambda n: b"+" * n),
    ("cookies", parse_cookie, lambda n: ";".join(f"a{i}=b" for i in range(n))),
    ("cookie-of-backslashes", parse_cookie, lambda n: 'a="' + "\\" * n + '"'),
    ("cookie-of-octal-escapes", parse_cookie, lambda n: 'a="' + "\\012" * n + '"'),
    ("cookie-of-quotes", parse_cookie, lambda n: 'a="' * n),
    ("cookie-of-blanks", parse_cookie, lambda n: " " * n + "a" + " " * n + "=" + " " * n),
    ("jar-of-attributes", SimpleCookie, lambda n: "a=1" + "; path=/" * n),
    ("accept-of-types", parse_accept, lambda n: ",".join(["a/b;q=0.5"] * n)),
    ("accept-of-parameters", parse_accept, lambda n: "a/b" + ";a=b" * n),
    ("accept-of-commas", parse_accept, lambda n: "," * n),
    ("accept-encoding-of-blanks", re_accepts_gzip.search, lambda n: "gzip" + " " * n + ";" + " " * n + "q=0"),
    ("accept-encoding-of-zeros", re_accepts_gzip.search, lambda n: "gzip;q=0." + "0" * n + "1"),
    ("accept-encoding-of-gzips", re_accepts_gzip.search, lambda n: "gzip;q=0," * n),
    ("parameters", lambda line: parse_header_parameters(line, None), lambda n: "a" + ";a=b" * n),
    ("parameter-of-quotes", lambda line: parse_header_parameters(line, None), lambda n: 'a; b="' + '\\"' * n),
    ("parameter-of-semicolons", lambda line: parse_header_parameters(line, None), lambda n: 'a; b="' + ";" * n),
    ("parameter-of-codes", lambda line: parse_header_parameters(line, None), lambda n: "a; b*=utf-8''" + "%ff" * n),
    ("host-of-dots", split_domain_port, lambda n: "a." * n),
    ("host-of-colons", split_domain_port, lambda n: "[" + ":" * n + "]"),
    ("host-of-digits", split_domain_port, lambda n: "a:" + "1" * n + "x"),
    ("host-of-labels", lambda host: validate_host(host, [".b.test", "c.test"]), lambda n: "a." * n + "b.test"),
    ("etags", parse_etags, lambda n: '"a",' * n),
    ("etag-of-quotes", parse_etags, lambda n: '"' * n),
    ("etag-without-an-end", parse_etags, lambda n: 'W/"' + "a" * n),
    ("date-of-digits", parse_http_date_safe, lambda n: "Sun, 06 Nov " + "1" * n),
    ("date-of-letters", parse_http_date_safe, lambda n: "S" * n + ", 06-Nov-94 08:49:37 GMT"),
    ("ranges", lambda field: parse_range(field, 1000), lambda n: "bytes=" + "0-0," * n),
    ("range-of-digits", lambda field: parse_range(field, 1000), lambda n: "bytes=" + "1" * n + "-"),
    ("address-of-percent-signs", iri_to_uri, lambda n: "%" * n),
    ("address-of-letters", iri_to_uri, lambda n: "/é" * n),
    ("address-to-read", uri_to_iri, lambda n: "%C3" * n),
    ("path-of-broken-utf-8", repercent_broken_unicode, lambda n: b"\xff/a" * n),
    ("path-to-escape", escape_uri_path, lambda n: "/;é" * n),
    ("path-of-slashes", escape_leading_slashes, lambda n: "/" * n),
    ("redirect", lambda url: HttpResponseRedirect(url, max_length=None), lambda n: "/" + "é%" * n),
    ("redirect-of-slashes", lambda url: HttpResponseRedirect(url, max_length=None), lambda n: "/" * n),
    ("next-of-slashes", lambda url: url_has_allowed_host_and_scheme(url, "a"), lambda n: "http:" + "/\\" * n),
    ("base64", forgiving(urlsafe_base64_decode, ValueError), lambda n: "a" * n + "!"),
    ("base36", forgiving(base36_to_int, ValueError), lambda n: "z" * n),
    ("file-name-of-dots", sanitize_file_name, lambda n: "../" * n),
    ("file-name-of-entities", sanitize_file_name, lambda n: "&#46;" * n),
    ("file-name-of-ampersands", sanitize_file_name, lambda n: "&" * n),
    ("disposition", lambda name: content_disposition_header(True, name), lambda n: '"\\é' * n),
    ("multipart-of-boundaries", multipart, lambda n: b"--XX\r\n" * n + END),
    ("multipart-of-half-boundaries", multipart, lambda n: part("", b"\r\n--X" * n) + END),
    ("multipart-of-dashes", multipart, lambda n: part("", b"-" * n) + END),
    ("multipart-of-line-breaks", multipart, lambda n: part("", b"\r\n" * n) + END),
    ("multipart-of-carriage-returns", multipart, lambda n: part("", b"\r" * n) + END),
    ("multipart-with-a-preamble", multipart, lambda n: b"-" * n + b"\r\n" + part("") + END),
    ("multipart-with-an-epilogue", multipart, lambda n: part("") + END + b"--XX" * n),
    ("multipart-without-a-boundary", multipart, lambda n: b"\r\n--X" * n),
    ("multipart-of-headers", multipart, lambda n: part("", b"1", *["X: y"] * n) + END),
    ("multipart-header-of-parameters", multipart, lambda n: part(";a=b" * n) + END),
    ("multipart-header-of-quotes", multipart, lambda n: part(';a="' * n) + END),
    ("multipart-file", multipart, lambda n: part('; filename="f"', b"x" * n) + END),
    ("multipart-base64-of-blanks", multipart, lambda n: part('; filename="f"', b" \n" * n, BASE64) + END),
    ("multipart-base64-of-letters", multipart, lambda n: part('; filename="f"', b"a\n" * n, BASE64) + END),
    ("json-of-brackets", as_json, lambda n: b"[" * n),
    ("json-of-digits", as_json, lambda n: b"9" * n),
    ("json-of-backslashes", as_json, lambda n: b'"' + b"\\\\" * n),
    ("json-of-blanks", as_json, lambda n: b" " * n),
    ("route-of-segments", found, lambda n: "/a/" + "x/b/" * n),
    ("route-of-a-path", found, lambda n: "/p/" + "end/" * n + "x"),
    ("route-of-hyphens", found, lambda n: "/" + "-" * n + "/"),
    ("route-of-hyphens-between-slugs", found, lambda n: "/" + "-" * n),
    ("route-of-two-paths", found, lambda n: "/o" + "/b" * n),
    ("route-of-slashes", found, lambda n: "/" * n),
    ("route-of-digits", found, lambda n: "/re/x/" + "1" * n),
    ("vary", lambda r: has_vary_header(r, "Cookie"), lambda n: {"Vary": "a ," * n}),
    ("cache-control", get_max_age, lambda n: {"Cache-Control": "max-age=1," * n}),
    ("tags-that-open", html.strip_tags, lambda n: "<" * n),
    ("tags-in-tags", forgiving(html.strip_tags, SuspiciousOperation), lambda n: "<a" * n + ">" * n),
    ("tags-without-an-end", html.strip_tags, lambda n: "<a href='" * n),
    ("tags-and-quotes", html.strip_tags, lambda n: "<a '>" * n),
    ("comments-without-an-end", html.strip_tags, lambda n: "<!--" * n),
    ("comments-that-end-early", html.strip_tags, lambda n: "<!-->" * n),
    ("paragraphs", html.linebreaks, lambda n: "\n" * n + "a\n\n" * n),
    ("text-to-escape", html.escape, lambda n: "<&" * n),
    ("text-for-scripts", html.escapejs, lambda n: "\u2028</" * n),
    ("slug-of-hyphens", text.slugify, lambda n: "-" * n + "a" + "-" * n),
    ("slug-of-blanks", text.slugify, lambda n: " " * n + "a" + " -" * n),
    ("file-name-of-blanks", text.get_valid_filename, lambda n: " " * n + "a" + " " * n),
    ("camel-case", text.camel_case_to_spaces, lambda n: "aA" * n + "A" * n),
    ("line-breaks", text.normalize_newlines, lambda n: "\r" * n + "\r\n" * n),
    ("date-to-parse", dateparse.parse_date, lambda n: "2024-02-" + "0" * n),
    ("moment-to-parse", dateparse.parse_datetime, lambda n: "2024-02-29T12:30:15." + "1" * n),
    ("duration-of-digits", forgiving(dateparse.parse_duration, OverflowError), lambda n: "1" * n + " days"),
    ("duration-of-points", dateparse.parse_duration, lambda n: "1:" * n + "1." * n),
    ("duration-iso", dateparse.parse_duration, lambda n: "P" + "1D" * n),
    ("url-of-labels", invalid(LongURLs()), lambda n: "http://" + "a." * n + "!"),
    ("url-of-hyphens", invalid(LongURLs()), lambda n: "http://a" + "-" * n + "!"),
    ("url-of-users", invalid(LongURLs()), lambda n: "http://" + "a:b@" * n),
    ("url-of-colons", invalid(LongURLs()), lambda n: "http://[" + ":" * n + "]/"),
    ("mail-of-dots", invalid(validators.validate_email), lambda n: "a." * n + "@"),
    ("mail-of-quotes", invalid(validators.validate_email), lambda n: '"' + "\\a" * n + "@b.c"),
    ("mail-of-labels", invalid(validators.validate_email), lambda n: "a@" + "b-" * n + ".c!"),
    ("domain-of-labels", invalid(validators.validate_domain_name), lambda n: "a-" * n + "." * n),
    ("numbers-with-commas", invalid(validators.validate_comma_separated_integer_list), lambda n: "1," * n + "x"),
    ("number-of-digits", invalid(validators.validate_integer), lambda n: "1" * n + "x"),
    ("signature", forgiving(signing.loads, signing.BadSignature), lambda n: "a:" * n),
    ("signature-of-dots", forgiving(signing.loads, signing.BadSignature), lambda n: "." * n + ":1:x"),
]


@pytest.mark.parametrize(("work", "make"), [pytest.param(work, make, id=name) for name, work, make in CASES])
def test_time_is_linear(assert_linear: Any, work: Callable[[Any], object], make: Callable[[int], Any]) -> None:
    # Without limits, which would hide what grows too fast.
    unlimited = {"DATA_UPLOAD_MAX_NUMBER_FIELDS": None, "DATA_UPLOAD_MAX_MEMORY_SIZE": None}
    with override_settings(**unlimited):
        assert_linear(work, make)
