"""The session of a request: opened when it is first asked for, closed when the request has ended.

It is kept in the context (PEP 567): a request has its thread for itself, and where an async middleware has the view
run in another thread, the context goes along.  Whoever works without a request (a command, a thread of your own)
has a session too, and may end it with `close_sessions()`.

Source: SQLAlchemy's "Session Basics", section "When do I construct a Session, when do I commit it, and when do I
close it?".
"""

from __future__ import annotations

import logging
import os
import weakref
from collections.abc import Callable
from contextvars import ContextVar
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Connection, TextClause, event
from sqlalchemy.orm import ORMExecuteState, SessionTransaction, SessionTransactionOrigin
from sqlalchemy.orm import Session as SQLAlchemySession

from miniframe.db import sqlite
from miniframe.db.config import DEFAULT_DB_ALIAS
from miniframe.db.engines import engines
from miniframe.db.statements import is_read
from miniframe.signals import got_request_exception, request_finished, request_started

__all__ = [
    "Block",
    "Callback",
    "Scope",
    "Session",
    "TransactionManagementError",
    "close_sessions",
    "current",
    "drop_sessions",
    "enter_scope",
    "is_of_now",
    "listen",
    "run_callback",
    "scope_of_now",
    "session",
]

logger: logging.Logger = logging.getLogger("miniframe.db")

Callback = tuple[Callable[[], object], bool]
"""What `on_commit` was given: the function, and whether its errors are only logged."""


class _Before(NamedTuple):
    """What there was when a savepoint was made: so much is left when it is undone."""

    callbacks: int
    flushed: bool


class TransactionManagementError(Exception):
    """A transaction was used in a way that it cannot be."""


class Session(SQLAlchemySession):
    """SQLAlchemy's session, which knows its `atomic()` blocks.

    `commit()`, `rollback()` and `close()` are as ever outside of such a block; inside, they are the block's business.
    """

    def __init__(self, alias: str = DEFAULT_DB_ALIAS) -> None:
        super().__init__(engines[alias])
        self.alias = alias
        #: The `atomic()` blocks around, the outermost first.
        self.blocks: list[Block] = []
        self.needs_rollback = False
        #: Whether SQLite's right to write is taken before the first statement.
        self.writes_from_the_start = False
        self.callbacks: list[Callback] = []
        self._flushed = self._committed = False
        # The savepoints that have not been released.
        self._savepoints: dict[SessionTransaction, _Before] = {}
        _alive.add(weakref.ref(self, _alive.discard))

    @property
    def has_uncommitted_changes(self) -> bool:
        """Whether something would be lost if the session were closed now."""
        return self._flushed or bool(self.new or self.dirty or self.deleted)

    @property
    def expects_commit(self) -> bool:
        """Whether a commit is to come: a transaction was begun in so many words, or there is something to commit."""
        begun = self.get_transaction()
        return begun is not None and (
            bool(self.blocks)
            or begun.origin is SessionTransactionOrigin.BEGIN
            or self.in_nested_transaction()
            or self.has_uncommitted_changes
        )

    def commit(self) -> None:
        """Commit what was done.

        Raises:
            TransactionManagementError: an `atomic()` block is active, and commits at its end.
        """
        self._refuse_in_a_block("commit()")
        super().commit()

    def rollback(self) -> None:
        """Undo what was not committed.

        Raises:
            TransactionManagementError: an `atomic()` block is active.
        """
        self._refuse_in_a_block("rollback()")
        super().rollback()

    def close(self) -> None:
        """Undo what was not committed, let go of all objects, and give the connection back.

        Raises:
            TransactionManagementError: an `atomic()` block is active, and would lose what was done in it.
        """
        self._refuse_in_a_block("close()")
        super().close()

    def reset(self) -> None:
        """Do as `close()` does.

        Raises:
            TransactionManagementError: an `atomic()` block is active, and would lose what was done in it.
        """
        self._refuse_in_a_block("reset()")
        super().reset()

    def _refuse_in_a_block(self, name: str) -> None:
        if self.blocks:
            raise TransactionManagementError(
                f"This is forbidden when an 'atomic' block is active: session().{name}. {_INSTEAD[name]} "
                "(With ATOMIC_REQUESTS each view is such a block.)"
            )

    def finish(self, quietly: bool = False) -> None:
        """Close the session for good; what was not committed is undone, and `quietly` without a warning."""
        if self.has_uncommitted_changes and not quietly:
            logger.warning(
                "Changes in the database %r were not committed, and are lost: call session().commit(), or make them "
                "within `with atomic():`.",
                self.alias,
            )
        if self.callbacks and not quietly:
            logger.warning(
                "Nothing was committed in the database %r, so what on_commit() was given is not called: %s.",
                self.alias,
                ", ".join(_name(function) for function, _ in self.callbacks),
            )
        self.blocks.clear()
        self.close()


class Block:
    """An `atomic()` block that is open: whose it is, and its savepoint if it has one."""

    __slots__ = ("savepoint", "session")

    def __init__(self, session: Session, savepoint: SessionTransaction | None) -> None:
        self.session: Session = session
        self.savepoint: SessionTransaction | None = savepoint


_INSTEAD = {
    "commit()": "Leave it out, for the block commits at its end.",
    "rollback()": "Raise an exception, or call miniframe.db.transaction.set_rollback(True).",
    "close()": "Close it when the block has ended, or leave that to the end of the request.",
    "reset()": "Reset it when the block has ended, or leave that to the end of the request.",
}


