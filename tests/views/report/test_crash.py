"""A server process that died: its last words, read as a report, in the process that never loads the project."""

from __future__ import annotations

import os
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

import pytest

from miniframe.views.report.building import FACES
from miniframe.views.report.crash import crash_report
from miniframe.views.report.text import MOST_LINES, render_text

CODE = """\
SECRET_KEY = "geheim-0815"

def price(name):
    try:
        return 2 * {"plum": 1}[name]
    except KeyError as error:
        raise LookupError("no price") from error

price("melon")
"""


@pytest.fixture
def printed(tmp_path: Path) -> str:
    """What Python prints of an uncaught error."""
    file = tmp_path / "shop.py"
    file.write_text(CODE)
    try:
        exec(compile(CODE, str(file), "exec"), {"__name__": "shop"})
    except LookupError:
        return f"started\n{traceback.format_exc()}"
    raise AssertionError


def test_the_traceback_becomes_calls_with_their_source(printed: str, tmp_path: Path) -> None:
    report = crash_report("ended with status 1", printed)
    assert (report.title, report.message, report.kind) == ("LookupError", "no price", "crash")
    assert [(each.kind, each.message, each.link) for each in report.raised] == [
        ("LookupError", "no price", ""),
        ("KeyError", "'melon'", "cause"),
    ]
    assert report.raised[0].notes == ("The server process ended with status 1.",)
    assert report.place is not None
    assert (report.place.file, report.place.line, report.place.function) == (str(tmp_path / "shop.py"), 7, "price")
    failed = report.raised[1].frames[-1]
    assert failed.marks is not None
    assert failed.code == 'return 2 * {"plum": 1}[name]'
    assert failed.source[failed.line - failed.first_line][failed.marks.column :] == '{"plum": 1}[name]'


def test_no_face_has_a_secret_and_the_text_is_short(printed: str) -> None:
    report = crash_report("ended with status 1", f"{printed}\ngeheim-0815\nAPI_TOKEN = 'geheim-4711'\n" + "x\n" * 100)
    for _, render in FACES.values():
        assert "geheim" not in render(report)
        assert "shop.py" in render(report)
    assert len(render_text(report).splitlines()) <= MOST_LINES


def test_a_file_that_cannot_be_parsed_is_shown(tmp_path: Path) -> None:
    file = tmp_path / "manage.py"
    file.write_text('import os\n\nSECRET_KEY = "geheim-0815"\n\ndef main(:\n    pass\n')
    words = f'  File "{file}", line 5\n    def main(:\n             ^\nSyntaxError: invalid <syntax>\n'
    report = crash_report("ended with status 1", words)
    page = FACES["html"][1](report)
    assert "SyntaxError</h1>" in page
    assert "invalid &lt;syntax&gt;" in page
    assert '<span class="k">def</span> main(<mark>:</mark>' in page
    assert "geheim" not in page


@pytest.mark.parametrize(
    ("words", "title", "message"),
    [
        pytest.param(
            '  File "/a.py", line 1, in <module>\n    f(1)\n    ^^^^\nshop.Boom: bang\n', "shop.Boom", "bang", id="own"
        ),
        pytest.param('  File "/a.py", line 1, in <module>\nBoom\n', "Boom", "", id="without-a-text"),
        pytest.param(
            '  File "/a.py", line 1 in f\n\nExtension modules: x (total: 1)\n',
            "The server process was ended by SIGSEGV",
            "",
            id="segfault",
        ),
        pytest.param('  File "/a.py", line 1, in f\n', "The server process was ended by SIGSEGV", "", id="cut-off"),
        pytest.param("no traceback: 7\n", "The server process was ended by SIGSEGV", "", id="no-traceback"),
        pytest.param(
            " \n",
            "The server process was ended by SIGSEGV",
            "It left no message; look into the terminal.",
            id="silence",
        ),
    ],
)
def test_the_last_error_is_the_title(words: str, title: str, message: str) -> None:
    report = crash_report("was ended by SIGSEGV", words)
    assert (report.title, report.message) == (title, message)
    assert report.output == words.strip()
    assert all(word in render_text(report) for word in words.split()[-2:])


@pytest.mark.parametrize(
    ("what", "words", "hint"),
    [
        pytest.param("was ended by SIGSEGV", "", "python -X faulthandler manage.py runserver", id="segfault"),
        pytest.param("was ended by SIGKILL", "", "when memory runs out", id="killed"),
        pytest.param("ended with status 0", "", "something has called `os._exit()`", id="exit"),
        pytest.param(
            "ended with status 1",
            "  File \"/a.py\", line 1, in <module>\nModuleNotFoundError: No module named 'django.urls'\n",
            "write `miniframe.urls`",
            id="missing-module",
        ),
    ],
)
def test_the_way_it_died_is_advised_on(what: str, words: str, hint: str) -> None:
    (advice,) = crash_report(what, words).hints
    assert hint in advice


@pytest.mark.parametrize("what", ["was ended by SIGTERM", "was ended by signal 40"])
def test_an_end_that_somebody_wanted_has_no_advice(what: str) -> None:
    assert crash_report(what, "").hints == ()


def test_nothing_of_the_project_is_loaded_for_it(tmp_path: Path) -> None:
    (tmp_path / "shop_settings.py").write_text("raise SystemExit('the settings were loaded')\n")
    code = (
        "from miniframe.views.report.crash import crash_app\n"
        "app = crash_app('ended with status 1', '  File \"a.py\", line 1, in f\\nNoReverseMatch: Reverse for x\\n')\n"
        "for accept in ('text/html', '*/*', 'application/json', 'text/markdown'):\n"
        "    assert b'NoReverseMatch' in b''.join(\n"
        "        app({'REQUEST_METHOD': 'GET', 'HTTP_ACCEPT': accept}, lambda *args: None)\n"
        "    )\n"
    )
    environ: dict[str, Any] = os.environ | {"MINIFRAME_SETTINGS_MODULE": "shop_settings"}
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environ, check=True, timeout=30)
