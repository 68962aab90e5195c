"""The pages of the tide table."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from miniframe.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from miniframe.urls import reverse
from miniframe.utils.decorators import method_decorator
from miniframe.views.decorators.cache import cache_page
from miniframe.views.decorators.http import require_safe
from miniframe.views.generic import TemplateView

from tides import tables
from tides.drawing import draw

TABLE_DAYS = 31
MINUTE = 60  # seconds


@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """Go to the day that it is; also where the form "another day" arrives."""
    typed = request.GET.get("day", "")
    try:
        which = date.fromisoformat(typed) if typed else datetime.now(UTC).date()
    except ValueError:
        which = datetime.now(UTC).date()
    if not tables.FIRST_YEAR <= which.year <= tables.LAST_YEAR:
        which = datetime.now(UTC).date()
    return HttpResponseRedirect(reverse("tides:day", kwargs={"which": which}))


# Made once a minute, for everybody: the page has nothing of a visitor's, and its template leaves their messages alone.
@method_decorator(cache_page(MINUTE), name="dispatch")
class DayView(TemplateView):
    """One day: the curve, the turns, and the days beside it."""

    template_name = "tides/day.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        which: date = context["which"]
        now = datetime.now(UTC)
        return context | {
            "today": now.date(),
            "drawing": draw(which, now),
            "turns": tables.day(which).turns,
            "gauge": tables.gauge(now),
            "before": _address(which - timedelta(days=1)),
            "after": _address(which + timedelta(days=1)),
            "week": [(each.date, each.turns) for each in tables.days(which, 7) if _in_calendar(each.date)],
            "table_days": TABLE_DAYS,
        }


@require_safe
def table(request: HttpRequest) -> StreamingHttpResponse:
    """Send the coming days as CSV, each row as soon as it is worked out."""
    first = datetime.now(UTC).date()
    response = StreamingHttpResponse(_rows(first), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="port-merrow-tides-{first}.csv"'
    return response


class _Echo:
    """A file for csv.writer that hands each line straight back."""

    def write(self, line: str) -> str:
        return line


def _rows(first: date) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(["date", "time (UTC)", "turn", "metres above chart datum"])
    for each in tables.days(first, TABLE_DAYS):
        for turn in each.turns:
            yield writer.writerow([each.date, f"{turn.at:%H:%M}", turn.name, f"{turn.metres:.1f}"])


def _in_calendar(which: date) -> bool:
    return tables.FIRST_YEAR <= which.year <= tables.LAST_YEAR


def _address(which: date) -> str | None:
    return reverse("tides:day", kwargs={"which": which}) if _in_calendar(which) else None
