"""Advice on errors of databases: SQLite's own, those of PostgreSQL's drivers, and SQLAlchemy's.

SQLAlchemy raises its errors from the driver's, so a row for the driver's error advises on both.
"""

from __future__ import annotations

from miniframe.conf import settings
from miniframe.conf.databases import own_databases
from miniframe.views.hints.row import Case, Hint

__all__ = ["ROWS"]


def _uses_ours() -> bool:
    return settings.configured and bool(own_databases())


def _is_known(table: str) -> bool:
    """Return whether the models of some database have this table."""
    for alias in settings.DATABASES:
        try:
            from miniframe.db.config import metadata_of  # SQLAlchemy

            if any(table in (key, its.name) for key, its in metadata_of(alias).tables.items()):
                return True
        except Exception:  # the setting is wrong, or its module, or SQLAlchemy is not there
            continue
    return False


def _no_table(case: Case) -> str:
    table = case.match[1]
    if _uses_ours():
        advice = (
            "`python manage.py createtables` makes the tables of your models that are missing; then load this page "
            "again."
        )
        return (
            advice
            if _is_known(table)
            else (
                f"{advice} `{table}` is made if the `METADATA` in `DATABASES` knows its model, whose module has to be "
                "imported for that."
            )
        )
    return (
        "SQLite makes a new, empty file where there was none: see that the path leads to your database, and that "
        f"what makes the table `{table}` has run."
    )


def _locked(case: Case) -> str:
    if _uses_ours():
        return (
            "Another connection has been writing for too long: keep what is slow (mails, other servers) out of "
            "`with atomic():`, and commit before you wait for somebody else."
        )
    return (
        "Another connection is writing, and has not committed: keep `with connection:` short, and give `connect()` "
        "a `timeout`."
    )


_NO_COLUMN = (
    "The model has this column, and the table has not: it was made before. `createtables` never changes a table; "
    "Alembic does (`docs/howto/sqlalchemy.md`), or delete a database that holds nothing yet."
)

ROWS: list[Hint] = [
    Hint("no-table", "OperationalError", r"^no such table: (\S+)", _no_table),
    Hint("no-relation", "UndefinedTable", r'^relation "([^"]+)" does not exist', _no_table),
    Hint("no-column", "OperationalError", r"^(?:no such column|table \w+ has no column)", _NO_COLUMN),
    Hint("no-column-there", "UndefinedColumn", r"^column ", _NO_COLUMN),
    Hint("no-database", "OperationalError", r"^unable to open database file",
         "Its folder has to exist, and be writable: begin the path with `settings.BASE_DIR`, and make the folder."),
    Hint("database-locked", "OperationalError", r"^database is locked", _locked),
    Hint("server-refuses", "OperationalError", r"^connection failed.*(?:Connection refused|No such file)",
         "Nothing listens there: start the database's server (`systemctl start postgresql`), or correct host and port "
         "in the `URL` of `DATABASES`."),
    Hint("wrong-password", "OperationalError", r"(?:password authentication failed|no password supplied)",
         "User or password in the `URL` of `DATABASES` are not those of the server; `@`, `:` and `/` in a password "
         "have to be percent-encoded."),
    Hint("unknown-database", "OperationalError", r'database "(\w+)" does not exist',
         "Make it once: `createdb {0}`, as a user who may."),
    Hint("detached", "DetachedInstanceError", r"not bound to a Session",
         "Its session was closed at the end of the request that loaded it: keep the primary key, and load it anew."),
    Hint("rolled-back", "PendingRollbackError", r"rolled back",
         "An error of the database came before this one: put what may fail into a block of its own, `with atomic():`, "
         "which goes back to before it."),
]  # fmt: skip
