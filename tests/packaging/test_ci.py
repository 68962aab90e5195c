"""What has to pass before a change lands, with stubs in place of all that it runs: how it ends, and what it leaves."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.waiting import PATIENCE, until

ROOT = Path(__file__).parents[2]

VENV = """\
mkdir -p "$MINIFRAME_VENV/bin"
printf '#!/bin/sh\\necho > "%s/judging"\\ntail -f "%s/judging"\\n' "$PWD" "$PWD" > "$MINIFRAME_VENV/bin/ruff"
chmod +x "$MINIFRAME_VENV/bin/ruff"
"""

TESTS = """\
while [ ! -e judging ]; do sleep 0.02; done
echo > testing
[ ! -e forever ] || tail -f "$PWD/forever"
exit 3
"""


def running(folder: Path) -> dict[int, str]:
    """Return the processes whose command line names a folder."""
    lines = {}
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines[int(file.parent.name)] = file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue  # it has just ended
    return {pid: line for pid, line in lines.items() if str(folder) in line}


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """Return a project whose tests fail at once, while something else would go on for ever."""
    if not (ROOT / ".ci" / "run").exists():
        pytest.skip("not in this archive")
    shutil.copytree(ROOT / ".ci", tmp_path / ".ci")
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "venv.sh").write_text(VENV)
    (tmp_path / "scripts" / "test").write_text(TESTS)
    (tmp_path / "temporary").mkdir()
    yield tmp_path
    for pid in running(tmp_path):
        os.kill(pid, signal.SIGKILL)


def start(root: Path) -> subprocess.Popen[bytes]:
    environ = {"PATH": os.defpath, "HOME": str(root), "TMPDIR": str(root / "temporary")}
    return subprocess.Popen(
        ["bash", root / ".ci" / "run"],
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def test_when_the_tests_fail_what_ran_beside_them_ends(root: Path) -> None:
    assert start(root).wait(PATIENCE) == 3
    assert running(root) == {}
    assert list((root / "temporary").iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_when_it_is_told_to_end_all_of_it_does(root: Path, number: signal.Signals) -> None:
    (root / "forever").touch()
    process = start(root)

    def going() -> set[str]:
        return {line.split("/")[-1].strip() for line in running(root).values() if line.startswith("tail")}

    until(lambda: going() == {"judging", "forever"})
    process.send_signal(number)
    assert process.wait(PATIENCE) != 0
    assert running(root) == {}
    assert list((root / "temporary").iterdir()) == []
