"""The databases of a project's tests: `db`, `transactional_db`, the mark, test classes, a live server."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text

QUICKER = [word for name in ("cacheprovider", "hypothesispytest", "xdist", "anyio") for word in ("-p", f"no:{name}")]

MANAGE = 'import os\nos.environ.setdefault("MINIFRAME_SETTINGS_MODULE", "shop.settings")\n'
SETTINGS = """\
SECRET_KEY = "a-key-for-tests-that-signs-nothing-of-value-0123456789"
ROOT_URLCONF = "shop.urls"
METADATA = "shop.models.Base.metadata"
DATABASES = {
    "default": {"URL": %r, "METADATA": METADATA, "ATOMIC_REQUESTS": True},
    "archive": {"URL": %r, "METADATA": METADATA},
}
"""
URLS = """\
from sqlalchemy import func, select
from miniframe.db import atomic, get_object_or_404, on_commit, session
from miniframe.http import HttpResponse
from miniframe.urls import path
from shop.models import Notice

HEARD = []

def add(request):
    session().add(Notice(title=request.POST["title"]))
    on_commit(lambda: HEARD.append(request.POST["title"]))
    if request.POST["title"] == "bad":
        raise ValueError("bad")
    return HttpResponse(status=201)

def retitle(request, pk):
    get_object_or_404(Notice, pk).title = "new"
    return HttpResponse()

def count(request):
    return HttpResponse(str(session().scalar(select(func.count()).select_from(Notice))))

urlpatterns = [path("add/", add), path("count/", count), path("retitle/<int:pk>/", retitle)]
"""

FIXTURES = """\
import threading
from urllib.request import urlopen

import pytest
from sqlalchemy import func, select, text

from miniframe.db import atomic, engines, on_commit, session
from shop.models import Board, Notice
from shop.urls import HEARD

def number():
    with engines["default"].connect() as connection:
        return connection.scalar(select(func.count()).select_from(Notice))

def add(title):
    with atomic():
        session().add(Notice(title=title))

@pytest.mark.parametrize("round", [1, 2])
def test_what_is_committed_is_undone(db, round):
    assert number() == 0
    add("a")
    session().add(Notice(title="b"))
    session().commit()
    with engines["default"].begin() as connection:
        connection.execute(text("INSERT INTO notice (title, count) VALUES ('c', 0)"))
    assert number() == 3

def test_a_rollback_is_one(db):
    add("a")
    session().add(Notice(title="b"))
    session().flush()
    session().rollback()
    with pytest.raises(ValueError, match="x"), atomic():
        add("c")
        raise ValueError("x")
    assert number() == 1

def test_a_session_may_be_closed(db):
    add("a")
    session().close()
    assert number() == 1

def test_an_error_leaves_the_rest_usable(db):
    add("a")
    with pytest.raises(Exception, match="no_such|no such"):
        session().execute(text("SELECT * FROM no_such_table"))
    session().rollback()
    assert number() == 1

def test_a_request_reads_and_writes(db, client):
    assert client.post("/add/", {"title": "a"}).status_code == 201
    assert client.get("/count/").text == "1"
    assert HEARD == ["a"]

def test_a_request_that_fails_is_undone(db, client):
    with pytest.raises(ValueError, match="bad"):
        client.post("/add/", {"title": "bad"})
    assert (number(), HEARD) == (0, ["a"])

def test_objects_of_the_test_show_what_a_request_did(db, client):
    notice = Notice(title="old")
    session().add(notice)
    session().commit()
    assert notice.title == "old"
    client.post(f"/retitle/{notice.id}/")
    assert notice.title == "new"

def test_reading_before_and_rolling_back_after_keeps_what_the_request_did(db, client):
    assert session().scalar(select(func.count()).select_from(Notice)) == 0
    client.post("/add/", {"title": "a"})
    session().rollback()
    assert number() == 1

def test_a_request_does_not_see_what_the_test_has_not_committed(db, client):
    session().add(Notice(title="a"))
    with pytest.raises(RuntimeError, match="call session[(][)].commit[(][)] before you make the request"):
        client.get("/count/")

