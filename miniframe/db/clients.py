"""How each database's own program is started on it: `sqlite3`, `psql`, `mysql`.

A password goes by the environment, which only its owner can read, and never on the command line, which every user of
the machine can.  So does the rest where the program takes it from there, as psql does; SQLite's path, and MySQL's host,
port, user and database, are arguments.

Source: PostgreSQL's "libpq - Environment Variables"; MySQL's "Environment Variables"; Django's "django-admin",
section "dbshell".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import URL

from miniframe.exceptions import ImproperlyConfigured

__all__ = ["Client", "client_for"]


class Client(NamedTuple):
    """A program with its first arguments, what to add to its environment, and where it comes from."""

    command: list[str]
    environment: dict[str, str]
    package: str


# Those that are not "PG" and the parameter's name in capitals.
_OF_LIBPQ = {
    "dbname": "PGDATABASE",
    "application_name": "PGAPPNAME",
    "client_encoding": "PGCLIENTENCODING",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
    "krbsrvname": "PGKRBSRVNAME",
}


def client_for(url: URL) -> Client:
    """Return the client of the database at `url`.

    Raises:
        ImproperlyConfigured: none is known for it.
    """
    made = _CLIENTS.get(url.get_backend_name())
    if made is None:
        raise ImproperlyConfigured(
            f"dbshell knows the programs of {', '.join(sorted(_CLIENTS))}, and none for {url.get_backend_name()!r}: "
            "start its own by hand."
        )
    return made(url)


def _sqlite(url: URL) -> Client:
    return Client(["sqlite3", url.database or ":memory:"], {}, "sqlite3")


def _postgresql(url: URL) -> Client:
    environment = {
        _OF_LIBPQ.get(name, f"PG{name.upper()}"): _text(value) for name, value in url.normalized_query.items()
    }
    environment |= _set(PGHOST=url.host, PGPORT=url.port, PGUSER=url.username, PGDATABASE=url.database)
    return Client(["psql"], environment | _set(PGPASSWORD=url.password), "postgresql-client")


def _mysql(url: URL) -> Client:
    query = {name: _text(value) for name, value in url.normalized_query.items()}
    given: Mapping[str, Any] = {
        "--host": url.host,
        "--port": url.port,
        "--user": url.username,
        "--socket": query.get("unix_socket"),
        "--default-character-set": query.get("charset"),
        "--database": url.database,
    }
    options = [f"{name}={value}" for name, value in given.items() if value]
    return Client(["mysql", *options], _set(MYSQL_PWD=url.password), "default-mysql-client")


_CLIENTS = {"sqlite": _sqlite, "postgresql": _postgresql, "mysql": _mysql, "mariadb": _mysql}


def _set(**values: object) -> dict[str, str]:
    return {name: str(value) for name, value in values.items() if value}


def _text(values: Sequence[str]) -> str:
    return ",".join(values)
