"""A request's session: opened on first use, closed at the end; ATOMIC_REQUESTS around views."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import func, literal, select, text
from sqlalchemy.exc import DataError

from miniframe.db import (
    atomic,
    engines,
    get_list_or_404,
    get_object_or_404,
    non_atomic_requests,
    on_commit,
    session,
    sessions,
)
from miniframe.db.sessions import scope_of_now
from miniframe.exceptions import Http404
from miniframe.handlers.wsgi import WSGIHandler
from miniframe.http import HttpRequest, HttpResponse, StreamingHttpResponse
from miniframe.signals import request_finished, request_started
from miniframe.test import Client, RequestFactory, override_settings
from miniframe.urls import path

from .models import Board, Notice

View = Callable[..., Any]


def add(title: str = "a") -> None:
    session().add(Notice(title=title))


def titles() -> list[str]:
    with engines["default"].connect() as connection:
        return list(connection.scalars(select(Notice.title).order_by(Notice.id)))


def ask(view: View, method: str = "post", **databases: Any) -> HttpResponse:
    """Answer one request by `view`, with these keys in the entry of the database; errors become pages."""
    urls = ModuleType("urls_of_db")
    urls.urlpatterns = [path("", view)]  # type: ignore[attr-defined]
    with override_settings(ROOT_URLCONF=urls, **databases):
        response: HttpResponse = getattr(Client(raise_request_exception=False), method)("/")
        return response


@pytest.fixture
def atomic_requests(database: dict[str, Any]) -> Iterator[None]:
    """ATOMIC_REQUESTS for the database of the test."""
    # In place: the engine stays the one it is.
    database["ATOMIC_REQUESTS"] = True
    yield
    del database["ATOMIC_REQUESTS"]


def test_a_session_is_closed_when_the_request_has_ended(database: Any) -> None:
    opened = []

    def view(request: HttpRequest) -> HttpResponse:
        opened.append(session())
        assert session() is opened[0]
        return HttpResponse(str(session().scalar(select(1))))

    assert ask(view).content == b"1"
    assert scope_of_now() is None
    assert not opened[0].in_transaction()
    assert "Checked out connections: 0" in engines["default"].pool.status().replace("Current ", "")


def test_the_connection_goes_back_to_the_pool(database: Any) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(str(session().scalar(select(1))))

    for _ in range(30):  # more than a pool has
        assert ask(view).content == b"1"
    assert engines["default"].pool.checkedout() == 0  # type: ignore[attr-defined]  # of a QueuePool


def test_a_stream_keeps_its_session_until_it_ends(database: Any) -> None:
    def view(request: HttpRequest) -> StreamingHttpResponse:
        return StreamingHttpResponse(str(session().scalar(select(literal(number)))) for number in (1, 2))

    response: Any = ask(view)
    assert b"".join(response.streaming_content) == b"12"
    assert scope_of_now() is None


def test_what_nobody_commits_is_undone_and_told(database: Any, caplog: pytest.LogCaptureFixture) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        add()
        session().flush()
        return HttpResponse()

    assert ask(view).status_code == 200
    assert titles() == []
    assert "Changes in the database 'default' were not committed, and are lost" in caplog.text


def test_an_error_is_undone_without_that_warning(database: Any, caplog: pytest.LogCaptureFixture) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        add()
        session().flush()
        raise ValueError("on purpose")

    with caplog.at_level(logging.CRITICAL, "miniframe.request"):
        assert ask(view).status_code == 500
    assert titles() == []
    assert "not committed" not in caplog.text


def lose_the_connection() -> None:
    """Do to the session's connection what a restart of its server does."""
    lost = session().connection()
    if lost.dialect.name == "sqlite":
        driver: Any = lost.connection.dbapi_connection
        driver.close()
        return
    number = lost.scalar(text("SELECT pg_backend_pid()"))
    with engines["default"].connect() as other:
        other.execute(text(f"SELECT pg_terminate_backend({number})"))


