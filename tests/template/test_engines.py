"""settings.TEMPLATES becomes engines; templates are found in the order that it says."""

from __future__ import annotations

import os
import subprocess
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2
import pytest

from miniframe.apps import apps
from miniframe.exceptions import ImproperlyConfigured
from miniframe.template import EngineHandler, TemplateDoesNotExist, TemplateSyntaxError, engines
from miniframe.template.loader import get_template, render_to_string, select_template
from miniframe.test.utils import override_settings

BACKEND = "miniframe.template.backends.jinja2.Jinja2"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "hello.html").write_text("Hello {{ name }}!")
    (tmp_path / "broken.html").write_text("one\n{% block %}\nthree\n")
    (tmp_path / "child.html").write_text("{% extends 'missing_parent.html' %}")
    with override_settings(TEMPLATES=[{"BACKEND": BACKEND, "DIRS": [tmp_path]}]):
        yield tmp_path


def test_a_template_is_rendered_with_its_context(folder: Path) -> None:
    assert render_to_string("hello.html", {"name": "<b>"}) == "Hello &lt;b&gt;!"


def test_the_first_existing_of_several_names_is_rendered(folder: Path) -> None:
    assert render_to_string(["nope.html", "hello.html"], {"name": "you"}) == "Hello you!"


def test_a_missing_template_names_every_file_that_was_looked_for(folder: Path) -> None:
    with pytest.raises(TemplateDoesNotExist, match=r"(?m)^nope\.html$") as caught:
        get_template("nope.html")
    assert [str(origin) for origin, _ in caught.value.tried] == [str(folder / "nope.html")]
    assert str(folder / "nope.html") in caught.value.__notes__[0]


def test_a_missing_parent_is_a_missing_template_too(folder: Path) -> None:
    with pytest.raises(TemplateDoesNotExist, match=r"(?m)^missing_parent\.html$"):
        render_to_string("child.html")


def test_several_missing_names_are_listed(folder: Path) -> None:
    with pytest.raises(TemplateDoesNotExist, match=r"(?m)^a\.html, b\.html$") as caught:
        select_template(["a.html", "b.html"])
    assert len(caught.value.chain) == 2


def test_select_template_refuses_one_name_as_a_string(folder: Path) -> None:
    with pytest.raises(TypeError, match="Use get_template"):
        select_template("hello.html")


def test_a_broken_template_tells_file_line_and_source(folder: Path) -> None:
    with pytest.raises(TemplateSyntaxError) as caught:
        get_template("broken.html")
    debug = caught.value.template_debug
    assert (debug["name"], debug["line"], debug["during"]) == (str(folder / "broken.html"), 2, "{% block %}")
    assert debug["source_lines"] == [(1, "one"), (2, "{% block %}"), (3, "three")]


def test_a_template_cannot_lead_out_of_its_folder(folder: Path) -> None:
    (folder.parent / "outside.html").write_text("secret")
    with pytest.raises(TemplateDoesNotExist):
        get_template("../outside.html")


def test_empty_templates_say_what_to_add() -> None:
    with (
        override_settings(TEMPLATES=[]),
        pytest.raises(ImproperlyConfigured, match=r"'x\.html' was asked for, but settings\.TEMPLATES is empty"),
    ):
        render_to_string("x.html")


@pytest.mark.parametrize("row", [{}, {"BACKEND": "Jinja2"}], ids=["missing", "without-a-dot"])
def test_a_malformed_backend_is_a_clear_error(row: dict[str, Any]) -> None:
    with pytest.raises(ImproperlyConfigured, match="Invalid BACKEND for a template engine"):
        EngineHandler([row]).all()


def test_two_engines_of_one_name_are_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="aliases aren't unique, duplicates: jinja2"):
        EngineHandler([{"BACKEND": BACKEND}, {"BACKEND": BACKEND}]).all()


def test_an_unknown_alias_lists_the_known_ones(folder: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"'other' in settings\.TEMPLATES; it defines jinja2"):
        get_template("hello.html", using="other")


def test_an_option_that_jinja2_does_not_know_is_named() -> None:
    with pytest.raises(ImproperlyConfigured, match="bogus"):
        EngineHandler([{"BACKEND": BACKEND, "OPTIONS": {"bogus": 1}}]).all()


def test_another_engine_is_made_when_the_settings_change(folder: Path) -> None:
    before = engines["jinja2"]
    assert engines["jinja2"] is before
    with override_settings(DEBUG=True):
        assert engines["jinja2"] is not before
        assert engines["jinja2"].env.auto_reload


def test_an_app_wins_over_a_later_one_and_its_jinja2_folder_over_its_templates_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in ("one/templates/a.html", "one/templates/b.html", "one/jinja2/b.html", "two/jinja2/a.html"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(file)
    configs = [SimpleNamespace(path=str(tmp_path / name)) for name in ("one", "two")]
    monkeypatch.setattr(apps, "get_app_configs", lambda: configs)
    engine = EngineHandler([{"BACKEND": BACKEND, "APP_DIRS": True}])["jinja2"]
    assert engine.get_template("a.html").render() == "one/templates/a.html"
    assert engine.get_template("b.html").render() == "one/jinja2/b.html"


def test_an_edited_template_is_seen_at_once_under_debug(folder: Path) -> None:
    with override_settings(DEBUG=True):
        assert render_to_string("hello.html") == "Hello {{ name }}!"  # DebugUndefined shows what is missing
        file = folder / "hello.html"
        file.write_text("Changed")
        # The file's time decides, and two saves can share one tick of the clock.
        time = file.stat().st_mtime_ns + 10**9
        os.utime(file, ns=(time, time))
        assert render_to_string("hello.html") == "Changed"


def test_jinja2_is_imported_when_a_template_is_first_used_and_not_before() -> None:
    code = (
        "import sys, miniframe.template, miniframe.template.loader, miniframe.template.response, miniframe.shortcuts\n"
        "assert 'jinja2' not in sys.modules, 'imported too early'\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)


@pytest.mark.parametrize("name", ["includes_broken.html", "includes_missing.html"])
def test_an_error_in_an_included_template_is_told_once_and_names_the_including_one(folder: Path, name: str) -> None:
    (folder / "includes_broken.html").write_text("one\n{% include 'broken.html' %}\n")
    (folder / "includes_missing.html").write_text("one\n{% include 'nope.html' %}\n")
    with pytest.raises((TemplateSyntaxError, TemplateDoesNotExist)) as caught:
        render_to_string(name)
    text = "".join(traceback.format_exception(caught.value))
    assert f'File "{folder / name}", line 2' in text
    assert text.count("Traceback (most recent call last)") == 1
    assert "jinja2.exceptions" not in text
    assert os.path.dirname(jinja2.__file__) not in text
