"""How a tree is watched without what is not the project's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from miniframe.autoreload.watching import layout
from miniframe.autoreload.watching.layout import IGNORE, TooManyFolders, is_passed_over, lay_out


def make(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def is_python(path: str) -> bool:
    return path.endswith(".py")


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
    assert lay_out(str(tmp_path), is_python) == ([str(tmp_path)], [], [])


def test_a_tree_is_cut_at_heavy_folders(tmp_path: Path) -> None:
    make(tmp_path, "manage.py", "site/urls.py", "front/src/a.py", "front/node_modules/b/c.py", ".git/HEAD")
    whole, alone, _ = lay_out(str(tmp_path), is_python)
    assert sorted(whole) == [str(tmp_path / "front/src"), str(tmp_path / "site")]
    assert sorted(alone) == [str(tmp_path), str(tmp_path / "front")]


def test_an_environment_of_any_name_is_cut_out(tmp_path: Path) -> None:
    make(tmp_path, "site/urls.py", "my-env/pyvenv.cfg", "my-env/lib/x.py")
    assert lay_out(str(tmp_path), is_python) == ([str(tmp_path / "site")], [str(tmp_path)], [])


def test_linked_folders_and_files_are_followed_to_where_they_are(tmp_path: Path) -> None:
    make(tmp_path, "project/manage.py", "elsewhere/app/views.py", "third/settings.py")
    (tmp_path / "project/app").symlink_to(tmp_path / "elsewhere/app")
    (tmp_path / "project/settings.py").symlink_to(tmp_path / "third/settings.py")
    (tmp_path / "project/loop").symlink_to(tmp_path / "project")
    whole, alone, linked = lay_out(str(tmp_path / "project"), is_python)
    assert sorted(whole) == [str(tmp_path / "elsewhere/app"), str(tmp_path / "project")]
    assert alone == [str(tmp_path / "third")]
    assert sorted(linked) == [str(tmp_path / "elsewhere/app"), str(tmp_path / "third/settings.py")]


def test_a_tree_that_is_no_project_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "_MOST_FOLDERS", 3)
    make(tmp_path, "a/x", "b/x", "c/x")
    with pytest.raises(TooManyFolders):
        lay_out(str(tmp_path), is_python)


def test_folders_can_be_ignored_by_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(IGNORE, os.pathsep.join(["/nowhere", str(tmp_path / "var")]))
    make(tmp_path, "site/urls.py", "var/made.py", "variety/x.py")
    whole, alone, _ = lay_out(str(tmp_path), is_python)
    assert (sorted(whole), alone) == ([str(tmp_path / "site"), str(tmp_path / "variety")], [str(tmp_path)])
    assert is_passed_over(str(tmp_path / "var/new.py"), str(tmp_path))
