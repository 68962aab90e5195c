"""Pictures: a row in the database, and a file in the data folder under a name of our own."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from miniframe.conf import settings
from miniframe.urls import reverse
from miniframe.utils.text import slugify

from core import db
from core.paging import Page, page_count
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
    def path(self) -> Path:
        return folder() / self.stored_name

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


def folder() -> Path:
    """Return where the picture files lie."""
    data: Path = settings.DATA_DIR
    return data / "pictures"


def get(pk: int) -> Picture | None:
    """Return the picture with this number, None if there is none."""
    if pk >= 2**63:  # larger than any number in SQLite
        return None
    row = db.connection().execute(f"SELECT {_COLUMNS} FROM picture WHERE id = ?", [pk]).fetchone()
    return None if row is None else _picture(row)


def find(*, page: int = 1, per_page: int = 12) -> Page[Picture]:
    """Return one page of the pictures, newest first."""
    connection = db.connection()
    total: int = connection.execute("SELECT count(*) FROM picture").fetchone()[0]
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM picture ORDER BY posted_at DESC, id DESC LIMIT ? OFFSET ?",
        [per_page, (page - 1) * per_page],
    )
    return Page([_picture(row) for row in rows], page, page_count(total, per_page), total)


def latest(count: int) -> list[Picture]:
    """Return the newest pictures."""
    return find(per_page=count).items


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
    chunks: Iterable[bytes],
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
    folder().mkdir(parents=True, exist_ok=True)
    path = folder() / (secrets.token_hex(16) + kind.extension)
    connection = on if on is not None else db.connection()
    try:
        with path.open("xb") as file:
            for chunk in chunks:
                file.write(chunk)
        cursor = connection.execute(
            "INSERT INTO picture (caption, taken_by, stored_name, content_type, size, posted_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            [caption, taken_by, path.name, kind.content_type, path.stat().st_size, posted_at or db.now()],
        )
    except BaseException:
        # A full disk, a lost client: half a picture is no picture.
        path.unlink(missing_ok=True)
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
