"""One test database: where it is, what is made in it, and the connection that isolated tests share.

Not here: which tests may use it (`databases`); its name and that connections lead there (`database_address`); what its
server does (`database_server`).
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy import URL, Connection, Engine, ExceptionContext, MetaData, event

from miniframe.db.config import commits_by_itself, described, metadata_of, url_of
from miniframe.db.statements import is_read, runs_by_itself
from miniframe.exceptions import ImproperlyConfigured
from miniframe.test.database_address import confirm, new_test_engine, refuse_other_ways, url_for_tests
from miniframe.test.database_server import SERVERS, drop_database, make_database

__all__ = ["TestDatabase", "entry_for_tests"]


def entry_for_tests(alias: str) -> dict[str, Any]:
    """Return what settings.DATABASES says of the database itself: all but ATOMIC_REQUESTS, which is about views."""
    return {key: value for key, value in described(alias).items() if key != "ATOMIC_REQUESTS"}


class _Savepoint:
    """What a transaction of the code under test is; one that `lasts` is a statement that commits by itself."""

    __slots__ = ("failed", "lasts", "name", "wrote")

    def __init__(self, name: str, lasts: bool) -> None:
        self.name = name
        self.lasts = lasts
        self.wrote = self.failed = False


class TestDatabase:
    """The database of one alias, for tests; nothing is made before the first connection."""

    __test__ = False  # no class of tests, whatever pytest thinks of its name

    def __init__(self, alias: str, is_isolated: Callable[[], bool]) -> None:
        self.alias = alias
        self.entry: dict[str, Any] = entry_for_tests(alias)
        self._is_isolated = is_isolated
        self._making = threading.RLock()
        self._is_made = False
        self._folder = ""
        self._shared: Any = None
        self._begun = False
        # The savepoints that are open, the outermost first, and whose they are.
        self._stack: list[str] = []
        self._of: dict[int, _Savepoint] = {}
        self._counted = 0
        self._level = 0
        self.url: URL = self._test_url()
        self.engine: Engine = new_test_engine(alias, self.url, lambda connection: connection is self._shared)
        event.listen(self.engine, "do_connect", self._connect)
        event.listen(self.engine, "before_cursor_execute", self._before_statement, insert=True)
        event.listen(self.engine, "handle_error", self._on_error)
        self._take_over(self.engine.dialect)

    # ---- the connection

    def _connect(self, dialect: Any, record: Any, arguments: Any, keywords: Any) -> Any:
        isolated = self._is_isolated()
        with self._making:
            if not self._is_made:
                self._make()
                self._is_made = True
        if not isolated:
            return None  # SQLAlchemy connects
        if self._shared is None:
            shared = dialect.connect(*arguments, **keywords)
            confirm(self.alias, self.url, shared)
            self._shared = shared
            if self.url.get_backend_name() == "sqlite":
                self._shared.isolation_level = None
        return self._shared

    def _take_over(self, dialect: Any) -> None:
        """Put savepoints in place of the dialect's transactions, on the shared connection."""
        commit, rollback, close = dialect.do_commit, dialect.do_rollback, dialect.do_close

        def do_commit(connection: Any) -> None:
            if self._shares(connection):
                self._release(self._of.pop(id(connection), None))
            else:
                commit(connection)

        def do_rollback(connection: Any) -> None:
            if self._shares(connection):
                self._undo(self._of.pop(id(connection), None))
            else:
                rollback(connection)

        def do_close(connection: Any) -> None:
            if connection is not self._shared:
                close(connection)

        dialect.do_commit, dialect.do_rollback = do_commit, do_rollback
        dialect.do_close = dialect.do_terminate = do_close
        for name in ("set_isolation_level", "set_readonly", "set_deferrable"):
            if hasattr(dialect, name):
                setattr(dialect, name, self._unless_shared(getattr(dialect, name)))

    def _unless_shared(self, change: Callable[[Any, Any], object]) -> Callable[[Any, Any], None]:
        """Return what changes the transactions of a connection, but not the one around the test, which has begun."""

        def changed(connection: Any, value: Any) -> None:
            if connection is not self._shared:
                change(connection, value)

        return changed

    def _shares(self, connection: Any) -> bool:
        return self._shared is not None and getattr(connection, "dbapi_connection", None) is self._shared

    def _before_statement(
        self, connection: Connection, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
    ) -> None:
        own: Any = connection.connection
        if not self._shares(own) or runs_by_itself(statement):
            return
        if commits_by_itself(connection):
            self._undo(self._of.pop(id(own), None))
        savepoint = self._of.get(id(own))
        if savepoint is None:
            self._begin()
            savepoint = self._of[id(own)] = self._new_savepoint(lasts=commits_by_itself(connection))
        savepoint.wrote = savepoint.wrote or not is_read(statement)

    def _on_error(self, context: ExceptionContext) -> None:
        own: Any = context.connection.connection if context.connection is not None else None
        savepoint = self._of.get(id(own))
        if savepoint is not None:
            savepoint.failed = True

    # ---- savepoints

    def _begin(self) -> None:
        if not self._begun:
            self._begun = True
            # The code under test may have been the first to say so.
            if self.url.get_backend_name() == "sqlite" and not self._shared.in_transaction:
                self._run("BEGIN")
            # Those that were entered before there was anything to undo.
            for level in range(2, self._level + 1):
                self._save(f"level_{level}")

    def _new_savepoint(self, lasts: bool) -> _Savepoint:
        self._counted += 1
        savepoint = _Savepoint(f"test_{self._counted}", lasts)
        self._save(savepoint.name)
        return savepoint

    def _save(self, name: str) -> None:
        self._run(f"SAVEPOINT {name}")
        self._stack.append(name)

    def _release(self, savepoint: _Savepoint | None) -> None:
        # It is gone already if one around it has ended first.
        if savepoint is not None and savepoint.name in self._stack:
            self._run(f"RELEASE SAVEPOINT {savepoint.name}")
            del self._stack[self._stack.index(savepoint.name) :]

    def _undo(self, savepoint: _Savepoint | None) -> None:
        """Undo a transaction; what others did meanwhile is only undone with it if it did something itself."""
        if savepoint is not None and savepoint.name in self._stack:
            if savepoint.failed or (savepoint.wrote and not savepoint.lasts):
                self._run(f"ROLLBACK TO SAVEPOINT {savepoint.name}")
            self._release(savepoint)

    def _run(self, statement: str) -> None:
        cursor = self._shared.cursor()
        try:
            cursor.execute(statement)
        finally:
            cursor.close()

    def enter(self, level: int) -> None:
        """Remember what is there, to come back to it."""
        self._level = level
        if self._begun:
            self._save(f"level_{level}")

    def leave(self, level: int) -> None:
        """Undo what was done since `enter` of that level; a connection that cannot do it is closed."""
        self._level = level - 1
        self._of.clear()
        if not self._begun:
            return
        try:
            self._go_back(level)
        except BaseException:
            self._begun = False
            self._stack.clear()
            self._close()
            raise

    def _go_back(self, level: int) -> None:
        name = f"level_{level}"
        if level > 1 and name in self._stack:
            self._run(f"ROLLBACK TO SAVEPOINT {name}")
            self._run(f"RELEASE SAVEPOINT {name}")
            del self._stack[self._stack.index(name) :]
        else:
            self._shared.rollback()
            self._begun = False
            self._stack.clear()

    def _close(self) -> None:
        if self._shared is not None:
            shared, self._shared = self._shared, None
            shared.close()

    # ---- the database

    def _test_url(self) -> URL:
        refuse_other_ways(self.alias)
        kind = url_of(self.alias).get_backend_name()
        if kind == "sqlite":
            self._folder = tempfile.mkdtemp(prefix="miniframe-test-")
        elif kind not in SERVERS:
            raise ImproperlyConfigured(
                f"Tests cannot make a database for {self.alias!r}: this is known for SQLite, PostgreSQL and MySQL, and "
                f"not for {kind!r}."
            )
        return url_for_tests(self.alias, self._folder)

    def _make(self) -> None:
        if not self._folder:
            make_database(self.alias, self.url)
        metadata = self._metadata()
        if metadata is not None:
            engine = new_test_engine(self.alias, self.url)
            with engine.begin() as connection:
                metadata.create_all(connection)

    def _metadata(self) -> MetaData | None:
        return metadata_of(self.alias) if described(self.alias).get("METADATA") else None

    def empty(self) -> None:
        """Delete all rows."""
        metadata = self._metadata() if self._is_made else None
        if metadata is None or not metadata.tables:
            return
        engine = new_test_engine(self.alias, self.url)
        with engine.begin() as connection:
            quote = engine.dialect.identifier_preparer.format_table
            if engine.dialect.name == "postgresql":
                tables = ", ".join(quote(table) for table in metadata.tables.values())
                connection.exec_driver_sql(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")
                return
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
            for table in reversed(metadata.sorted_tables):
                connection.execute(table.delete())

    def destroy(self) -> None:
        """Close the connection, and drop the database."""
        self._close()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
        elif self._is_made:
            self._is_made = False
            drop_database(self.alias, self.url)
