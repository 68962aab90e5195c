"""Moments with a time zone: what time it is, and what that is on somebody's wall.

A *naive* moment has no time zone and could be anywhere; an *aware* one is the same moment for
everyone.  With USE_TZ the framework itself makes aware ones only.  The *default* zone is the one
of TIME_ZONE; the *current* one is whatever `activate` chose for this thread or task, else the default.

Source: Django's topic "Time zones" and its reference "Utils", section `django.utils.timezone`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import cache

from miniframe.conf import settings
from miniframe.signals import forget_when_changed

__all__ = [
    "activate",
    "deactivate",
    "get_current_timezone",
    "get_current_timezone_name",
    "get_default_timezone",
    "get_default_timezone_name",
    "get_fixed_timezone",
    "is_aware",
    "is_naive",
    "localdate",
    "localtime",
    "make_aware",
    "make_naive",
    "now",
    "override",
]

_active: ContextVar[tzinfo | None] = ContextVar("miniframe.timezone", default=None)


def _zone(name: str) -> tzinfo:
    from zoneinfo import ZoneInfo  # 4 ms that a site which stays in UTC never pays

    return ZoneInfo(name)


def get_fixed_timezone(offset: int | timedelta) -> timezone:
    """Return the zone that is always `offset` (minutes, or a timedelta) east of UTC.

    >>> get_fixed_timezone(-90).tzname(None)
    '-0130'
    """
    if not isinstance(offset, timedelta):
        offset = timedelta(minutes=offset)
    hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
    return timezone(offset, f"{'-' if offset < timedelta(0) else '+'}{hours:02d}{minutes:02d}")


@cache
def get_default_timezone() -> tzinfo:
    """Return the zone that TIME_ZONE names.

    Raises:
        zoneinfo.ZoneInfoNotFoundError: this system has no such zone.
    """
    return _zone(settings.TIME_ZONE)


forget_when_changed("TIME_ZONE", forget=get_default_timezone.cache_clear)


def get_default_timezone_name() -> str:
    """Return the name of the default zone."""
    return _name(get_default_timezone())


def get_current_timezone() -> tzinfo:
    """Return the zone that was activated, or the default one."""
    return _active.get() or get_default_timezone()


def get_current_timezone_name() -> str:
    """Return the name of the current zone."""
    return _name(get_current_timezone())


def _name(zone: tzinfo) -> str:
    # A zone with summer time has no one abbreviation, and tells None; str() of it is its key.
    return zone.tzname(None) or str(zone)


def activate(timezone: tzinfo | str) -> None:
    """Make a zone, given itself or by its name, the current one of this thread or task until `deactivate`.

    A thread serves one request after the other, so that a middleware which activates must deactivate as well.

    Raises:
        ValueError: this is neither a zone nor text, or the text is not how a zone may be named.
        zoneinfo.ZoneInfoNotFoundError: there is no zone of that name; a KeyError as well.
    """
    if isinstance(timezone, str):
        timezone = _zone(timezone)
    elif not isinstance(timezone, tzinfo):
        raise ValueError(f"Invalid timezone: {timezone!r}. Give a tzinfo, or the name of a zone.")
    _active.set(timezone)


def deactivate() -> None:
    """Make the default zone the current one again."""
    _active.set(None)


@contextmanager
def override(timezone: tzinfo | str | None) -> Iterator[None]:
    """Make a zone (None: the default one) the current one inside a `with`, or while the decorated function runs."""
    before = _active.get()
    if timezone is None:
        deactivate()
    else:
        activate(timezone)
    try:
        yield
    finally:
        _active.set(before)


def now() -> datetime:
    """Return this moment: aware and in UTC if USE_TZ is True, else naive and in the system's zone."""
    return datetime.now(tz=UTC if settings.USE_TZ else None)


def localtime(value: datetime | None = None, timezone: tzinfo | None = None) -> datetime:
    """Return an aware moment (default: now) as it is in a zone (default: the current one).

    Raises:
        ValueError: the moment is naive.
    """
    if value is None:
        value = now()
    if is_naive(value):
        raise ValueError("localtime() cannot be applied to a naive datetime")
    return value.astimezone(timezone or get_current_timezone())


def localdate(value: datetime | None = None, timezone: tzinfo | None = None) -> date:
    """Return the day that it is in a zone (default: the current one) at an aware moment (default: now)."""
    return localtime(value, timezone).date()


def is_aware(value: datetime) -> bool:
    """Return whether a moment has a time zone that knows its distance from UTC."""
    return value.utcoffset() is not None


def is_naive(value: datetime) -> bool:
    """Return whether a moment has no time zone, or one that does not know its distance from UTC."""
    return value.utcoffset() is None


def make_aware(value: datetime, timezone: tzinfo | None = None) -> datetime:
    """Return the moment when clocks in a zone (default: the current one) show what the naive `value` says.

    Where clocks are put back, an hour comes twice: `value.fold` says which is meant (PEP 495).

    Raises:
        ValueError: `value` has a time zone already.
    """
    if is_aware(value):
        raise ValueError(f"make_aware expects a naive datetime, got {value}")
    return value.replace(tzinfo=timezone or get_current_timezone())


def make_naive(value: datetime, timezone: tzinfo | None = None) -> datetime:
    """Return what clocks in a zone (default: the current one) show at an aware moment.

    Raises:
        ValueError: `value` has no time zone.
    """
    if is_naive(value):
        raise ValueError("make_naive() cannot be applied to a naive datetime")
    return value.astimezone(timezone or get_current_timezone()).replace(tzinfo=None)
