"""Compress one view's answers.

Source: Django's reference "View decorators", section "GZip compression".
"""

from __future__ import annotations

from miniframe.middleware.gzip import GZipMiddleware
from miniframe.utils.decorators import decorator_from_middleware
from miniframe.views.decorators.around import V


def gzip_page(view_func: V) -> V:
    """Compress the view's answers if the client takes gzip; see GZipMiddleware."""
    compressed: V = decorator_from_middleware(GZipMiddleware)(view_func)
    return compressed
