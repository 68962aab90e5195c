"""The error report in a browser: copied by a button, walked through by keys, as wide as a phone, under its policy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from .conftest import Site, Watch

VIEWS = """
import json

from miniframe.http import HttpResponse
from miniframe.urls import path


def price(name):
    return {"plum": 120}[name]


def cart(request):
    return HttpResponse(price("melon"))


def parse(request):
    return json.loads("{")


urlpatterns = [path("cart/", cart), path("parse/", parse)]
"""
MANAGE = """
import os
import sys

os.environ["MINIFRAME_SETTINGS_MODULE"] = "shop_settings"

from miniframe.management import execute_from_command_line

execute_from_command_line(sys.argv)
"""
SETTINGS = 'SECRET_KEY = "geheim-0815-geheim-0815-geheim-0815"\nDEBUG = True\nROOT_URLCONF = "shop_urls"\n'


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A project whose views fail."""
    folder = tmp_path_factory.mktemp("shop")
    for name, text in {"manage.py": MANAGE, "shop_settings.py": SETTINGS, "shop_urls.py": VIEWS}.items():
        (folder / name).write_text(text)
    running = Site(folder, "--noreload", folder=folder, MINIFRAME_EDITOR="vscode").wait()
    yield running
    assert running.stop() == 0


@pytest.fixture
def page(open_context: Callable[..., BrowserContext], watch: Watch) -> Page:
    """A developer's window, whose clipboard may be read."""
    watch.expect(500)
    return open_context(permissions=["clipboard-read", "clipboard-write"]).new_page()


def test_the_button_copies_the_report_as_markdown(page: Page) -> None:
    page.goto("/cart/")
    page.get_by_role("button", name="Copy as Markdown").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("# KeyError: 'melon'\n")
    assert "shop_urls.py:9` in `price`" in copied
    assert "geheim" not in page.content()


def test_without_a_clipboard_the_text_is_selected_to_be_copied(page: Page) -> None:
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.goto("/cart/")
    page.keyboard.press("c")
    expect(page.locator("#markdown")).to_be_visible()
    assert page.evaluate("getSelection().toString()").startswith("# KeyError: 'melon'")


def test_keys_go_from_call_to_call_and_unfold_those_of_libraries(page: Page) -> None:
    page.goto("/parse/")
    focused = page.locator(":focus .fn")
    page.keyboard.press("j")
    expect(focused).to_have_text("parse")
    page.keyboard.press("f")
    page.keyboard.press("k")
    expect(focused).to_have_text("loads")
    page.keyboard.press("Enter")
    expect(page.locator("details.frame[open] .fn").filter(has_text="loads")).to_be_visible()
    page.keyboard.press("f")
    expect(page.locator("details.fold[open]")).to_have_count(0)


def test_the_place_is_a_link_into_the_editor(page: Page, site: Site) -> None:
    page.goto("/cart/")
    link = page.locator("dl.facts a.loc")
    expect(link).to_have_text("shop_urls.py:9")
    address = link.get_attribute("href") or ""
    assert address.startswith("vscode://file/")
    assert address.endswith("/shop_urls.py:9:12")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_a_phone(
    open_context: Callable[..., BrowserContext], watch: Watch, scheme: str, tmp_path: Path
) -> None:
    watch.expect(500)
    page = open_context(color_scheme=scheme, viewport={"width": 390, "height": 844}).new_page()
    page.goto("/parse/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    lightness = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0] < 128")
    assert lightness is (scheme == "dark")
