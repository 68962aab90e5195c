"""Databases for tests: their own, never the project's, and each test finds them as the one before it did.

A test database is made when the first test asks it something, with the tables of METADATA:

    SQLite                 a file in a folder for temporary files
    PostgreSQL, MySQL      a database test_NAME on the same server, made anew, and dropped at the end; where there is
                           one already that no tests have made, the tests stop and say so

Isolated tests share one connection with an outer transaction that is never committed.  Each transaction of the code
under test is a savepoint in it, so the code runs as it is, with its engines, sessions and blocks, and one ROLLBACK
undoes it all.  Other threads cannot take part in that; tests that have some (a live server) commit really, and
their tables are emptied behind them.

Source: SQLAlchemy's "Joining a Session into an External Transaction (such as for test suites)"; Django's topic
"Testing tools", sections "TransactionTestCase" and "TestCase"; pytest-django's documentation, "Database access".
"""

from __future__ import annotations

import atexit
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import Any

from sqlalchemy import Engine, event

from miniframe.db.engines import engines, new_engine
from miniframe.db.sessions import close_sessions, drop_sessions, enter_scope, listen, scope_of_now
from miniframe.signals import request_finished, request_started
from miniframe.test.database import TestDatabase, entry_for_tests

__all__ = ["NOT_ALLOWED", "Databases", "databases"]

NOT_ALLOWED = (
    'Database access not allowed, use the "db" mark, or the "db" or "transactional_db" fixtures to enable it. '
    "(Classes derive from miniframe.test.TestCase.)"
)
_ANOTHER_THREAD = (
    "This thread cannot take part in the transaction of an isolated test, where all is undone by one rollback: use "
    'the fixture "transactional_db" in place of "db" (or TransactionTestCase in place of TestCase).'
)
_MADE_BEFORE = (
    "This engine was made before the tests began, and leads to the project's own database: ask for "
    'engines["default"], or session(), where it is used, and not while modules are imported.'
)
_UNCOMMITTED = (
    "The test has changes in the database {!r} that are not committed, and a request has a session of its own, which "
    "would not see them: call session().commit() before you make the request."
)

# Threads that the test waits for have a copy of its context; those of a live server have not.
_of_test: ContextVar[bool] = ContextVar("miniframe.test.databases", default=False)


def _refuse(dialect: Any, record: Any, arguments: list[Any], keywords: dict[str, Any]) -> None:
    """Keep a test out of the project's own database."""
    raise RuntimeError(_MADE_BEFORE)


class Databases:
    """Those of settings.DATABASES, for tests: closed, isolated, or with real commits."""

    def __init__(self) -> None:
        self._known: list[TestDatabase] = []
        self._isolating = 0
        self._committing = False
        self._installed = False
        # Those that were made before, and lead to the project's own databases.
        self._closed: list[Engine] = []

    def install(self) -> None:
        """From now on all engines lead to test databases, and only within one of the two blocks below."""
        if self._installed:
            return
        self._installed = True
        # What has been opened so far (by a module, by an app's ready()) leads to the project's own databases.
        self._close_sessions()
        self._closed = engines.dispose()
        for engine in self._closed:
            event.listen(engine, "do_connect", _refuse)
        engines.make = self._make
        listen()
        # Before the project's receivers, as elsewhere, and while there are the request's sessions.
        request_started.connect(self._on_request, first=True)
        request_finished.connect(self._after_request, first=True)
        # What a test has open when it makes a request is the test's.
        request_started.disconnect(drop_sessions)
        atexit.register(self.destroy)

    def uninstall(self) -> None:
        """Drop the test databases; engines lead to those of the project again."""
        if self._installed:
            self._installed = False
            request_started.disconnect(self._on_request)
            request_finished.disconnect(self._after_request)
            request_started.connect(drop_sessions, first=True)
            engines.dispose()
            engines.make = new_engine
            for engine in self._closed:
                event.remove(engine, "do_connect", _refuse)
            self._closed = []
        self.destroy()

    def destroy(self) -> None:
        """Drop what was made for tests."""
        known, self._known = self._known, []
        for each in known:
            each.destroy()

    def _make(self, alias: str) -> Engine:
        # A test may have laid other settings over those of the project, or taken them away again.
        for each in self._known:
            if each.alias == alias and each.entry == entry_for_tests(alias):
                return each.engine
        database = TestDatabase(alias, self._is_isolated)
        self._known.append(database)
        return database.engine

    def _is_isolated(self) -> bool:
        """Return whether a new connection takes part in an isolated test.

        Raises:
            RuntimeError: this test, or this thread, may have none.
        """
        if self._committing:
            return False
        if not self._isolating:
            raise RuntimeError(NOT_ALLOWED)
        if not _of_test.get():
            raise RuntimeError(_ANOTHER_THREAD)
        return True

    @contextmanager
    def isolated(self) -> Iterator[None]:
        """Undo at the end what the block did; within one another, the inner one leaves what the outer one did."""
        with ExitStack() as behind:
            # Last of all, whatever cannot be undone.
            self._isolating += 1
            behind.callback(self._end_isolating)
            behind.callback(_of_test.reset, _of_test.set(True))
            for each in self._known:
                each.enter(self._isolating)
            behind.callback(self._for_each, lambda each: each.leave(self._isolating))
            behind.callback(self._close_sessions)
            yield

    def _end_isolating(self) -> None:
        self._isolating -= 1

    @contextmanager
    def committing(self) -> Iterator[None]:
        """Let commits be real, for all threads; at the end the tables are emptied."""
        self._committing = True
        try:
            with ExitStack() as behind:
                behind.callback(self._for_each, TestDatabase.empty)
                behind.callback(self._close_sessions)
                yield
        finally:
            self._committing = False

    def _for_each(self, end: Callable[[TestDatabase], object]) -> None:
        """End each of those that there are by now, also if another one fails."""
        with ExitStack() as all_of_them:
            for each in self._known:
                all_of_them.callback(end, each)

    def _close_sessions(self) -> None:
        while scope_of_now() is not None:
            close_sessions(quietly=True)

    def _on_request(self, **kwargs: Any) -> None:
        """Give a request that a test makes sessions of its own, as it has elsewhere.

        Raises:
            RuntimeError: the test has changes that the request would not see.
        """
        sessions = scope_of_now()
        if sessions is None:
            return
        for alias, session in sessions.items():
            if session.has_uncommitted_changes:
                raise RuntimeError(_UNCOMMITTED.format(alias))
        enter_scope()

    def _after_request(self, **kwargs: Any) -> None:
        """Let the test's objects show what the request has done to them."""
        sessions = scope_of_now()
        for session in (sessions.below if sessions is not None and sessions.below is not None else {}).values():
            session.expire_all()


databases: Databases = Databases()
"""The test databases of this process."""
