"""The stories that the documents tell: the tutorial is one, each other page is one of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.reading import Block, read_blocks
from tests.docs.shell import SYSTEM, Shell, commands_of, python_on_path
from tests.docs.story import Story, is_run
from tests.docs.wheels import fill

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
CHAPTERS = sorted((DOCS / "tutorial").glob("[0-9]*.md"))
HOWTOS = sorted((DOCS / "howto").glob("*.md"))
TOPICS = sorted((DOCS / "topics").glob("*.md"))

WANTED = ("mypy", "pytest", "gunicorn", "redis")
"""What chapters of the tutorial install besides miniframe."""


def blocks_of(page: Path) -> list[Block]:
    return read_blocks(page.relative_to(ROOT), page.read_text(encoding="utf-8"))


PROGRAMS = {"curl": "curl", "nginx": "nginx", "openssl": "openssl"}
"""What consoles call that is not Python's, and the package of Debian that has it."""


def need_programs(blocks: list[Block]) -> None:
    """Skip the test where a program is not installed that the blocks call; fail in CI."""
    lines = [
        each.line
        for block in blocks
        if block.language == "console" and is_run(block)
        for each in commands_of(block.text)
    ]
    called = {Path(line.split()[0]).name for line in lines}
    missing = [name for name in PROGRAMS if name in called and not shutil.which(name, path=SYSTEM)]
    if missing:
        told = f"{', '.join(missing)} is missing: apt-get install {' '.join(PROGRAMS[name] for name in missing)}"
        if os.environ.get("CI"):
            pytest.fail(told)
        pytest.skip(told)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how much of the documents was run, and list what was not, where they were tested."""
    told = [report for reports in terminalreporter.stats.values() for report in reports if hasattr(report, "nodeid")]
    if not any("tests/docs/test_pages.py" in report.nodeid for report in told):
        return
    blocks = [block for page in [*CHAPTERS, *HOWTOS, *TOPICS] for block in blocks_of(page)]
    spared = [block for block in blocks if block.not_run]
    terminalreporter.section("code blocks of the documents")
    ran = sum(map(is_run, blocks))
    shown = len(blocks) - ran - len(spared)
    terminalreporter.write_line(f"{ran} are run; {shown} only show something; {len(spared)} are not run:")
    for block in spared:
        terminalreporter.write_line(f"    {block.place}: {block.not_run}")


class Tutorial:
    """The chapters in their order: a chapter asked for alone is told after those before it."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.told: list[Path] = []
        self.failed: Path | None = None

    def tell_up_to(self, chapter: Path) -> None:
        for each in CHAPTERS[len(self.told) : CHAPTERS.index(chapter) + 1]:
            need_programs(blocks_of(each))
            if self.failed:
                pytest.fail(f"{self.failed.name} failed, and this chapter goes on from there", pytrace=False)
            self.failed = each
            self.story.tell(blocks_of(each))
            self.failed = None
            self.told.append(each)


@pytest.fixture(scope="session")
def wheels() -> Iterator[Path]:
    """A folder from which pip installs what the tutorial asks for."""
    with tempfile.TemporaryDirectory(prefix="wheels-") as name:
        folder = Path(name)
        # Not by the metadata of the editable installation, which may be older than pyproject.toml.
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        fill(folder, *project["dependencies"], *project["optional-dependencies"]["sqlalchemy"], *WANTED)
        run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
        yield folder


@pytest.fixture(scope="session")
def tutorial(tmp_path_factory: pytest.TempPathFactory, wheels: Path) -> Iterator[Tutorial]:
    """A reader of the tutorial: an empty folder, and a Python without libraries."""
    # Not in pytest's own temporary folder, which nobody else may enter: nginx's workers are somebody else.
    place = Path(tempfile.mkdtemp(prefix="tutorial-"))
    place.chmod(0o755)
    folder = place / "reader"
    folder.mkdir()
    variables = {
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(wheels),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_QUIET": "1",
        "PIP_COMPILE": "0",
    }
    python = python_on_path(tmp_path_factory.mktemp("python"))
    # A wheel stands for the folder of the source, of which each reader's pip would have to make it first.
    (wheel,) = wheels.glob("miniframe-*.whl")
    story = Story(Shell(folder, [python], variables, {"path/to/miniframe": str(wheel)}), installs=True)
    try:
        yield Tutorial(story)
    finally:
        story.close()
        shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """A reader of one page: an empty folder, and this run's Python, in which miniframe is installed."""
    folder = tmp_path / "reader"
    folder.mkdir()
    made = Story(Shell(folder, [Path(sys.executable).parent], {}, {"path/to/miniframe": str(ROOT)}), installs=False)
    try:
        yield made
    finally:
        made.close()


def run(*command: str | Path, cwd: Path) -> str:
    """Run a tool that judges what a reader has made; fail with what it says."""
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False, timeout=180
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout
