"""`scripts/release`: entries become a version's part of the changelog, and the version gets its number."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import ROOT

HEAD = "# Changes\n\nWhat is new.\n\n"
OLD = "### Added\n\n- All.\n"


def release(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "scripts/release"), "--root", str(root), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a folder like the repository's, with three entries."""
    (tmp_path / "miniframe/utils").mkdir(parents=True)
    shutil.copy(ROOT / "miniframe/utils/version.py", tmp_path / "miniframe/utils")
    (tmp_path / "changes").mkdir()
    (tmp_path / "changes/README.md").write_text("# Entries\n")
    (tmp_path / "changes/b.added.md").write_text("A bell:\n\n```sh\nring\n```\n")
    (tmp_path / "changes/a.added.md").write_text("An apple,\nto eat.\n")
    (tmp_path / "changes/odd.name.fixed.md").write_text("No more rain.\n")
    (tmp_path / "CHANGELOG.md").write_text(
        "# Changes\n\nWhat is new.\n\n## 0.1.0 (2026-01-01)\n\n### Added\n\n- All.\n"
    )
    return tmp_path


NEW = """\
### Added

- An apple,
  to eat.
- A bell:

  ```sh
  ring
  ```

### Fixed

- No more rain.
"""


def test_without_a_version_it_shows_what_is_new_and_changes_nothing(root: Path) -> None:
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    assert release(root).stdout == f"## Coming\n\n{NEW}"
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before


def test_the_entries_become_the_first_part_of_the_changelog(root: Path) -> None:
    done = release(root, "0.2.0", "--nobuild")
    assert (done.returncode, done.stderr) == (0, "")
    head, new, old = re.split(r"^## .*\n\n", (root / "CHANGELOG.md").read_text(), flags=re.MULTILINE)
    assert (head, new, old) == (HEAD, f"{NEW}\n", OLD)
    assert re.search(r"^## 0\.2\.0 \(20\d\d-\d\d-\d\d\)$", (root / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert [path.name for path in (root / "changes").iterdir()] == ["README.md"]


@pytest.mark.parametrize(
    ("version", "parts"),
    [
        pytest.param("0.2.0", '(0, 2, 0, "final", 0)', id="final"),
        pytest.param("1.0.0rc2", '(1, 0, 0, "rc", 2)', id="candidate"),
        pytest.param("1.0.0a1", '(1, 0, 0, "alpha", 1)', id="alpha"),
    ],
)
def test_the_version_is_written_in_both_of_its_forms(root: Path, version: str, parts: str) -> None:
    assert release(root, version, "--nobuild").returncode == 0
    found: dict[str, object] = {}
    exec((root / "miniframe/utils/version.py").read_text(), found)
    assert found["__version__"] == version
    assert found["get_version"]() == version  # type: ignore[operator]
    assert f"VERSION: Version = {parts}" in (root / "miniframe/utils/version.py").read_text()


def test_the_first_version_takes_the_place_of_its_announcement(root: Path) -> None:
    (root / "CHANGELOG.md").write_text(f"{HEAD}## 0.1.0 (not released yet)\n\nThe first; see changes.\n")
    assert release(root, "0.1.0", "--nobuild").returncode == 0
    text = (root / "CHANGELOG.md").read_text()
    assert "not released" not in text
    assert text.startswith(f"{HEAD}## 0.1.0 (")
    assert text.endswith(NEW)


@pytest.mark.parametrize(
    ("version", "file", "content", "said"),
    [
        pytest.param("0.1.0", None, "", "has 0.1.0 already", id="version-that-is-there"),
        pytest.param("2", None, "", "'2' is no version", id="no-version"),
        pytest.param("0.2.0", "changes/x.md", "Text", "x.md: name it NAME.KIND.md", id="entry-without-kind"),
        pytest.param("0.2.0", "changes/x.new.md", "Text", "added, changed, fixed, removed", id="unknown-kind"),
        pytest.param("0.2.0", "changes/x.fixed.md", "\n", "x.fixed.md is empty", id="empty-entry"),
    ],
)
def test_what_stands_in_the_way_is_told_before_anything_is_written(
    root: Path, version: str, file: str | None, content: str, said: str
) -> None:
    if file is not None:
        (root / file).write_text(content)
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    done = release(root, version, "--nobuild")
    assert done.returncode == 1
    assert said in done.stderr
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before


def test_the_entries_that_wait_are_well_formed() -> None:
    done = release(ROOT)
    assert (done.returncode, done.stderr) == (0, "")
