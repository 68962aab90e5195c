"""Which tables of a project's models are missing in a database, and which columns of those that are there.

Tables that exist are never changed here: that is what Alembic is for.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from sqlalchemy import Connection, Engine, Inspector, MetaData, Table, inspect
from sqlalchemy.exc import DBAPIError

from miniframe.conf import place_of
from miniframe.db.config import metadata_of
from miniframe.db.engines import engines
from miniframe.exceptions import ImproperlyConfigured

__all__ = ["Tables", "create_tables"]


class Tables(NamedTuple):
    """What `create_tables` made and found: names of tables, "table.column" for each that is lacking, tables in all."""

    made: list[str]
    lacking: list[str]
    total: int


def create_tables(alias: str) -> Tables:
    """Make the tables of the database's METADATA that are missing.

    Raises:
        ImproperlyConfigured: settings.DATABASES is wrong about the database, or it cannot be reached.
    """
    metadata = metadata_of(alias)
    try:
        with engines[alias].begin() as connection:
            made = _create_missing(connection, metadata)
            return Tables(made, _missing_columns(connection, metadata), len(metadata.tables))
    except DBAPIError as error:
        raise ImproperlyConfigured(
            f"The database {alias!r} ({place_of('DATABASES')}) cannot be reached, or refused: {error.orig}"
            f"{_how_to_be_allowed(error, engines[alias])}"
        ) from error


def _how_to_be_allowed(error: DBAPIError, engine: Engine) -> str:
    """Return a sentence about the right that PostgreSQL, since version 15, gives to a database's owner only."""
    denied = re.search(r"permission denied for schema (\S+)", str(error.orig))
    if denied is None:
        return ""
    name = engine.url.username
    grant = (
        f"GRANT CREATE ON SCHEMA {denied[1]} TO {engine.dialect.identifier_preparer.quote(name) if name else 'USER'};"
    )
    return f"\nIts user may make no tables there; the owner of the database says: {grant}"


def _create_missing(connection: Connection, metadata: MetaData) -> list[str]:
    """Make the tables that are missing; return their names in the order in which they were made."""
    inspector = inspect(connection)
    missing = [table for table in metadata.sorted_tables if not _exists(inspector, table)]
    metadata.create_all(connection, tables=missing)
    return [table.fullname for table in missing]


def _missing_columns(connection: Connection, metadata: MetaData) -> list[str]:
    """Return the columns that models have and their tables lack, as "notice.author"."""
    inspector = inspect(connection)
    found: list[str] = []
    for table in metadata.sorted_tables:
        if _exists(inspector, table):
            there = {column["name"] for column in inspector.get_columns(table.name, table.schema)}
            found += [f"{table.fullname}.{column.name}" for column in table.columns if column.name not in there]
    return found


def _exists(inspector: Inspector, table: Table) -> bool:
    return inspector.has_table(table.name, table.schema)
