"""Header fields of requests and responses."""

from __future__ import annotations

from typing import Any

import pytest

from miniframe.http import BadHeaderError, HttpHeaders, HttpResponse
from miniframe.http.headers import ResponseHeaders

CONTROLS = [
    pytest.param(f"a{char}b", id=name)
    for char, name in [
        ("\r", "CR"),
        ("\n", "LF"),
        ("\r\n", "CR-LF"),
        ("\r\n ", "folded-line"),
        ("\0", "NUL"),
        ("\x0b", "VT"),
        ("\x1b", "ESC"),
        ("\x7f", "DEL"),
    ]
]


@pytest.mark.parametrize("value", CONTROLS)
def test_a_control_character_in_a_header_value_is_refused(value: str) -> None:
    response = HttpResponse()
    with pytest.raises(BadHeaderError, match="Header values can't contain"):
        response["X-Name"] = value
    with pytest.raises(BadHeaderError):
        response.headers["X-Name"] = value.encode()
    with pytest.raises(BadHeaderError):
        HttpResponse(headers={"X-Name": value})
    assert "X-Name" not in response


@pytest.mark.parametrize("value", CONTROLS)
def test_a_control_character_in_a_content_type_is_refused(value: str) -> None:
    with pytest.raises(BadHeaderError):
        HttpResponse(content_type=f"text/plain; {value}")


@pytest.mark.parametrize("name", ["", "a b", "a:b", "a\r\nb", "a\0b", "(a)", "a\n"])
def test_a_header_name_that_is_no_token_is_refused(name: str) -> None:
    with pytest.raises(BadHeaderError):
        HttpResponse()[name] = "value"


def test_a_header_name_outside_ascii_is_a_unicode_error() -> None:
    with pytest.raises(UnicodeError):
        HttpResponse()["fø"] = "value"
    with pytest.raises(UnicodeError):
        HttpResponse()["fø".encode()] = "value"


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        pytest.param("plain", "plain", id="ascii"),
        pytest.param("a\tb", "a\tb", id="tab-is-allowed"),
        pytest.param("caf\xe9", "caf\xe9", id="latin-1-stays"),
        pytest.param(b"caf\xe9", "caf\xe9", id="bytes-are-latin-1"),
        pytest.param("\u65e5", "=?utf-8?b?5pel?=", id="the-rest-is-mime-encoded"),
        pytest.param(5, "5", id="number"),
    ],
)
def test_a_header_value_becomes_latin_1_text(given: Any, sent: str) -> None:
    response = HttpResponse()
    response["X-Name"] = given
    assert response["X-Name"] == sent
    assert response._header_list()[-1] == ("X-Name", sent)


def test_a_long_mime_encoded_value_stays_on_one_line() -> None:
    response = HttpResponse()
    response["X-Name"] = "\u65e5" * 500
    assert "\n" not in response["X-Name"]


def test_response_headers_ignore_case_and_keep_the_case_they_were_given() -> None:
    headers = ResponseHeaders({"X-One": "1"})
    headers["x-one"] = "2"
    headers.setdefault("X-ONE", "3")
    assert headers["X-One"] == "2"
    assert list(headers.items()) == [("x-one", "2")]
    assert "X-ONE" in headers
    assert len(headers) == 1
    assert headers == {"X-One": "2"}
    assert headers.get("X-Two", "none") == "none"
    del headers["X-Two"]
    assert headers.pop("X-One") == "2"
    assert headers.pop("X-One", "gone") == "gone"
    assert list(headers) == []


def test_a_copy_of_response_headers_is_its_own() -> None:
    headers = ResponseHeaders([("X-One", "1")])
    other = headers.copy()
    other["X-One"] = "2"
    assert headers["X-One"] == "1"


META = {
    "HTTP_USER_AGENT": "curl",
    "HTTP_X_FORWARDED_FOR": "::1",
    "CONTENT_TYPE": "text/html",
    "CONTENT_LENGTH": "3",
    "SERVER_NAME": "localhost",
    "wsgi.input": None,
}


def test_request_headers_are_found_by_any_spelling() -> None:
    headers = HttpHeaders(META)
    assert headers["User-Agent"] == headers["user-agent"] == headers["user_agent"] == "curl"
    assert headers.get("content-type") == "text/html"
    assert headers.get("Server-Name") is None
    assert "X-Forwarded-For" in headers
    assert "Server-Name" not in headers
    with pytest.raises(KeyError, match="No-Such"):
        headers["No-Such"]


def test_request_headers_list_the_headers_and_nothing_else() -> None:
    headers = HttpHeaders(META)
    assert dict(headers) == {
        "User-Agent": "curl",
        "X-Forwarded-For": "::1",
        "Content-Type": "text/html",
        "Content-Length": "3",
    }
    assert len(headers) == 4


def test_request_headers_show_what_is_put_into_meta_later() -> None:
    meta: dict[str, Any] = {}
    headers = HttpHeaders(meta)
    meta["HTTP_ACCEPT"] = "text/html"
    assert headers["Accept"] == "text/html"


def test_header_names_can_be_turned_into_environ_names() -> None:
    assert HttpHeaders.to_wsgi_names({"User-Agent": "x", "Content-Type": "y"}) == {
        "HTTP_USER_AGENT": "x",
        "CONTENT_TYPE": "y",
    }
    assert HttpHeaders.to_asgi_names({"User-Agent": "x"}) == {"USER_AGENT": "x"}
    assert HttpHeaders.parse_header_name("HTTP_X_A") == "X-A"
    assert HttpHeaders.parse_header_name("PATH_INFO") is None


def test_many_different_names_do_not_grow_the_tables_without_end() -> None:
    from miniframe.http import headers as module

    response = HttpResponse()
    request_headers = HttpHeaders({})
    for number in range(3000):
        response[f"X-{number}"] = "v"
        request_headers.get(f"X-{number}")
    assert len(module._lower_names) <= 1024
    assert len(module._environ_names) <= 1024
