"""Transactions: `atomic()` blocks, what to do after a commit, and ATOMIC_REQUESTS.

The outermost block commits or rolls back; those inside of it are savepoints.  Nothing is sent to the database before
the first statement, so a block that does nothing costs nothing.

Source: Django's topic "Database transactions".
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from types import TracebackType
from typing import Any, TypeVar, overload

from miniframe.conf.databases import own_databases
from miniframe.db import sqlite
from miniframe.db.config import DEFAULT_DB_ALIAS
from miniframe.db.sessions import Block, Session, TransactionManagementError, current, is_of_now, run_callback, session
from miniframe.types import View
from miniframe.utils.coroutines import is_coroutine_function

__all__ = [
    "Atomic",
    "TransactionManagementError",
    "atomic",
    "atomic_requests",
    "get_rollback",
    "non_atomic_requests",
    "on_commit",
    "set_rollback",
]

F = TypeVar("F", bound=Callable[..., Any])

# Their views only read (RFC 9110, section 9.2.1): they need not wait for somebody who writes.
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class Atomic:
    """What `atomic()` returns: a context manager and a decorator, which may be used again and by any thread."""

    def __init__(self, using: str, savepoint: bool = True, durable: bool = False, writes: bool = True) -> None:
        self.using = using
        self.savepoint = savepoint
        self.durable = durable
        # Whether SQLite's right to write is taken at once; else it is with the first change.
        self.writes = writes
        # Those that it is now: each ends in the session where it has begun.
        self._entered: list[Block] = []

    def __enter__(self) -> None:
        work = session(self.using)
        savepoint = None
        if not work.blocks:
            self._begin(work)
        elif self.durable:
            raise RuntimeError("A durable atomic block cannot be nested within another atomic block.")
        elif self.savepoint and not work.needs_rollback:
            savepoint = work.begin_nested()
        block = Block(work, savepoint)
        work.blocks.append(block)
        self._entered.append(block)

    def _begin(self, work: Session) -> None:
        work.needs_rollback = False
        if not work.in_transaction():
            work.begin()
        elif self.writes and work.get_bind().dialect.name == "sqlite":
            # It has read already.
            sqlite.begin_writing(work.connection())
        # Not for a block that cannot be entered.
        work.writes_from_the_start = self.writes

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        block = self._take()
        work = block.session
        # It is not there if its session was closed, and with it the block.
        if block in work.blocks and not is_of_now(work):
            _refuse_elsewhere(error)
            return
        while block in work.blocks:
            innermost = work.blocks[-1] is block
            # One inside of it that nobody has left (a generator is suspended there) is not finished: it is undone.
            _leave(work, error is not None or not innermost)

    def _take(self) -> Block:
        """Return the block that is left: where several threads use this object, the one of this thread's session."""
        # A copy, for other threads may leave theirs meanwhile.
        entered = self._entered.copy()
        block = ([each for each in entered if is_of_now(each.session)] or entered)[-1]
        self._entered.remove(block)
        return block

    def __call__(self, function: F) -> F:
        """Return the function with such a block around it."""
        if is_coroutine_function(function):

            @wraps(function)
            async def call_async(*args: Any, **kwargs: Any) -> Any:
                with self._again():
                    return await function(*args, **kwargs)

            return call_async  # type: ignore[return-value]  # it takes and gives what the function does

        @wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            with self._again():
                return function(*args, **kwargs)

        return call  # type: ignore[return-value]  # the same

    def _again(self) -> Atomic:
        return Atomic(self.using, self.savepoint, self.durable, self.writes)


def _refuse_elsewhere(error: BaseException | None) -> None:
    """Let a block be whose session is another request's, which may be at work in its thread, and undoes it at its end.

    Mostly it is an abandoned generator's that is cleared away, which may happen anywhere.

    Raises:
        TransactionManagementError: whoever leaves it believes that it was committed.
    """
    if error is None:
        raise TransactionManagementError(
            "This 'atomic' block was entered in another thread, request or process, and is not committed: leave it "
            "where it was entered."
        )


def _leave(work: Session, failed: bool) -> None:
    """Leave the innermost block."""
    savepoint = work.blocks.pop().savepoint
    failed = failed or work.needs_rollback
    if not work.blocks:
        work.needs_rollback = work.writes_from_the_start = False
        _end(work, failed)
    elif savepoint is not None:
        work.needs_rollback = False
        _end(savepoint, failed)
    else:
        # Without a savepoint only the block around can undo it.
        work.needs_rollback = failed


