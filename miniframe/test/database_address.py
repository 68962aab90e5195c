"""Where a database for tests is, and that connections lead there and nowhere else.

Its name can be said in more places than in the path of a URL: in its query, in arguments of the driver, in a function
that connects by itself.  So those are left out or refused, and each new connection is asked where it has got to,
before anything is done with it.

Source: SQLAlchemy's "Engine Configuration", sections "Custom DBAPI connect() arguments" and "Fully Replacing the DBAPI
connect() function"; PostgreSQL's "Database Connection Control Functions": a name that is given goes before a service's.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any

from sqlalchemy import URL, Engine, event
from sqlalchemy.pool import NullPool

from miniframe.conf import place_of
from miniframe.db.config import options_of, url_of
from miniframe.db.engines import new_engine
from miniframe.exceptions import ImproperlyConfigured

__all__ = ["confirm", "new_test_engine", "refuse_other_ways", "url_for_tests"]

# What drivers call a database, each of which would win over the URL's.
_NAMES = ("dbname", "database", "db")

_WHICH = {
    "sqlite": "SELECT file FROM pragma_database_list WHERE name = 'main'",
    "postgresql": "SELECT current_database()",
    "mysql": "SELECT DATABASE()",
    "mariadb": "SELECT DATABASE()",
}


def refuse_other_ways(alias: str) -> None:
    """See to it that the connections of `alias` are made from its URL.

    Raises:
        ConnectionDoesNotExist: there is no such alias.
        ImproperlyConfigured: they are not.
    """
    options = options_of(alias)
    for name in ("creator", "pool"):
        if options.get(name) is not None:
            raise ImproperlyConfigured(
                f"The OPTIONS of the database {alias!r} ({place_of('DATABASES')}) have a {name!r}, which connects to "
                "the database that it knows: so tests cannot have one of their own. Say by the URL and by "
                '"connect_args" where it is (a function that listens to SQLAlchemy\'s event "do_connect" can add to '
                f"them), or give tests settings without {name!r}."
            )


def url_for_tests(alias: str, folder: str) -> URL:
    """Return the URL of the database for tests of `alias`: a file in `folder`, or where there is none a server's."""
    url = url_of(alias)
    if folder:
        return url.set(database=os.path.join(folder, f"{alias}.sqlite3"), query={})
    said = {**url.query, **_connect_args(alias)}
    name = next((said[each] for each in _NAMES if each in said), url.database or alias)
    return url.difference_update_query(_NAMES).set(database=f"test_{name}{_worker()}")


def new_test_engine(alias: str, url: URL, is_known: Callable[[Any], bool] = lambda connection: False) -> Engine:
    """Make an engine, with the OPTIONS of `alias`, whose connections lead to `url`, or raise ImproperlyConfigured.

    Each of them is confirmed before it is used, but for those that the caller knows.
    """

    def on_connect(connection: Any, record: Any) -> None:
        if not is_known(connection):
            confirm(alias, url, connection)

    arguments = {name: value for name, value in _connect_args(alias).items() if name not in _NAMES}
    engine = new_engine(alias, url, poolclass=NullPool, connect_args=arguments)
    event.listen(engine, "connect", on_connect, insert=True)
    return engine


def confirm(alias: str, url: URL, connection: Any) -> None:
    """Ask the driver's connection where it leads.

    Raises:
        ImproperlyConfigured: not to the database at `url`.
    """
    with closing(connection.cursor()) as cursor:
        cursor.execute(_WHICH[url.get_backend_name()])
        [found] = cursor.fetchone()
    connection.rollback()  # the question has begun a transaction
    if _place(url, found) != _place(url, url.database):
        connection.close()
        raise ImproperlyConfigured(
            f"A connection for tests of the database {alias!r} ({place_of('DATABASES')}) leads to {found!r} in place "
            f"of {url.database!r}, and nothing was done there. Look for what names it: the OPTIONS, a function that "
            "listens to SQLAlchemy's event \"do_connect\", a file of the driver's."
        )


def _place(url: URL, name: str | None) -> str:
    return os.path.realpath(name or "") if url.get_backend_name() == "sqlite" else name or ""


def _connect_args(alias: str) -> Mapping[str, Any]:
    given: Mapping[str, Any] = options_of(alias)["connect_args"]
    return given


def _worker() -> str:
    """Return what sets the databases of processes that test side by side apart (pytest-xdist)."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    return f"_{worker}" if worker else ""
