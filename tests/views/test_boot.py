"""The page of a project that could not be loaded: a place in the project, or words and no place at all."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from miniframe.exceptions import ImproperlyConfigured
from miniframe.management.errors import CommandError
from miniframe.management.serving.failing import report
from miniframe.test.utils import override_settings
from miniframe.views.report.building import boot_failure_app

FIRST = "500 The project could not be loaded. Mend it and save: the next request runs the new code."
FACES = ("text/html", "*/*", "text/markdown", "application/json")


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Import a module with this text, which fails; return the error."""
    monkeypatch.syspath_prepend(tmp_path)

    def fail(text: str) -> Exception:
        (tmp_path / "shop_settings.py").write_text(text)
        importlib.invalidate_caches()
        with pytest.raises(Exception) as caught:
            importlib.import_module("shop_settings")
        return caught.value

    yield fail
    sys.modules.pop("shop_settings", None)


def ask(exception: BaseException, accept: str = "*/*", **explained: Any) -> str:
    app = boot_failure_app(exception, **explained)
    return b"".join(app({"REQUEST_METHOD": "GET", "HTTP_ACCEPT": accept}, lambda *args: None)).decode()


@pytest.mark.parametrize("accept", FACES)
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("PASSWORDS = [\n    'geheim-0815',\n]\n1 / 0\n", id="several-lines"),
        pytest.param("D = {'PASSWORD': 'geheim-0815'}\nraise ValueError('geheim-0815')\n", id="message"),
        pytest.param("API_TOKEN = 'geheim-0815'\nelsewhere = API_TOKEN[:]\n1 / 0\n", id="another-variable"),
        pytest.param("SECRET_KEY = 'geheim-0815\n", id="not-closed"),
        pytest.param("def f(:\n    pass\nSECRET_KEY = 'geheim-0815'\n", id="not-parsed"),
    ],
)
def test_secrets_of_settings_that_were_not_loaded_are_hidden(load: Any, text: str, accept: str) -> None:
    page = ask(load(text), accept)
    assert "shop_settings.py" in page
    assert "geheim-0815" not in page


def test_the_place_is_in_the_project_or_nowhere(load: Any) -> None:
    found = json.loads(ask(load("1 / 0\n"), "application/json"))
    assert found["place"]["line"] == 1
    try:
        json.loads("{")
    except ValueError as error:
        error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
        found = json.loads(ask(error, "application/json"))
    assert found["place"] is None


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("def home():\n    x = 1\n      y = 2\n", "      y = 2"),
        ("def home():\n        x = 1\n    y = 2\n", "    y = 2"),
    ],
    ids=["unexpected", "matches-none"],
)
def test_a_line_with_a_wrong_indentation_keeps_it_everywhere(load: Any, source: str, shown: str) -> None:
    error = load(source)
    assert f"shop_settings.py:3\n    {shown}\n" in ask(error)
    assert json.loads(ask(error, "application/json"))["place"]["code"] == shown
    assert f"line 3\n    {shown}\n" in report(error)


def test_an_arrow_of_pythons_goes_with_the_indentation(load: Any) -> None:
    error = load("def home():\n        x = 1\n    y = 2\n")
    place = len("    y = 2")
    assert f"\n        y = 2\n    {' ' * place}^\n" in report(error)


def test_an_error_that_says_all_in_words_is_shown_without_a_way() -> None:
    try:
        raise ImproperlyConfigured("DEBUG is not what it should be")
    except ImproperlyConfigured as error:
        text = ask(error, way=False)
    assert text == f"{FIRST}\nImproperlyConfigured: DEBUG is not what it should be\n\n"


SETTINGS = """\
SECRET_KEY = "geheim-0815"
DEBUG = True
ROOT_URLCONF = "mysite.urlz"
INSTALLED_APPS = [
    "miniframe.staticfiles", "blgo",
]
MIDDLEWARE = ["miniframe.middleware.common.CommonMiddleware"]
if DEBUG:
    MIDDLEWARE += ["é", "shop.Cart"]
"""


@pytest.mark.parametrize("derived", [False, True], ids=["settings", "base-settings"])
@pytest.mark.parametrize(
    ("message", "line", "marked"),
    [
        ("ROOT_URLCONF in shop_settings is 'mysite.urlz', and there is ...", 3, "'mysite.urlz'"),
        ("No module named 'blgo'. INSTALLED_APPS in shop_settings has the entry 'blgo'.", 5, "'blgo'"),
        ("MIDDLEWARE in shop_settings has the entry 'shop.Cart': No module named 'shop'.", 9, "'shop.Cart'"),
        ("MIDDLEWARE in shop_settings is too short.", 9, ""),
        ("CACHES in shop_settings is wrong.", None, ""),
        ("MIDDLEWARE in other_settings has the entry 'shop.Cart'.", None, ""),
    ],
    ids=["name", "entry", "added", "whole", "not-there", "other-module"],
)
def test_a_mistake_in_a_setting_has_the_place_of_its_entry(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    derived: bool,
    message: str,
    line: int | None,
    marked: str,
) -> None:
    name, file = ("derived_settings", "base_settings.py") if derived else ("shop_settings", "shop_settings.py")
    (tmp_path / file).write_text(SETTINGS)
    (tmp_path / "derived_settings.py").write_text("from base_settings import *\n")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    for module in ("shop_settings", "derived_settings", "base_settings"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    importlib.import_module(name)
    error = ImproperlyConfigured(message.replace("shop_settings", name))
    with override_settings(SETTINGS_MODULE=name):
        found = json.loads(ask(error, "application/json", way=False))
        faces = [ask(error, accept, way=False) for accept in FACES]
    assert (found["place"] and found["place"]["line"]) == line
    assert not any("geheim" in face for face in faces)
    if line:
        assert found["place"]["file"] == str(tmp_path / file)
        assert all(f"{file}" in face for face in faces)
        [frame] = found["exceptions"][0]["frames"]
        marks = frame["marks"]
        source = frame["source"][line - frame["first_line"]]
        assert (source[marks["column"] : marks["end_column"]].replace('"', "'") if marks else "") == marked


def test_a_message_and_hints_can_be_given() -> None:
    error = CommandError("the whole report")
    text = ask(error, message="one line of it", hints=["Do `this`."], way=False)
    assert text == f"{FIRST}\nCommandError: one line of it\n\n\nHint: Do this.\n"
    page = ask(error, "text/html", message="one line of it", hints=["Do `this`."], way=False)
    assert "Do <code>this</code>." in page
    assert "the whole report" not in page


def test_notes_are_shown_with_it() -> None:
    error = CommandError("no hosts")
    error.add_note("For example: localhost")
    assert "For example: localhost" in ask(error, way=False)
    assert "For example: localhost" in ask(error, "text/html", way=False)
