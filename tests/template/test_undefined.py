"""Under DEBUG the log tells what a template prints that is not defined, and pages are what they are without that."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2
import pytest

from miniframe.template.backends.jinja2 import Jinja2
from miniframe.test.utils import override_settings

PAGE = """\
{% macro shown(price) %}
{{ pirce }}
{% endmacro %}
{{ thign }}
{% for item in items %}
{{ itme }} {{ thing.titel }} {{ prices.plm }}
{% endfor %}
{{ shown(1) }}
{% if nothing %}{% endif %}{{ nothing or "" }}{{ nothing|default("-") }}{% for each in nothing %}{% endfor %}
{{ wholly_else|upper }}
"""
CONTEXT: dict[str, Any] = {
    "thing": SimpleNamespace(title="Rope"),
    "items": [1, 2],
    "prices": {"plum": 3},
}
TOLD = [
    "page.html, line 4: 'thign' is undefined. Did you mean 'thing'?",
    "page.html, line 6: 'itme' is undefined. Did you mean 'item'?",
    "page.html, line 6: 'types.SimpleNamespace object' has no attribute 'titel'. Did you mean 'title'?",
    "page.html, line 6: 'dict object' has no attribute 'plm'. Did you mean 'plum'?",
    "page.html, line 2: 'pirce' is undefined. Did you mean 'price'?",
    "page.html, line 10: 'wholly_else' is undefined.",
]


def engine(folder: Path, **options: Any) -> Jinja2:
    return Jinja2({"NAME": "jinja2", "DIRS": [folder], "APP_DIRS": False, "OPTIONS": options})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "page.html").write_text(PAGE)
    return tmp_path


def test_each_place_is_told_once_and_the_page_stays_as_it_is(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    with override_settings(DEBUG=True):
        ours = engine(folder)
        pages = {ours.get_template("page.html").render(CONTEXT) for _ in range(3)}
        theirs = engine(folder, undefined=jinja2.DebugUndefined).get_template("page.html").render(CONTEXT)
    assert pages == {theirs}
    assert [record.getMessage() for record in caplog.records] == TOLD
    assert {(record.name, record.levelname) for record in caplog.records} == {("miniframe.template", "WARNING")}


def test_a_template_that_was_changed_is_told_again(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    with override_settings(DEBUG=True):
        ours = engine(folder)
        ours.get_template("page.html").render(CONTEXT)
        (folder / "page.html").write_text("{{ thign }}")
        ours.forget_templates()
        caplog.clear()
        ours.get_template("page.html").render(CONTEXT)
    assert caplog.messages == ["page.html, line 1: 'thign' is undefined. Did you mean 'thing'?"]


def test_what_a_parent_template_or_an_included_one_prints_is_told_of_that(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "base.html").write_text("\n{{ one }}{% block main %}{% endblock %}{% include 'part.html' %}")
    (tmp_path / "part.html").write_text("\n\n{{ two }}")
    (tmp_path / "page.html").write_text("{% extends 'base.html' %}{% block main %}\n{{ three }}{% endblock %}")
    with override_settings(DEBUG=True):
        engine(tmp_path).get_template("page.html").render({})
    places = [message.partition(" is ")[0] for message in caplog.messages]
    assert places == ["base.html, line 2: 'one'", "page.html, line 2: 'three'", "part.html, line 3: 'two'"]


def test_names_that_are_made_up_are_told_up_to_a_number(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with override_settings(DEBUG=True):
        template = engine(tmp_path).from_string("{% for n in range(200) %}{{ {}[n ~ ''] }}{% endfor %}")
        template.render({})
    assert len(caplog.messages) == 50
    assert caplog.messages[0].startswith("A template made from a string, line 1: ")


def test_what_cannot_be_asked_for_its_names_does_no_harm(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    class Hostile:
        def __dir__(self) -> Any:
            raise RuntimeError("no")

    with override_settings(DEBUG=True):
        text = engine(tmp_path).from_string("{{ it.name }}").render({"it": Hostile()})
    assert "no such element" in text
    assert [record.levelname for record in caplog.records if record.levelno > 10] == []


def test_outside_of_a_template_nothing_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with override_settings(DEBUG=True):
        undefined = engine(tmp_path).env.undefined(name="x")
    assert str(undefined) == "{{ x }}"
    assert caplog.records == []


def test_without_debug_there_is_nothing_of_it(folder: Path) -> None:
    code = (
        "import sys\n"
        "from miniframe.conf import settings\n"
        "engine = {'BACKEND': 'miniframe.template.backends.jinja2.Jinja2', 'DIRS': [sys.argv[1]]}\n"
        "settings.configure(TEMPLATES=[engine])\n"
        "from miniframe.template.loader import render_to_string\n"
        "assert 'thign' not in render_to_string('page.html', {'thing': 1})\n"
        "assert 'miniframe.template.backends.undefined' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
