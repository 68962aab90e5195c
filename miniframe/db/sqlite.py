"""What SQLite needs to serve many threads and processes: real transactions, locks taken in time, foreign keys.

Python's sqlite3 begins a transaction before an INSERT, and none before a SAVEPOINT or a CREATE TABLE; and a
transaction that has read something and then writes fails at once with "database is locked" when somebody else has
written meanwhile: waiting would not help it.  So here

- reading takes no lock and begins no transaction: each SELECT sees what is committed;
- the first change begins one with BEGIN IMMEDIATE, which waits for its turn, `TIMEOUT` seconds at most;
- `atomic()` does so before its first statement, so that what it reads cannot change before it writes.

Source: SQLite's "Transactions", section 2.2, "Write-Ahead Logging" and "SQLite Foreign Key Support"; SQLAlchemy's
"SQLite", section "Enabling Non-Legacy SQLite Transactional Modes with the sqlite3 or aiosqlite driver".
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from typing import Any

from sqlalchemy import Connection, Engine, event

from miniframe.db.config import commits_by_itself
from miniframe.db.statements import is_read, runs_by_itself
from miniframe.exceptions import ImproperlyConfigured

__all__ = ["TIMEOUT", "begin_writing", "connect_arguments", "prepare"]

TIMEOUT = 20.0
"""Seconds that a connection waits for another one's change to end."""

# One thread at a time changes the journal of a new file: SQLite does not wait for this lock.
_journal = threading.Lock()


def connect_arguments(given: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments for sqlite3.connect(), with those of the project over ours."""
    # A pooled connection is used by one thread at a time, but not always by the same.
    return {"timeout": TIMEOUT, "check_same_thread": False, **given}


def prepare(engine: Engine) -> None:
    """Have the connections of `engine` behave as told above."""
    event.listen(engine, "do_connect", _make_folder)
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "before_cursor_execute", _before_statement)


def begin_writing(connection: Connection) -> None:
    """Wait for the right to write, unless this connection has it."""
    if not _sqlite3_connection(connection).in_transaction and not commits_by_itself(connection):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _sqlite3_connection(connection: Connection) -> sqlite3.Connection:
    found: Any = connection.connection.dbapi_connection
    own: sqlite3.Connection = found
    return own


def _before_statement(
    connection: Connection, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool
) -> None:
    if not is_read(statement) and not runs_by_itself(statement):
        begin_writing(connection)


def _make_folder(dialect: Any, record: Any, arguments: list[Any], keywords: dict[str, Any]) -> None:
    """Make the folder of a file that is about to be made.

    Raises:
        ImproperlyConfigured: it cannot be made, or is a file.
    """
    path = arguments[0] if arguments else keywords.get("database", "")
    if not isinstance(path, str) or path in {"", ":memory:"} or path.startswith("file:"):
        return
    folder = os.path.dirname(os.path.abspath(path))
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"The SQLite database {path!r} (DATABASES) cannot be opened: its folder {folder!r} cannot be made: "
            f"{error.strerror}. Correct the URL, or make the folder."
        ) from error


def _set_up(connection: Any, record: Any) -> None:
    # From now on sqlite3 begins nothing by itself.  Saying so twice would commit.
    if connection.isolation_level is not None:
        connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    if connection.execute("PRAGMA journal_mode").fetchone()[0] == "delete":
        _write_ahead(connection)


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Let readers go on while somebody writes; the file remembers it."""
    with _journal:
        deadline = time.monotonic() + TIMEOUT
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if "readonly" in str(error):
                    return
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
                # Another process is changing it, which takes a moment.
                time.sleep(0.01)
