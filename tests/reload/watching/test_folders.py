"""Which folders are the project's, and which are of packages."""

from __future__ import annotations

import json
import os
import py_compile
import sys
from pathlib import Path
from types import ModuleType

import pytest

from miniframe.autoreload.watching import folders
from miniframe.autoreload.watching.folders import (
    code_folders,
    drop_bytecode,
    editable_folders,
    installed_folders,
    package_folders,
)
from miniframe.autoreload.watching.layout import IGNORE


def make(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of installed packages that is the whole import path."""
    folder = tmp_path / "env/lib/site-packages"
    folder.mkdir(parents=True)
    monkeypatch.setattr(sys, "path", [str(tmp_path), str(folder)])
    return folder


def load(monkeypatch: pytest.MonkeyPatch, name: str, **attributes: object) -> None:
    module = ModuleType(name)
    vars(module).update(attributes)
    monkeypatch.setitem(sys.modules, name, module)


def note(library: Path, package: str, text: str) -> None:
    make(library, f"{package}.dist-info/direct_url.json")
    (library / f"{package}.dist-info/direct_url.json").write_text(text)


def test_an_editable_package_is_found_by_the_installers_note(tmp_path: Path, library: Path) -> None:
    make(tmp_path, "my shop/src/shop/__init__.py")
    url = (tmp_path / "my shop").as_uri()
    note(library, "shop-1.0", json.dumps({"dir_info": {"editable": True}, "url": url}))
    assert editable_folders() == [str(tmp_path / "my shop")]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param('{"editable"', id="damaged"),
        pytest.param('["editable"]', id="of-another-shape"),
        pytest.param('{"dir_info": {"editable": false}, "url": "file:///tmp"}', id="not-editable"),
        pytest.param('{"dir_info": {"editable": true}, "url": "https://x.example/"}', id="not-here"),
        pytest.param('{"dir_info": {"editable": true}, "url": "file:///nowhere"}', id="gone"),
    ],
)
def test_other_notes_lead_nowhere(library: Path, text: str) -> None:
    note(library, "shop-1.0", text)
    assert editable_folders() == []


def test_an_editable_package_is_found_by_its_link_and_by_its_finder(
    tmp_path: Path, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, "linked/pkg/x.py", "found/pkg/x.py", "single/one.py")
    (library / "pkg").symlink_to(tmp_path / "linked/pkg")
    mapping = {"pkg": str(tmp_path / "found/pkg"), "one": str(tmp_path / "single/one.py")}
    load(monkeypatch, "__editable___pkg_1_0_finder", MAPPING=mapping)
    assert editable_folders() == [str(tmp_path / name) for name in ("found/pkg", "linked/pkg", "single")]


def test_of_packages_those_that_are_loaded_are_told(
    tmp_path: Path, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(library, "loaded/sub/x.py", "idle/x.py", "single.py")
    load(monkeypatch, "loaded.sub.x", __file__=str(library / "loaded/sub/x.py"))
    load(monkeypatch, "single", __file__=str(library / "single.py"))
    load(monkeypatch, "own", __file__=str(tmp_path / "own.py"))
    monkeypatch.setattr(folders, "_MOST_PACKAGES", 10_000)
    assert [folder for folder in package_folders() if folder.startswith(str(tmp_path))] == [str(library / "loaded")]
    assert installed_folders() == [str(library)]


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


def test_dropped_bytecode_cannot_hide_a_save_of_the_same_size(tmp_path: Path) -> None:
    source = tmp_path / "views.py"
    source.write_text("x = 1\n")
    compiled = Path(str(py_compile.compile(str(source))))
    drop_bytecode([str(source), str(tmp_path / "never.py"), str(tmp_path / ".env")])
    assert not compiled.exists()


def test_of_very_many_packages_some_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "_MOST_PACKAGES", 1)
    assert len(package_folders()) == 1
