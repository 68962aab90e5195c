"""`atomic()` blocks do all or nothing, on each database."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from miniframe.db import TransactionManagementError, atomic, engines, on_commit, session
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


@pytest.mark.parametrize("name", ["commit", "rollback"])
def test_inside_a_block_the_session_neither_commits_nor_rolls_back(name: str) -> None:
    with atomic():
        add("a")
        with pytest.raises(TransactionManagementError, match="forbidden when an 'atomic' block is active"):
            getattr(session(), name)()
    assert titles() == ["a"]


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


def test_callbacks_run_at_once_where_there_is_no_transaction() -> None:
    heard: list[str] = []
    on_commit(lambda: heard.append("at once"))
    assert heard == ["at once"]


def test_callbacks_run_when_a_session_is_committed_by_hand() -> None:
    heard: list[str] = []
    add("a")
    on_commit(lambda: heard.append("committed"))
    assert heard == []
    session().commit()
    assert heard == ["committed"]


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
