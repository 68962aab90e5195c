"""A process that has loaded something knows when a new one would load something else."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from miniframe.autoreload.copying.freshness import Freshness


class Site:
    """A folder of installed packages with one in it, and a project's folder."""

    def __init__(self, root: Path) -> None:
        self.packages = root / "site-packages"
        self.project = root / "project"
        self.module = self.packages / "warm_library.py"
        for folder in (self.packages, self.project, self.project / "warm_data"):
            folder.mkdir()
        self.module.write_text("x = 1\n")
        (self.packages / "links.pth").touch()
        (self.project / "mine.py").touch()
        # The clock that stamps files goes in steps; what a test does must come after a step.
        probe = root / "probe"
        probe.touch()
        while probe.stat().st_ctime_ns <= self.packages.stat().st_ctime_ns:
            probe.write_text("x")
        self.settled = time.time_ns() + 30_000_000


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A site whose library is loaded, and nothing else that is not Python's own."""
    site = Site(tmp_path)
    module = ModuleType("warm_library")
    module.__file__ = str(site.module)
    monkeypatch.setattr(sys, "modules", {"json": sys.modules["json"], "warm_library": module})
    monkeypatch.setattr(sys, "path", [str(site.project), str(site.packages)])
    return site


def _noted(site: Site, born: int) -> Freshness:
    freshness = Freshness(born)
    freshness.note([str(site.project)], frozenset({"mine"}))
    return freshness


def _edit_in_place(site: Site) -> None:
    before = site.module.stat()
    site.module.write_text("x = 2\n")
    os.utime(site.module, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize(
    ("act", "because_of"),
    [
        pytest.param(lambda site: None, "", id="nothing"),
        pytest.param(_edit_in_place, "warm_library.py", id="edited-with-the-old-time-and-size"),
        pytest.param(lambda site: site.module.unlink(), "warm_library.py", id="removed"),
        pytest.param(lambda site: (site.packages / "other-1.dist-info").mkdir(), "site-packages", id="installed"),
        pytest.param(lambda site: (site.packages / "links.pth").write_text("/x"), "links.pth", id="linked"),
        pytest.param(lambda site: (site.project / "json.py").touch(), "json.py", id="hidden-by-a-file"),
        pytest.param(lambda site: (site.project / "mine.py").write_text("x"), "", id="the-projects-own"),
        pytest.param(lambda site: (site.project / "json.html").touch(), "", id="no-module"),
        pytest.param(lambda site: (site.project / "warm_library").mkdir(), "", id="folder-that-is-no-package"),
    ],
)
def test_what_others_wrote_must_be_as_it_was_loaded(site: Site, act: Callable[[Site], object], because_of: str) -> None:
    freshness = _noted(site, born=site.settled)
    act(site)
    assert os.path.basename(freshness.spoiled()) == because_of


def test_a_file_that_changed_while_it_was_loaded_is_not_trusted(site: Site) -> None:
    assert _noted(site, born=site.settled - 10**9).spoiled() != ""


def test_a_namesake_that_was_there_before_hides_nothing_new(site: Site) -> None:
    (site.project / "json.py").touch()
    freshness = _noted(site, born=time.time_ns() + 30_000_000)
    assert freshness.spoiled() == ""