def test_another_thread_cannot_take_part(db):
    said = []
    def work():
        try:
            number()
        except RuntimeError as error:
            said.append(str(error))
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert "transactional_db" in said[0]

def test_without_the_fixture_it_is_refused():
    with pytest.raises(RuntimeError, match='Database access not allowed, use the "db" mark'):
        number()

def test_a_request_is_refused_too(client):
    with pytest.raises(RuntimeError, match="Database access not allowed"):
        client.get("/count/")

@pytest.mark.db
def test_the_mark_asks_for_it():
    add("a")
    assert number() == 1

@pytest.mark.django_db(transaction=True)
def test_the_mark_of_pytest_django_with_real_commits():
    add("a")
    seen = []
    thread = threading.Thread(target=lambda: seen.append(number()))
    thread.start()
    thread.join()
    assert seen == [1]

def test_nothing_is_left_of_it(db):
    assert number() == 0

def test_a_live_server_sees_what_is_committed(live_server):
    add("a")
    with urlopen(live_server + "/count/", timeout=10) as response:
        assert response.read() == b"1"

def test_nothing_is_left_of_that_either(db):
    assert number() == 0

def test_references_are_checked(db):
    with pytest.raises(Exception, match="(?i)foreign key"):
        with engines["default"].begin() as connection:
            connection.execute(text("INSERT INTO notice (title, count, board_id) VALUES ('a', 0, 77)"))
            connection.commit()

def test_a_thread_of_tests_with_real_commits(transactional_db):
    board = Board(name="north", notices=[Notice(title="a")])
    with atomic():
        session().add(board)
    assert board.id == 1
"""

CLASSES = """\
from sqlalchemy import func, select
from miniframe.db import atomic, session
from miniframe.test import SimpleTestCase, TestCase, TransactionTestCase
from shop.models import Notice

def number():
    return session().scalar(select(func.count()).select_from(Notice))

