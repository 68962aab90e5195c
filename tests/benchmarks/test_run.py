"""The benchmarks run, and what they compare answers alike."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    # With a cache of its own, so that an environment made by `--setup` is not used instead of this one.
    environment = {**os.environ, "XDG_CACHE_HOME": str(home)}
    command = [sys.executable, str(ROOT / "benchmarks" / "run.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=False)


def test_miniframe_gives_the_right_answer_to_everything_that_is_measured(tmp_path: Path) -> None:
    done = run("--check", "--frameworks", "miniframe", home=tmp_path)
    assert done.returncode == 0, done.stderr
    rows = [line.split("|")[1:-1] for line in done.stdout.splitlines() if line.startswith("| ") and ":" in line]
    assert len(rows) == 12 + 3 * 3 + 3
    assert all(float(row[1].split()[0]) > 0 for row in rows)


def test_what_is_written_for_miniframe_runs_with_django_too(tmp_path: Path) -> None:
    pytest.importorskip("django")
    rows = ["stack", "session", "messages", "cache", "routes of 10", "reverse", "start and first answer"]
    done = run("--check", "--frameworks", "miniframe", "django", "--", *rows, home=tmp_path)
    assert done.returncode == 0, done.stderr
    # A ratio in each line says that both have been measured.
    assert done.stdout.count("(") == len(rows) + 2 + 2


def test_a_row_that_does_not_exist_is_named(tmp_path: Path) -> None:
    done = run("text", "txet", home=tmp_path)
    assert done.returncode == 2
    assert "no such row: txet" in done.stderr
