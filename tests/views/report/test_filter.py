"""Secrets stay out of reports: by name, by mark, and by value."""

from __future__ import annotations

import asyncio
import sys
from types import FrameType
from typing import Any

import pytest

from miniframe.test import RequestFactory
from miniframe.test.utils import override_settings
from miniframe.views.debug import SafeExceptionReporterFilter, get_exception_reporter_filter
from miniframe.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from miniframe.views.report.values import STARS

safe = SafeExceptionReporterFilter()


@pytest.mark.parametrize(
    "name",
    ["SECRET_KEY", "password", "db_passwd", "API_TOKEN", "auth", "authorization", "api_key", "signature", "HTTP_COOKIE",
     "client_secret", "access_tokens", "csrf_token", "apikey", "Password",
     "HTTP_X_CSRFTOKEN", "accessToken", "privateKey", "sessionid", "jwt"],
)  # fmt: skip
def test_names_of_secrets(name: str) -> None:
    assert safe.is_secret_name(name)


@pytest.mark.parametrize("name", ["key", "keys", "author", "compass", "passed", "capital", "monkey", "tokenizer"])
def test_names_that_only_sound_like_it(name: str) -> None:
    assert not safe.is_secret_name(name)


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        pytest.param("SECRET_KEY", "x", STARS, id="name"),
        pytest.param("smtp_PassWord", "x", STARS, id="any-case"),
        pytest.param("CACHES", {"default": {"PASSWORD": "x", "HOST": "h"}},
                     {"default": {"PASSWORD": STARS, "HOST": "h"}}, id="dict"),
        pytest.param("ROWS", [{"token": "x"}, ({"api": "y"},)], [{"token": STARS}, ({"api": STARS},)], id="list"),
        pytest.param(3, {4: "x"}, {4: "x"}, id="keys-that-are-no-text"),
        pytest.param("URL", "postgresql://a:x@h/b?password=y&sslmode=require",
                     f"postgresql://a:{STARS}@h/b?password={STARS}&sslmode=require", id="address"),
    ],
)  # fmt: skip
def test_settings_are_cleansed(key: object, value: Any, shown: Any) -> None:
    assert safe.cleanse_setting(key, value) == shown


def test_every_setting_is_shown_but_no_secret() -> None:
    with override_settings(SOME_PASSWORD="geheim", DEBUG=True):
        shown = safe.get_safe_settings()
    assert shown["SOME_PASSWORD"] == shown["SECRET_KEY"] == STARS
    assert shown["DEBUG"] is True


def test_cookies_of_the_session_and_of_csrf_are_secrets() -> None:
    request = RequestFactory().get("/", headers={"cookie": "sessionid=a; csrftoken=b; theme=dark"})
    assert safe.get_safe_cookies(request) == {"sessionid": STARS, "csrftoken": STARS, "theme": "dark"}
    assert safe.get_safe_request_meta(request)["HTTP_COOKIE"] == STARS


def frame_of(call: Any) -> FrameType:
    try:
        call()
    except ZeroDivisionError:
        traceback = sys.exc_info()[2]
        while traceback is not None and traceback.tb_next is not None:
            traceback = traceback.tb_next
        assert traceback is not None
        return traceback.tb_frame
    raise AssertionError("it should have failed")


@pytest.mark.parametrize(
    ("marks", "shown"),
    [
        pytest.param(("iban",), {"iban": STARS, "bank": "B"}, id="named"),
        pytest.param((), {"iban": STARS, "bank": STARS}, id="all"),
    ],
)
def test_variables_marked_as_sensitive_are_hidden(marks: tuple[str, ...], shown: dict[str, str]) -> None:
    @sensitive_variables(*marks)
    def pay() -> float:
        iban, bank = "DE00", "B"
        return len(iban + bank) / 0

    variables = dict(safe.get_traceback_frame_variables(None, frame_of(pay)))
    assert {name: variables[name] for name in shown} == shown


def test_variables_of_async_functions_are_hidden_too() -> None:
    @sensitive_variables("iban")
    async def pay() -> float:
        iban = "DE00"
        return len(iban) / 0

    assert dict(safe.get_traceback_frame_variables(None, frame_of(lambda: asyncio.run(pay()))))["iban"] == STARS


def test_variables_of_functions_called_by_a_marked_one_are_hidden_too() -> None:
    def inner(iban: str) -> float:
        return len(iban) / 0

    @sensitive_variables("iban")
    def pay() -> float:
        return inner("DE00")

    assert dict(safe.get_traceback_frame_variables(None, frame_of(pay)))["iban"] == STARS


@pytest.mark.parametrize(
    ("marks", "shown"),
    [
        pytest.param(("iban",), {"iban": STARS, "city": "Bonn"}, id="named"),
        pytest.param((), {"iban": STARS, "city": STARS}, id="all"),
    ],
)
def test_post_parameters_marked_as_sensitive_are_hidden(marks: tuple[str, ...], shown: dict[str, str]) -> None:
    request = RequestFactory().post("/", {"iban": "DE00", "city": "Bonn"})
    sensitive_post_parameters(*marks)(lambda request: None)(request)
    assert safe.get_post_parameters(request).dict() == shown
    assert request.POST["iban"] == "DE00"


def test_known_secrets_are_found_by_value() -> None:
    request = RequestFactory().get("/?token=abcdefgh&q=1")
    with override_settings(SECRET_KEY="this-is-the-key", SECRET_KEY_FALLBACKS=["this-was-the-key"]):
        text = safe.scrub("this-is-the-key, this-was-the-key, /?token=abcdefgh", request)
    assert text == f"{STARS}, {STARS}, /?token={STARS}"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        pytest.param('PASSWORD = "geheim"', f'PASSWORD = "{STARS}"', id="assignment"),
        pytest.param("API_TOKEN: str = 'geheim'", f"API_TOKEN: str = '{STARS}'", id="annotated"),
        pytest.param(
            '{"password": "geheim", "user": "ann"}', f'{{"password": "{STARS}", "user": "ann"}}', id="in-a-dict"
        ),
        pytest.param("connect(secret='geheim')", f"connect(secret='{STARS}')", id="argument"),
        pytest.param('title = "My password page"', 'title = "My password page"', id="no-secret"),
    ],
)
def test_literals_in_the_source_are_hidden(line: str, shown: str) -> None:
    assert safe.scrub_source(line) == shown


def test_a_request_and_the_settings_may_choose_another_filter() -> None:
    class Own(SafeExceptionReporterFilter):
        cleansed_substitute = "XXX"

    request = RequestFactory().get("/")
    assert type(get_exception_reporter_filter(request)) is SafeExceptionReporterFilter
    request.exception_reporter_filter = Own()
    assert get_exception_reporter_filter(request).cleanse_setting("TOKEN", "a") == "XXX"
