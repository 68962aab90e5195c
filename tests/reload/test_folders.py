"""Which files are the project's, and how a tree is watched without what is not."""

from __future__ import annotations

import os
import py_compile
import sys
from pathlib import Path

import pytest

from miniframe.autoreload import folders
from miniframe.autoreload.folders import (
    IGNORE,
    TooManyFolders,
    code_folders,
    drop_bytecode,
    is_passed_over,
    is_source,
    lay_out,
    snapshot,
)


def make(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("views.py", True, id="python"),
        pytest.param("fast.cpython-311-x86_64-linux-gnu.so", True, id="compiled-extension"),
        pytest.param(".env", True, id="environment"),
        pytest.param(".env.local", True, id="local-environment"),
        pytest.param("pyproject.toml", True, id="toml"),
        pytest.param("page.html", False, id="template"),
        pytest.param("site.css", False, id="style"),
        pytest.param("db.sqlite3", False, id="database"),
        pytest.param("db.sqlite3-journal", False, id="journal"),
        pytest.param(".#views.py", False, id="emacs-lock"),
        pytest.param("views.py~", False, id="backup"),
        pytest.param(".views.py.swp", False, id="vim-swap"),
        pytest.param("views.cpython-311.pyc", False, id="bytecode"),
    ],
)
def test_only_files_that_make_the_program_are_sources(name: str, expected: bool) -> None:
    assert is_source(f"/site/{name}") is expected


@pytest.mark.parametrize(
    ("path", "root", "expected"),
    [
        pytest.param("/site/venv/x.py", "/site", True, id="environment-in-the-project"),
        pytest.param("/site/a/node_modules/b/x.py", "/site", True, id="node-modules-deep-down"),
        pytest.param("/home/me/venv/site/x.py", "/home/me/venv/site", False, id="project-inside-an-environment"),
        pytest.param("/site/venvironment/x.py", "/site", False, id="name-that-begins-alike"),
        pytest.param("/site/__pycache__/x.py", "/site", True, id="bytecode-folder"),
    ],
)
def test_a_path_is_judged_by_its_parts_below_the_root(path: str, root: str, expected: bool) -> None:
    assert is_passed_over(path, root) is expected


def test_a_plain_tree_is_watched_whole(tmp_path: Path) -> None:
    make(tmp_path, "manage.py", "site/urls.py", "shop/views/cart.py", "shop/__pycache__/x.pyc")
    assert lay_out(str(tmp_path)) == ([str(tmp_path)], [])


def test_a_tree_is_cut_at_heavy_folders(tmp_path: Path) -> None:
    make(tmp_path, "manage.py", "site/urls.py", "front/src/a.py", "front/node_modules/b/c.py", ".git/HEAD")
    whole, alone = lay_out(str(tmp_path))
    assert sorted(whole) == [str(tmp_path / "front/src"), str(tmp_path / "site")]
    assert sorted(alone) == [str(tmp_path), str(tmp_path / "front")]


def test_an_environment_of_any_name_is_cut_out(tmp_path: Path) -> None:
    make(tmp_path, "site/urls.py", "my-env/pyvenv.cfg", "my-env/lib/x.py")
    assert lay_out(str(tmp_path)) == ([str(tmp_path / "site")], [str(tmp_path)])


def test_linked_folders_and_files_are_followed_to_where_they_are(tmp_path: Path) -> None:
    make(tmp_path, "project/manage.py", "elsewhere/app/views.py", "third/settings.py")
    (tmp_path / "project/app").symlink_to(tmp_path / "elsewhere/app")
    (tmp_path / "project/settings.py").symlink_to(tmp_path / "third/settings.py")
    (tmp_path / "project/loop").symlink_to(tmp_path / "project")
    whole, alone = lay_out(str(tmp_path / "project"))
    assert sorted(whole) == [str(tmp_path / "elsewhere/app"), str(tmp_path / "project")]
    assert alone == [str(tmp_path / "third")]


def test_a_tree_that_is_no_project_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "_MOST_FOLDERS", 3)
    make(tmp_path, "a/x", "b/x", "c/x")
    with pytest.raises(TooManyFolders):
        lay_out(str(tmp_path))


def test_code_folders_are_the_import_path_without_libraries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "project/x.py", "lib/site-packages/y.py")
    (tmp_path / "editable").symlink_to(tmp_path / "project")
    monkeypatch.setattr(
        sys, "path", [str(tmp_path / "editable"), str(tmp_path / "lib/site-packages"), *sys.path, "/nowhere", "a.zip"]
    )
    found = code_folders()
    assert str(tmp_path / "project") in found
    assert not [folder for folder in found if "site-packages" in folder]
    assert os.path.realpath(os.path.dirname(os.__file__)) not in found


def test_folders_can_be_ignored_by_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "project/x.py")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "project")])
    monkeypatch.setenv(IGNORE, os.pathsep.join(["/nowhere", str(tmp_path)]))
    assert str(tmp_path / "project") not in code_folders()


def test_a_snapshot_shows_sources_only(tmp_path: Path) -> None:
    make(tmp_path, "a.py", "sub/b.py", "sub/page.html", "node_modules/c.py", ".env")
    assert sorted(snapshot([str(tmp_path)])) == [str(tmp_path / name) for name in (".env", "a.py", "sub/b.py")]


def test_dropped_bytecode_cannot_hide_a_save_of_the_same_size(tmp_path: Path) -> None:
    source = tmp_path / "views.py"
    source.write_text("x = 1\n")
    compiled = Path(str(py_compile.compile(str(source))))
    drop_bytecode([str(source), str(tmp_path / "never.py"), str(tmp_path / ".env")])
    assert not compiled.exists()
