"""Where each address of the site leads: one line an app."""

from __future__ import annotations

from miniframe.urls import include, path
from miniframe.views.generic import RedirectView

urlpatterns = [
    path("", include("core.urls")),
    path("notices/", include("board.urls")),
    path("gallery/", include("gallery.urls")),
    path("tides/", include("tides.urls")),
    path("live/", include("live.urls")),
    path("api/", include("api.urls")),
    # Printed on the old posters along the quay, so it goes on working.
    path("board/", RedirectView.as_view(pattern_name="board:index", permanent=True)),
]
