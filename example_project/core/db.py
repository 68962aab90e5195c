"""The database: one SQLite file through the standard library, one connection a thread while a request lasts.

Ask for `connection()` where you need it; the first call in a request opens the file, and `request_finished` closes it.
The tables are made when the file is first opened; `database_created` is sent then, in the same transaction, so the apps
can put sample data in.

SQL is written with placeholders (`?`) everywhere: nothing that a visitor typed ever becomes part of a statement.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

from miniframe.conf import settings
from miniframe.dispatch import Signal

T = TypeVar("T")

SCHEMA_VERSION = 1
SCHEMA = (
    """
    CREATE TABLE notice (
        id INTEGER PRIMARY KEY,
        title TEXT NOT NULL,
        body TEXT NOT NULL,
        category TEXT NOT NULL,
        author TEXT NOT NULL,
        author_key TEXT NOT NULL DEFAULT '',
        posted_at TEXT NOT NULL,
        changed_at TEXT
    )
    """,
    "CREATE INDEX notice_by_date ON notice (posted_at DESC)",
    """
    CREATE TABLE picture (
        id INTEGER PRIMARY KEY,
        caption TEXT NOT NULL,
        taken_by TEXT NOT NULL,
        stored_name TEXT NOT NULL UNIQUE,
        content_type TEXT NOT NULL,
        size INTEGER NOT NULL,
        posted_at TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE log_entry (
        id INTEGER PRIMARY KEY,
        written_at TEXT NOT NULL,
        kind TEXT NOT NULL,
        text TEXT NOT NULL,
        link TEXT NOT NULL DEFAULT ''
    )
    """,
)

# Sent once for each new database file, with `connection`: the tables are there, and empty.
database_created = Signal()

_local = threading.local()


class Rows(Generic[T]):
    """What a SELECT finds, each row made into a T: `len` counts them, and a slice fetches only its own.

    That is all a Paginator asks of a list. Slices count from the front.
    """

    def __init__(self, make: Callable[[sqlite3.Row], T], select: str, values: Sequence[object] = ()) -> None:
        self._make = make
        self._select = select
        self._values = values

    def __len__(self) -> int:
        count: int = connection().execute(f"SELECT count(*) FROM ({self._select})", self._values).fetchone()[0]
        return count

    def __getitem__(self, part: slice) -> list[T]:
        start = part.start or 0
        most = -1 if part.stop is None else max(0, part.stop - start)  # -1: all there are
        found = connection().execute(f"{self._select} LIMIT ? OFFSET ?", [*self._values, most, start])
        return [self._make(row) for row in found]


def connection() -> sqlite3.Connection:
    """Return this thread's connection, opened (and the tables made) if need be."""
    path = database_path()
    held: sqlite3.Connection | None = getattr(_local, "connection", None)
    if held is not None and _local.path == path:
        return held
    close()
    opened = _open(path)
    _local.connection, _local.path = opened, path
    return opened


def database_path() -> Path:
    """Return where the database file lies."""
    folder: Path = settings.DATA_DIR
    return folder / "harbour.sqlite3"


def close() -> None:
    """Close this thread's connection, if it has one."""
    held: sqlite3.Connection | None = getattr(_local, "connection", None)
    if held is not None:
        _local.connection = None
        held.close()


def close_after_request(**kwargs: Any) -> None:
    """Receive `request_finished`: a request never leaves a connection behind, not even when its view failed."""
    close()


@contextmanager
def transaction(on: sqlite3.Connection | None = None) -> Iterator[sqlite3.Connection]:
    """Do everything in the block, or nothing of it.

    The write lock is taken at the start: a transaction that begins by reading and then wants to write
    would be refused when another request wrote in between.
    """
    current = on if on is not None else connection()
    current.execute("BEGIN IMMEDIATE")
    try:
        yield current
    except BaseException:
        current.execute("ROLLBACK")
        raise
    current.execute("COMMIT")


def now() -> str:
    """Return the present moment as the tables keep it: in UTC, and so written that text order is time order."""
    return as_text(datetime.now(UTC))


def as_text(moment: datetime) -> str:
    """Return `moment` as the tables keep it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")


def like(words: str) -> str:
    r"""Return a LIKE pattern (ESCAPE '\') that finds `words` anywhere, with % and _ taken as themselves."""
    for special in ("\\", "%", "_"):
        words = words.replace(special, "\\" + special)
    return f"%{words}%"


def _open(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    opened = sqlite3.connect(path, timeout=10, isolation_level=None)
    opened.row_factory = sqlite3.Row
    try:
        # Readers need not wait for a writer, nor a writer for readers: a live page reads all the time.
        opened.execute("PRAGMA journal_mode = WAL")
        opened.execute("PRAGMA synchronous = NORMAL")
        if _version(opened) != SCHEMA_VERSION:
            _make_tables(opened)
    except BaseException:
        opened.close()
        raise
    return opened


def _make_tables(opened: sqlite3.Connection) -> None:
    with transaction(opened):
        # Two servers may start on an empty folder at the same moment: the second waits above, and looks again here.
        version = _version(opened)
        if version == SCHEMA_VERSION:
            return
        if version != 0:
            raise RuntimeError(
                f"{database_path()} has tables of version {version}, this site wants {SCHEMA_VERSION}. "
                "Move the file away; a new one is made by itself."
            )
        for statement in SCHEMA:
            opened.execute(statement)
        opened.execute(f"PRAGMA user_version = {SCHEMA_VERSION:d}")
        database_created.send(sender=None, connection=opened)


def _version(opened: sqlite3.Connection) -> int:
    version: int = opened.execute("PRAGMA user_version").fetchone()[0]
    return version
