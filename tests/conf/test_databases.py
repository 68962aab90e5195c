"""Whose an entry of settings.DATABASES is, and what is said where it is none: everywhere the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from miniframe.checks.databases import check_databases
from miniframe.conf.databases import own_databases
from miniframe.db import engines
from miniframe.exceptions import ImproperlyConfigured
from miniframe.handlers.wsgi import WSGIHandler
from miniframe.test import TestCase, override_settings
from miniframe.views.hints import find_hints

OURS = {"URL": "sqlite:////srv/site.sqlite3"}
DJANGOS = {"ENGINE": "django.db.backends.sqlite3", "NAME": "/srv/site.sqlite3", "ATOMIC_REQUESTS": True}

# What begins with settings.DATABASES.
ASKED: dict[str, Callable[[], object]] = {
    "wsgi": lambda: WSGIHandler().load_middleware(),
    "tests": lambda: TestCase().run(),
    "engines": lambda: engines["default"],
}
SLIPS = [
    pytest.param(
        {"default": "postgresql://ada:geheim@db/site"},
        "The database 'default' (The setting DATABASES) is a str, and should be a dict: {\"URL\": ",
        id="no-dict",
    ),
    pytest.param({"default": None}, "The database 'default' (The setting DATABASES) is a NoneType", id="none"),
    pytest.param(
        "postgresql://ada:geheim@db/site",
        'The setting DATABASES is a str, and should be a dict: {"default": {"URL": ',
        id="no-dict-at-all",
    ),
]


@pytest.mark.parametrize("who", ASKED)
@pytest.mark.parametrize(("databases", "said"), SLIPS)
def test_what_is_no_dict_is_told_in_words(databases: Any, said: str, who: str) -> None:
    with override_settings(DATABASES=databases), pytest.raises(ImproperlyConfigured) as caught:
        ASKED[who]()
    assert str(caught.value).startswith(said)
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(("databases", "said"), SLIPS)
def test_a_check_says_the_same(databases: Any, said: str) -> None:
    with override_settings(DATABASES=databases):
        [message] = check_databases(None)
    assert (message.id, message.msg.startswith(said)) == ("databases.E100", True)


@pytest.mark.parametrize(
    ("databases", "aliases"),
    [
        pytest.param({}, [], id="no-database"),
        pytest.param(None, [], id="None"),
        pytest.param({"default": OURS}, ["default"], id="ours"),
        pytest.param({"default": DJANGOS}, [], id="of-another-layer"),
        pytest.param({"default": {}}, [], id="nobodys"),
        pytest.param({"default": DJANGOS, "archive": OURS}, ["archive"], id="one-of-each"),
    ],
)
def test_an_entry_with_a_url_is_ours(databases: Any, aliases: list[str]) -> None:
    with override_settings(DATABASES=databases):
        assert list(own_databases()) == aliases
        # One of another layer is no reason to load SQLAlchemy.
        handler = WSGIHandler()
        handler.load_middleware()
        assert handler._make_view_atomic is None


def test_advice_is_for_the_layer_that_is_used() -> None:
    class OperationalError(Exception):
        pass

    def advice() -> str:
        return " ".join(find_hints(OperationalError("no such table: notice"), None))

    with override_settings(DATABASES={"default": OURS}):
        assert "createtables" in advice()
    with override_settings(DATABASES={"default": DJANGOS}):
        assert "makes a new, empty file" in advice()
    with override_settings(DATABASES={"default": "sqlite:///x"}):
        assert advice() == ""


def test_a_table_in_a_schema_gets_advice_as_well() -> None:
    class UndefinedTable(Exception):
        pass

    with override_settings(DATABASES={"default": OURS}):
        assert "createtables" in " ".join(find_hints(UndefinedTable('relation "shop.notice" does not exist'), None))


def test_engines_of_no_databases_are_none() -> None:
    with override_settings(DATABASES=None):
        assert (list(engines), "default" in engines) == ([], False)
