"""What a pattern can tell about its own mistakes, for the system checks.

Source: Django's reference "System check framework", section "URLs".
"""

from __future__ import annotations

from typing import Any

from miniframe.checks import CheckMessage, Error, Warning

__all__ = ["check_entry", "check_name", "check_view", "get_warning_for_invalid_pattern"]


def check_entry(entry: Any) -> list[CheckMessage]:
    """Return the messages about one element of `urlpatterns`, whatever it is."""
    if hasattr(entry, "check"):
        messages: list[CheckMessage] = entry.check()
        return messages
    return [] if hasattr(entry, "resolve") else get_warning_for_invalid_pattern(entry)


def check_name(entry: Any) -> list[CheckMessage]:
    """Complain about a colon in a pattern's name: it would look like a namespace."""
    name = entry.pattern.name
    if name is None or ":" not in name:
        return []
    return [
        Warning(
            f"Your URL pattern {entry.pattern.describe()} has a name including a ':'. Remove the colon, to avoid "
            "ambiguous namespace references.",
            id="urls.W003",
        )
    ]


def check_view(entry: Any) -> list[CheckMessage]:
    """Complain about a view class that was passed without `.as_view()`."""
    view = entry.callback
    if not isinstance(view, type) or not hasattr(view, "as_view"):
        return []
    name = view.__name__
    return [
        Error(
            f"Your URL pattern {entry.pattern.describe()} has an invalid view, "
            f"pass {name}.as_view() instead of {name}.",
            id="urls.E009",
        )
    ]


def get_warning_for_invalid_pattern(pattern: Any) -> list[CheckMessage]:
    """Complain about something in `urlpatterns` that is no pattern."""
    hint = None
    if isinstance(pattern, str):
        hint = (
            f"Try removing the string '{pattern}'. The list of urlpatterns should not have a prefix string as the "
            "first element."
        )
    elif isinstance(pattern, tuple):
        hint = "Try using path() instead of a tuple."
    return [
        Error(
            f"Your URL pattern {pattern!r} is invalid. Ensure that urlpatterns is a list of path() and/or re_path() "
            "instances.",
            hint=hint,
            id="urls.E004",
        )
    ]
