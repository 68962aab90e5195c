"""Routes for static files, for those who do not use this app's runserver.

Source: Django's reference "The staticfiles app", section "URLs for static files".
"""

from __future__ import annotations

from typing import Any

from miniframe.conf import settings
from miniframe.conf.urls.static import static
from miniframe.staticfiles.views import serve

__all__ = ["staticfiles_urlpatterns", "urlpatterns"]

urlpatterns: list[Any] = []


def staticfiles_urlpatterns(prefix: str | None = None) -> list[Any]:
    """Return the routes for static files below `prefix`, by default STATIC_URL; none if DEBUG is off."""
    return static(settings.STATIC_URL if prefix is None else prefix, view=serve)


# Only if this module is itself included: then it is the routes.
if settings.DEBUG and not urlpatterns:
    urlpatterns += staticfiles_urlpatterns()