def _end(work: Any, failed: bool) -> None:
    """Commit or roll back a session, or a savepoint; one that cannot be committed is rolled back."""
    if failed:
        work.rollback()
        return
    try:
        work.commit()
    except BaseException:
        work.rollback()
        raise


@overload
def atomic(using: F) -> F: ...


@overload
def atomic(using: str | None = None, savepoint: bool = True, durable: bool = False) -> Atomic: ...


def atomic(using: Any = None, savepoint: bool = True, durable: bool = False) -> Any:
    """Make what happens inside happen whole or not at all: `with atomic():`, `@atomic`, `@atomic("archive")`.

    An exception that leaves the block undoes what was done in it.  A block within another one is a savepoint; with
    `savepoint` False its failure undoes the block around it.  `durable` wants to be the outermost: when it is left,
    its work is committed.

    Raises:
        RuntimeError: a `durable` block lies within another one.
    """
    if callable(using):
        return Atomic(DEFAULT_DB_ALIAS, savepoint, durable)(using)
    return Atomic(using or DEFAULT_DB_ALIAS, savepoint, durable)


def on_commit(func: Callable[[], object], using: str | None = None, robust: bool = False) -> None:
    """Call `func` when the transaction has been committed; never if it is rolled back.

    Outside of a block, where nothing was changed either, it is called at once.

    An error in it keeps later ones from being called, and reaches whoever commits; that of a `robust` one is logged.

    Raises:
        TypeError: `func` cannot be called.
    """
    if not callable(func):
        raise TypeError("on_commit()'s callback must be a callable.")
    work = current(using or DEFAULT_DB_ALIAS)
    if work is not None and work.expects_commit:
        work.callbacks.append((func, robust))
    else:
        run_callback(func, robust)


def get_rollback(using: str | None = None) -> bool:
    """Return whether the innermost block will be rolled back.

    Raises:
        TransactionManagementError: there is no block.
    """
    return _inside_block(using).needs_rollback


def set_rollback(rollback: bool, using: str | None = None) -> None:
    """Have the innermost block rolled back when it is left, without an exception; or not, after all.

    Raises:
        TransactionManagementError: there is no block.
    """
    _inside_block(using).needs_rollback = rollback


def _inside_block(using: str | None) -> Session:
    work = current(using or DEFAULT_DB_ALIAS)
    if work is None or not work.blocks:
        raise TransactionManagementError("The rollback flag doesn't work outside of an 'atomic' block.")
    return work


# ---- ATOMIC_REQUESTS


@overload
def non_atomic_requests(using: F) -> F: ...


@overload
def non_atomic_requests(using: str | None = None) -> Callable[[F], F]: ...


def non_atomic_requests(using: Any = None) -> Any:
    """Keep ATOMIC_REQUESTS, of the database `using`, away from a view: `@non_atomic_requests`."""
    if callable(using):
        return _exempt(using, DEFAULT_DB_ALIAS)
    return lambda view: _exempt(view, using or DEFAULT_DB_ALIAS)


def _exempt(view: F, alias: str) -> F:
    view._non_atomic_requests = {*getattr(view, "_non_atomic_requests", ()), alias}  # type: ignore[attr-defined]
    return view


def atomic_requests() -> Callable[[View], View]:
    """Return what puts a transaction around a view, for each database that has ATOMIC_REQUESTS."""
    aliases = [alias for alias, entry in own_databases().items() if entry.get("ATOMIC_REQUESTS")]

    def around(view: View) -> View:
        exempt = getattr(view, "_non_atomic_requests", ())
        for alias in aliases:
            if alias not in exempt:
                view = _atomic_view(view, alias)
        return view

    return around


def _atomic_view(view: View, alias: str) -> View:
    def block(request: Any) -> Atomic:
        return Atomic(alias, writes=request.method not in _SAFE_METHODS)

    if is_coroutine_function(view):

        async def call_async(request: Any, *args: Any, **kwargs: Any) -> Any:
            with block(request):
                return await view(request, *args, **kwargs)

        return call_async

    def call(request: Any, *args: Any, **kwargs: Any) -> Any:
        with block(request):
            return view(request, *args, **kwargs)

    return call
