"""The address of a static file.

Source: Django's reference "Built-in template tags and filters", section "static".
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote, urljoin

from miniframe.conf import settings
from miniframe.exceptions import ImproperlyConfigured

__all__ = ["build_with", "static"]

_builder: Callable[[str], str] | None = None


def build_with(builder: Callable[[str], str] | None) -> None:
    """Let `builder` make the addresses from now on; None goes back to settings.STATIC_URL alone.

    An app that renames files (hashes in their names) hands its function in here when it is loaded.
    """
    global _builder
    _builder = builder


def static(path: str) -> str:
    """Return the address at which the static file `path` is served.

    Raises:
        ImproperlyConfigured: settings.STATIC_URL is not set.
    """
    if _builder is not None:
        return _builder(path)
    prefix: str | None = settings.STATIC_URL
    if not prefix:
        raise ImproperlyConfigured(
            f"The address of the static file {path!r} was asked for, but settings.STATIC_URL is not set. "
            "Set it, for example STATIC_URL = 'static/'."
        )
    return urljoin(prefix, quote(path))
