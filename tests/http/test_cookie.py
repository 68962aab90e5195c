"""Cookies: read in linear time and forgiving, written strictly."""

from __future__ import annotations

import pickle
import time
from http.cookies import SimpleCookie as StandardCookie
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miniframe.http import BadHeaderError, HttpResponse, SimpleCookie, parse_cookie
from miniframe.http.cookie import Morsel

HEADERS = [
    pytest.param("", {}, id="empty"),
    pytest.param("a=1", {"a": "1"}, id="one"),
    pytest.param("a=1; b=2;c=3", {"a": "1", "b": "2", "c": "3"}, id="blanks-do-not-matter"),
    pytest.param("a=1; a=2", {"a": "2"}, id="the-last-of-one-name"),
    pytest.param("a=b=c", {"a": "b=c"}, id="equals-sign-in-the-value"),
    pytest.param("good=yes; b[a]d:(x)=odd; other=yes", {"good": "yes", "b[a]d:(x)": "odd", "other": "yes"}, id="odd"),
    pytest.param("a=x y,z", {"a": "x y,z"}, id="blank-and-comma-in-the-value"),
    pytest.param('a="quoted"', {"a": "quoted"}, id="quotes"),
    pytest.param(r'a="\054\073\"\\"', {"a": ',;"\\'}, id="escapes"),
    pytest.param('a="', {"a": '"'}, id="one-quote"),
    pytest.param('a="half', {"a": '"half'}, id="open-quote"),
    pytest.param("alone; a=1", {"": "alone", "a": "1"}, id="value-without-a-name"),
    pytest.param("=x; a=1", {"": "x", "a": "1"}, id="empty-name"),
    pytest.param("a=; b=1", {"a": "", "b": "1"}, id="empty-value"),
    pytest.param(";;; ;=;a=1", {"a": "1"}, id="nothing-between"),
    pytest.param('a={"x":1}; b=1', {"a": '{"x":1}', "b": "1"}, id="json"),
    pytest.param("Path=/; a=1", {"Path": "/", "a": "1"}, id="an-attribute-name-is-a-name"),
    pytest.param("a=\x01\x7f; b=1", {"a": "\x01\x7f", "b": "1"}, id="controls"),
]


@pytest.mark.parametrize(("header", "cookies"), HEADERS)
def test_cookies_are_read(header: str, cookies: dict[str, str]) -> None:
    assert parse_cookie(header) == cookies


@pytest.mark.parametrize(("header", "cookies"), HEADERS)
def test_cookies_are_read_as_django_reads_them(django: Any, header: str, cookies: dict[str, str]) -> None:
    assert django.parse_cookie(header) == parse_cookie(header)


@settings(deadline=None, max_examples=300)
@given(header=st.text(st.sampled_from('ab=;" \\,0127\x80€'), max_size=40))
def test_any_cookie_header_is_read_as_django_reads_it(django: Any, header: str) -> None:
    assert parse_cookie(header) == django.parse_cookie(header)


@pytest.mark.parametrize(
    "header",
    [
        pytest.param('a="' + "\\" * 50_000 + '"', id="backslashes"),
        pytest.param('a="' + "\\1" * 50_000 + '"', id="half-escapes"),
        pytest.param('"' * 100_000, id="quotes"),
        pytest.param(";" * 100_000, id="semicolons"),
        pytest.param("=" * 100_000, id="equals-signs"),
        pytest.param("a=1;" * 25_000, id="25000-cookies"),
        pytest.param(" " * 100_000 + "=;" + " " * 100_000, id="blanks"),
    ],
)
def test_a_hostile_cookie_header_takes_linear_time(header: str) -> None:
    started = time.process_time()
    parse_cookie(header)
    assert time.process_time() - started < 0.5


VALUES = ["plain", "", "a b", "a;b,c", 'quo"te', "back\\slash", "caf\xe9", "a=b", "[x]{y}", "a:b@c/d?e"]


@pytest.mark.parametrize("value", VALUES)
def test_a_value_is_quoted_as_the_standard_library_does(value: str) -> None:
    ours, theirs = SimpleCookie(), StandardCookie()
    ours["name"] = value
    theirs["name"] = value
    assert ours.output() == theirs.output()


