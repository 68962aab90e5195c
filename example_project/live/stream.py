"""What happens, as it happens: gauge readings and log lines, as events for browsers or as plain text for curl."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from miniframe.conf import settings
from miniframe.http.events import ServerSentEvent

from live import log
from live.log import Entry
from tides.harmonics import height, swell
from tides.tables import gauge


class Reading(NamedTuple):
    """The water at the pier head, swell included; metres above chart datum."""

    at: datetime
    metres: float
    rising: bool


def read_gauge() -> Reading:
    """Read the gauge."""
    now = datetime.now(UTC)
    return Reading(now, height(now) + swell(now), gauge(now).rising)


def happenings(after: int) -> Generator[Reading | Entry, None, None]:
    """Yield readings, and the log's lines after number `after`, until settings.LIVE_SECONDS have passed.

    It ends by itself, so that a forgotten browser tab does not hold a thread for ever; browsers connect anew.
    """
    interval, lasting = float(settings.LIVE_INTERVAL), float(settings.LIVE_SECONDS)
    end = time.monotonic() + lasting
    while True:
        for entry in log.after(after):
            after = entry.id
            yield entry
        yield read_gauge()
        if time.monotonic() >= end:
            return
        time.sleep(interval)


def as_events(happened: Iterator[Reading | Entry]) -> Iterator[ServerSentEvent]:
    """Turn happenings into events for the page's script.

    Log lines carry their number as `id`; a browser that connects anew says it and misses nothing.
    """
    for each in happened:
        if isinstance(each, Entry):
            data: dict[str, object] = {
                "at": f"{each.at:%H:%M:%S}",
                "kind": each.kind,
                "text": each.text,
                "link": each.link,
            }
            yield ServerSentEvent(data, event="entry", id=each.id)
        else:
            data = {"at": f"{each.at:%H:%M:%S}", "metres": round(each.metres, 3), "rising": each.rising}
            yield ServerSentEvent(data, event="reading")


def as_text(happened: Iterator[Reading | Entry]) -> Iterator[str]:
    """Turn happenings into lines for a terminal."""
    for each in happened:
        if isinstance(each, Entry):
            yield f"{each.at:%H:%M:%S}  * {each.text}\n"
        else:
            yield f"{each.at:%H:%M:%S}  {each.metres:5.2f} m  {'rising' if each.rising else 'falling'}\n"
