"""A day's tide as the points of a curve, for an SVG in the page."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from tides.harmonics import height
from tides.tables import Turn, day

WIDTH, HEIGHT = 720, 220
TOP, BOTTOM = 34, 24  # room for the words above and below
LOWEST, HIGHEST = 0.2, 5.6  # metres; spring tides stay inside


class Mark(NamedTuple):
    """A high or low water in the drawing."""

    x: float
    y: float
    turn: Turn


class Drawing(NamedTuple):
    """All that the template draws; lengths in the SVG's own units."""

    width: int
    height: int
    line: str
    area: str
    marks: list[Mark]
    hours: list[tuple[float, str]]
    now_x: float | None
    now_y: float


def draw(which: date, now: datetime) -> Drawing:
    """Return the curve of the day `which`, with a mark at `now` if that lies in it."""
    start = datetime(which.year, which.month, which.day, tzinfo=UTC)
    moments = [start + timedelta(minutes=minutes) for minutes in range(0, 24 * 60 + 1, 15)]
    line = "M" + " L".join(f"{_x(start, moment):.1f} {_y(height(moment)):.1f}" for moment in moments)
    today = start <= now < start + timedelta(days=1)
    return Drawing(
        width=WIDTH,
        height=HEIGHT,
        line=line,
        area=f"{line} L{WIDTH} {HEIGHT} L0 {HEIGHT} Z",
        marks=[Mark(_x(start, turn.at), _y(turn.metres), turn) for turn in day(which).turns],
        hours=[(WIDTH * hour / 24, f"{hour:02}") for hour in range(3, 24, 3)],
        now_x=_x(start, now) if today else None,
        now_y=_y(height(now)),
    )


def _x(start: datetime, moment: datetime) -> float:
    return WIDTH * ((moment - start) / timedelta(days=1))


def _y(metres: float) -> float:
    share = (metres - LOWEST) / (HIGHEST - LOWEST)
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)