@event.listens_for(Session, "after_begin")
def _on_begin(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    if session.writes_from_the_start and connection.dialect.name == "sqlite":
        sqlite.begin_writing(connection)


@event.listens_for(Session, "after_flush")
def _on_flush(session: Session, context: Any) -> None:
    session._flushed = True


@event.listens_for(Session, "do_orm_execute")
def _on_execute(state: ORMExecuteState) -> None:
    statement = state.statement
    reads = state.is_select or (isinstance(statement, TextClause) and is_read(statement.text))
    if not reads and isinstance(state.session, Session):
        state.session._flushed = True


@event.listens_for(Session, "after_transaction_create")
def _on_create(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        session._savepoints[transaction] = _Before(len(session.callbacks), session._flushed)


@event.listens_for(Session, "after_commit")
def _on_commit(session: Session) -> None:
    # A savepoint that is released says so too.
    released = session.get_nested_transaction()
    session._committed = released is None
    if released is not None:
        session._savepoints.pop(released, None)


@event.listens_for(Session, "after_transaction_end")
def _on_end(session: Session, transaction: SessionTransaction) -> None:
    undone = session._savepoints.pop(transaction, None)
    if undone is not None:
        del session.callbacks[undone.callbacks :]
        session._flushed = undone.flushed
    if transaction.parent is not None:
        return
    callbacks, committed = session.callbacks, session._committed
    session.callbacks, session._committed, session._flushed = [], False, False
    if committed:
        for function, robust in callbacks:
            run_callback(function, robust)


def run_callback(function: Callable[[], object], robust: bool) -> None:
    """Call what `on_commit` was given; a `robust` one's error is logged."""
    try:
        function()
    except Exception as error:
        if not robust:
            raise
        logger.error("Error calling %s in on_commit() (%s).", _name(function), error, exc_info=error)


def _name(function: Callable[[], object]) -> str:
    return getattr(function, "__qualname__", repr(function))


class Scope(dict[str, Session]):
    """The sessions of one request, by alias; `below` are those of the test that makes the request."""

    below: Scope | None = None

    def __init__(self) -> None:
        super().__init__()
        self.process = os.getpid()

    def close(self, quietly: bool = False) -> None:
        """Close them, each of them even if another one fails."""
        sessions = list(self.values())
        self.clear()
        for each in sessions:
            _end(each, partial(each.finish, quietly))


def _end(each: Session, how: Callable[[], None]) -> None:
    """End what a session does; if the server is gone there is nothing left to end, and only the log hears of it."""
    try:
        how()
    except Exception as error:
        logger.warning("The session of the database %r could not be ended: %s", each.alias, error)


_scope: ContextVar[Scope | None] = ContextVar("miniframe.db.sessions", default=None)
# No WeakSet: another thread may open a session while it is read.
_alive: set[weakref.ref[Session]] = set()


def session(using: str = DEFAULT_DB_ALIAS) -> Session:
    """Return the session of this request; `using` is the alias of its database.

    Raises:
        ConnectionDoesNotExist: there is no such alias.
        ImproperlyConfigured: settings.DATABASES is wrong about it.
    """
    scope = scope_of_now()
    if scope is None:
        scope = enter_scope()
    found = scope.get(using)
    if found is None:
        found = scope[using] = Session(using)
    return found


def current(using: str = DEFAULT_DB_ALIAS) -> Session | None:
    """Return the session if there is one, and open none."""
    scope = scope_of_now()
    return scope.get(using) if scope is not None else None


def is_of_now(work: Session) -> bool:
    """Return whether the session is of this request, or of the test that makes it."""
    scope = scope_of_now()
    while scope is not None and scope.get(work.alias) is not work:
        scope = scope.below
    return scope is not None


def enter_scope() -> Scope:
    """Begin with no sessions; those there are come back when these are closed."""
    scope = Scope()
    scope.below = scope_of_now()
    _scope.set(scope)
    listen()
    return scope


_listening = False


def listen() -> None:
    """Hear from now on when requests begin, fail and end: a process that uses no database sends no signal for it."""
    global _listening
    if not _listening:
        # What other receivers do belongs to the new request.
        request_started.connect(drop_sessions, first=True)
        got_request_exception.connect(_undo)
        request_finished.connect(close_sessions)
        _listening = True


def scope_of_now() -> Scope | None:
    """Return the sessions that are open, if they were opened in this process."""
    scope = _scope.get()
    if scope is not None and scope.process != os.getpid():
        # uWSGI forks without a word to Python.
        _forget_inherited()
        return None
    return scope


def close_sessions(*, quietly: bool = False, **kwargs: Any) -> None:
    """Close the sessions of this request; called when it has ended."""
    scope = scope_of_now()
    if scope is not None:
        _scope.set(scope.below)
        scope.close(quietly)


def drop_sessions(**kwargs: Any) -> None:
    """Close what is left of a former request, as a new one begins: nobody else's changes may be committed by it.

    Its end may never have been told, for a server need not close what it cannot send any more.
    """
    while scope_of_now() is not None:
        close_sessions()


def _undo(**kwargs: Any) -> None:
    """Undo what a view that failed has begun: its locks are not held while the error page is made."""
    for each in (scope_of_now() or {}).values():
        if not each.blocks:
            _end(each, each.rollback)


def _hold() -> None:
    # In the child the other threads are gone, and with them what they held: its end must wait.
    _held[:] = _all_alive()


def _all_alive() -> list[Session]:
    # A set copies itself in one step.
    return [session for session in (each() for each in _alive.copy()) if session is not None]


def _forget_inherited() -> None:
    engines.keep_from_closing(*_held, *_all_alive(), _scope.get())
    _held.clear()
    _scope.set(None)


_held: list[Session] = []
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_hold, after_in_parent=_held.clear, after_in_child=_forget_inherited)
