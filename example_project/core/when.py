"""Days and moments in words."""

from __future__ import annotations

from datetime import UTC, date, datetime


def long_date(day: date) -> str:
    """Return a day as in "Friday 20 November 2026"."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def ago(moment: datetime) -> str:
    """Return how long ago `moment` was: exactly for the last hours, roughly before that."""
    minutes = max(0, int((datetime.now(UTC) - moment).total_seconds() // 60))
    if minutes < 2:
        return "just now"
    if minutes < 60:
        return f"{minutes} minutes ago"
    hours = minutes // 60
    if hours < 24:
        return "an hour ago" if hours == 1 else f"{hours} hours ago"
    days = hours // 24
    if days < 14:
        return "yesterday" if days == 1 else f"{days} days ago"
    return f"{moment.day} {moment:%B %Y}"
