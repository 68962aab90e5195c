"""What `createtables` says where a server lets it do nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from miniframe.db import engines
from miniframe.db.tables import create_tables
from miniframe.exceptions import ImproperlyConfigured
from miniframe.test import override_settings

from .models import Base

METADATA = f"{Base.__module__}.Base.metadata"


@pytest.fixture
def of_ada(postgresql: str) -> Iterator[str]:
    """A database whose user may read and write, and make no tables, as PostgreSQL 15 has it."""
    admin = create_engine(postgresql.format("postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text('CREATE ROLE "Ada" LOGIN'))
        connection.execute(text("CREATE DATABASE guarded"))
    url = make_url(postgresql.format("guarded"))
    guarded = create_engine(url, isolation_level="AUTOCOMMIT")
    with guarded.connect() as connection:
        connection.execute(text("REVOKE CREATE ON SCHEMA public FROM PUBLIC"))
    yield url.set(username="Ada").render_as_string(hide_password=False)
    guarded.dispose()
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE guarded WITH (FORCE)"))
        connection.execute(text('DROP ROLE "Ada"'))
    admin.dispose()


def said_of(url: str) -> str:
    entry = {"URL": url, "METADATA": METADATA}
    with override_settings(DATABASES={"default": entry}):
        try:
            with pytest.raises(ImproperlyConfigured) as caught:
                create_tables("default")
        finally:
            engines.dispose()
    return str(caught.value)


def test_a_user_without_rights_is_told_which_to_ask_for(of_ada: str) -> None:
    said = said_of(of_ada)
    assert said.startswith("The database 'default' (The setting DATABASES) cannot be reached, or refused: ")
    assert "permission denied for schema public" in said
    # What it says is what helps.
    grant = said.rpartition("the owner of the database says: ")[2].rstrip(";")
    assert grant == 'GRANT CREATE ON SCHEMA public TO "Ada"'
    url = make_url(of_ada)
    owner = create_engine(url.set(username="postgres"), isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        connection.execute(text(grant))
    owner.dispose()
    with override_settings(DATABASES={"default": {"URL": of_ada, "METADATA": METADATA}}):
        assert create_tables("default").made == ["board", "notice"]
        engines.dispose()


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    file = tmp_path / "site.sqlite3"
    file.write_text("Dear diary, this is no database. " * 40)
    assert "file is not a database" in said_of(f"sqlite:///{file}")
