"""Whatever stands in the head of a request is read as Django reads it, and nothing is an error that is none there."""

from __future__ import annotations

from typing import Any

import django.http
import django.http.request
import django.test.utils
import django.utils.cache
import django.utils.encoding
import django.utils.http
from hypothesis import assume, given
from hypothesis import strategies as st

import miniframe.http
from miniframe.http import HttpRequest
from miniframe.http.hosts import split_domain_port, validate_host
from miniframe.http.ranges import MOST_RANGES, parse_range
from miniframe.test.utils import override_settings
from miniframe.utils import cache, encoding, http

TOKEN = st.text("abcXYZ019-_.", min_size=1, max_size=6)
TEXT = st.text(st.characters(codec="latin-1"), max_size=25)


def pieces(*choices: str, most: int = 12) -> st.SearchStrategy[str]:
    """Return texts that are made of these: far more of them reach the corners than of any characters."""
    return st.lists(st.sampled_from(choices), max_size=most).map("".join)


def request_of(cls: Any, **meta: str) -> Any:
    request = cls()
    request.META.update(meta)
    return request


# Accept.

ACCEPT = pieces(
    *("text/html", "application/json", "*/*", "text/*", "a", "/", ",", ",", ";q=0.5", ";q=0", ";q=1", ";q=x"),
    *(";a", " ", ";level=1", ";q=0.333", ";charset=utf-8", "*"),
)  # fmt: skip
CANDIDATES = ["text/html", "text/html;level=1", "application/json", "text/plain", "image/png"]


@given(ACCEPT)
def test_accept_is_read_as_in_django(value: str) -> None:
    ours = request_of(HttpRequest, HTTP_ACCEPT=value)
    theirs = request_of(django.http.HttpRequest, HTTP_ACCEPT=value)
    assert [str(one) for one in ours.accepted_types] == [str(one) for one in theirs.accepted_types]
    assert ours.get_preferred_type(CANDIDATES) == theirs.get_preferred_type(CANDIDATES)
    assert [ours.accepts(one) for one in CANDIDATES] == [theirs.accepts(one) for one in CANDIDATES]


@given(TEXT)
def test_any_accept_gives_types_in_order(value: str) -> None:
    request = request_of(HttpRequest, HTTP_ACCEPT=value)
    weights = [one.quality for one in request.accepted_types]
    assert weights == sorted(weights, reverse=True)
    assert request.get_preferred_type(CANDIDATES) in [None, *CANDIDATES]


# Parameters of a header.


@given(TOKEN, st.dictionaries(st.text("abcz019-", min_size=1, max_size=5), TEXT, max_size=4))
def test_quoted_parameters_come_back(value: str, parameters: dict[str, str]) -> None:
    line = value
    for name, text in parameters.items():
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        line += f'; {name}="{escaped}"'
    assert http.parse_header_parameters(line) == (value.lower(), parameters)


@given(pieces("a", "b", ";", "; ", "=", '"', "x", " ", "Q=1", ";c=d", ';e="f;g"'))
def test_parameters_are_read_as_in_django(line: str) -> None:
    # Where quotes are not closed, or stand in the middle of a value, the two readings are as good as each other.
    assume(
        "=" not in line.partition(";")[0]
        and line.count('"') % 2 == 0
        and all('="' in line for _ in line.split('"')[1::2])
    )
    assume(not any(part.strip().startswith('"') or '"' in part.strip(' "') for part in line.split("=")))
    assert http.parse_header_parameters(line) == django.utils.http.parse_header_parameters(line)


@given(TEXT)
def test_any_line_of_parameters_is_read_or_refused(line: str) -> None:
    try:
        value, parameters = http.parse_header_parameters(line)
    except ValueError:
        return
    assert value == value.strip().lower()
    assert all(name and name == name.strip().lower() for name in parameters)


# Host.

HOST = pieces("a", "B", ".", ":", "80", "[", "]", "::1", "-", "_", "@", "é", " ", "\n", "example.com", most=6)


@given(HOST)
def test_a_host_is_split_as_in_django(host: str) -> None:
    assert split_domain_port(host) == django.http.request.split_domain_port(host)


@given(
    HOST,
    st.lists(st.sampled_from(["*", ".a", "a", "a.b", "", "example.com", ".example.com", "EXAMPLE.com"]), max_size=3),
)
def test_a_host_is_allowed_as_in_django(host: str, patterns: list[str]) -> None:
    domain = split_domain_port(host)[0]
    assert validate_host(domain, patterns) == django.http.request.validate_host(domain, patterns)


# Entity tags, dates, conditions.

TAGS = pieces('"a"', 'W/"a"', '"b"', ",", " ", "*", '"', "W/", "a", '"a b"', "\t")
DATE = pieces(
    *("Sun", "Sunday", ", ", "06", "6", " ", "-", "Nov", "nov", "94", "1994", "08:49:37", "23:59:60", "GMT", "99", ":"),
    most=9,
)  # fmt: skip
GOOD_DATE = st.integers(0, 2**32).map(http.http_date)


@given(TAGS)
def test_entity_tags_are_read_as_in_django(value: str) -> None:
    assert http.parse_etags(value) == django.utils.http.parse_etags(value)


@given(DATE | GOOD_DATE | TEXT)
def test_a_date_is_read_as_in_django(value: str) -> None:
    assert http.parse_http_date_safe(value) == django.utils.http.parse_http_date_safe(value)


@given(st.integers(0, 253402300799))
def test_a_date_comes_back(seconds: int) -> None:
    assert http.parse_http_date(http.http_date(seconds)) == seconds
    assert http.http_date(seconds) == django.utils.http.http_date(seconds)


