"""A route for the files of one folder, in development.

Source: Django's how-to "How to manage static files", section "Serving files uploaded by a user during development".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from miniframe.conf import settings
from miniframe.exceptions import ImproperlyConfigured
from miniframe.urls import re_path
from miniframe.views.static import serve

__all__ = ["static"]


def static(prefix: str, view: Callable[..., Any] = serve, **kwargs: Any) -> list[Any]:
    """Return the routes that serve what is below `prefix`, to be added to `urlpatterns`.

    `static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT)` is the usual case.

    The list is empty if DEBUG is off, and for a prefix on another host.

    Raises:
        ImproperlyConfigured: the prefix is empty, and would hide every other route.
    """
    if not prefix:
        raise ImproperlyConfigured("Empty static prefix not permitted")
    if not settings.DEBUG or urlsplit(prefix).netloc:
        return []
    return [re_path(rf"^{re.escape(prefix.lstrip('/'))}(?P<path>.*)$", view, kwargs=kwargs)]
