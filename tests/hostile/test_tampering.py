"""Cookies, sessions, tokens and origins that somebody made up or changed: never believed, never an error."""

from __future__ import annotations

import base64
import json
import pickle
import zlib
from typing import Any
from urllib.parse import quote

import pytest

from miniframe import signing
from miniframe.test.utils import override_settings

ENGINES = ["signed_cookies", "cache", "file"]


class Bomb:
    """Would announce itself if somebody unpickled it."""

    def __reduce__(self) -> Any:
        return (exec, ("raise SystemExit('unpickled')",))


PICKLED = base64.urlsafe_b64encode(pickle.dumps(Bomb())).decode().rstrip("=")
INFLATING = base64.urlsafe_b64encode(zlib.compress(b"[" * 10_000_000)).decode().rstrip("=")


def changes(value: str) -> list[str]:
    """Return what a good signed value may be turned into, and values that were never good."""
    data, stamp, signature = value.strip('"').split(":") if value.count(":") == 2 else (value, "x", "y")
    return [
        *("", ":", "::", ":::", "x", value[:-1], value + "x", value[1:], value.swapcase(), value * 2),
        *(f"{data}x:{stamp}:{signature}", f"{data}:{stamp}1:{signature}", f"{data}:{stamp}:", f":{stamp}:{signature}"),
        *(f"{value}:{value}", f"{data}:!!!:{signature}", f"{data}::{signature}", f".{data}:{stamp}:{signature}"),
        *(f"{PICKLED}:{stamp}:{signature}", f".{INFLATING}:{stamp}:{signature}", "\x00", "\xff\xfe", "é:é:é"),
        *("a" * 60_000, ":" * 60_000, "../../etc/passwd", "%00", '"', "'; DROP TABLE sessions; --", "null", "{}"),
        *("a:b:c", "-" * 40, "0" * 32, "..", "con", "a/b"),
    ]  # fmt: skip


@pytest.mark.parametrize("engine", ENGINES)
def test_a_tampered_session_is_a_new_one(site: Any, engine: str, tmp_path: Any) -> None:
    where = {"SESSION_ENGINE": f"miniframe.sessions.backends.{engine}", "SESSION_FILE_PATH": str(tmp_path)}
    with override_settings(**where):
        good = site.ask(target="/remember/").cookies["sessionid"]
        assert json.loads(site.ask(HTTP_COOKIE=f"sessionid={good}").body)["session"] == {"user": "ann"}
        for forged in changes(good):
            if forged == good:
                continue
            answer = site.ask(HTTP_COOKIE=f"sessionid={forged}")
            assert answer.status == 200, forged
            assert json.loads(answer.body)["session"] == {}, forged


def test_a_session_signed_with_another_key_is_a_new_one(site: Any) -> None:
    salt = "miniframe.sessions.backends.signed_cookies"
    for key, engine_salt in (("another-key", salt), (None, "another-salt")):
        forged = signing.dumps({"user": "eve"}, key=key, salt=engine_salt)
        assert json.loads(site.ask(HTTP_COOKIE=f"sessionid={forged}").body)["session"] == {}


def test_tampered_messages_and_signed_cookies_are_dropped(site: Any) -> None:
    cookies = site.ask(target="/remember/").cookies
    told = json.loads(site.ask(HTTP_COOKIE=f"messages={cookies['messages']}; signed={cookies['signed']}").body)
    assert (told["messages"], told["signed"]) == (["hello"], "value")
    for name in ("messages", "signed"):
        for forged in changes(cookies[name]):
            told = json.loads(site.ask(HTTP_COOKIE=f"{name}={forged}").body)
            if forged != cookies[name]:
                assert (told["messages"], told["signed"]) == ([], None), forged


def test_a_cookie_signed_for_one_purpose_is_worthless_for_another(site: Any) -> None:
    cookies = site.ask(target="/remember/").cookies
    for name in ("sessionid", "messages", "signed"):
        for other, value in cookies.items():
            if other != name:
                told = json.loads(site.ask(HTTP_COOKIE=f"{name}={value}").body)
                assert (told["session"], told["messages"], told["signed"]) == ({}, [], None)


SECRET = "a" * 32


