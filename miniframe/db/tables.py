"""Which tables of a project's models are missing in a database, and which columns of those that are there.

Tables that exist are never changed here: that is what Alembic is for.
"""

from __future__ import annotations

from sqlalchemy import Connection, Inspector, MetaData, Table, inspect

__all__ = ["create_missing", "missing_columns"]


def create_missing(connection: Connection, metadata: MetaData) -> list[str]:
    """Make the tables that are missing; return their names in the order in which they were made."""
    inspector = inspect(connection)
    missing = [table for table in metadata.sorted_tables if not _exists(inspector, table)]
    metadata.create_all(connection, tables=missing)
    return [table.fullname for table in missing]


def missing_columns(connection: Connection, metadata: MetaData) -> list[str]:
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
