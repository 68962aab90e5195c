"""A JSON encoder that knows dates, times, decimals and UUIDs.

Source: ECMA-262, section "Date Time String Format"; ISO 8601 for durations; Django's topic
"Serializing Django objects", section `DjangoJSONEncoder`.
"""

from __future__ import annotations

import datetime
import json
import sys
from typing import Any

from miniframe.utils.functional import Promise

__all__ = ["DjangoJSONEncoder"]


class DjangoJSONEncoder(json.JSONEncoder):
    """Write dates as ISO 8601, with milliseconds at most, and decimals, UUIDs and lazy text as strings."""

    def default(self, o: Any) -> Any:
        """Return something that JSON has for a value that it does not have.

        Raises:
            ValueError: a time of day with a time zone, which JavaScript could not read.
            TypeError: no way is known to write this.
        """
        if isinstance(o, datetime.datetime):
            return _with_milliseconds(o.isoformat(), o.microsecond).replace("+00:00", "Z")
        if isinstance(o, datetime.date):
            return o.isoformat()
        if isinstance(o, datetime.time):
            if o.tzinfo is not None and o.utcoffset() is not None:
                raise ValueError("JSON can't represent timezone-aware times.")
            return _with_milliseconds(o.isoformat(), o.microsecond)
        if isinstance(o, datetime.timedelta):
            return duration_iso_string(o)
        if isinstance(o, Promise) or _is_decimal_or_uuid(o):
            return str(o)
        return super().default(o)


def _with_milliseconds(text: str, microsecond: int) -> str:
    if not microsecond:
        return text
    head, dot, rest = text.partition(".")
    # Six digits, and then perhaps the time zone.
    return head + dot + rest[:3] + rest[6:]


def _is_decimal_or_uuid(value: object) -> bool:
    # Whoever has such a value has imported its module; we need not, and it takes 4 ms.
    for module, name in (("decimal", "Decimal"), ("uuid", "UUID")):
        cls = getattr(sys.modules.get(module), name, None)
        if cls is not None and isinstance(value, cls):
            return True
    return False


def duration_iso_string(duration: datetime.timedelta) -> str:
    """Return a duration in ISO 8601 form.

    >>> duration_iso_string(datetime.timedelta(days=-1, hours=1, milliseconds=5))
    '-P0DT22H59M59.995000S'
    """
    sign = "-" if duration < datetime.timedelta(0) else ""
    duration = abs(duration)
    hours, seconds = divmod(duration.seconds, 3600)
    minutes, seconds = divmod(seconds, 60)
    fraction = f".{duration.microseconds:06d}" if duration.microseconds else ""
    return f"{sign}P{duration.days}DT{hours:02d}H{minutes:02d}M{seconds:02d}{fraction}S"
