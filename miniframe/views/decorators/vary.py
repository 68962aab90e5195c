"""Say on which request headers a view's answers depend, so that caches keep them apart.

Source: RFC 9110, section 12.5.5; Django's reference "View decorators", section "Vary headers".
"""

from __future__ import annotations

from collections.abc import Callable

from miniframe.utils.cache import patch_vary_headers
from miniframe.views.decorators.around import V, around


def vary_on_headers(*headers: str) -> Callable[[V], V]:
    """Add header names, in any case, to the view's Vary: `@vary_on_headers("Accept-Language", "Cookie")`."""

    def decorate(view: V) -> V:
        return around(view, after=lambda request, response: patch_vary_headers(response, headers))

    return decorate


def vary_on_cookie(func: V) -> V:
    """Add Cookie to the view's Vary: the page is different for each visitor."""
    return vary_on_headers("Cookie")(func)
