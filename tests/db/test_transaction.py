"""`atomic()` blocks do all or nothing, on each database."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from miniframe.db import Session, TransactionManagementError, atomic, engines, on_commit, session, sessions, transaction
from miniframe.db.sessions import close_sessions
from miniframe.db.transaction import get_rollback, set_rollback

from .models import Board, Notice

pytestmark = pytest.mark.usefixtures("database")


def titles() -> list[str]:
    """What is committed, as another connection sees it."""
    with engines["default"].connect() as connection:
        return list(connection.scalars(select(Notice.title).order_by(Notice.id)))


def add(title: str) -> None:
    session().add(Notice(title=title))


def fail() -> None:
    raise ValueError("on purpose")


ON_PURPOSE = pytest.raises(ValueError, match="on purpose")


def test_a_block_commits_at_its_end() -> None:
    with atomic():
        add("a")
        session().flush()
        assert titles() == []
    assert titles() == ["a"]


def test_an_exception_undoes_the_block() -> None:
    with ON_PURPOSE, atomic():
        add("a")
        session().flush()
        fail()
    assert titles() == []


def test_an_inner_block_is_a_savepoint() -> None:
    with atomic():
        add("a")
        with ON_PURPOSE, atomic():
            add("b")
            session().flush()
            fail()
        with atomic():
            add("c")
    assert titles() == ["a", "c"]


def test_an_error_of_the_database_in_an_inner_block_leaves_the_outer_one_usable() -> None:
    with atomic():
        session().add(Board(name="north"))
        with pytest.raises(IntegrityError), atomic():
            session().add(Board(name="north"))
        session().add(Board(name="south"))
    assert session().scalar(select(func.count()).select_from(Board)) == 2


def test_what_an_inner_block_committed_goes_with_the_outer_one() -> None:
    with ON_PURPOSE, atomic():
        with atomic():
            add("a")
        fail()
    assert titles() == []


def test_a_block_without_a_savepoint_undoes_the_one_around_it() -> None:
    with atomic():
        add("a")
        with ON_PURPOSE, atomic(savepoint=False):
            fail()
        assert get_rollback()
    assert titles() == []


def test_a_block_can_be_rolled_back_without_an_exception() -> None:
    with atomic():
        add("a")
        with atomic():
            add("b")
            set_rollback(True)
        assert not get_rollback()
    assert titles() == ["a"]


def test_the_flag_needs_a_block() -> None:
    with pytest.raises(TransactionManagementError, match="outside of an 'atomic' block"):
        set_rollback(True)


def test_a_durable_block_is_the_outermost() -> None:
    with atomic(durable=True):
        add("a")
    with atomic(), pytest.raises(RuntimeError, match="durable"), atomic(durable=True):
        add("b")
    assert titles() == ["a"]


def test_it_decorates_functions() -> None:
    @atomic
    def one(title: str) -> str:
        add(title)
        return title

    @atomic(savepoint=False)
    def other() -> None:
        one("b")

    assert one("a") == "a"
    other()
    assert titles() == ["a", "b"]


@pytest.mark.parametrize("name", ["commit", "rollback", "close", "reset"])
def test_inside_a_block_the_session_is_not_ended(name: str) -> None:
    with atomic():
        add("a")
        session().flush()
        with pytest.raises(TransactionManagementError, match="forbidden when an 'atomic' block is active"):
            getattr(session(), name)()
    assert titles() == ["a"]


def test_outside_of_a_block_a_session_may_be_closed_and_used_again() -> None:
    with atomic():
        add("a")
    assert session().scalar(select(Notice.title)) == "a"
    session().close()
    assert engines["default"].pool.checkedout() == 0  # type: ignore[attr-defined]  # of a QueuePool
    with atomic():
        add("b")
    assert titles() == ["a", "b"]


def test_what_was_added_before_the_block_is_a_part_of_it() -> None:
    add("a")
    session().flush()
    with atomic():
        add("b")
    assert titles() == ["a", "b"]


def test_after_a_block_the_session_goes_on() -> None:
    with atomic():
        add("a")
    add("b")
    session().commit()
    assert titles() == ["a", "b"]


def test_callbacks_run_once_the_outermost_block_has_committed() -> None:
    heard: list[object] = []
    with atomic():
        on_commit(lambda: heard.append(titles()))
        with atomic():
            add("a")
            on_commit(lambda: heard.append("inner"))
        assert heard == []
    assert heard == [["a"], "inner"]


def test_callbacks_of_what_is_rolled_back_are_forgotten() -> None:
    heard: list[str] = []
    with atomic():
        on_commit(lambda: heard.append("outer"))
        with ON_PURPOSE, atomic():
            on_commit(lambda: heard.append("inner"))
            fail()
    with ON_PURPOSE, atomic():
        on_commit(lambda: heard.append("later"))
        fail()
    with atomic():
        add("b")
    assert heard == ["outer"]


def test_callbacks_of_a_savepoint_that_cannot_be_committed_are_forgotten() -> None:
    heard: list[str] = []

    @atomic
    def collide() -> None:
        with atomic():
            on_commit(lambda: heard.append("innermost"))
        session().add(Board(name="north"))
        on_commit(lambda: heard.append("inner"))

    with atomic():
        session().add(Board(name="north"))
        on_commit(lambda: heard.append("outer"))
        with pytest.raises(IntegrityError):
            collide()
        on_commit(lambda: heard.append("after"))
    assert heard == ["outer", "after"]


@pytest.mark.parametrize(
    "around", [pytest.param(atomic, id="block"), pytest.param(lambda: session().begin(), id="begin")]
)
def test_callbacks_of_a_savepoint_made_by_hand_go_with_it(around: Callable[[], AbstractContextManager[object]]) -> None:
    heard: list[str] = []
    with around():
        with ON_PURPOSE, session().begin_nested():
            on_commit(lambda: heard.append("undone"))
            fail()
        with session().begin_nested():
            on_commit(lambda: heard.append("kept"))
        assert heard == []
    assert heard == ["kept"]


def read_nothing() -> None:
    pass


def read() -> None:
    assert session().get(Notice, 1) is None


def undo_a_savepoint() -> None:
    with ON_PURPOSE, session().begin_nested():
        add("a")
        session().flush()
        fail()


@pytest.mark.parametrize("before", [read_nothing, read])
def test_callbacks_run_at_once_where_nothing_is_to_be_committed(before: Callable[[], None]) -> None:
    heard: list[str] = []
    before()
    on_commit(lambda: heard.append("at once"))
    assert heard == ["at once"]


def begin() -> None:
    session().begin()


def begin_a_savepoint() -> None:
    read()
    session().begin_nested()


def change() -> None:
    add("a")


def change_by_sql() -> None:
    session().execute(text("INSERT INTO notice (title, count) VALUES ('a', 0)"))


@pytest.mark.parametrize("before", [begin, begin_a_savepoint, change, change_by_sql])
def test_callbacks_wait_for_a_commit_that_is_to_come(before: Callable[[], None]) -> None:
    heard: list[str] = []
    before()
    on_commit(lambda: heard.append("committed"))
    assert heard == []
    session().commit()
    assert heard == ["committed"]


def test_callbacks_that_a_session_takes_with_it_are_told(caplog: pytest.LogCaptureFixture) -> None:
    session().begin()
    on_commit(fail)
    close_sessions()
    assert caplog.messages == [
        "Nothing was committed in the database 'default', so what on_commit() was given is not called: fail."
    ]


@pytest.mark.parametrize("before", [read, undo_a_savepoint])
def test_where_nothing_is_lost_nothing_is_told(before: Callable[[], None], caplog: pytest.LogCaptureFixture) -> None:
    before()
    assert not session().has_uncommitted_changes
    close_sessions()
    assert not caplog.messages


def test_a_savepoint_that_is_undone_leaves_the_changes_before_it() -> None:
    add("a")
    undo_a_savepoint()
    assert session().has_uncommitted_changes
    session().commit()
    with session().begin_nested():
        add("b")
    assert session().has_uncommitted_changes


def test_a_callback_may_use_the_database() -> None:
    def more() -> None:
        with atomic():
            add("b")

    with atomic():
        add("a")
        on_commit(more)
    assert titles() == ["a", "b"]


def test_an_error_in_a_callback_reaches_the_caller_and_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    heard: list[str] = []
    with ON_PURPOSE, atomic():
        add("a")
        on_commit(fail, robust=True)
        on_commit(lambda: heard.append("first"))
        on_commit(fail)
        on_commit(lambda: heard.append("second"))
    assert (titles(), heard) == (["a"], ["first"])
    assert "Error calling fail in on_commit() (on purpose)." in caplog.text


def inside_a_block(title: str, savepoint: bool = True) -> Iterator[None]:
    """A generator that stops within a block."""
    with atomic(savepoint=savepoint):
        add(title)
        session().flush()
        yield


def test_a_block_that_a_former_request_has_abandoned_disturbs_no_other_one() -> None:
    abandoned = inside_a_block("stranger's")
    next(abandoned)
    close_sessions(quietly=True)
    with atomic():
        add("a")
        session().flush()
        del abandoned
    assert titles() == ["a"]


def test_another_thread_that_clears_a_block_away_leaves_its_session_alone() -> None:
    abandoned = [inside_a_block("a")]
    next(abandoned[0])
    thread = threading.Thread(target=abandoned.clear)
    thread.start()
    thread.join()
    assert len(session().blocks) == 1
    assert session().scalar(select(Notice.title)) == "a"


def test_a_block_cannot_be_left_in_another_thread() -> None:
    def leave() -> None:
        with pytest.raises(TransactionManagementError, match="entered in another thread"):
            block.__exit__(None, None, None)

    block = atomic()
    block.__enter__()
    thread = threading.Thread(target=leave)
    thread.start()
    thread.join()
    assert len(session().blocks) == 1


def test_threads_that_share_an_object_leave_each_its_own_block(monkeypatch: pytest.MonkeyPatch) -> None:
    def is_of_now(work: Session) -> bool:
        # The first thread leaves while this one looks through the list.
        monkeypatch.undo()
        go_on["first"].set()
        threads[0].join(10)
        return sessions.is_of_now(work)

    def work(name: str) -> None:
        with block:
            entered[name].set()
            assert go_on[name].wait(10)

    block, names = atomic(), ("first", "last")
    entered, go_on = ({name: threading.Event() for name in names} for _ in range(2))
    threads = [threading.Thread(target=work, args=[name]) for name in names]
    threads[0].start()
    assert entered["first"].wait(10)
    block.__enter__()
    add("a")
    threads[1].start()
    assert entered["last"].wait(10)
    monkeypatch.setattr(transaction, "is_of_now", is_of_now)
    try:
        block.__exit__(None, None, None)
    finally:
        go_on["last"].set()
        threads[1].join(10)
    assert titles() == ["a"]


@pytest.mark.parametrize(("savepoint", "kept"), [(True, ["a"]), (False, [])], ids=["savepoint", "no-savepoint"])
def test_an_inner_block_that_nobody_has_left_is_undone(savepoint: bool, kept: list[str]) -> None:
    with atomic():
        add("a")
        abandoned = inside_a_block("b", savepoint)
        next(abandoned)
    assert titles() == kept
    with atomic():
        add("c")
        session().flush()
        del abandoned
    assert titles() == [*kept, "c"]


def test_one_object_may_be_used_within_itself() -> None:
    block = atomic()
    with block:
        add("a")
        with ON_PURPOSE, block:
            add("b")
            session().flush()
            fail()
    assert titles() == ["a"]


def test_a_block_that_does_nothing_asks_the_database_nothing() -> None:
    engine = engines["default"]
    engine.dispose()
    with atomic(), atomic():
        pass
    close_sessions()
    assert "Connections in pool: 0" in engine.pool.status()


def test_changes_made_by_sql_are_a_part_of_it() -> None:
    with ON_PURPOSE, atomic():
        session().execute(text("INSERT INTO notice (title, count) VALUES ('a', 0)"))
        fail()
    assert titles() == []
