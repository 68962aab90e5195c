"""The harbour log: a line for each thing that happens in town."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import NamedTuple

from core import db


class Entry(NamedTuple):
    """A line of the log; `kind` is notice, picture or office."""

    id: int
    at: datetime
    kind: str
    text: str
    link: str


def write(kind: str, text: str, link: str = "", *, on: sqlite3.Connection | None = None) -> None:
    """Write a line, now."""
    connection = on if on is not None else db.connection()
    connection.execute(
        "INSERT INTO log_entry (written_at, kind, text, link) VALUES (?, ?, ?, ?)", [db.now(), kind, text, link]
    )


def after(number: int) -> list[Entry]:
    """Return the lines written after line `number`, oldest first."""
    rows = db.connection().execute(
        "SELECT id, written_at, kind, text, link FROM log_entry WHERE id > ? ORDER BY id", [number]
    )
    return [_entry(row) for row in rows]


def before_the_last(count: int) -> int:
    """Return the number after which the last `count` lines come."""
    newest: int | None = db.connection().execute("SELECT max(id) FROM log_entry").fetchone()[0]
    return max(0, (newest or 0) - count)


def _entry(row: sqlite3.Row) -> Entry:
    return Entry(row["id"], datetime.fromisoformat(row["written_at"]), row["kind"], row["text"], row["link"])
