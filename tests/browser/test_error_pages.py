"""The pages that nobody wants to see, seen in a browser: ours while developing, the site's own afterwards."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from .conftest import EXAMPLE, Site, Watch

PUBLIC = {
    "HARBOUR_DEBUG": "0",
    "HARBOUR_HTTP": "1",
    "HARBOUR_HOSTS": "127.0.0.1",
    "HARBOUR_SECRET_KEY": "only-for-this-test-and-long-enough-to-please-the-check",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The example project as strangers see it: DEBUG is off."""
    data = tmp_path_factory.mktemp("harbour")
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--noinput"],
        cwd=EXAMPLE,
        env=os.environ | PUBLIC | {"HARBOUR_DATA": str(data)},
        check=True,
        capture_output=True,
    )
    running = Site(data, "--noreload", folder=EXAMPLE, **PUBLIC).wait()
    yield running
    assert running.stop() == 0


def test_a_stranger_sees_the_sites_own_page(page: Page, watch: Watch) -> None:
    watch.expect(404)
    page.goto("/nowhere/")
    expect(page.get_by_role("heading", level=1)).to_have_text("This berth is empty")
    assert page.locator("body").evaluate("body => getComputedStyle(body).display") == "flex", "the stylesheet is there"
    page.get_by_role("link", name="Back to the harbour").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Port Merrow")


def test_the_script_runs_under_its_hashed_name(page: Page) -> None:
    page.goto("/live/")
    assert re.fullmatch(r"/static/js/live\.[0-9a-f]{12}\.js", page.locator("script[src]").get_attribute("src") or "")
    expect(page.locator("#live")).to_have_attribute("data-state", "live")


def test_a_stranger_may_not_change_a_notice(page: Page, watch: Watch) -> None:
    watch.expect(403)
    page.goto("/notices/1/edit/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Not your berth")


def test_a_developer_sees_what_was_tried(browser: Browser, tmp_path: Path) -> None:
    running = Site(tmp_path, "--noreload").wait()
    watching = Watch(running.address)
    watching.expect(404)
    context: BrowserContext = browser.new_context(base_url=running.address)
    watching.follow(context)
    try:
        page = context.new_page()
        page.goto("/noticse/")
        expect(page.locator("body")).to_contain_text("notices/")
        expect(page.locator("body")).to_contain_text("DEBUG")
    finally:
        context.close()
        assert running.stop() == 0
    watching.check()