def test_an_error_page_is_made_though_the_database_is_gone(database: Any, caplog: pytest.LogCaptureFixture) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        add()
        session().flush()
        on_commit(lambda: heard.append("undone"))
        lose_the_connection()
        raise ValueError("on purpose")

    def other(request: HttpRequest) -> HttpResponse:
        return HttpResponse(str(session().scalar(select(func.count()).select_from(Notice))))

    heard: list[str] = []
    response = ask(view, MIDDLEWARE=[])
    assert response.status_code == 500
    assert not heard
    assert "The session of the database 'default' could not be ended: " in caplog.text
    assert ask(other).content == b"0"


def test_listening_for_the_end_of_requests_begins_once(database: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(str(session().scalar(select(1))))

    ask(view)

    def connect(*arguments: Any, **keywords: Any) -> None:
        raise AssertionError("a second time")

    monkeypatch.setattr(request_finished, "connect", connect)
    assert ask(view).content == b"1"
    assert scope_of_now() is None


def test_threads_have_sessions_of_their_own(database: Any) -> None:
    found = [session()]
    thread = threading.Thread(target=lambda: found.append(session()))
    thread.start()
    thread.join()
    assert found[0] is not found[1]


def test_below_an_async_middleware_it_is_closed_too(database: Any) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(str(session().scalar(select(1))))

    assert ask(view, MIDDLEWARE=[f"{__name__}.async_middleware"]).content == b"1"
    assert engines["default"].pool.checkedout() == 0  # type: ignore[attr-defined]


def async_middleware(get_response: Any) -> Any:
    async def middleware(request: Any) -> Any:
        return await get_response(request)

    return middleware


async_middleware.async_capable, async_middleware.sync_capable = True, False  # type: ignore[attr-defined]


def answer(view: View) -> bytes:
    """Answer one request as a server does that closes no response: some do so when they cannot send it."""
    urls = ModuleType("urls_of_db")
    urls.urlpatterns = [path("", view)]  # type: ignore[attr-defined]
    with override_settings(ROOT_URLCONF=urls, MIDDLEWARE=[]):
        return b"".join(WSGIHandler()(RequestFactory().get("/").META, lambda *head: None))


def leave_a_row(request: HttpRequest) -> HttpResponse:
    add("a stranger's")
    session().flush()
    return HttpResponse()


def commit(request: HttpRequest) -> HttpResponse:
    left = session().in_transaction()
    session().commit()
    return HttpResponse(str(left))


def test_what_a_former_request_has_left_is_undone(database: Any, caplog: pytest.LogCaptureFixture) -> None:
    answer(leave_a_row)
    assert session().in_transaction()
    assert answer(commit) == b"False"
    assert titles() == []
    assert "Changes in the database 'default' were not committed, and are lost" in caplog.text


def test_what_receivers_do_at_the_start_belongs_to_the_new_request(database: Any) -> None:
    def count_visits(**kwargs: Any) -> None:
        add("a visit")

    request_started.connect(count_visits)
    try:
        sessions.listen()
        answer(leave_a_row)
        answer(commit)
    finally:
        request_started.disconnect(count_visits)
    assert titles() == ["a visit"]


def test_a_view_that_ends_its_process_leaves_nothing_to_the_next_visitor(database: Any) -> None:
    def leave(request: HttpRequest) -> HttpResponse:
        leave_a_row(request)
        sys.exit(1)

    with pytest.raises(SystemExit):
        answer(leave)
    assert scope_of_now() is None
    assert engines["default"].pool.checkedout() == 0  # type: ignore[attr-defined]  # of a QueuePool
    assert answer(commit) == b"False"
    assert titles() == []


def test_a_receiver_that_fails_keeps_no_session_open(database: Any) -> None:
    def fail(**kwargs: Any) -> None:
        raise ValueError("on purpose")

    # Connected before the first session of the process was opened.
    request_finished.connect(fail, first=True)
    try:
        with pytest.raises(ValueError, match="on purpose"):
            ask(leave_a_row)
    finally:
        request_finished.disconnect(fail)
    assert scope_of_now() is None
    assert titles() == []


class TestAtomicRequests:
    pytestmark = pytest.mark.usefixtures("atomic_requests")

    def test_a_view_is_committed(self) -> None:
        def view(request: HttpRequest) -> HttpResponse:
            add()
            return HttpResponse()

        ask(view)
        assert titles() == ["a"]

    def test_an_error_undoes_it(self, caplog: pytest.LogCaptureFixture) -> None:
        def view(request: HttpRequest) -> HttpResponse:
            add()
            session().flush()
            raise ValueError("on purpose")

        assert ask(view).status_code == 500
        assert titles() == []
        assert "not committed" not in caplog.text

    def test_a_refusal_undoes_it_as_well(self) -> None:
        def view(request: HttpRequest) -> HttpResponse:
            add()
            raise Http404("on purpose")

        assert ask(view).status_code == 404
        assert titles() == []

    def test_an_async_view_is_one_too(self) -> None:
        async def view(request: HttpRequest) -> HttpResponse:
            add()
            return HttpResponse()

        ask(view)
        assert titles() == ["a"]

    def test_a_view_can_be_exempt(self) -> None:
        @non_atomic_requests
        def view(request: HttpRequest) -> HttpResponse:
            add()
            session().commit()
            raise ValueError("on purpose")

        assert ask(view).status_code == 500
        assert titles() == ["a"]

    def test_exempt_from_another_database_is_not_exempt_from_this_one(self) -> None:
        @non_atomic_requests(using="archive")
        def view(request: HttpRequest) -> HttpResponse:
            add()
            raise ValueError("on purpose")

        ask(view)
        assert titles() == []

    def test_reading_takes_no_lock(self) -> None:
        def reader(request: HttpRequest) -> HttpResponse:
            return HttpResponse(str(session().scalar(select(func.count()).select_from(Notice))))

        with atomic():
            add()
            session().flush()
            thread_said: list[bytes] = []
            thread = threading.Thread(target=lambda: thread_said.append(ask(reader, "get").content))
            thread.start()
            thread.join(10)
        assert thread_said == [b"0"]


class TestShortcuts:
    pytestmark = pytest.mark.usefixtures("database")

    def test_one_object(self) -> None:
        with atomic():
            board = Board(name="north", notices=[Notice(title="a"), Notice(title="b")])
            session().add(board)
        assert get_object_or_404(Board, board.id) is board
        assert get_object_or_404(select(Notice).where(Notice.title == "b")).title == "b"
        # Two rows, and one board.
        assert get_object_or_404(select(Board).join(Notice)) is board

    def test_a_list(self) -> None:
        with atomic():
            session().add_all([Notice(title="a"), Notice(title="b")])
        assert [notice.title for notice in get_list_or_404(select(Notice).order_by(Notice.id))] == ["a", "b"]

    @pytest.mark.parametrize(
        ("ask", "name"),
        [
            pytest.param(lambda: get_object_or_404(Notice, 7), "Notice", id="key"),
            pytest.param(lambda: get_object_or_404(select(Notice)), "Notice", id="select"),
            pytest.param(lambda: get_object_or_404(select(Board.name)), "Board", id="column"),
            pytest.param(lambda: get_list_or_404(select(Notice)), "Notice", id="list"),
        ],
    )
    def test_nothing_there_is_a_404(self, ask: Callable[[], object], name: str) -> None:
        with pytest.raises(Http404, match=f"No {name} matches the given query."):
            ask()

    @pytest.mark.parametrize("key", [2**31, 2**63, 2**70, 10**400], ids=["31", "63", "70", "1329"])
    def test_a_number_that_no_row_can_have_is_a_404(self, key: int) -> None:
        # An address may have any.
        with pytest.raises(Http404):
            get_object_or_404(Notice, key)
        found = select(Notice).where(Notice.id == key)
        with pytest.raises(Http404):
            get_object_or_404(found)
        with pytest.raises(Http404):
            get_list_or_404(found)
        # Whoever makes the page for it may read.
        assert session().scalar(select(1)) == 1

    @pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
    def test_what_the_database_refuses_otherwise_is_no_404(self) -> None:
        with pytest.raises(DataError, match="division by zero"):
            get_object_or_404(select(Notice).where(text("1 / 0 = 1")))

    def test_something_else_is_refused(self) -> None:
        with pytest.raises(TypeError, match=r"takes a select\(\), or a mapped class"):
            get_object_or_404(dict, 1)

    def test_the_shortcuts_module_has_them(self) -> None:
        from miniframe import shortcuts

        assert shortcuts.get_object_or_404 is get_object_or_404
