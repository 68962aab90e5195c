"""Where each address of the site leads: one line an app."""

from __future__ import annotations

from miniframe.conf import settings
from miniframe.urls import include, path
from miniframe.views.decorators.cache import cache_control
from miniframe.views.generic import RedirectView
from miniframe.views.static import serve

A_YEAR = 365 * 24 * 3600  # seconds

urlpatterns = [
    path("", include("core.urls")),
    path("notices/", include("board.urls")),
    path("gallery/", include("gallery.urls")),
    path("tides/", include("tides.urls")),
    path("live/", include("live.urls")),
    path("api/", include("api.urls")),
    # Printed on the old posters along the quay, so it goes on working.
    path("board/", RedirectView.as_view(pattern_name="board:index", permanent=True)),
    # What `collectstatic` has gathered; a busy site would let nginx serve it. With DEBUG this is never reached.
    path(
        "static/<path:path>",
        cache_control(public=True, max_age=A_YEAR, immutable=True)(serve),
        {"document_root": settings.STATIC_ROOT},
    ),
]
