"""The site that the tutorial ends with: its code is as clean as it tells its readers to keep theirs.

`mypy --strict` is a block of the tutorial itself, and `test_pages` runs it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.docs.conftest import CHAPTERS, Tutorial, run


@pytest.fixture
def site(tutorial: Tutorial) -> Path:
    tutorial.tell_up_to(CHAPTERS[-1])
    return tutorial.story.shell.cwd


def test_pyright_finds_nothing_in_the_finished_site(site: Path) -> None:
    # Where its libraries lie; else pyright would read those of this run.
    python = site.parent / ".venv/bin/python"
    assert "0 errors, 0 warnings" in run(sys.executable, "-m", "pyright", "--pythonpath", python, ".", cwd=site)


def test_ruff_finds_nothing_by_the_projects_own_settings(site: Path) -> None:
    run(sys.executable, "-m", "ruff", "check", ".", cwd=site)
    run(sys.executable, "-m", "ruff", "format", "--check", ".", cwd=site)


def test_what_is_secret_is_kept_from_git_and_from_others(site: Path) -> None:
    environment = site / "deploy/production.env"
    assert environment.stat().st_mode & 0o077 == 0
    assert {"deploy/production.env", "staticfiles/", "var/"} <= set((site / ".gitignore").read_text().splitlines())
