"""Engines: found by alias, shared by threads, not shared by processes; and SQLite under sixteen writers."""

from __future__ import annotations

import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from miniframe.db import ConnectionDoesNotExist, Session, atomic, config, engines, session, sessions, sqlite
from miniframe.db.config import metadata_of, url_of
from miniframe.db.sessions import close_sessions
from miniframe.exceptions import ImproperlyConfigured
from miniframe.test import override_settings

from .models import Base, Notice

THREADS, TIMES = 16, 12


def many(work: Any) -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        for each in [pool.submit(work) for _ in range(THREADS)]:
            each.result()


class TestManyThreads:
    """No request fails for "database is locked", and no change is lost."""

    pytestmark = pytest.mark.usefixtures("database")

    def test_changes_of_what_was_read_before_are_not_lost(self) -> None:
        with atomic():
            session().add(Notice(title="a"))

        def work() -> None:
            for _ in range(TIMES):
                with atomic():
                    # PostgreSQL has to be told; SQLite has one writer at a time.
                    notice = session().get_one(Notice, 1, with_for_update=True)
                    notice.count += 1
                close_sessions()

        many(work)
        assert session().scalar(select(Notice.count)) == THREADS * TIMES

    def test_sessions_committed_by_hand_read_first_and_write_then(self) -> None:
        def work() -> None:
            for _ in range(TIMES):
                session().scalar(select(func.count()).select_from(Notice))
                session().add(Notice(title="a"))
                session().commit()
                close_sessions()

        many(work)
        assert session().scalar(select(func.count()).select_from(Notice)) == THREADS * TIMES

    def test_readers_do_not_wait_for_a_writer(self) -> None:
        with atomic():
            session().add(Notice(title="a"))
            session().flush()
            begun = time.monotonic()
            with engines["default"].connect() as connection:
                assert connection.scalar(select(func.count()).select_from(Notice)) == 0
            assert time.monotonic() - begun < 5


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_child_has_connections_of_its_own(database: Any) -> None:
    with atomic():
        session().add(Notice(title="a"))
    engine, kept = engines["default"], session()
    assert kept.scalar(select(1)) == 1
    child = os.fork()
    if child == 0:
        status = 1
        try:
            assert session() is not kept
            with atomic():
                session().add(Notice(title="b"))
            close_sessions()
            with engine.connect() as connection:
                status = 0 if connection.scalar(select(func.count()).select_from(Notice)) == 2 else 2
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    # And ours, in the middle of its transaction, has not been touched.
    assert kept.scalar(select(func.count()).select_from(Notice)) == 2


