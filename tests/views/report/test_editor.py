"""Links into an editor: by a name, by an address of one's own, by the terminal; and what is no link."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from miniframe.views.report.data import Frame, Marks
from miniframe.views.report.editor import TEMPLATES, editor_of


def frame(file: str, column: int | None = None) -> Frame:
    marks = None if column is None else Marks(7, column, 7, column + 3)
    return Frame(file, "price", 7, "project", 1, (), marks, ())


def link(wanted: str, file: str, column: int | None = None) -> str:
    return editor_of({"MINIFRAME_EDITOR": wanted}).link(frame(file, column))


@pytest.mark.parametrize(
    ("wanted", "address"),
    [
        pytest.param("vscode", "vscode://file/srv/my%20shop/a.py:7:5", id="vscode"),
        pytest.param("pycharm", "pycharm://open?file=/srv/my%20shop/a.py&line=7", id="pycharm"),
        pytest.param("idea", "idea://open?file=/srv/my%20shop/a.py&line=7", id="idea"),
        pytest.param("sublime", "subl://open?url=file:///srv/my%20shop/a.py&line=7&column=5", id="sublime"),
        pytest.param("vim", "vim://open?url=file:///srv/my%20shop/a.py&line=7&column=5", id="vim"),
        pytest.param("x-edit:{file}?{line}{what}", "x-edit:/srv/my%20shop/a.py?7{what}", id="own"),
        pytest.param("", "", id="off"),
        pytest.param("javascript:alert('{file}')", "", id="a-script"),
        pytest.param("vscode://file", "", id="no-file-in-it"),
    ],
)
def test_a_place_becomes_an_address(wanted: str, address: str) -> None:
    assert link(wanted, "/srv/my shop/a.py", column=4) == address


def test_the_path_from_here_on_is_for_containers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    wanted = "vscode://file/home/ann/shop/{relative}:{line}"
    assert link(wanted, str(tmp_path / "cart" / "a.py")) == "vscode://file/home/ann/shop/cart/a.py:7"
    assert link(wanted, "/usr/lib/python3/json.py") == "", "there is no such file on the desk"


def test_a_name_that_is_no_utf8_is_sent_as_its_octets() -> None:
    assert link("vscode", os.fsdecode(b"/srv/caf\xe9/a.py")) == "vscode://file/srv/caf%E9/a.py:7:1"


@pytest.mark.parametrize("file", ["<string>", "<frozen runpy>", "a.py"])
def test_what_is_no_file_has_no_link(file: str) -> None:
    assert link("vscode", file) == ""


@pytest.mark.parametrize(
    ("environ", "editor"),
    [
        pytest.param({"TERM_PROGRAM": "vscode"}, "vscode", id="vscode"),
        pytest.param({"TERM_PROGRAM": "vscode", "CURSOR_TRACE_ID": "1"}, "cursor", id="cursor"),
        pytest.param({"TERM_PROGRAM": "zed"}, "zed", id="zed"),
        pytest.param({"TERMINAL_EMULATOR": "JetBrains-JediTerm"}, "pycharm", id="jetbrains"),
    ],
)
def test_the_terminal_of_an_editor_names_it(environ: dict[str, str], editor: str) -> None:
    assert editor_of(environ).template == TEMPLATES[editor]


@pytest.mark.parametrize(
    "environ", [{}, {"TERM_PROGRAM": "iTerm.app"}, {"TERM_PROGRAM": "vscode", "MINIFRAME_EDITOR": ""}]
)
def test_without_an_editor_there_are_no_links_and_no_complaint(environ: dict[str, str]) -> None:
    assert editor_of(environ) == ("", "")


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        pytest.param("vscod", "Did you mean 'vscode'?", id="misspelt"),
        pytest.param("kakoune", "Known are vscode, ", id="unknown"),
        pytest.param("vscode://file", "{file} or {relative}", id="no-file-in-it"),
        pytest.param("javascript:{file}", "needs a scheme", id="a-script"),
    ],
)
def test_a_wrong_name_is_told_on_the_page(wanted: str, words: str) -> None:
    assert words in editor_of({"MINIFRAME_EDITOR": wanted}).complaint
