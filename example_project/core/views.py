"""The front page, and what machines ask for first."""

from __future__ import annotations

from datetime import UTC, datetime

from miniframe.http import HttpRequest, HttpResponse
from miniframe.shortcuts import redirect, render
from miniframe.templatetags.static import static
from miniframe.views.decorators.cache import cache_control
from miniframe.views.decorators.http import require_safe

from board import store as notices
from gallery import store as pictures
from tides import tables


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the harbour as it is now: the water, the latest notices, the latest pictures."""
    now = datetime.now(UTC)
    context = {
        "gauge": tables.gauge(now),
        "turns": tables.next_turns(now, 2),
        "notices": notices.find()[:3],
        "pictures": pictures.find()[:4],
    }
    return render(request, "core/home.html", context)


@require_safe
@cache_control(public=True, max_age=86400)
def robots(request: HttpRequest) -> HttpResponse:
    """Tell search engines that they are welcome, except in the forms."""
    return HttpResponse("User-agent: *\nDisallow: /notices/new/\nDisallow: /api/\n", content_type="text/plain")


@require_safe
@cache_control(public=True, max_age=86400)
def favicon(request: HttpRequest) -> HttpResponse:
    """Lead to the icon, for what cannot name one itself: a picture, JSON. Not for ever, since its name may change."""
    return redirect(static("img/lighthouse.svg"))
