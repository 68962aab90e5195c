"""`createtables`, `dbshell`, `check` and `diffsettings` in a project that has a database, each as it is typed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text

from miniframe.db.clients import client_for
from miniframe.exceptions import ImproperlyConfigured

from .models import Base

MANAGE = """\
import os, sys
os.environ["MINIFRAME_SETTINGS_MODULE"] = "shop.settings"
from miniframe.management import execute_from_command_line
execute_from_command_line(sys.argv)
"""
SETTINGS = """\
SECRET_KEY = "a-key-for-tests-that-signs-nothing-of-value-0123456789"
ROOT_URLCONF = "shop.urls"
DATABASES = {"default": %r}
"""

Manage = Callable[..., "CompletedProcess[str]"]


@pytest.fixture
def manage(tmp_path: Path, database_url: str) -> Manage:
    """Run manage.py of a project; `entry` is laid over that of its database."""
    package = tmp_path / "shop"
    package.mkdir()
    (tmp_path / "manage.py").write_text(MANAGE)
    (package / "urls.py").write_text("urlpatterns = []\n")
    (package / "models.py").write_text(Path(__file__).with_name("models.py").read_text())

    def run(*arguments: str, entry: dict[str, Any] | None = None, **environment: str) -> CompletedProcess[str]:
        described = {"URL": database_url, "METADATA": "shop.models.Base.metadata", **(entry or {})}
        (package / "settings.py").write_text(SETTINGS % described)
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=tmp_path,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **environment},
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run


def test_createtables_makes_what_is_missing_and_shells_see_it(manage: Manage, database_url: str) -> None:
    engine = create_engine(database_url)
    try:
        done = manage("createtables")
        assert (done.returncode, done.stdout) == (0, "Made in the database 'default': board, notice.\n"), done.stderr
        assert manage("createtables").stdout == "The database 'default' has all its tables (2): nothing to do.\n"

        # A table that is older than its model is left alone, and told.
        with engine.begin() as connection:
            connection.execute(text("ALTER TABLE notice DROP COLUMN count"))
        done = manage("createtables")
        assert "not in the database: notice.count. createtables never changes a table" in done.stderr
        assert "Alembic" in done.stderr

        query = "SELECT 40 + count(*) + 2 FROM notice"
        arguments = ["-c", query] if database_url.startswith("postgresql") else [query]
        done = manage("dbshell", "--", *arguments)
        assert (done.returncode, "42" in done.stdout) == (0, True), done.stderr
        assert manage("dbshell", "--", "--no-such-option").returncode != 0
    finally:
        Base.metadata.drop_all(engine)
        engine.dispose()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_server_that_is_not_there_is_one_line(manage: Manage) -> None:
    done = manage("createtables", entry={"URL": "postgresql+psycopg://ada:geheim@127.0.0.1:1/shop"})
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert "The database 'default' (DATABASES in shop.settings) cannot be reached" in done.stderr
    assert "geheim" not in done.stderr


def test_a_shell_that_is_not_installed_is_told_with_its_package(manage: Manage) -> None:
    done = manage("dbshell", PATH="/nowhere")
    assert done.returncode == 1
    assert re.search(r"'(sqlite3|psql)' is not installed.*apt-get install (sqlite3|postgresql-client)", done.stderr)


class TestClients:
    def test_psql_gets_everything_by_the_environment(self) -> None:
        url = make_url("postgresql+psycopg://ada:ge%40heim@db:5433/shop?sslmode=require&application_name=x")
        client = client_for(url)
        assert client.command == ["psql"]
        assert client.environment == {
            "PGHOST": "db",
            "PGPORT": "5433",
            "PGUSER": "ada",
            "PGPASSWORD": "ge@heim",
            "PGDATABASE": "shop",
            "PGSSLMODE": "require",
            "PGAPPNAME": "x",
        }

    def test_a_socket_in_the_query_is_its_host(self) -> None:
        assert client_for(make_url("postgresql://a@/b?host=/run/pg")).environment["PGHOST"] == "/run/pg"

    def test_mysql_gets_its_password_by_the_environment(self) -> None:
        client = client_for(make_url("mysql+mysqldb://ada:geheim@db/shop?charset=utf8mb4"))
        assert client.command == [
            "mysql",
            "--host=db",
            "--user=ada",
            "--default-character-set=utf8mb4",
            "--database=shop",
        ]
        assert client.environment == {"MYSQL_PWD": "geheim"}

    @pytest.mark.parametrize("scheme", ["postgresql", "mysql", "mariadb"])
    def test_a_password_is_never_on_the_command_line(self, scheme: str) -> None:
        client = client_for(make_url(f"{scheme}://ada:geheim@db/shop"))
        assert "geheim" not in " ".join(client.command)
        assert "geheim" in client.environment.values()

    def test_another_database_has_none(self) -> None:
        with pytest.raises(ImproperlyConfigured, match="none for 'oracle'"):
            client_for(make_url("oracle://x"))


CHECKS = [
    pytest.param({"METADATAS": "x"}, "W100", "Did you mean 'METADATA'", id="misspelt"),
    pytest.param({"pool_size": 3}, "W100", "belongs into OPTIONS", id="option"),
    pytest.param({"URL": "sqlite:///site.sqlite3"}, "W101", "is relative", id="relative"),
    pytest.param({"URL": "sqlite://"}, "W102", "each thread has an empty one", id="memory"),
    pytest.param({"URL": "nosql://x"}, "E100", "no such dialect", id="dialect"),
    pytest.param({"METADATA": "shop.models.Bass.metadata"}, "E102", "leads nowhere", id="metadata"),
]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestWithSQLite:
    @pytest.mark.parametrize(("entry", "id", "message"), CHECKS)
    def test_check_finds(self, manage: Manage, entry: dict[str, Any], id: str, message: str) -> None:
        done = manage("check", entry=entry)
        assert f"(databases.{id})" in done.stderr
        assert message in done.stderr

    def test_check_finds_nothing_wrong_and_connects_nowhere(self, manage: Manage, tmp_path: Path) -> None:
        done = manage("check")
        assert (done.returncode, "no issues" in done.stdout) == (0, True), done.stderr
        assert not (tmp_path / "site.sqlite3").exists()

    def test_an_entry_of_djangos_is_left_alone(self, manage: Manage) -> None:
        done = manage("check", entry={"URL": "", "ENGINE": "django.db.backends.sqlite3", "NAME": "x"})
        assert (done.returncode, "no issues" in done.stdout) == (0, True), done.stderr

    def test_without_sqlalchemy_it_is_told_what_to_install(self, manage: Manage, tmp_path: Path) -> None:
        # A module that is not there.
        (tmp_path / "sqlalchemy.py").write_text("raise ModuleNotFoundError('No module named x', name='sqlalchemy')\n")
        done = manage("check")
        assert "(databases.E101)" in done.stderr
        assert "pip install 'miniframe[sqlalchemy]'" in done.stderr
        assert "pip install 'miniframe[sqlalchemy]'" in manage("createtables").stderr

    def test_diffsettings_shows_no_password_of_an_address(self, manage: Manage) -> None:
        done = manage("diffsettings", entry={"URL": "postgresql+psycopg://ada:geheim@db/shop"})
        assert "postgresql+psycopg://ada:********************@db/shop" in done.stdout
        assert "geheim" not in done.stdout
