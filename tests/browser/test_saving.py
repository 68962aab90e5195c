"""Change the example project while it runs, and watch the browser: what is saved is what is seen."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Page, expect

from .conftest import EXAMPLE, Site, Watch

IGNORED = shutil.ignore_patterns("var", "tests", "__pycache__", ".*")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the example that may be broken."""
    return Path(shutil.copytree(EXAMPLE, tmp_path_factory.mktemp("copy") / "port-merrow", ignore=IGNORED))


@pytest.fixture(scope="module")
def site(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The copy, served with the reloader."""
    running = Site(tmp_path_factory.mktemp("harbour"), folder=project).wait()
    yield running
    assert running.stop() == 0


def save(file: Path, old: str, new: str) -> None:
    """Put `new` in the place of `old`."""
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_a_saved_view_is_seen_at_once(page: Page, project: Path) -> None:
    page.goto("/tides/")
    save(project / "tides/tables.py", '"High water"', '"Plenty of water"')
    expect_after_reload(page, "Plenty of water")


def test_a_saved_template_and_stylesheet_are_seen_at_once(page: Page, project: Path) -> None:
    page.goto("/about/")
    save(project / "templates/core/about.html", "About this site</h1>", "All about this site</h1>")
    save(project / "static/css/harbour.css", "--paper: #f4efe4;", "--paper: rgb(1, 2, 3);")
    expect_after_reload(page, "All about this site")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(1, 2, 3)"


def test_a_broken_save_shows_the_place_and_is_mended(page: Page, site: Site, project: Path, watch: Watch) -> None:
    watch.expect(500)
    page.goto("/gallery/")
    save(project / "gallery/views.py", "def detail(", "def detail((")
    # A page loaded in the very moment of the change could be the old one with the new one's stylesheet: the error.
    until_answered(f"{site.address}/gallery/", 500)
    expect_after_reload(page, "SyntaxError")
    expect(page.locator("body")).to_contain_text("gallery/views.py")
    save(project / "gallery/views.py", "def detail((", "def detail(")
    until_answered(f"{site.address}/gallery/", 200)
    expect_after_reload(page, "First boat out")


def until_answered(address: str, status: int) -> None:
    """Ask until the answer has this status."""
    deadline = time.monotonic() + 20
    while (found := requests.get(address, timeout=20).status_code) != status:
        assert time.monotonic() < deadline, f"{address} still answers {found}"
        time.sleep(0.02)  # the condition above is what is waited for


def expect_after_reload(page: Page, words: str) -> None:
    """Load the page until it has `words`; no load may be refused while the server changes."""
    for _ in range(50):
        response = page.reload()
        assert response is not None
        if page.get_by_text(words).count():
            return
        page.wait_for_timeout(100)
    pytest.fail(f"{words!r} is not on the page after 5 seconds:\n{page.locator('body').inner_text()}")