CONDITIONS = st.fixed_dictionaries(
    {},
    optional={
        "HTTP_IF_MATCH": TAGS,
        "HTTP_IF_NONE_MATCH": TAGS,
        "HTTP_IF_MODIFIED_SINCE": st.sampled_from([http.http_date(99), http.http_date(100), http.http_date(101), "x"]),
        "HTTP_IF_UNMODIFIED_SINCE": st.sampled_from([http.http_date(99), http.http_date(100), http.http_date(101)]),
    },
)


@given(
    CONDITIONS,
    st.sampled_from([None, '"a"', 'W/"a"', '"b"', "a", ""]),
    st.sampled_from([None, 100, 0]),
    st.sampled_from(["GET", "HEAD", "POST", "PUT"]),
    st.sampled_from([None, 200, 204, 302, 404]),
)
def test_conditions_are_decided_as_in_django(
    meta: dict[str, str], etag: str | None, modified: int | None, method: str, status: int | None
) -> None:
    answers = []
    for package, utils in ((miniframe.http, cache), (django.http, django.utils.cache)):
        request, make = request_of(package.HttpRequest, **meta), package.HttpResponse
        request.method = method
        response = None if status is None else make(status=status, headers={"ETag": '"a"', "Expires": "x", "X": "y"})
        answer = utils.get_conditional_response(request, etag, modified, response)
        answers.append(None if answer is None else (answer.status_code, sorted(answer.items())))
    assert answers[0] == answers[1]


# Range.


@st.composite
def ranges(draw: st.DrawFn) -> list[tuple[int | None, int | None]]:
    """Return pairs as in "first-last"; one side may be left out."""
    number = st.integers(0, 12)  # few, so that ranges meet
    each = st.tuples(number, st.none() | number) | st.tuples(st.none(), number)
    return draw(st.lists(each, min_size=1, max_size=4))


@given(ranges(), st.integers(0, 10))
def test_ranges_are_those_that_the_standard_says(asked: list[tuple[int | None, int | None]], length: int) -> None:
    field = "bytes=" + ", ".join(f"{'' if a is None else a}-{'' if b is None else b}" for a, b in asked)
    result = parse_range(field, length)
    octets = []  # for each range the octets that it names, one by one
    for first, last in asked:
        if first is not None and last is not None and last < first:
            assert result is None
            return
        if first is None:
            octets.append([n for n in range(length) if n >= length - (last or 0)])
        else:
            octets.append([n for n in range(length) if n >= first and (last is None or n <= last)])
    named = [n for each in octets for n in each]
    if len(named) != len(set(named)) or (length == 0 and any(first is None and last for first, last in asked)):
        assert result is None  # octets twice; or the last ones of nothing
    else:
        assert result == [(each[0], each[-1]) for each in octets if each]


@given(pieces("bytes", "=", "0", "9", "-", ",", " ", "1-2", "x", "99999999999999999999", "\x00"), st.integers(0, 20))
def test_any_range_is_within_the_file_or_passed_over(field: str, length: int) -> None:
    result = parse_range(field, length) or []
    assert len(result) <= MOST_RANGES
    assert all(0 <= first <= last < length for first, last in result)


# Addresses.

ADDRESS = pieces(
    *("/", "//", "\\", "a", "é", "%", "%2f", "%C3%A9", "?", "#", "@", ":", "http:", "https://", "example.com"),
    *("evil.test", " ", "..", "/../", "/./", "[", "]", "javascript:", "\t", "\n", "&", "=", ";", "\x00", "%zz"),
    most=7,
)  # fmt: skip


@given(ADDRESS, st.booleans())
def test_a_target_from_a_visitor_is_judged_as_in_django(url: str, https: bool) -> None:
    judge, theirs = http.url_has_allowed_host_and_scheme, django.utils.http.url_has_allowed_host_and_scheme
    assert judge(url, {"example.com"}, https) == theirs(url, {"example.com"}, https)


@given(ADDRESS)
def test_addresses_are_encoded_as_in_django(url: str) -> None:
    assert encoding.iri_to_uri(url) == django.utils.encoding.iri_to_uri(url)
    assert encoding.escape_uri_path(url) == django.utils.encoding.escape_uri_path(url)
    assert http.escape_leading_slashes(url) == django.utils.http.escape_leading_slashes(url)


@given(ADDRESS, pieces("a", "=", "&", "é", "%", "?", "/../", most=4), st.none() | ADDRESS)
def test_absolute_addresses_are_built_as_in_django(path: str, query: str, location: str | None) -> None:
    built = []
    with override_settings(ALLOWED_HOSTS=["*"]), django.test.utils.override_settings(ALLOWED_HOSTS=["*"]):
        for cls in (HttpRequest, django.http.HttpRequest):
            request = request_of(cls, HTTP_HOST="example.com", SERVER_PORT="80", QUERY_STRING=query)
            request.path = "/" + path
            try:
                built.append(request.build_absolute_uri(location))
            except ValueError:
                built.append("ValueError")
            built.append(request.get_full_path())
    assert built[:2] == built[2:]


# Query strings, as bytes that no client should send.


@given(st.binary(max_size=20), st.sampled_from([None, "utf-8", "latin-1", "utf-16", "shift_jis"]))
def test_raw_query_strings_are_read_as_in_django(query: bytes, charset: str | None) -> None:
    ours = miniframe.http.QueryDict(query, encoding=charset)
    theirs = django.http.QueryDict(query, encoding=charset)
    assert list(ours.lists()) == list(theirs.lists())
    assert ours.encoding == theirs.encoding
