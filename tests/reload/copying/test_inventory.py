"""What a worker has loaded is told apart: others' modules, the project's, and what one did to the other."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from miniframe.autoreload.copying.inventory import Inventory, take_inventory

LIBRARY = "def send(): ...\nclass Session:\n    def get(self): ...\n"
PROJECT = "import functools\ndef traced(): ...\nclass Session: ...\n"


class Loaded:
    """A library and a project, as a worker has them."""

    def __init__(self, root: Path) -> None:
        self.library = self._load("warm_library", root / "site-packages/warm_library.py", LIBRARY)
        self.project = self._load("warm_project", root / "warm_project.py", PROJECT)

    @staticmethod
    def _load(name: str, path: Path, source: str) -> ModuleType:
        path.parent.mkdir(exist_ok=True)
        path.write_text(source)
        module = ModuleType(name)
        module.__file__ = str(path)
        exec(compile(source, str(path), "exec"), vars(module))
        sys.modules[name] = module
        return module


@pytest.fixture
def loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Loaded:
    """Both of them, for the length of a test, and nothing else that pytest may have changed."""
    standard = {name: sys.modules[name] for name in ("json", "socket", "threading", "sys")}
    monkeypatch.setattr(sys, "modules", standard)
    return Loaded(tmp_path)


def test_others_modules_and_the_projects_are_told_apart(loaded: Loaded, tmp_path: Path) -> None:
    sys.modules["miniframe.http"] = loaded.project
    found = take_inventory()
    assert {"json", "warm_library", "miniframe.http"} <= set(found.names)
    assert found.own == {"warm_project"}
    assert found.obstacle == ""


def _replaces_function(loaded: Loaded) -> None:
    loaded.library.__dict__["send"] = loaded.project.traced


def _wraps_function(loaded: Loaded) -> None:
    wrapped = functools.wraps(loaded.library.send)(loaded.project.traced)
    loaded.library.__dict__["send"] = wrapped


def _replaces_class(loaded: Loaded) -> None:
    loaded.project.Session.__module__ = "warm_project"
    loaded.library.__dict__["Session"] = loaded.project.Session


def _changes_class(loaded: Loaded) -> None:
    loaded.library.Session.get = loaded.project.traced


def _sets_hook(loaded: Loaded) -> None:
    sys.modules["threading"].__dict__["kept_for_test"] = loaded.project.traced


@pytest.mark.parametrize(
    ("act", "obstacle"),
    [
        pytest.param(_replaces_function, "warm_library.send was replaced", id="function"),
        pytest.param(_wraps_function, "warm_library.send was replaced", id="function-that-was-wrapped"),
        pytest.param(_replaces_class, "warm_library.Session was replaced", id="class"),
        pytest.param(_changes_class, "", id="inside-a-class-nobody-keeps-the-old"),
        pytest.param(_sets_hook, "", id="hooks-are-made-for-it"),
    ],
)
def test_a_module_that_the_project_has_changed_is_an_obstacle(
    loaded: Loaded, act: Callable[[Loaded], None], obstacle: str
) -> None:
    try:
        act(loaded)
        found = take_inventory().obstacle
    finally:
        sys.modules["threading"].__dict__.pop("kept_for_test", None)
    assert found.startswith(obstacle)
    assert bool(found) == bool(obstacle)


def test_a_library_that_changes_pythons_own_is_an_obstacle(loaded: Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json, "dumps", loaded.library.send)
    assert take_inventory().obstacle.startswith("json.dumps was replaced by that of ")


def test_what_typing_extensions_teaches_typing_is_none() -> None:
    # In a process of its own: in this one somebody has imported it long ago.
    told = "import typing_extensions; from miniframe.autoreload.copying.inventory import take_inventory as take"
    done = subprocess.run(
        [sys.executable, "-c", f"{told}; print(repr(take().obstacle))"], capture_output=True, text=True, check=True
    )
    assert done.stdout == "''\n"


def test_what_is_told_arrives() -> None:
    told = Inventory(("a", "b.c"), frozenset({"mysite"}), ("/site",), "why")
    assert Inventory.parse(str(told)) == told
