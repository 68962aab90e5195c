"""The harbour log: a line for each thing that happens in town."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from miniframe.db import atomic, session
from sqlalchemy import func, select

from core.db import now
from live.models import LogEntry


class Entry(NamedTuple):
    """A line of the log; `kind` is notice, picture or office."""

    id: int
    at: datetime
    kind: str
    text: str
    link: str


def write(kind: str, text: str, link: str = "") -> None:
    """Write a line, now."""
    with atomic():
        session().add(LogEntry(written_at=now(), kind=kind, text=text, link=link))


def after(number: int) -> list[Entry]:
    """Return the lines written after line `number`, oldest first.

    As plain tuples, and with the connection given back: a stream lives for a minute between two calls.
    """
    columns = (LogEntry.id, LogEntry.written_at, LogEntry.kind, LogEntry.text, LogEntry.link)
    try:
        rows = session().execute(select(*columns).where(LogEntry.id > number).order_by(LogEntry.id))
        return [Entry(*row) for row in rows]
    finally:
        session().close()


def before_the_last(count: int) -> int:
    """Return the number after which the last `count` lines come."""
    return max(0, (session().scalar(select(func.max(LogEntry.id))) or 0) - count)
