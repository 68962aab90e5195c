"""Pictures: a row in the database, and a file in the storage under a name of our own."""

from __future__ import annotations

import secrets
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from miniframe.files import File
from miniframe.files.storage import default_storage
from miniframe.urls import reverse
from miniframe.utils.text import slugify

from core import db
from gallery.kinds import Kind

_COLUMNS = "id, caption, taken_by, stored_name, content_type, size, posted_at"


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture; `size` in bytes."""

    id: int
    caption: str
    taken_by: str
    stored_name: str
    content_type: str
    size: int
    posted_at: datetime

    @property
    def address(self) -> str:
        return reverse("gallery:detail", kwargs={"pk": self.id})

    @property
    def image_address(self) -> str:
        return reverse("gallery:image", kwargs={"pk": self.id})

    @property
    def download_name(self) -> str:
        """A name for the visitor's disk, out of the caption and the kind of file."""
        return (slugify(self.caption)[:60] or "picture") + Path(self.stored_name).suffix

    @property
    def size_words(self) -> str:
        if self.size < 1024 * 1024:
            return f"{max(1, round(self.size / 1024))} KB"
        return f"{self.size / 1024 / 1024:.1f} MB"


def get(pk: int) -> Picture | None:
    """Return the picture with this number, None if there is none."""
    if pk >= 2**63:  # larger than any number in SQLite
        return None
    row = db.connection().execute(f"SELECT {_COLUMNS} FROM picture WHERE id = ?", [pk]).fetchone()
    return None if row is None else _picture(row)


def find() -> db.Rows[Picture]:
    """Return all pictures, newest first."""
    return db.Rows(_picture, f"SELECT {_COLUMNS} FROM picture ORDER BY posted_at DESC, id DESC")


def neighbours(picture: Picture) -> tuple[Picture | None, Picture | None]:
    """Return the next newer and the next older picture."""
    here = [db.as_text(picture.posted_at), picture.id]
    connection = db.connection()
    newer = connection.execute(
        f"SELECT {_COLUMNS} FROM picture WHERE (posted_at, id) > (?, ?) ORDER BY posted_at, id LIMIT 1", here
    ).fetchone()
    older = connection.execute(
        f"SELECT {_COLUMNS} FROM picture WHERE (posted_at, id) < (?, ?) ORDER BY posted_at DESC, id DESC LIMIT 1", here
    ).fetchone()
    return (_picture(newer) if newer else None, _picture(older) if older else None)


def add(
    content: File,
    kind: Kind,
    caption: str,
    taken_by: str,
    *,
    posted_at: str = "",
    on: sqlite3.Connection | None = None,
) -> int:
    """Keep a picture and return its number.

    The name on disk is random and the extension ours: what a visitor called the file never touches the file system.
    """
    connection = on if on is not None else db.connection()
    name = default_storage.save(secrets.token_hex(16) + kind.extension, content)
    try:
        cursor = connection.execute(
            "INSERT INTO picture (caption, taken_by, stored_name, content_type, size, posted_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            [caption, taken_by, name, kind.content_type, default_storage.size(name), posted_at or db.now()],
        )
    except BaseException:
        # Half a picture the storage clears away by itself; one that is in no table is for us to clear.
        default_storage.delete(name)
        raise
    assert cursor.lastrowid is not None  # an INSERT into a table with a row number always has one
    return cursor.lastrowid


def _picture(row: sqlite3.Row) -> Picture:
    return Picture(
        id=row["id"],
        caption=row["caption"],
        taken_by=row["taken_by"],
        stored_name=row["stored_name"],
        content_type=row["content_type"],
        size=row["size"],
        posted_at=datetime.fromisoformat(row["posted_at"]),
    )
