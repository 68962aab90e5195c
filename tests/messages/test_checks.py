"""Each slip in the settings of messages is found by `check`."""

from __future__ import annotations

from typing import Any

import pytest

from miniframe.messages.checks import check_message_middleware, check_message_storage
from miniframe.test.utils import override_settings

SESSIONS = "miniframe.sessions.middleware.SessionMiddleware"
MESSAGES = "miniframe.messages.middleware.MessageMiddleware"
STORAGE = "miniframe.messages.storage"


def found(**settings: Any) -> list[str]:
    with override_settings(**settings):
        return [str(message.id) for check in (check_message_storage, check_message_middleware) for message in check()]


@pytest.mark.parametrize(
    ("settings", "ids"),
    [
        pytest.param({"MIDDLEWARE": [SESSIONS, MESSAGES]}, [], id="as-it-should-be"),
        pytest.param({"MIDDLEWARE": []}, [], id="not-used"),
        pytest.param({"MIDDLEWARE": [MESSAGES, SESSIONS]}, ["messages.E101"], id="wrong-order"),
        pytest.param({"MIDDLEWARE": [MESSAGES]}, ["messages.E101"], id="no-sessions"),
        pytest.param(
            {"MIDDLEWARE": [MESSAGES], "MESSAGE_STORAGE": f"{STORAGE}.cookie.CookieStorage"}, [], id="none-needed"
        ),
        pytest.param({"MESSAGE_STORAGE": f"{STORAGE}.cookie.Cookies"}, ["messages.E100"], id="no-such-storage"),
        pytest.param({"MESSAGE_STORAGE": "nowhere.Storage"}, ["messages.E100"], id="no-such-module"),
    ],
)
def test_a_slip_is_told(settings: dict[str, Any], ids: list[str]) -> None:
    assert found(**settings) == ids