def test_sessions_may_be_opened_while_a_process_forks(database: Any) -> None:
    def open_and_close() -> None:
        while not done:
            Session().close()

    done: list[bool] = []
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # or another thread seldom comes in between
    threads = [threading.Thread(target=open_and_close) for _ in range(3)]
    some = [Session() for _ in range(2_000)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(60):
            # What os.fork() calls first; it prints its errors and goes on.
            sessions._hold()
            assert set(some) <= set(sessions._held)
    finally:
        done.append(True)
        for thread in threads:
            thread.join()
        sys.setswitchinterval(interval)
        sessions._held.clear()


def test_a_child_that_python_knows_nothing_of_has_its_own_too(database: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = session()
    number = kept.scalar(select(1)), kept.connection().connection.dbapi_connection
    # As after uWSGI's fork.
    monkeypatch.setattr(os, "getpid", lambda: -1)
    close_sessions()  # the end of a request that uses no database
    assert kept.in_transaction()
    assert session() is not kept
    assert session().connection().connection.dbapi_connection is not number[1]
    close_sessions()
    monkeypatch.undo()
    kept.close()


def test_no_thread_gets_inherited_connections(database: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = engines["default"]
    inherited, dispose, done = engine.pool, engine.dispose, []

    def other() -> None:
        done.append(("other", engines["default"].pool is inherited))

    def slowly(close: bool = True) -> None:
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(0.2)  # it waits for us, so this ends by time
        dispose(close=close)
        done.append(("disposed", engine.pool is inherited))
        threads.append(thread)

    threads: list[threading.Thread] = []
    monkeypatch.setattr(engine, "dispose", slowly)
    # As after uWSGI's fork.
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert engines["default"] is engine
    threads[0].join(10)
    assert done == [("disposed", False), ("other", False)]


class TestSQLite:
    @pytest.fixture
    def file(self, tmp_path: Path) -> Any:
        path = tmp_path / "a folder" / "site.sqlite3"
        with override_settings(DATABASES={"default": {"URL": f"sqlite:///{path}"}}):
            Base.metadata.create_all(engines["default"])
            yield path
            close_sessions(quietly=True)

    def test_the_folder_is_made(self, file: Path) -> None:
        assert file.exists()

    def test_it_writes_ahead_checks_references_and_waits(self, file: Path) -> None:
        with engines["default"].connect() as connection:
            found = [
                connection.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "foreign_keys", "busy_timeout")
            ]
        assert found == ["wal", 1, 20_000]

    def test_a_folder_that_cannot_be_made_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with (
            override_settings(DATABASES={"default": {"URL": f"sqlite:///{tmp_path}/file/site.sqlite3"}}),
            pytest.raises(ImproperlyConfigured, match=r"its folder .* cannot be made"),
        ):
            engines["default"].connect()

    def test_a_table_that_is_made_in_a_block_goes_with_it(self, file: Path) -> None:
        def make() -> None:
            session().execute(text("CREATE TABLE other (id INTEGER)"))
            raise ValueError("on purpose")

        with pytest.raises(ValueError, match="on purpose"):
            atomic(make)()
        with engines["default"].connect() as connection:
            tables = connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")).all()
        assert "other" not in tables

    def test_what_commits_by_itself_is_left_to_do_so(self, file: Path) -> None:
        with engines["default"].connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("INSERT INTO notice (title, count) VALUES ('a', 0)"))
        assert session().scalar(select(func.count()).select_from(Notice)) == 1

    def test_so_is_an_engine_that_does(self, tmp_path: Path) -> None:
        entry = {"URL": f"sqlite:///{tmp_path}/site.sqlite3", "OPTIONS": {"isolation_level": "AUTOCOMMIT"}}
        with override_settings(DATABASES={"default": entry}):
            Base.metadata.create_all(engines["default"])
            with engines["default"].connect() as connection:
                connection.execute(text("INSERT INTO notice (title, count) VALUES ('a', 0)"))
            with engines["default"].connect() as connection:
                assert connection.scalar(select(func.count()).select_from(Notice)) == 1

    def test_another_process_that_writes_is_waited_for(self, file: Path) -> None:
        other = create_engine(f"sqlite:///{file}", poolclass=NullPool)
        writing, done = threading.Event(), threading.Event()

        def write() -> None:
            with other.connect() as connection:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                writing.set()
                done.wait(0.3)
                connection.exec_driver_sql("COMMIT")

        thread = threading.Thread(target=write)
        thread.start()
        writing.wait(10)
        with atomic():
            session().add(Notice(title="a"))
        thread.join()

    def test_who_gets_no_turn_to_write_may_read(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sqlite, "TIMEOUT", 0.0)
        engines.dispose()  # the next one is made with it
        with engines["default"].connect() as other:
            other.exec_driver_sql("BEGIN IMMEDIATE")
            assert session().scalar(select(func.count()).select_from(Notice)) == 0
            with pytest.raises(OperationalError, match="locked"), atomic():
                pass
            session().rollback()
            assert session().scalar(select(func.count()).select_from(Notice)) == 0


WRONG = [
    pytest.param({}, 'has no "URL"', id="empty"),
    pytest.param({"URL": "no address"}, "cannot be read", id="no-address"),
    pytest.param({"URL": "nosql://x"}, "begins with 'nosql', and there is no such dialect", id="no-dialect"),
    pytest.param(
        {"URL": "mssql+pyodbc://x"}, "needs the driver 'pyodbc'.*python -m pip install pyodbc", id="no-driver"
    ),
    pytest.param(
        {"URL": "sqlite://", "OPTIONS": {"pool_sise": 3}}, "no arguments of create_engine.*pool_sise", id="option"
    ),
    pytest.param({"URL": "sqlite://", "OPTIONS": ["echo"]}, '"OPTIONS" .* is a list, and should be', id="no-dict"),
    pytest.param(
        {"URL": "sqlite://", "OPTIONS": {"connect_args": "timeout=5"}},
        '"connect_args" .* is a str, and should be a dict',
        id="no-dict-for-the-driver",
    ),
    pytest.param(
        {"ENGINE": "django.db.backends.postgresql", "NAME": "shop", "USER": "a", "PASSWORD": "geheim", "HOST": "db"},
        r'write "URL": "postgresql\+psycopg://a:PASSWORD@db/shop"',
        id="django",
    ),
    pytest.param(
        {"ENGINE": "django.db.backends.sqlite3", "NAME": "/srv/db.sqlite3"},
        'write "URL": "sqlite:////srv/db.sqlite3"',
        id="django-sqlite",
    ),
]


def test_a_driver_that_lacks_something_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def create_engine(*arguments: Any, **options: Any) -> None:
        raise ImportError("no pq wrapper available.")

    monkeypatch.setattr(config, "create_engine", create_engine)
    wrong = pytest.raises(ImproperlyConfigured, match=r"'postgresql\+psycopg'\) cannot be imported: no pq wrapper")
    with override_settings(DATABASES={"default": {"URL": "postgresql+psycopg://a:geheim@db/shop"}}), wrong as caught:
        engines["default"]
    assert "geheim" not in str(caught.value)


def test_options_that_are_none_are_none() -> None:
    with override_settings(DATABASES={"default": {"URL": "sqlite://", "OPTIONS": None}}):
        assert engines["default"].dialect.name == "sqlite"


@pytest.mark.parametrize(("entry", "message"), WRONG)
def test_a_wrong_entry_tells_how_to_mend_it(entry: dict[str, Any], message: str) -> None:
    with override_settings(DATABASES={"default": entry}), pytest.raises(ImproperlyConfigured, match=message) as caught:
        engines["default"]
    assert "geheim" not in str(caught.value)


def test_a_password_is_in_no_message() -> None:
    databases = {"default": {"URL": "postgresql+psycopg://a:ge heim@host:port/x"}}
    wrong = pytest.raises(ImproperlyConfigured, match="cannot be read")
    with override_settings(DATABASES=databases), wrong as caught:
        url_of("default")
    assert "heim" not in str(caught.value)


@pytest.mark.parametrize(
    ("databases", "alias", "message"),
    [
        pytest.param({}, "default", "settings.DATABASES is empty", id="none"),
        pytest.param({"default": {}}, "defualt", "doesn't exist. Did you mean 'default'?", id="alike"),
        pytest.param({"default": {}}, "archive", "has: default.", id="other"),
    ],
)
def test_an_alias_that_is_not_there(databases: dict[str, Any], alias: str, message: str) -> None:
    with override_settings(DATABASES=databases), pytest.raises(ConnectionDoesNotExist) as caught:
        engines[alias]
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        pytest.param(None, "has no METADATA: name the MetaData", id="missing"),
        pytest.param(f"{Base.__module__}.Bass.metadata", "leads nowhere", id="nowhere"),
        pytest.param(f"{Base.__module__}..Base", "by its dotted path", id="no-path"),
        pytest.param(f"{Base.__module__}.Base", r"Did you mean '.*Base\.metadata'", id="the-base-itself"),
    ],
)
def test_metadata_that_is_not_found(path: str | None, message: str) -> None:
    databases = {"default": {"URL": "sqlite://", "METADATA": path}}
    with override_settings(DATABASES=databases), pytest.raises(ImproperlyConfigured, match=message):
        metadata_of("default")
