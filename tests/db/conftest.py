"""Each test of `database` runs twice: on SQLite, and on a PostgreSQL that this run starts for itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from miniframe.db import engines
from miniframe.db.sessions import close_sessions, scope_of_now
from miniframe.test import override_settings

from . import server
from .models import Base


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The start of the URLs of a running server: `postgresql.format(name)`."""
    folder = server.programs()
    if folder is None:
        missing = "PostgreSQL is not installed: apt-get install postgresql"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    with server.running(folder) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/site.sqlite3"
    url: str = request.getfixturevalue("postgresql").format("postgres")
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[dict[str, Any]]:
    """An empty database with its tables, which settings.DATABASES names; the entry itself is the value."""
    entry: dict[str, Any] = {"URL": database_url}
    with override_settings(DATABASES={"default": entry}):
        Base.metadata.create_all(engines["default"])
        try:
            yield entry
        finally:
            while scope_of_now() is not None:
                close_sessions(quietly=True)
            if engines["default"].dialect.name == "postgresql":
                with engines["default"].begin() as connection:
                    connection.execute(text("DROP SCHEMA public CASCADE"))
                    connection.execute(text("CREATE SCHEMA public"))
            engines.dispose()
