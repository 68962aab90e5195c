"""utils.http against RFC 9110's examples and against Django's answers."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import http as django_http

from miniframe.utils import http
from miniframe.utils.datastructures import MultiValueDict


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        pytest.param("Sun, 06 Nov 1994 08:49:37 GMT", 784111777, id="imf-fixdate"),
        pytest.param("Sunday, 06-Nov-94 08:49:37 GMT", 784111777, id="rfc-850"),
        pytest.param("Sun Nov  6 08:49:37 1994", 784111777, id="asctime"),
        pytest.param("Thu, 01 Jan 1970 00:00:00 GMT", 0, id="epoch"),
    ],
)
def test_the_three_forms_of_a_date_are_read(text: str, seconds: int) -> None:
    assert http.parse_http_date(text) == seconds


@pytest.mark.parametrize("text", ["", "yesterday", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not"):
        http.parse_http_date(text)
    assert http.parse_http_date_safe(text) is None


def test_a_date_is_written_as_imf_fixdate_and_read_back() -> None:
    assert http.http_date(784111777) == "Sun, 06 Nov 1994 08:49:37 GMT"
    assert http.parse_http_date(http.http_date()) > 1_600_000_000


@pytest.mark.parametrize(
    "value",
    ["", "*", '"a"', 'W/"a", "b"', '"with,comma", "c"', "unquoted", '"a" , broken, W/"z"', '""'],
)
def test_entity_tags_are_read_as_django_reads_them(value: str) -> None:
    assert http.parse_etags(value) == django_http.parse_etags(value)


@pytest.mark.parametrize(
    ("url", "hosts", "safe"),
    [
        ("/inside/?a=1", set(), True),
        ("relative", set(), True),
        ("http://example.com/x", {"example.com"}, True),
        ("http://evil.test/x", {"example.com"}, False),
        ("//evil.test", {"example.com"}, False),
        ("///evil.test", {"example.com"}, False),
        ("http:///evil.test", {"example.com"}, False),
        ("\\\\evil.test", set(), False),
        ("/\\evil.test", set(), False),
        ("javascript:alert(1)", {"example.com"}, False),
        ("\x08//evil.test", set(), False),
        ("http://[::1", {"example.com"}, False),
        ("", {"example.com"}, False),
        ("ftp://example.com", {"example.com"}, False),
        ("/" + "a" * 3000, set(), False),
    ],
)
def test_a_redirect_target_from_a_visitor_is_judged_as_django_judges_it(url: str, hosts: set[str], safe: bool) -> None:
    assert http.url_has_allowed_host_and_scheme(url, hosts) is safe
    if len(url) < 2000:
        assert django_http.url_has_allowed_host_and_scheme(url, hosts) is safe


def test_only_https_is_safe_where_https_is_required() -> None:
    assert not http.url_has_allowed_host_and_scheme("http://example.com/", {"example.com"}, require_https=True)
    assert http.url_has_allowed_host_and_scheme("https://example.com/", {"example.com"}, require_https=True)


@pytest.mark.parametrize(
    ("line", "value", "parameters"),
    [
        pytest.param("text/plain", "text/plain", {}, id="alone"),
        pytest.param("text/html; charset=UTF-8", "text/html", {"charset": "UTF-8"}, id="one"),
        pytest.param('form-data; name="a;b\\"c"', "form-data", {"name": 'a;b"c'}, id="quoted"),
        pytest.param("attachment; filename*=utf-8''na%C3%AFve.txt", "attachment", {"filename": "naïve.txt"}, id="8187"),
        pytest.param("a; x*=%41", "a", {"x": "A"}, id="8187-without-its-quotes"),
        pytest.param("", "", {}, id="empty"),
        pytest.param("a;;=b; c", "a", {"c": ""}, id="junk"),
    ],
)
def test_parameters_are_read(line: str, value: str, parameters: dict[str, str]) -> None:
    assert http.parse_header_parameters(line) == (value, parameters)


def test_an_encoding_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="Invalid encoding: 'nonsense'"):
        http.parse_header_parameters("a; x*=nonsense''%41")


def test_a_huge_parameter_line_is_refused() -> None:
    with pytest.raises(ValueError, match="10000 characters"):
        http.parse_header_parameters("a;" * 10_000)


@pytest.mark.parametrize(
    ("attachment", "name"),
    [(True, "report.pdf"), (False, "report.pdf"), (True, 'a "b" \\c.txt'), (True, "naïve €.txt"), (True, "")],
)
def test_content_disposition_is_written_as_django_writes_it(attachment: bool, name: str) -> None:
    expected = django_http.content_disposition_header(attachment, name)
    assert http.content_disposition_header(attachment, name) == expected


def test_a_line_break_never_reaches_content_disposition() -> None:
    written = http.content_disposition_header(True, "a\r\nSet-Cookie: x=1.txt")
    assert written is not None
    assert written.isprintable()


@pytest.mark.parametrize(
    ("query", "doseq"),
    [
        ({"a": 1, "b": "x y"}, False),
        ([("a", "1"), ("a", "2")], False),
        ({"a": [1, 2]}, True),
        ({"a": b"raw"}, True),
        ({"a": ()}, True),
    ],
)
def test_a_query_is_encoded_as_django_encodes_it(query: Any, doseq: bool) -> None:
    assert http.urlencode(query, doseq) == django_http.urlencode(query, doseq)


def test_a_multi_value_dict_gives_every_value() -> None:
    assert http.urlencode(MultiValueDict({"a": ["1", "2"]}), doseq=True) == "a=1&a=2"


def test_none_in_a_query_is_refused() -> None:
    with pytest.raises(TypeError, match="Cannot encode None for key 'a'"):
        http.urlencode({"a": None})


@pytest.mark.parametrize(
    ("host", "pattern"),
    [("example.com", "example.com"), ("a.example.com", ".example.com"), ("example.com", ".example.com"), ("x", "")],
)
def test_domains_are_compared_as_django_compares_them(host: str, pattern: str) -> None:
    assert http.is_same_domain(host, pattern) == django_http.is_same_domain(host, pattern)


@pytest.mark.parametrize("number", [0, 1, 35, 36, 123456789])
def test_base_36_goes_there_and_back(number: int) -> None:
    assert http.base36_to_int(http.int_to_base36(number)) == number
    assert http.int_to_base36(number) == django_http.int_to_base36(number)


def test_base_64_goes_there_and_back_without_padding() -> None:
    assert http.urlsafe_base64_decode(http.urlsafe_base64_encode(b"\xff\xfe!")) == b"\xff\xfe!"
    with pytest.raises(ValueError, match=r"padding|base64|number of data"):
        http.urlsafe_base64_decode("a")