@pytest.mark.parametrize(
    "forged", ["", "x", "a" * 31, "a" * 33, "b" * 32, "é" * 32, "ab" * 16 + "b" * 32, "\x00" * 32, "a" * 50_000]
)
def test_a_forged_token_is_forbidden(site: Any, forged: str) -> None:
    good = {"HTTP_COOKIE": f"csrftoken={SECRET}"}
    form = {"CONTENT_TYPE": "application/x-www-form-urlencoded"}
    assert site.ask("POST", "/form/", HTTP_X_CSRFTOKEN=SECRET, **good).status == 200
    assert site.ask("POST", "/form/", HTTP_X_CSRFTOKEN=forged, **good).status == 403
    assert site.ask("POST", "/form/", f"csrfmiddlewaretoken={quote(forged)}".encode(), **good, **form).status == 403
    assert site.ask("POST", "/form/", HTTP_COOKIE=f"csrftoken={forged}", HTTP_X_CSRFTOKEN=SECRET).status == 403


ORIGINS = [
    *("null", "", "http://evil.test", "http://localhost.evil.test", "http://localhost:81", "http://localhost/"),
    *("http://[", "http://localhost, http://evil.test", "localhost", "//localhost", "http://localhost\x00"),
    *("http://[::1", "\xff", "http://evil.test#http://localhost", "http://localhost@evil.test", "h" * 60_000),
    *("http://" + "[" * 10_000,),
]


@pytest.mark.parametrize("origin", ORIGINS, ids=lambda origin: repr(origin[:40]))
def test_a_forged_origin_is_forbidden(site: Any, origin: str) -> None:
    good = {"HTTP_COOKIE": f"csrftoken={SECRET}", "HTTP_X_CSRFTOKEN": SECRET}
    assert site.ask("POST", "/form/", HTTP_ORIGIN=origin, **good).status == 403
    with override_settings(CSRF_TRUSTED_ORIGINS=["https://*.example.com", "http://good.test"]):
        assert site.ask("POST", "/form/", HTTP_ORIGIN=origin, **good).status == 403


@pytest.mark.parametrize(
    "referer", ["", "x", "https://evil.test/", "http://localhost/", "https://[", "https://localhost.evil/"]
)
def test_a_forged_referer_is_forbidden_over_https(site: Any, referer: str) -> None:
    good = {"HTTP_COOKIE": f"csrftoken={SECRET}", "HTTP_X_CSRFTOKEN": SECRET, "wsgi.url_scheme": "https"}
    assert site.ask("POST", "/form/", HTTP_REFERER=referer, **good).status == 403
    assert site.ask("POST", "/form/", HTTP_REFERER="https://localhost/x", **good).status == 200


RANGES = [
    pytest.param("bytes=0-0", 206, id="one-octet"),
    pytest.param("bytes=1000-99999999999999999999", 206, id="end-overflows"),
    pytest.param("bytes=99999999999999999999-", 416, id="start-overflows"),
    pytest.param("bytes=-99999999999999999999", 206, id="suffix-overflows"),
    pytest.param("bytes=" + "9" * 5000 + "-", 200, id="5000-digits"),
    pytest.param("bytes=5-4", 200, id="end-before-start"),
    pytest.param("bytes=-0", 416, id="last-zero-octets"),
    pytest.param("bytes=0-10,5-15", 200, id="overlapping"),
    pytest.param("bytes=" + "0-," * 5000, 200, id="5000-ranges"),
    pytest.param("bytes=" + ",".join(f"{n}-{n}" for n in range(0, 40, 2)), 200, id="20-ranges"),
    pytest.param("bytes=--1", 200, id="two-signs"),
    pytest.param("bytes=0x0-0x10", 200, id="hexadecimal"),
    pytest.param("bytes=\u0660-\u0665", 200, id="arabic-digits"),
    pytest.param("octets=0-1", 200, id="another-unit"),
    pytest.param("bytes=", 200, id="nothing"),
    pytest.param("bytes", 200, id="no-equals-sign"),
    pytest.param("\x00", 200, id="nul"),
]


@pytest.mark.parametrize(("field", "status"), RANGES)
def test_a_hostile_range_is_passed_over_or_refused(site: Any, field: str, status: int) -> None:
    assert site.ask(target="/file/", HTTP_RANGE=field).status == status
