"""Tide tables out of the harmonics: when the water turns, and how it stands now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import NamedTuple

from tides.harmonics import height

STEP = timedelta(minutes=6)
# Beyond these years a datetime calculation near the edge of the calendar would overflow, and no sailor asks.
FIRST_YEAR, LAST_YEAR = 1900, 2199


class Turn(NamedTuple):
    """High or low water."""

    at: datetime
    metres: float
    high: bool

    @property
    def name(self) -> str:
        return "High water" if self.high else "Low water"


class Gauge(NamedTuple):
    """The water now: metres above chart datum, and which way it goes."""

    at: datetime
    metres: float
    rising: bool

    @property
    def words(self) -> str:
        return "rising" if self.rising else "falling"


class Day(NamedTuple):
    """One day's table."""

    date: date
    turns: list[Turn]


def gauge(moment: datetime) -> Gauge:
    """Return how the calm water stands at `moment`."""
    metres = height(moment)
    return Gauge(moment, metres, height(moment + timedelta(minutes=1)) > metres)


def turns(start: datetime) -> Iterator[Turn]:
    """Yield high and low waters from `start` on, without end."""
    before, here = height(start - STEP), height(start)
    moment = start
    while True:
        after = height(moment + STEP)
        if (here > before) != (after > here):
            turn = _vertex(moment, before, here, after)
            if turn.at >= start:
                yield turn
        before, here, moment = here, after, moment + STEP


def next_turns(start: datetime, count: int) -> list[Turn]:
    """Return the next `count` high and low waters."""
    return list(islice(turns(start), count))


def day(which: date) -> Day:
    """Return the table of one day, midnight to midnight UTC."""
    start = datetime(which.year, which.month, which.day, tzinfo=UTC)
    found = []
    for turn in turns(start):
        if turn.at >= start + timedelta(days=1):
            break
        found.append(turn)
    return Day(which, found)


def days(first: date, count: int) -> Iterator[Day]:
    """Yield the tables of `count` days; each is worked out when it is asked for."""
    for number in range(count):
        yield day(first + timedelta(days=number))


def _vertex(moment: datetime, before: float, here: float, after: float) -> Turn:
    """Return the turn near `moment`: the tip of the parabola through three heights, one STEP apart."""
    bend = before - 2 * here + after
    shift = 0.5 * (before - after) / bend if bend else 0.0
    at = moment + STEP * shift
    return Turn(at.replace(microsecond=0), height(at), bend < 0)
