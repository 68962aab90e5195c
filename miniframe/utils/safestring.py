"""Text that is HTML already and must not be escaped again.

Template engines ask for `__html__` (markupsafe's protocol); Jinja2 leaves these strings as they are.

Source: Django's reference "Utils", section `django.utils.safestring`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["SafeData", "SafeString", "mark_safe"]


class SafeData:
    """The mark of text that needs no escaping."""

    def __html__(self) -> Any:
        """Return the text itself: the protocol that Jinja2 and other engines ask."""
        return self


class SafeString(str, SafeData):
    """HTML as text.  It stays safe when safe text is added, and becomes plain when plain text is."""

    __slots__ = ()

    def __add__(self, other: str) -> Any:
        joined = str.__add__(self, other)
        return SafeString(joined) if hasattr(other, "__html__") else joined

    def __str__(self) -> str:
        return self


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
