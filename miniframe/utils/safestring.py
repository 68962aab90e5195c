"""Text that is HTML already and must not be escaped again; markupsafe does the work.

Source: Django's reference "Utils", section `django.utils.safestring`; https://markupsafe.palletsprojects.com.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from markupsafe import Markup

__all__ = ["SafeData", "SafeString", "mark_safe"]


class SafeData:
    """The mark of text that needs no escaping."""

    def __html__(self) -> Any:
        """Return the text itself: the protocol that Jinja2 and other engines ask."""
        return self


class SafeString(Markup, SafeData):
    """HTML as text.  Adding a plain string escapes that string first, as markupsafe does."""

    __slots__ = ()

    def __html__(self) -> SafeString:
        """Return the text itself."""
        return self

    def __str__(self) -> str:
        return str.__str__(self)


def mark_safe(s: Any) -> Any:
    """Return `s` as HTML that will not be escaped; a function is wrapped so that its results are."""
    if hasattr(s, "__html__"):
        return s
    if callable(s):
        return _safe_results(s)
    return SafeString(s)


def _safe_results(function: Callable[..., Any]) -> Callable[..., Any]:
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return mark_safe(function(*args, **kwargs))

    wrapper.__name__ = getattr(function, "__name__", "wrapper")
    wrapper.__doc__ = function.__doc__
    return wrapper