class PageTest(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.notice = Notice(title="of all")
        session().add(cls.notice)
        session().commit()

    def setUp(self):
        with atomic():
            session().add(Notice(title="of one"))

    def test_one(self):
        self.assertEqual(number(), 2)
        self.client.post("/add/", {"title": "a"})
        self.assertEqual(number(), 3)
        self.client.post(f"/retitle/{self.notice.id}/")
        self.assertEqual(session().get(Notice, self.notice.id).title, "new")

    def test_two(self):
        self.assertEqual(number(), 2)
        self.assertEqual(self.notice.title, "of all")

class OtherTest(TestCase):
    def test_finds_nothing(self):
        self.assertEqual(number(), 0)

class RealTest(TransactionTestCase):
    def test_one(self):
        with atomic():
            session().add(Notice(title="a"))
        self.assertEqual(number(), 1)

    def test_two(self):
        self.assertEqual(number(), 0)

class Simple(SimpleTestCase):
    def test_may_not(self):
        with self.assertRaisesRegex(RuntimeError, "Database access not allowed"):
            number()
"""

SHARED_ROWS = """\
from sqlalchemy import select
from sqlalchemy.orm import Session
from miniframe.db import engines, session
from miniframe.db.sessions import close_sessions
from miniframe.test import TestCase
from shop.models import Board, Notice

class RowsTest(TestCase):
    @classmethod
    def setUpTestData(cls):
        session().add(Notice(title="of default"))
        cls.other = Notice(title="of archive")
        session("archive").add(cls.other)
        cls.some = [Notice(title="a"), Notice(title="b")]
        session().add_all(cls.some)
        cls.named = {"tuple": (cls.other, "word"), "first": cls.some[0], "sets": {7}}
        cls.named["itself"] = cls.named
        cls.board = Board(name="north", notices=[Notice(title="c")])
        session().add(cls.board)
        cls.notices = cls.board.notices
        cls.new = Notice(title="new")

    def test_each_comes_from_its_own_database(self):
        assert (self.other.id, self.other.title) == (1, "of archive")
        self.other.title = "changed"
        session("archive").commit()

    def test_each_finds_it_unchanged(self):
        assert self.other.title == "of archive"
        assert self.other in session("archive")

    def test_rows_in_lists_are_the_tests_own(self):
        assert [notice.title for notice in self.some] == ["a", "b"]
        assert self.some[0] in session()
        assert self.some is self.some and self.some is not type(self).some

    def test_and_in_tuples_and_dicts(self):
        assert self.named["tuple"][0] is self.other and self.named["tuple"][1] == "word"
        assert self.named["first"] is self.some[0]
        assert self.named["itself"] is self.named
        self.named["sets"].add(8)

    def test_what_is_no_row_is_copied(self):
        assert self.named["sets"] == {7}

    def test_and_in_what_a_relationship_holds(self):
        assert [notice.title for notice in self.notices] == ["c"]
        assert self.notices[0].board is self.board

    def test_an_object_that_was_never_saved_is_copied(self):
        assert (self.new.title, self.new.id) == ("new", None)
        assert self.new is not type(self).new

class ClosedTest(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.lost = Notice(title="of a session of its own")
        with Session(engines["archive"], expire_on_commit=False) as own:
            own.add(cls.lost)
            own.commit()

    def test_a_row_without_its_session_is_not_looked_for_elsewhere(self):
        with self.assertRaisesRegex(RuntimeError, 'ClosedTest.lost .*Notice.* session[(]"archive"[)]'):
            self.lost
"""

ENDS_BADLY = """\
import pytest
from sqlalchemy import text
from miniframe.db import atomic, engines, session
from miniframe.test.database import TestDatabase
from shop.models import Notice

def number():
    return session().scalar(text("SELECT count(*) FROM notice"))

@pytest.fixture
def empty_fails(monkeypatch):
    def fail(self):
        raise OSError("somebody holds a lock")
    monkeypatch.setattr(TestDatabase, "empty", fail)

def test_isolated(db):
    with atomic():
        session().add(Notice(title="a"))
    session().connection().connection.dbapi_connection.close()

def test_the_next_one_connects_anew(db):
    assert number() == 0

def test_with_real_commits(empty_fails, transactional_db):
    assert number() == 0

def test_neither_lets_a_test_in_that_asks_for_nothing():
    with pytest.raises(RuntimeError, match="Database access not allowed"):
        number()
"""

Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, database_url: str) -> Run:
    """Make a project that uses the database, and run pytest in it; return what that prints."""
    package = tmp_path / "shop"
    package.mkdir()
    (tmp_path / "manage.py").write_text(MANAGE)
    (package / "settings.py").write_text(SETTINGS % (database_url, archive_of(database_url)))
    (package / "urls.py").write_text(URLS)
    (package / "models.py").write_text(Path(__file__).with_name("models.py").read_text())

    def run(code: str, *arguments: str, status: int = 0) -> str:
        (tmp_path / "test_shop.py").write_text(code)
        command = [sys.executable, "-m", "pytest", *QUICKER, "-W", "error", *arguments]
        # Not as a worker of the run that this test is a part of: its name would be in that of the database.
        env = {name: value for name, value in os.environ.items() if name != "PYTEST_XDIST_WORKER"}
        done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120)
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout

    return run


def archive_of(url: str) -> str:
    """Return the URL of the project's other database."""
    return (
        make_url(url)
        .set(database="archive" if url.startswith("postgresql") else "archive.sqlite3")
        .render_as_string(hide_password=False)
    )


def ask(url: str, *statements: str) -> list[Any]:
    """Run the statements, and return the first column of what the last one finds."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            for statement in statements:
                result = connection.execute(text(statement))
            return list(result.scalars()) if result.returns_rows else []
    finally:
        engine.dispose()


def databases_of(url: str) -> list[str]:
    return ask(url, "SELECT datname FROM pg_database")


def test_the_fixtures(run: Run, tmp_path: Path, database_url: str) -> None:
    printed = run(FIXTURES)
    assert re.search(r"\d\d passed", printed)
    # The project's own database has never been touched.
    assert not (tmp_path / "site.sqlite3").exists()
    if database_url.startswith("postgresql"):
        assert [name for name in databases_of(database_url) if name.startswith("test_")] == []


def test_classes_of_tests(run: Run) -> None:
    assert "6 passed" in run(CLASSES)


def test_rows_that_a_class_shares(run: Run) -> None:
    assert "8 passed" in run(SHARED_ROWS)


def test_a_database_that_cannot_be_left_shuts_the_door_all_the_same(run: Run) -> None:
    printed = run(ENDS_BADLY, status=1)
    assert "4 passed, 2 errors" in printed
    assert "the connection is closed" in printed or "Cannot operate on a closed database" in printed
    assert "OSError: somebody holds a lock" in printed


ONE = """\
from sqlalchemy import text
from miniframe.db import session

def test_one(db):
    assert session().scalar(text("SELECT count(*) FROM notice")) == 0
"""


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_database_of_that_name_that_somebody_else_made_is_left_alone(run: Run, database_url: str) -> None:
    theirs = str(make_url(database_url).set(database="test_postgres").render_as_string(hide_password=False))
    ask(database_url, "CREATE DATABASE test_postgres")
    try:
        ask(theirs, "CREATE TABLE precious (word text)", "INSERT INTO precious VALUES ('kept')")
        printed = run(ONE, status=1)
        assert "'test_postgres', for tests of 'default' (DATABASES), is there already" in printed
        assert ask(theirs, "SELECT word FROM precious") == ["kept"]

        # The message says how to go on.
        [mark] = set(re.findall("mark it: (COMMENT .*?);", printed))
        ask(database_url, mark)
        assert "1 passed" in run(ONE)
    finally:
        ask(database_url, "DROP DATABASE IF EXISTS test_postgres")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_database_that_tests_have_left_is_made_anew(run: Run, database_url: str) -> None:
    killed = ONE + "    import os; os._exit(3)\n"
    run(killed, status=3)
    assert "test_postgres" in databases_of(database_url)
    assert "1 passed" in run(ONE)
    assert "test_postgres" not in databases_of(database_url)


def add_settings(project: Path, code: str) -> None:
    with (project / "shop" / "settings.py").open("a") as settings:
        settings.write(code)


# Each leads the project to the database "real_..." in another way than by the path of a URL; {} is the server.
WAYS = """
URL = {!r}
SOCKETS = URL.partition("?host=")[2]
DATABASES = {{
    "query": {{"URL": URL + "&dbname=real_query"}},
    "arguments": {{"URL": URL, "OPTIONS": {{"connect_args": {{"dbname": "real_arguments"}}}}}},
    "conninfo": {{"URL": "postgresql+psycopg://", "OPTIONS": {{
        "connect_args": {{"conninfo": "dbname=real_conninfo user=postgres host=" + SOCKETS}}}}}},
    "service": {{"URL": "postgresql+psycopg://?service=real"}},
}}
for each in DATABASES.values():
    each["METADATA"] = METADATA
"""
BY_ALL_WAYS = """\
import pytest
from sqlalchemy import func, select, text
from miniframe.conf import settings
from miniframe.db import session
from shop.models import Notice

def add(alias):
    assert session(alias).scalar(text("SELECT current_database()")).startswith("test_")
    assert session(alias).scalar(select(func.count()).select_from(Notice)) == 0
    session(alias).add(Notice(title="of a test"))
    session(alias).commit()

@pytest.mark.parametrize("alias", settings.DATABASES)
def test_isolated(db, alias):
    add(alias)

@pytest.mark.parametrize("alias", settings.DATABASES)
def test_committing(transactional_db, alias):
    add(alias)

@pytest.mark.parametrize("alias", settings.DATABASES)
def test_without_a_fixture(alias):
    with pytest.raises(RuntimeError, match="Database access not allowed"):
        session(alias).scalar(text("SELECT 1"))
"""


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_database_that_is_named_elsewhere_than_in_the_path_of_its_url_is_never_touched(
    run: Run, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = make_url(database_url)
    sockets = server.query["host"]
    (tmp_path / "services").write_text(f"[real]\nhost={sockets}\nuser=postgres\ndbname=real_service\n")
    monkeypatch.setenv("PGSERVICEFILE", str(tmp_path / "services"))
    add_settings(tmp_path, WAYS.format(database_url))
    names = ["real_query", "real_arguments", "real_conninfo", "real_service"]
    real = [str(server.set(database=name)) for name in names]
    try:
        for name, url in zip(names, real, strict=True):
            ask(database_url, f"CREATE DATABASE {name} STRATEGY = FILE_COPY")
            ask(url, "CREATE TABLE notice (title text)", "INSERT INTO notice VALUES ('kept')")
        assert "12 passed" in run(BY_ALL_WAYS)
        assert [ask(url, "SELECT title FROM notice") for url in real] == [["kept"]] * 4
        assert [name for name in databases_of(database_url) if name.startswith("test_")] == []
    finally:
        for name in names:
            ask(database_url, f"DROP DATABASE IF EXISTS {name}")


LED_ASTRAY = """\
import pytest
from sqlalchemy import Engine, event, text
from miniframe.db import session
from miniframe.exceptions import ImproperlyConfigured

@event.listens_for(Engine, "do_connect")
def lead_to_the_real_one(dialect, record, arguments, keywords):
    if dialect.name == "sqlite":
        arguments[:] = ["real.sqlite3"]
    else:
        keywords["dbname"] = "template1"

def test_it_is_refused(db):
    with pytest.raises(ImproperlyConfigured, match="leads to '.*(real.sqlite3|template1)' in place of '"):
        session().scalar(text("SELECT 1"))
"""


def test_a_connection_that_is_led_elsewhere_is_refused(run: Run) -> None:
    assert "1 passed" in run(LED_ASTRAY)


OTHER_WAYS = """
from sqlalchemy import NullPool
import sqlite3
def creator():
    raise AssertionError("called")
DATABASES["default"]["OPTIONS"] = {"creator": creator}
DATABASES["archive"]["OPTIONS"] = {"pool": NullPool(creator)}
"""
BY_OTHER_WAYS = """\
import pytest
from sqlalchemy import text
from miniframe.db import session
from miniframe.exceptions import ImproperlyConfigured

@pytest.mark.parametrize(("alias", "name"), [("default", "creator"), ("archive", "pool")])
@pytest.mark.parametrize("fixture", ["db", "transactional_db", "tmp_path"])
def test_it_is_refused(alias, name, fixture, request):
    request.getfixturevalue(fixture)
    with pytest.raises(ImproperlyConfigured, match=f"OPTIONS of the database '{alias}' .* have a '{name}', which"):
        session(alias).scalar(text("SELECT 1"))
"""


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_connects_by_itself_is_refused(run: Run, tmp_path: Path) -> None:
    add_settings(tmp_path, OTHER_WAYS)
    assert "6 passed" in run(BY_OTHER_WAYS)


OPENED_EARLY = """\
from miniframe.apps import AppConfig
from miniframe.db import engines, session
from sqlalchemy import text

early = engines["default"]

class Shop(AppConfig):
    name = "shop"

    def ready(self):
        assert session().scalar(text("SELECT 1")) == 1
"""
BY_WHAT_WAS_OPENED_EARLY = """\
import pytest
from sqlalchemy import text
from miniframe.db import session
from shop.apps import early
from shop.models import Notice

def test_a_session(db):
    session().add(Notice(title="of a test"))
    session().commit()

@pytest.mark.parametrize("fixture", ["db", "transactional_db", "tmp_path"])
def test_an_engine(fixture, request):
    request.getfixturevalue(fixture)
    with pytest.raises(RuntimeError, match="made before the tests began"):
        early.connect()
"""


def add_app(project: Path, code: str) -> None:
    (project / "shop" / "apps.py").write_text(code)
    add_settings(project, 'INSTALLED_APPS = ["shop.apps.Shop"]\n')


def test_what_the_project_opens_before_the_tests_leads_none_of_them_to_its_own_database(
    run: Run, tmp_path: Path, database_url: str
) -> None:
    add_app(tmp_path, OPENED_EARLY)
    ask(database_url, "CREATE TABLE notice (id INTEGER PRIMARY KEY, title TEXT, count INTEGER, board_id INTEGER)")
    try:
        assert "4 passed" in run(BY_WHAT_WAS_OPENED_EARLY)
        assert ask(database_url, "SELECT title FROM notice") == []
    finally:
        ask(database_url, "DROP TABLE notice")


COUNTS_VISITS = """\
from miniframe.apps import AppConfig
from miniframe.db import session, sessions
from miniframe.signals import request_started

def count_visits(**kwargs):
    from shop.models import Notice
    session().add(Notice(title="a visit"))

class Shop(AppConfig):
    name = "shop"

    def ready(self):
        request_started.connect(count_visits)
        session().close()
"""
VISITS = """\
from miniframe.db import session
from shop.models import Notice

def test_a_receiver_works_in_the_session_of_the_request(db, client):
    assert client.get("/count/").text == "1"

def test_the_test_sees_what_the_request_did(db, client):
    notice = Notice(title="old")
    session().add(notice)
    session().commit()
    assert notice.title == "old"
    client.post(f"/retitle/{notice.id}/")
    assert notice.title == "new"
"""


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_receivers_of_the_project_come_behind_those_of_the_tests(run: Run, tmp_path: Path) -> None:
    add_app(tmp_path, COUNTS_VISITS)
    assert "2 passed" in run(VISITS)


OTHER_SETTINGS = """\
import pytest
from sqlalchemy import func, select
from miniframe.conf import settings as project
from miniframe.db import atomic, session
from shop.models import Notice

def number():
    return session().scalar(select(func.count()).select_from(Notice))

@pytest.fixture
def other(settings):
    with atomic():
        session().add(Notice(title="a"))
    settings.DATABASES = {
        **project.DATABASES, "default": {**project.DATABASES["default"], "ATOMIC_REQUESTS": False}
    }

@pytest.mark.parametrize("fixture", ["db", "transactional_db"])
@pytest.mark.parametrize("round", [1, 2])
def test_it_is_the_same_database(fixture, round, request, client):
    request.getfixturevalue(fixture)
    assert number() == 0
    request.getfixturevalue("other")
    assert number() == 1
    assert client.get("/count/").text == "1"
    client.post("/add/", {"title": "not atomic"})
    assert number() == 1
"""


def test_other_settings_lead_a_test_to_the_database_that_it_has(run: Run) -> None:
    assert "4 passed" in run(OTHER_SETTINGS)


LEVELS = """\
import pytest
from sqlalchemy import func, select, text
from miniframe.db import atomic, engines, session
from shop.models import Notice

def number():
    with engines["default"].connect() as connection:
        return connection.scalar(select(func.count()).select_from(Notice))

def add(connection, title):
    connection.execute(text("INSERT INTO notice (title, count) VALUES (:title, 0)"), {"title": title})

@pytest.mark.parametrize("fixture", ["db", "transactional_db"])
@pytest.mark.parametrize("round", [1, 2])
def test_what_commits_by_itself_lasts_as_long_as_the_test(fixture, round, request):
    request.getfixturevalue(fixture)
    assert number() == 0
    with atomic():
        session().add(Notice(title="a"))
    with engines["default"].connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        add(connection, "b")
        with pytest.raises(Exception, match="no_such|no such"):
            connection.execute(text("SELECT * FROM no_such_table"))
        add(connection, "c")
    assert number() == 3

@pytest.mark.parametrize("round", [1, 2])
def test_the_level_of_the_engine(db, round):
    assert number() == 0
    with engines["archive"].connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM notice")) == 0
        add(connection, "a")
    with engines["archive"].connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM notice")) == LEFT
"""


@pytest.mark.parametrize(("level", "left"), [("SERIALIZABLE", 0), ("AUTOCOMMIT", 1)])
def test_isolated_tests_keep_their_transaction_whatever_the_isolation_level(
    run: Run, tmp_path: Path, level: str, left: int
) -> None:
    add_settings(tmp_path, f'DATABASES["archive"]["OPTIONS"] = {{"isolation_level": {level!r}}}\n')
    assert "6 passed" in run(LEVELS.replace("LEFT", str(left)))
