"""Add messages in a view, and read them where pages are made.

Source: Django's reference "The messages framework", section "Using messages in views and templates".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from miniframe.conf import settings
from miniframe.messages import constants

__all__ = [
    "MessageFailure",
    "add_message",
    "debug",
    "error",
    "get_level",
    "get_messages",
    "info",
    "set_level",
    "success",
    "warning",
]


class MessageFailure(Exception):
    """There is nowhere to put a message: MessageMiddleware is missing from MIDDLEWARE."""


def add_message(
    request: Any, level: int, message: Any, extra_tags: str | None = "", fail_silently: bool = False
) -> None:
    """Add a message for this visitor; one below the level that counts is dropped.

    `message` is escaped in pages unless it is a safe string; `extra_tags` become CSS classes. The request may be
    anything that hands on the attributes of one.

    Raises:
        TypeError: `request` is no request.
        MessageFailure: MessageMiddleware is missing, and `fail_silently` is false.
    """
    storage = getattr(request, "_messages", None)
    if storage is not None:
        storage.add(level, message, extra_tags)
    elif not hasattr(request, "META"):
        raise TypeError(f"add_message() argument must be an HttpRequest object, not {type(request).__name__!r}.")
    elif not fail_silently:
        raise MessageFailure(
            "You cannot add messages without installing miniframe.messages.middleware.MessageMiddleware"
        )


def get_messages(request: Any) -> Iterable[Any]:
    """Return the visitor's messages.  Going through them counts as having shown them, so the next page has others."""
    storage: Iterable[Any] = getattr(request, "_messages", [])
    return storage


def get_level(request: Any) -> int:
    """Return the lowest level that is recorded for this request: as `set_level` said, or settings.MESSAGE_LEVEL."""
    storage = getattr(request, "_messages", None)
    level: int = settings.MESSAGE_LEVEL if storage is None else storage.level
    return level


def set_level(request: Any, level: int | None) -> bool:
    """Set the lowest level that is recorded for this request, None for the setting's; False if there is no storage."""
    storage = getattr(request, "_messages", None)
    if storage is None:
        return False
    storage.level = level
    return True


def debug(request: Any, message: Any, extra_tags: str | None = "", fail_silently: bool = False) -> None:
    """Add a message for developers; see `add_message`."""
    add_message(request, constants.DEBUG, message, extra_tags, fail_silently)


def info(request: Any, message: Any, extra_tags: str | None = "", fail_silently: bool = False) -> None:
    """Add a message that is good to know; see `add_message`."""
    add_message(request, constants.INFO, message, extra_tags, fail_silently)


def success(request: Any, message: Any, extra_tags: str | None = "", fail_silently: bool = False) -> None:
    """Add a message that something was done; see `add_message`."""
    add_message(request, constants.SUCCESS, message, extra_tags, fail_silently)


def warning(request: Any, message: Any, extra_tags: str | None = "", fail_silently: bool = False) -> None:
    """Add a message that something may go wrong; see `add_message`."""
    add_message(request, constants.WARNING, message, extra_tags, fail_silently)


def error(request: Any, message: Any, extra_tags: str | None = "", fail_silently: bool = False) -> None:
    """Add a message that something was not done; see `add_message`."""
    add_message(request, constants.ERROR, message, extra_tags, fail_silently)
