"""What is advised when a module cannot be found: the name that was meant, and where the wrong one stands."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from miniframe.test.utils import override_settings
from miniframe.utils.module_loading import import_string
from miniframe.views.hints import find_hints
from miniframe.views.hints.modules import advise_on_missing_module


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with the app `cornershop`, from which Python imports first."""
    app = tmp_path / "cornershop"
    app.mkdir()
    for name in ("__init__", "urls", "views", "models"):
        (app / f"{name}.py").write_text("urlpatterns = []\n")
    (app / "templates").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in [each for each in sys.modules if each.partition(".")[0] == "cornershop"]:
        del sys.modules[name]


def advice(name: str, load: Callable[[str], Any] = import_module) -> str:
    with pytest.raises(ModuleNotFoundError) as caught:
        load(name)
    return find_hints(caught.value, None)[0]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("jsn", "Did you mean `json`?", id="standard-library"),
        pytest.param("reqests", "Did you mean `requests`?", id="installed"),
        pytest.param("cornershp", "Did you mean `cornershop`?", id="of-the-project"),
        pytest.param("cornershop.url", "Did you mean `cornershop.urls`?", id="in-a-package"),
        pytest.param(
            "cornershop.urls.urlpatterns",
            "`urlpatterns` is no module but a name in one: ",
            id="name",
        ),
        pytest.param("cornershop.views.x", "`cornershop.views` is a single file", id="below-a-file"),
        pytest.param("cornershop.urls.", "There is a dot too many: write `cornershop.urls`.", id="dot"),
        pytest.param("qzxv", "Nothing here has a name like `qzxv`.", id="unknown"),
    ],
)
def test_the_nearest_name_is_offered(project: Path, name: str, expected: str) -> None:
    if name.startswith("cornershop.urls"):
        import_module("cornershop.urls")
    hint = advice(name)
    assert hint.startswith(expected)
    assert ("pip install" in hint) == (name == "qzxv")


def test_without_a_near_name_the_package_s_modules_are_told(project: Path) -> None:
    hint = advice("cornershop.zzz")
    assert hint == f"`cornershop` is `{project}/cornershop`, where there is: `models`, `urls`, `views`."


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("import views", "`views` is a module of the package `cornershop`: `from cornershop import views`."),
        ("import modles", "Did you mean the one beside it: `from cornershop import models`?"),
    ],
    ids=["exact", "misspelt"],
)
def test_a_module_beside_the_importing_one_is_offered(project: Path, line: str, expected: str) -> None:
    (project / "cornershop" / "forms.py").write_text(line)
    assert advice("cornershop.forms") == expected


def test_a_package_that_is_known_by_its_module_is_named() -> None:
    assert "python -m pip install Pillow" in advise_on_missing_module("PIL", ModuleNotFoundError())


@pytest.mark.parametrize(
    ("settings", "name", "expected"),
    [
        pytest.param(
            {"MIDDLEWARE": ["miniframe.middleware.comon.CommonMiddleware"]},
            "miniframe.middleware.comon.CommonMiddleware",
            "The setting `MIDDLEWARE` names `miniframe.middleware.comon.CommonMiddleware`. "
            "Did you mean `miniframe.middleware.common`?",
            id="middleware",
        ),
        pytest.param(
            {"TEMPLATES": [{"OPTIONS": {"context_processors": ["cornershop.view.cart"]}}]},
            "cornershop.view.cart",
            "The setting `TEMPLATES` names `cornershop.view.cart`. Did you mean `cornershop.views`?",
            id="deep",
        ),
    ],
)
def test_the_setting_that_names_it_is_named(project: Path, settings: Any, name: str, expected: str) -> None:
    with override_settings(**settings):
        assert advice(name, import_string) == expected


def test_a_folder_that_another_package_hides_is_told(project: Path) -> None:
    (project / "json").mkdir()
    (project / "json" / "api.py").write_text("")
    hint = advice("json.apis_of_ours")
    assert hint == (
        f"Python took `json` from `{os.path.dirname(sys.modules['json'].__file__ or '')}` and not from "
        f"`{project}/json`, which has no `__init__.py`."
    )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("from django.db import models", "miniframe has no models: ", id="models"),
        pytest.param("from django.contrib.auth.models import User", "miniframe has no users: ", id="users"),
        pytest.param("from django.contrib import admin", "miniframe has no admin, ", id="contrib"),
        pytest.param("from django import forms", "miniframe has no forms: ", id="forms"),
        pytest.param("import django.core.signing", "write `miniframe.signing` in place of", id="core"),
        pytest.param("from django.http import HttpResponse", "write `miniframe.http` in place of", id="http"),
        pytest.param("from django.htp import HttpResponse", "Did you mean `miniframe.http`?", id="misspelt"),
        pytest.param("from miniframe.core.mail import send_mail", "miniframe sends no mail: ", id="mail"),
    ],
)
def test_a_module_of_django_is_known_by_the_whole_of_its_name(tmp_path: Path, line: str, expected: str) -> None:
    """Python names the first part that is missing: `django`, or `miniframe.core`."""
    missing = "django" if "django" in line else "miniframe.core"
    file = tmp_path / "old.py"
    file.write_text(f"{line}\n")
    # As on a machine where there is no Django.
    error = ModuleNotFoundError(f"No module named {missing!r}")
    with pytest.raises(ModuleNotFoundError) as caught:
        exec(compile("raise error", str(file), "exec"), {"__name__": "old", "error": error})
    assert expected in find_hints(caught.value, None)[0]
