"""Notices in the database: one function a question."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from miniframe.urls import reverse

from board.categories import CATEGORIES
from core import db

_COLUMNS = "id, title, body, category, author, author_key, posted_at, changed_at"


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice on the board; `author_key` is known to the browser that pinned it, and shown to nobody."""

    id: int
    title: str
    body: str
    category: str
    author: str
    author_key: str
    posted_at: datetime
    changed_at: datetime | None

    @property
    def category_name(self) -> str:
        return CATEGORIES.get(self.category, self.category)

    @property
    def address(self) -> str:
        return reverse("board:detail", kwargs={"pk": self.id})

    @property
    def opening(self) -> str:
        """The first words, for a card."""
        words = self.body.split()
        return " ".join(words[:24]) + (" …" if len(words) > 24 else "")

    @property
    def paragraphs(self) -> list[str]:
        return [part.strip() for part in self.body.split("\n\n") if part.strip()]

    def belongs_to(self, key: str) -> bool:
        """Tell whether the browser with `key` pinned this notice."""
        return bool(key) and key == self.author_key


def get(pk: int) -> Notice | None:
    """Return the notice with this number, None if there is none."""
    # SQLite's whole numbers end here; a larger one could not be asked for at all.
    if pk >= 2**63:
        return None
    row = db.connection().execute(f"SELECT {_COLUMNS} FROM notice WHERE id = ?", [pk]).fetchone()
    return None if row is None else _notice(row)


def find(*, category: str = "", words: str = "") -> db.Rows[Notice]:
    """Return the notices that fit, newest first."""
    where, values = _conditions(category, words)
    return db.Rows(_notice, f"SELECT {_COLUMNS} FROM notice WHERE {where} ORDER BY posted_at DESC, id DESC", values)


def counts() -> dict[str, int]:
    """Return how many notices each category has."""
    rows = db.connection().execute("SELECT category, count(*) FROM notice GROUP BY category")
    return dict(rows.fetchall())


def add(
    title: str,
    body: str,
    category: str,
    author: str,
    *,
    author_key: str = "",
    posted_at: str = "",
    on: sqlite3.Connection | None = None,
) -> int:
    """Pin a notice and return its number; `on` is the connection to use if not this thread's."""
    connection = on if on is not None else db.connection()
    cursor = connection.execute(
        "INSERT INTO notice (title, body, category, author, author_key, posted_at) VALUES (?, ?, ?, ?, ?, ?)",
        [title, body, category, author, author_key, posted_at or db.now()],
    )
    assert cursor.lastrowid is not None  # an INSERT into a table with a row number always has one
    return cursor.lastrowid


def change(pk: int, title: str, body: str, category: str, author: str) -> None:
    """Give a notice new words."""
    db.connection().execute(
        "UPDATE notice SET title = ?, body = ?, category = ?, author = ?, changed_at = ? WHERE id = ?",
        [title, body, category, author, db.now(), pk],
    )


def remove(pk: int) -> None:
    """Take a notice down."""
    db.connection().execute("DELETE FROM notice WHERE id = ?", [pk])


def _conditions(category: str, words: str) -> tuple[str, list[str]]:
    parts, values = ["1"], []
    if category:
        parts.append("category = ?")
        values.append(category)
    for word in words.split()[:8]:
        parts.append(r"(title LIKE ? ESCAPE '\' OR body LIKE ? ESCAPE '\' OR author LIKE ? ESCAPE '\')")
        values += [db.like(word)] * 3
    return " AND ".join(parts), values


def _notice(row: sqlite3.Row) -> Notice:
    changed = row["changed_at"]
    return Notice(
        id=row["id"],
        title=row["title"],
        body=row["body"],
        category=row["category"],
        author=row["author"],
        author_key=row["author_key"],
        posted_at=datetime.fromisoformat(row["posted_at"]),
        changed_at=None if changed is None else datetime.fromisoformat(changed),
    )
