"""What a pattern can tell about its own mistakes, for the system checks.

Source: Django's reference "System check framework", section "URLs".
"""

from __future__ import annotations

import re
from typing import Any

from miniframe.checks import CheckMessage, Error, Warning
from miniframe.conf import settings

__all__ = [
    "check_entry",
    "check_expression",
    "check_name",
    "check_route",
    "check_view",
    "get_warning_for_invalid_pattern",
]


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


def check_route(pattern: Any) -> list[CheckMessage]:
    """Complain about slips in a route as `path()` takes it."""
    # A whole address that ends with a slash leads nowhere further, so nothing is meant to follow that.
    may_lead = not pattern.is_endpoint
    return [*_check_leading_slash(pattern, may_lead), *_check_brackets(pattern), *_check_regex_marks(pattern)]


def check_expression(pattern: Any) -> list[CheckMessage]:
    """Complain about slips in a regular expression as `re_path()` takes it."""
    expression = str(pattern)
    messages = _check_leading_slash(pattern, may_lead=True)
    if not pattern.is_endpoint and expression.endswith("$") and not expression.endswith(r"\$"):
        messages.append(
            Warning(
                f"Your URL pattern {pattern.describe()} uses include with a route ending with a '$'. Remove the "
                "dollar from the route to avoid problems including URLs.",
                id="urls.W001",
            )
        )
    return messages


def _check_leading_slash(pattern: Any, may_lead: bool) -> list[CheckMessage]:
    """`may_lead`: what follows could be meant to begin after the slash with which the route ends."""
    route = str(pattern).removeprefix("^").removeprefix("\\")
    # Without APPEND_SLASH a route such as "/" under an include("api") makes sense.
    if not settings.APPEND_SLASH or not route.startswith("/") or (may_lead and route.endswith("/")):
        return []
    return [
        Warning(
            f"Your URL pattern {pattern.describe()} has a route beginning with a '/'. Remove this slash as it is "
            "unnecessary. If this pattern is targeted in an include(), ensure the include() pattern has a "
            "trailing '/'.",
            id="urls.W002",
        )
    ]


def _check_brackets(pattern: Any) -> list[CheckMessage]:
    unmatched = []
    # A nested "<" counts as one more to close, as Django counts them.
    depth = 0
    for bracket in re.findall("[<>]", str(pattern)):
        depth += 1 if bracket == "<" else -1
        if depth < 0:
            unmatched.append(">")
            depth = 0
    if depth:
        unmatched.append("<")
    return [
        Warning(f"Your URL pattern {pattern.describe()} has an unmatched '{bracket}' bracket.", id="urls.W010")
        for bracket in unmatched
    ]


def _check_regex_marks(pattern: Any) -> list[CheckMessage]:
    route = str(pattern)
    if "(?P<" not in route and not route.startswith("^") and not route.endswith("$"):
        return []
    return [
        Warning(
            f"Your URL pattern {pattern.describe()} has a route that contains '(?P<', begins with a '^', or ends "
            "with a '$'. This was likely an oversight when migrating to miniframe.urls.path().",
            hint="Write parameters as <int:name> or <name>, or use re_path().",
            id="2_0.W001",
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
