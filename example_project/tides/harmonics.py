"""The height of the tide at Port Merrow, as a sum of four waves.

Real tide tables are made like this, with the moon's and the sun's waves measured at the place, and a few dozen more.
Port Merrow is not on any chart, so these four are made up; their periods are the true ones.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import NamedTuple

MEAN_LEVEL = 2.9  # metres above chart datum
EPOCH = datetime(2026, 1, 3, 10, 2, tzinfo=UTC)  # a full moon


class Constituent(NamedTuple):
    """One wave of the tide: metres of amplitude, hours of period, hours of high water after EPOCH."""

    amplitude: float
    period: float
    lag: float


CONSTITUENTS = (
    Constituent(1.62, 12.4206012, 3.1),  # M2: the moon, twice a lunar day
    Constituent(0.55, 12.0, 4.4),  # S2: the sun, twice a day; with M2 it makes springs and neaps
    Constituent(0.13, 23.9344721, 7.0),  # K1: both stand north or south of the equator
    Constituent(0.10, 25.8193387, 2.0),  # O1: the moon's part of that
)


def height(moment: datetime) -> float:
    """Return the height of the calm water in metres above chart datum."""
    hours = (moment - EPOCH).total_seconds() / 3600
    return MEAN_LEVEL + sum(
        wave.amplitude * math.cos(2 * math.pi * (hours - wave.lag) / wave.period) for wave in CONSTITUENTS
    )


def swell(moment: datetime) -> float:
    """Return how far the swell lifts the water at the pier head just now, in metres."""
    seconds = moment.timestamp() % 86400
    return (
        0.11 * math.sin(2 * math.pi * seconds / 9.1)
        + 0.05 * math.sin(2 * math.pi * seconds / 5.3 + 1.0)
        + 0.02 * math.sin(2 * math.pi * seconds / 2.3 + 0.4)
    )
