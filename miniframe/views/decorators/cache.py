"""Keep a view's answers, and tell browsers and proxies what they may keep.

Source: Django's topic "Conditional view processing" and reference "View decorators", section "Caching"; topic
"Django's cache framework", section "The per-view cache".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from miniframe.middleware.cache import CacheMiddleware
from miniframe.utils.cache import add_never_cache_headers, patch_cache_control
from miniframe.utils.decorators import decorator_from_middleware_with_args
from miniframe.views.decorators.around import V, around, require_request

__all__ = ["cache_control", "cache_page", "never_cache"]


def cache_page(timeout: float | None, *, cache: str | None = None, key_prefix: str | None = None) -> Callable[[V], V]:
    """Keep the view's pages for `timeout` seconds, one for each address and for each value of what Vary names.

    `cache` is an alias of settings.CACHES ("default" if None), `key_prefix` keeps sites that share it apart.  What is
    kept and what is not: see `miniframe.middleware.cache`.
    """
    decorate: Callable[[V], V] = decorator_from_middleware_with_args(CacheMiddleware)(
        page_timeout=timeout, cache_alias=cache, key_prefix=key_prefix
    )
    return decorate


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
