"""The folders of templates and static files are told without loading what they are for, and templates are forgotten."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from miniframe.management.serving import sources
from miniframe.template import engines
from miniframe.test import override_settings

JINJA2 = "miniframe.template.backends.jinja2.Jinja2"


def engine(**options: Any) -> dict[str, Any]:
    return {"BACKEND": JINJA2, **options}


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An app with templates and static files."""
    for name in ("__init__.py", "templates/a.html", "static/a.css"):
        path = tmp_path / "sourceful" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.syspath_prepend(tmp_path)
    return "sourceful"


def test_folders_are_told_before_any_template_is_used(app: str, tmp_path: Path) -> None:
    folder = tmp_path / app
    with override_settings(
        INSTALLED_APPS=["miniframe.staticfiles", app],
        TEMPLATES=[engine(DIRS=[tmp_path / "pages"], APP_DIRS=True), engine(NAME="second", DIRS=["more"])],
        STATICFILES_DIRS=[("made", tmp_path / "made")],
    ):
        found = sources.folders()
        assert not engines._engines
    assert found == {
        "templates": [str(tmp_path / "pages"), str(folder / "templates"), "more"],
        "static": [str(tmp_path / "made"), str(folder / "static")],
    }


def test_an_engine_that_is_made_tells_where_its_loader_looks(tmp_path: Path) -> None:
    from jinja2 import FileSystemLoader

    options = {"loader": FileSystemLoader(tmp_path / "elsewhere")}
    with override_settings(TEMPLATES=[engine(OPTIONS=options)], INSTALLED_APPS=[]):
        assert sources.folders() == {"templates": []}
        engines.all()
        assert sources.folders() == {"templates": [str(tmp_path / "elsewhere")]}


def test_settings_that_are_no_good_tell_no_folders() -> None:
    with override_settings(TEMPLATES=[engine(), engine()], INSTALLED_APPS=[]):
        assert sources.folders() == {}


def test_templates_are_forgotten_with_all_that_they_include(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("{% include 'part.html' %}")
    (tmp_path / "part.html").write_text("one")
    with override_settings(TEMPLATES=[engine(DIRS=[tmp_path], OPTIONS={"auto_reload": False})], INSTALLED_APPS=[]):
        (used,) = engines.all()
        used.env.globals["kept"] = "yes"
        assert used.get_template("page.html").render() == "one"
        (tmp_path / "part.html").write_text("two")
        assert used.get_template("page.html").render() == "one"
        sources.forget_templates()
        assert used.get_template("page.html").render() == "two"
        # What the project has put into the environment is not.
        assert engines.all() == [used]
        assert used.env.globals["kept"] == "yes"


class Forgetless:
    """An engine of somebody else's."""


def test_engines_that_keep_nothing_are_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "_engines", {"other": Forgetless()})
    sources.forget_templates()


def test_without_templates_nothing_is_to_be_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "miniframe.template")
    sources.forget_templates()
