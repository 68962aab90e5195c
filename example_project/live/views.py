"""The streams of the live page: each piece is sent when it happens, not when all is done."""

from __future__ import annotations

from miniframe.http import HttpRequest, StreamingHttpResponse
from miniframe.http.events import EventStreamResponse, last_event_id
from miniframe.views.decorators.cache import never_cache
from miniframe.views.decorators.http import require_safe

from core.db import LAST_ID
from live import log
from live.stream import as_events, as_text, happenings

# How much of the log a newcomer is shown.
EARLIER_ENTRIES = 6


@require_safe
def events(request: HttpRequest) -> EventStreamResponse:
    """Stream to the script of the live page."""
    # The gauge is never silent, so no heartbeat is needed, nor the thread that would wait for one.
    return EventStreamResponse(as_events(happenings(_start(request))), heartbeat=None, retry=1000)


@require_safe
@never_cache
def plain(request: HttpRequest) -> StreamingHttpResponse:
    """Stream to `curl -N`, and to browsers without scripts."""
    return StreamingHttpResponse(as_text(happenings(_start(request))), content_type="text/plain; charset=utf-8")


def _start(request: HttpRequest) -> int:
    """Return the number of the last log line that this visitor has."""
    typed = last_event_id(request)
    if typed.isascii() and typed.isdecimal() and len(typed) < 19:
        return min(int(typed), LAST_ID)
    return log.before_the_last(EARLIER_ENTRIES)
