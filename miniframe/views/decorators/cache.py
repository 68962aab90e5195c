"""Tell browsers and proxies what they may keep.

Source: Django's topic "Conditional view processing" and reference "View decorators", section "Caching".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from miniframe.utils.cache import add_never_cache_headers, patch_cache_control
from miniframe.views.decorators.around import V, around, require_request


def cache_control(**kwargs: Any) -> Callable[[V], V]:
    """Add directives to the view's Cache-Control, such as `max_age=60, public=True`; see `patch_cache_control`."""

    def decorate(view: V) -> V:
        return around(
            view,
            before=lambda request: require_request(request, "cache_control"),
            after=lambda request, response: patch_cache_control(response, **kwargs),
        )

    return decorate


def never_cache(view_func: V) -> V:
    """Forbid everybody to keep the view's answers."""
    return around(
        view_func,
        before=lambda request: require_request(request, "never_cache"),
        after=lambda request, response: add_never_cache_headers(response),
    )
