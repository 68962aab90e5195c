"""Read dates, times and durations as people and programs write them.

Each function returns None for text of another form, and raises ValueError for a day or time that does not exist.

Source: Django's reference "Utils", section `django.utils.dateparse`; ISO 8601; RFC 3339.
"""

from __future__ import annotations

import datetime
import re

from miniframe.utils.timezone import get_fixed_timezone

__all__ = ["parse_date", "parse_datetime", "parse_duration", "parse_time"]

_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:[.,](?P<fraction>\d{1,6})\d{0,6})?)?"
_DATE = r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
_TIME_FORM = re.compile(_CLOCK)
_DATE_FORM = re.compile(_DATE)
_MOMENT_FORM = re.compile(
    rf"{_DATE}[T ]{_CLOCK}\s*(?P<zone>Z|(?P<sign>[+-])(?P<zone_hours>\d{{2}})(?::?(?P<zone_minutes>\d{{2}}))?)?"
)

_DURATION_FORMS = (
    # As Python writes it: "[-]3 days, 4:05:06.789", where only the last number is asked for.
    re.compile(
        r"(?:(?P<days>-?\d+) (?:days?, )?)?(?P<sign>-?)"
        r"(?:(?:(?P<hours>\d+):)?(?P<minutes>\d+):)?(?P<seconds>\d+)(?:[.,](?P<fraction>\d{1,6})\d{0,6})?"
    ),
    # ISO 8601: "[-]P3DT4H5M6.789S".
    re.compile(
        r"(?P<sign>[-+]?)P(?:(?P<days>\d+(?:[.,]\d+)?)D)?"
        r"(?:T(?:(?P<hours>\d+(?:[.,]\d+)?)H)?(?:(?P<minutes>\d+(?:[.,]\d+)?)M)?(?:(?P<seconds>\d+(?:[.,]\d+)?)S)?)?"
    ),
    # PostgreSQL: "-3 days -04:05:06.789".
    re.compile(
        r"(?:(?P<days>-?\d+) (?:days? ?))?(?:(?P<sign>[-+])?(?P<hours>\d+):(?P<minutes>\d\d):(?P<seconds>\d\d)"
        r"(?:\.(?P<fraction>\d{1,6}))?)?"
    ),
)


def parse_date(value: str) -> datetime.date | None:
    """Return the day that "2024-02-29" names.

    >>> parse_date("2024-02-29")
    datetime.date(2024, 2, 29)
    """
    try:
        return datetime.date.fromisoformat(value)
    except ValueError:
        found = _DATE_FORM.fullmatch(value)
        return datetime.date(*map(int, found.group("year", "month", "day"))) if found else None


def parse_time(value: str) -> datetime.time | None:
    """Return the time of day that "14:30:59.5" names; a time zone has no meaning without a day, and is left out."""
    try:
        return datetime.time.fromisoformat(value).replace(tzinfo=None)
    except ValueError:
        found = _TIME_FORM.fullmatch(value)
        return datetime.time(*_clock(found)) if found else None


def parse_datetime(value: str) -> datetime.datetime | None:
    """Return the moment that "2024-02-29T14:30:59+01:00" names, aware if it has a time zone."""
    try:
        return datetime.datetime.fromisoformat(value)
    except ValueError:
        found = _MOMENT_FORM.fullmatch(value)
    if not found:
        return None
    year, month, day = map(int, found.group("year", "month", "day"))
    return datetime.datetime(year, month, day, *_clock(found), tzinfo=_zone(found))


def _clock(found: re.Match[str]) -> tuple[int, int, int, int]:
    hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
    return hour, minute, second, int((found["fraction"] or "0").ljust(6, "0"))


def _zone(found: re.Match[str]) -> datetime.tzinfo | None:
    if not found["sign"]:
        return datetime.UTC if found["zone"] else None
    minutes = 60 * int(found["zone_hours"]) + int(found["zone_minutes"] or 0)
    return get_fixed_timezone(-minutes if found["sign"] == "-" else minutes)


def parse_duration(value: str) -> datetime.timedelta | None:
    """Return the duration that "4 days, 01:15:20", "P4DT1H15M20S" or PostgreSQL's "4 days 01:15:20" names.

    Raises:
        OverflowError: more days than a timedelta can hold.
    """
    for form in _DURATION_FORMS:
        if found := form.fullmatch(value):
            return _duration(found.groupdict())
    return None


def _duration(parts: dict[str, str | None]) -> datetime.timedelta:
    sign = -1 if parts["sign"] == "-" else 1
    fraction = int((parts.get("fraction") or "0").ljust(6, "0"))
    numbers = {name: float((parts[name] or "0").replace(",", ".")) for name in ("days", "hours", "minutes", "seconds")}
    days = datetime.timedelta(numbers.pop("days"))
    if "fraction" not in parts:  # ISO 8601: the sign is that of the whole
        days *= sign
    return days + sign * datetime.timedelta(microseconds=fraction, **numbers)
