"""What `check --deploy` finds in the settings: each message with what causes it."""

from __future__ import annotations

from typing import Any

import pytest

from miniframe.checks import run_checks
from miniframe.checks.security import base, csrf, sessions
from miniframe.test.utils import override_settings

SECURITY, XFRAME, CSRF = base.SECURITY_MIDDLEWARE, base.XFRAME_MIDDLEWARE, csrf.CSRF_MIDDLEWARE
GOOD_KEY = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP"

# Settings that no check has anything to say about.
GOOD: dict[str, Any] = {
    "MIDDLEWARE": [SECURITY, XFRAME, CSRF, sessions.SESSION_MIDDLEWARE],
    "DEBUG": False,
    "ALLOWED_HOSTS": ["example.com"],
    "SECRET_KEY": GOOD_KEY,
    "SECRET_KEY_FALLBACKS": [],
    "SECURE_HSTS_SECONDS": 3600,
    "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
    "SECURE_HSTS_PRELOAD": True,
    "SECURE_SSL_REDIRECT": True,
    "CSRF_COOKIE_SECURE": True,
    "SESSION_COOKIE_SECURE": True,
    "SESSION_COOKIE_HTTPONLY": True,
}


def found(**settings: Any) -> set[str | None]:
    checks = [
        value
        for module in (base, csrf, sessions)
        for name, value in vars(module).items()
        if name.startswith("check_") and value.__module__ == module.__name__
    ]
    with override_settings(**{**GOOD, **settings}):
        return {message.id for check in checks for message in check(None)}


def without(path: str) -> dict[str, Any]:
    return {"MIDDLEWARE": [each for each in GOOD["MIDDLEWARE"] if each != path]}


def test_good_settings_are_good() -> None:
    assert found() == set()


@pytest.mark.parametrize(
    ("settings", "ids"),
    [
        pytest.param(without(SECURITY), {"security.W001"}, id="no-security-middleware"),
        pytest.param(without(XFRAME), {"security.W002"}, id="no-xframe-middleware"),
        pytest.param(without(CSRF), {"security.W003"}, id="no-csrf-middleware"),
        pytest.param({"SECURE_HSTS_SECONDS": 0}, {"security.W004"}, id="no-hsts"),
        pytest.param({"SECURE_HSTS_INCLUDE_SUBDOMAINS": False}, {"security.W005"}, id="no-subdomains"),
        pytest.param({"SECURE_CONTENT_TYPE_NOSNIFF": False}, {"security.W006"}, id="sniffing"),
        pytest.param({"SECURE_SSL_REDIRECT": False}, {"security.W008"}, id="no-redirect"),
        pytest.param({"SECRET_KEY": "short"}, {"security.W009"}, id="short-key"),
        pytest.param({"SECRET_KEY": "a" * 60}, {"security.W009"}, id="monotonous-key"),
        pytest.param({"SECRET_KEY": "miniframe-insecure-" + GOOD_KEY}, {"security.W009"}, id="our-dev-key"),
        pytest.param({"SECRET_KEY": "django-insecure-" + GOOD_KEY}, {"security.W009"}, id="django-dev-key"),
        pytest.param({"SECRET_KEY": ""}, {"security.W009"}, id="no-key"),
        pytest.param({"SECRET_KEY_FALLBACKS": [GOOD_KEY, "short"]}, {"security.W025"}, id="short-fallback"),
        pytest.param({"CSRF_COOKIE_SECURE": False}, {"security.W016"}, id="csrf-cookie"),
        pytest.param({"CSRF_TRUSTED_ORIGINS": ["https://*.good.example"]}, set(), id="trusted-origin"),
        pytest.param({"CSRF_TRUSTED_ORIGINS": ["good.example"]}, {"4_0.E001"}, id="trusted-without-scheme"),
        pytest.param({"CSRF_TRUSTED_ORIGINS": ["null"]}, {"4_0.E001"}, id="trusted-null"),
        pytest.param({"DEBUG": True}, {"security.W018"}, id="debug"),
        pytest.param({"X_FRAME_OPTIONS": "SAMEORIGIN"}, {"security.W019"}, id="frames"),
        pytest.param({"ALLOWED_HOSTS": []}, {"security.W020"}, id="no-hosts"),
        pytest.param({"SECURE_HSTS_PRELOAD": False}, {"security.W021"}, id="no-preload"),
        pytest.param({"SECURE_REFERRER_POLICY": None}, {"security.W022"}, id="no-referrer-policy"),
        pytest.param({"SECURE_REFERRER_POLICY": "origin, no-referer"}, {"security.E023"}, id="odd-referrer-policy"),
        pytest.param({"SECURE_REFERRER_POLICY": ["origin", "no-referrer"]}, set(), id="list-of-policies"),
        pytest.param({"SECURE_CROSS_ORIGIN_OPENER_POLICY": "x"}, {"security.E024"}, id="odd-opener-policy"),
        pytest.param({"SECURE_CROSS_ORIGIN_OPENER_POLICY": None}, set(), id="no-opener-policy"),
        pytest.param({"CSRF_FAILURE_VIEW": "nowhere.to.be.found"}, {"security.E102"}, id="no-failure-view"),
        pytest.param({"CSRF_FAILURE_VIEW": f"{__name__}.without"}, {"security.E101"}, id="odd-failure-view"),
        pytest.param({"SESSION_COOKIE_SECURE": False}, {"security.W011"}, id="session-middleware"),
        pytest.param({"SESSION_COOKIE_HTTPONLY": False}, {"security.W014"}, id="session-middleware-readable"),
        pytest.param({"SESSION_COOKIE_SECURE": False, "MIDDLEWARE": [SECURITY, XFRAME, CSRF]}, set(), id="no-session"),
    ],
)
def test_each_weakness_is_found(settings: dict[str, Any], ids: set[str]) -> None:
    assert found(**settings) == ids


def test_the_session_s_app_and_middleware_share_one_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sessions._found(sessions.W010, sessions.W011, sessions.W012) == []
    with override_settings(MIDDLEWARE=[sessions.SESSION_MIDDLEWARE]):
        monkeypatch.setattr(sessions, "SESSION_MIDDLEWARE", sessions.SESSION_MIDDLEWARE)
        assert sessions._found(sessions.W010, sessions.W011, sessions.W012) == [sessions.W011]


def test_the_message_names_the_fallback() -> None:
    with override_settings(SECRET_KEY_FALLBACKS=["x"]):
        [message] = base.check_secret_key_fallbacks(None)
    assert message.msg.startswith("Your SECRET_KEY_FALLBACKS[0] can be guessed")


def test_an_origin_without_scheme_is_found_by_a_check_without_deploy() -> None:
    with override_settings(CSRF_TRUSTED_ORIGINS=["https://good.example", "shop.example", "null"]):
        messages = [message for message in run_checks() if message.id == "4_0.E001"]
    assert ["'shop.example'" in messages[0].msg, "'null'" in messages[1].msg] == [True, True]
    assert (messages[0].hint or "").startswith("Write 'https://shop.example'")
    assert (messages[1].hint or "").startswith("Take it out.")
