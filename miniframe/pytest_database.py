"""The fixtures `db` and `transactional_db` of the pytest plug-in, and the mark `db`.

Without them a test that reaches for a database fails, and is told what to ask for: so it is seen which tests need one,
and none of them leaves something behind.

Source: pytest-django's documentation, "Database access", whose names these are.
Not here: what the databases of tests are (`miniframe.test.databases`).
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

__all__ = ["MARKS"]

MARKS = (
    "db(transaction=False): the test uses databases, and what it does is undone; with transaction=True it commits.",
    "django_db(transaction=False): the same.",
)


@pytest.fixture(autouse=True)
def _database_of_the_mark(request: pytest.FixtureRequest) -> None:
    """Let `@pytest.mark.db` ask for the fixture, and a live server for the one that its threads can use."""
    mark = request.node.get_closest_marker("db") or request.node.get_closest_marker("django_db")
    if mark is not None:
        real = mark.kwargs.get("transaction", mark.args[0] if mark.args else False)
        request.getfixturevalue("transactional_db" if real else "db")
    elif "live_server" in request.fixturenames:
        request.getfixturevalue("_project")
        from miniframe.conf.databases import own_databases  # when the first test wants it

        if own_databases():
            request.getfixturevalue("transactional_db")


@pytest.fixture
def db(request: pytest.FixtureRequest, _project: None) -> Iterator[None]:
    """Let the test use the databases; what it does is undone, commits included."""
    if {"transactional_db", "live_server"} & set(request.fixturenames):
        # The whole test sees real commits then.
        request.getfixturevalue("transactional_db")
        yield
        return
    from miniframe.test.databases import databases  # SQLAlchemy: 150 ms, for projects that have databases

    with databases.isolated():
        yield


@pytest.fixture
def transactional_db(_project: None) -> Iterator[None]:
    """Let the test use the databases with real commits, which other threads see; the tables are emptied behind it."""
    from miniframe.test.databases import databases  # SQLAlchemy: 150 ms, for projects that have databases

    with databases.committing():
        yield
