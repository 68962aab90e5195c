"""Three whole sites, written for Django and moved by renaming imports, answer byte for byte as they do there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

APPS = Path(__file__).parent / "apps"


def run(framework: str, app: str, folder: Path, turned: Any) -> dict[str, Any]:
    """Copy the app, for miniframe with its imports turned, and drive it in a process of its own."""
    shutil.copytree(APPS / app, folder / app, ignore=shutil.ignore_patterns("__pycache__"))
    for file in folder.rglob("*.py"):
        if framework == "miniframe":
            file.write_text(turned(file.read_text()))
    environ = {name: value for name, value in os.environ.items() if not name.endswith("_SETTINGS_MODULE")}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", APPS / "drive.py", framework, app],
        cwd=folder,
        env=environ | {"PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


@pytest.mark.parametrize("app", sorted(each.name for each in APPS.iterdir() if (each / "wsgi.py").exists()))
def test_a_site_moved_by_its_imports_answers_the_same(app: str, tmp_path: Path, turned: Any) -> None:
    theirs = run("django", app, tmp_path / "django", turned)
    ours = run("miniframe", app, tmp_path / "miniframe", turned)
    assert theirs["tests"]["failed"] == []
    assert ours["tests"] == theirs["tests"]
    assert len(ours["answers"]) == len(theirs["answers"]) >= 30
    different = [
        f"answer {number}:\n    {their}\n    {our}"
        for number, (their, our) in enumerate(zip(theirs["answers"], ours["answers"], strict=True))
        if their != our
    ]
    assert not different, "\n".join(different)
