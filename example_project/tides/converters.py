"""A day in an address: /tides/2026-11-20/."""

from __future__ import annotations

from datetime import date

from tides.tables import FIRST_YEAR, LAST_YEAR


class DayConverter:
    """Turns 2026-11-20 into a date, and a date into 2026-11-20; a day that is in no calendar does not match."""

    regex = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        day = date.fromisoformat(value)
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ValueError(f"{day.year} is not from {FIRST_YEAR} to {LAST_YEAR}")
        return day

    def to_url(self, value: object) -> str:
        if not isinstance(value, date):
            raise ValueError(f"{value!r} is not a date")  # `reverse` then says that no route fits
        return value.isoformat()
