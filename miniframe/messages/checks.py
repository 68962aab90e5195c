"""Check the settings of messages before the first message does."""

from __future__ import annotations

from typing import Any

from miniframe.checks import CheckMessage, Error
from miniframe.conf import place_of, problem_with_path, settings

__all__ = ["check_message_middleware", "check_message_storage"]

_MESSAGES = "miniframe.messages.middleware.MessageMiddleware"
_SESSIONS = "miniframe.sessions.middleware.SessionMiddleware"
_STORAGES_WITH_SESSIONS = {
    "miniframe.messages.storage.fallback.FallbackStorage",
    "miniframe.messages.storage.session.SessionStorage",
}


def check_message_storage(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """E100: MESSAGE_STORAGE leads nowhere."""
    problem = problem_with_path("MESSAGE_STORAGE")
    return [Error(problem, id="messages.E100")] if problem else []


def check_message_middleware(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """E101: the storage needs sessions, and SessionMiddleware does not stand before MessageMiddleware."""
    chain: list[str] = list(settings.MIDDLEWARE)
    if _MESSAGES not in chain or settings.MESSAGE_STORAGE not in _STORAGES_WITH_SESSIONS:
        return []
    if _SESSIONS in chain[: chain.index(_MESSAGES)]:
        return []
    return [
        Error(
            f"{place_of('MIDDLEWARE')} has {_MESSAGES!r} without {_SESSIONS!r} before it, and messages that a "
            "cookie has no room for go to the session.",
            hint="Put SessionMiddleware before it, or set MESSAGE_STORAGE to "
            "'miniframe.messages.storage.cookie.CookieStorage'.",
            id="messages.E101",
        )
    ]
