"""When a session ends that has an expiry of its own: a moment, its ISO text, or seconds from the last change.

Apart from `backends.base`, because datetime and time zones take 2 ms to import and few sessions need them.
"""

from __future__ import annotations

import datetime

from miniframe.utils import timezone

__all__ = ["end_of", "seconds_left", "storable"]

Expiry = float | str | datetime.datetime


def storable(value: datetime.datetime | datetime.timedelta) -> str:
    """Return a moment, or one so long from now, as text that JSON can hold."""
    moment = timezone.now() + value if isinstance(value, datetime.timedelta) else value
    return moment.isoformat()


def end_of(expiry: Expiry, modification: datetime.datetime | None) -> datetime.datetime:
    """Return the moment that `expiry` means; seconds count from `modification`, or from now."""
    if isinstance(expiry, datetime.datetime):
        return expiry
    if isinstance(expiry, str):
        return datetime.datetime.fromisoformat(expiry)
    return (modification or timezone.now()) + datetime.timedelta(seconds=expiry)


def seconds_left(expiry: Expiry, modification: datetime.datetime | None) -> int:
    """Return the seconds from `modification`, or from now, until `expiry`; negative if that has passed."""
    left = _aware(end_of(expiry, modification)) - _aware(modification or timezone.now())
    return left.days * 86400 + left.seconds


def _aware(moment: datetime.datetime) -> datetime.datetime:
    # USE_TZ may have been changed since; without a zone it is this machine's time.
    return moment if moment.tzinfo is not None else moment.astimezone(datetime.UTC)