@pytest.mark.parametrize("value", [*VALUES, "\u65e5\u672c", "a\tb"])
def test_a_value_comes_back_as_it_was_set(value: str) -> None:
    response = HttpResponse()
    response.set_cookie("name", value)
    (name, field) = response._header_list()[-1]
    assert name == "Set-Cookie"
    sent = field.encode("latin-1").partition(b";")[0]
    assert parse_cookie(sent.decode()) == {"name": value}


@settings(deadline=None, max_examples=200)
@given(value=st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=20))
def test_any_text_without_controls_comes_back_as_it_was_set(value: str) -> None:
    cookies = SimpleCookie()
    cookies["name"] = value
    sent = cookies.header_fields()[0][1].encode("latin-1").decode()
    assert parse_cookie(sent) == {"name": value}


CONTROLS = ["a\r\nSet-Cookie: b=1", "a\nb", "a\rb", "a\0b", "a\x7fb"]


@pytest.mark.parametrize("text", CONTROLS)
@pytest.mark.parametrize("argument", ["key", "value", "path", "domain", "expires"])
def test_a_control_character_in_a_cookie_is_refused(argument: str, text: str) -> None:
    arguments: dict[str, Any] = {"key": "name", argument: text}
    with pytest.raises(BadHeaderError):
        HttpResponse().set_cookie(**arguments)


@pytest.mark.parametrize("argument", ["path", "domain", "expires"])
def test_a_semicolon_cannot_start_another_attribute(argument: str) -> None:
    arguments: dict[str, Any] = {argument: "x; HttpOnly"}
    with pytest.raises(BadHeaderError, match="it would end there"):
        HttpResponse().set_cookie("name", **arguments)


@pytest.mark.parametrize("name", ["", "a b", "a=b", "a;b", "a,b", "é", 'a"b', "path", "Max-Age"])
def test_a_name_that_browsers_would_misread_is_refused(name: str) -> None:
    with pytest.raises(BadHeaderError):
        HttpResponse().set_cookie(name, "value")


def test_every_attribute_is_sent_in_its_place() -> None:
    cookies, standard = SimpleCookie(), StandardCookie()
    attributes = {
        "path": "/a",
        "domain": ".example.com",
        "max-age": 10,
        "expires": "Thu, 01 Jan 1970 00:00:00 GMT",
        "secure": True,
        "httponly": True,
        "samesite": "Lax",
        "comment": "two words",
        "version": 1,
    }
    for jar in (cookies, standard):
        jar["name"] = "value"
        for name, value in attributes.items():
            jar["name"][name] = value
    assert cookies.output() == standard.output()
    cookies["name"]["partitioned"] = True
    assert "; Partitioned; " in cookies.output()
    with pytest.raises(BadHeaderError, match="colour"):
        cookies["name"]["colour"] = "red"


def test_a_false_flag_is_not_sent_and_a_zero_max_age_is() -> None:
    cookies = SimpleCookie()
    cookies["name"] = "value"
    cookies["name"].update({"secure": False, "max-age": 0})
    assert cookies.output() == "Set-Cookie: name=value; Max-Age=0"


def test_cookies_can_be_loaded_from_what_a_server_sent() -> None:
    cookies = SimpleCookie('a="x\\054y"; Path=/p; HttpOnly; b=2; (odd)=3; $Version=1')
    assert {name: morsel.value for name, morsel in cookies.items()} == {"a": "x,y", "b": "2"}
    assert cookies["a"]["path"] == "/p"
    assert cookies["a"]["httponly"] is True
    assert cookies["b"]["version"] == "1"
    cookies.load({"c": "3"})
    assert cookies["c"].value == "3"


def test_assigning_a_string_keeps_the_attributes_and_a_morsel_brings_its_own() -> None:
    cookies = SimpleCookie({"a": "1"})
    cookies["a"]["secure"] = True
    cookies["a"] = "2"
    assert cookies.output() == "Set-Cookie: a=2; Secure"
    cookies["b"] = cookies["a"].copy()
    assert cookies["b"] == cookies["a"]
    assert cookies["b"] is not cookies["a"]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_cookies_survive_pickling(protocol: int) -> None:
    cookies = SimpleCookie('a="b"; Path=/x; Secure')
    again: SimpleCookie = pickle.loads(pickle.dumps(cookies, protocol))
    assert again.output() == cookies.output() == 'Set-Cookie: a="b"; Path=/x; Secure'
    assert isinstance(again["a"], Morsel)
