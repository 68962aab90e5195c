"""A server's databases for tests: made anew, marked as such, and dropped; one that somebody else made is left alone.

The mark is a comment on the database, or where databases have none (MySQL) a table of its name.

Source: Django's topic "Testing tools", section "The test database"; Django asks before it drops one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from sqlalchemy import URL, Connection, text
from sqlalchemy.exc import SQLAlchemyError

from miniframe.exceptions import ImproperlyConfigured
from miniframe.test.database_address import new_test_engine

__all__ = ["MARK", "SERVERS", "drop_database", "make_database"]

MARK = "made_for_tests_by_miniframe"


class _Words(NamedTuple):
    """What a kind of server is told; "{}" is a database's name, quoted."""

    #: The database in which to say so.
    at: str
    #: One row, the mark, if there is a database `:name`.
    find: str
    mark: str
    drop_at_the_end: str


_DROP = "DROP DATABASE IF EXISTS {}"
_MYSQL = _Words(
    at="",
    find=f"SELECT (SELECT max(table_name) FROM information_schema.tables WHERE table_schema = :name "
    f"AND table_name = '{MARK}') FROM information_schema.schemata WHERE schema_name = :name",
    mark=f"CREATE TABLE {{}}.{MARK} (marked int)",
    drop_at_the_end=_DROP,
)
SERVERS: dict[str, _Words] = {
    "postgresql": _Words(
        at="postgres",
        find="SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = :name",
        mark=f"COMMENT ON DATABASE {{}} IS '{MARK}'",
        # A server thread of the tests may have a connection yet.
        drop_at_the_end=f"{_DROP} WITH (FORCE)",
    ),
    "mysql": _MYSQL,
    "mariadb": _MYSQL,
}
"""The kinds of server on which a database can be made, by the name of SQLAlchemy's dialect."""


def make_database(alias: str, url: URL) -> None:
    """Make the database at `url` anew; one of that name that an earlier run has left is dropped.

    Raises:
        ImproperlyConfigured: somebody else made it, the server is not there, or it does not allow it.
    """
    words = SERVERS[url.get_backend_name()]
    with _server(alias, url) as (connection, name):
        found = connection.execute(text(words.find), {"name": url.database}).first()
        if found is not None:
            if found[0] != MARK:
                raise ImproperlyConfigured(
                    f"The database {url.database!r}, for tests of {alias!r} (DATABASES), is there already, and no "
                    "tests have made it, so it is not dropped. Rename it, or drop it by hand; if tests may drop it "
                    f"from now on, mark it: {words.mark.format(name)};"
                )
            # Without force: tests that run right now may use it.
            connection.exec_driver_sql(_DROP.format(name))
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
        connection.exec_driver_sql(words.mark.format(name))


def drop_database(alias: str, url: URL) -> None:
    """Drop the database at `url`, which `make_database` has made.

    Raises:
        ImproperlyConfigured: the server is not there any more, or does not allow it.
    """
    with _server(alias, url) as (connection, name):
        connection.exec_driver_sql(SERVERS[url.get_backend_name()].drop_at_the_end.format(name))


@contextmanager
def _server(alias: str, url: URL) -> Iterator[tuple[Connection, str]]:
    """Connect outside of any database that is ours; the second value is this one's name, quoted."""
    engine = new_test_engine(alias, url.set(database=SERVERS[url.get_backend_name()].at))
    name = engine.dialect.identifier_preparer.quote(str(url.database))
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            yield connection, name
    except SQLAlchemyError as error:
        raise ImproperlyConfigured(
            f"The database {url.database!r}, for tests of {alias!r} (DATABASES), cannot be made: "
            f"{str(error).partition('[SQL')[0].strip()} Start the server; its user has to be allowed to make "
            f'databases: ALTER ROLE "{url.username}" CREATEDB.'
        ) from error
