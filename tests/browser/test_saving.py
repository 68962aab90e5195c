"""Change the example project while a browser shows it, and touch nothing there: what is saved is what is seen."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

import miniframe

from .conftest import EXAMPLE, Site, Watch

IGNORED = shutil.ignore_patterns("var", "tests", "__pycache__", ".*")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the example that may be broken."""
    return Path(shutil.copytree(EXAMPLE, tmp_path_factory.mktemp("copy") / "port-merrow", ignore=IGNORED))


@pytest.fixture(scope="module")
def site(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The copy, served with the reloader."""
    # Someone may be working on miniframe itself while this runs.
    ignored = str(Path(miniframe.__file__).parents[1])
    running = Site(tmp_path_factory.mktemp("harbour"), folder=project, MINIFRAME_RELOAD_IGNORE=ignored).wait()
    yield running
    assert running.stop() == 0


def save(file: Path, old: str, new: str) -> None:
    """Put `new` in the place of `old`."""
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_a_saved_view_and_a_saved_template_are_seen(page: Page, project: Path) -> None:
    page.goto("/tides/")
    save(project / "tides/tables.py", '"High water"', '"Plenty of water"')
    expect(page.locator("body")).to_contain_text("Plenty of water")
    page.goto("/about/")
    save(project / "templates/core/about.html", "About this site</h1>", "All about this site</h1>")
    expect(page.locator("body")).to_contain_text("All about this site")


def test_a_page_without_any_tag_follows(page: Page, project: Path, watch: Watch) -> None:
    # It may be asked for before the server knows of it.
    watch.expect(404)
    urls = project / "harbour/urls.py"
    answer = 'path("word/", lambda request: HttpResponse("Hello, world."))'
    urls.write_text(f"{urls.read_text()}\nfrom miniframe.http import HttpResponse\n\nurlpatterns.append({answer})\n")
    page.goto("/word/")
    expect(page.locator("body")).to_have_text("Hello, world.")
    save(urls, "Hello, world.", "Good day.")
    expect(page.locator("body")).to_have_text("Good day.")


def test_a_broken_save_shows_the_place_and_is_mended(page: Page, project: Path, watch: Watch) -> None:
    watch.expect(500)
    page.goto("/gallery/")
    save(project / "gallery/views.py", "def detail(", "def detail((")
    expect(page.locator("body")).to_contain_text("SyntaxError")
    expect(page.locator("body")).to_contain_text("gallery/views.py")
    save(project / "gallery/views.py", "def detail((", "def detail(")
    expect(page.locator("body")).to_contain_text("First boat out")


def test_a_style_is_swapped_in_place(page: Page, project: Path) -> None:
    page.goto("/about/")
    page.evaluate("window.kept = 'by a script'; scrollTo(0, 40)")
    for red in (1, 2, 3):
        save(project / "static/css/harbour.css", "--paper: ", f"--paper: rgb({red}, 2, 3); --was-{red}: ")
        expect(page.locator("body")).to_have_css("background-color", f"rgb({red}, 2, 3)")
    assert page.evaluate("[window.kept, scrollY]") == ["by a script", 40]
    # One sheet for each that there was.
    expect(page.locator("link[rel=stylesheet][href*='harbour.css']")).to_have_count(1)


def test_a_page_that_was_hidden_learns_what_it_has_missed(page: Page, project: Path) -> None:
    page.goto("/about/")
    page.evaluate(
        """() => {
            Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
    other = page.context.new_page()
    other.goto("/about/")
    save(project / "templates/core/about.html", "</h1>", " and more</h1>")
    expect(other.locator("h1")).to_contain_text("and more")
    expect(page.locator("h1")).not_to_contain_text("and more")
    page.evaluate(
        """() => {
            delete document.visibilityState;
            document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
    expect(page.locator("h1")).to_contain_text("and more")


def test_more_windows_than_a_browser_has_connections_follow_all_the_same(page: Page, project: Path) -> None:
    windows = [page, *(page.context.new_page() for _ in range(6))]
    for window in windows:
        window.goto("/about/")
    save(project / "templates/core/about.html", "</h1>", ", everywhere</h1>")
    for window in windows:
        expect(window.locator("h1")).to_contain_text("everywhere")


def test_the_error_page_of_a_form_says_that_something_was_changed(page: Page, project: Path, watch: Watch) -> None:
    watch.expect(404)
    page.goto("/notices/new/")
    page.locator("form[method=post]").first.evaluate(
        "form => { form.action = '/nowhere/'; form.noValidate = true; form.requestSubmit() }"
    )
    expect(page.locator(".status")).to_have_text("404")
    expect(page.locator("#miniframe-changed")).to_be_hidden()
    save(project / "templates/core/about.html", "</h1>", "?</h1>")
    expect(page.locator("#miniframe-changed")).to_be_visible()


def test_the_answer_to_a_form_takes_styles_and_is_not_sent_again(page: Page, project: Path, watch: Watch) -> None:
    watch.expect(422)
    page.goto("/notices/new/")
    page.locator("form[method=post]").first.evaluate("form => { form.noValidate = true; form.requestSubmit() }")
    expect(page.locator("body")).to_contain_text("Please fill this in.")
    page.evaluate("window.kept = true")
    save(project / "templates/core/about.html", "</h1>", "!</h1>")
    save(project / "static/css/harbour.css", "--paper: ", "--paper: rgb(7, 2, 3); --was-7: ")
    expect(page.locator("body")).to_have_css("background-color", "rgb(7, 2, 3)")
    assert page.evaluate("window.kept")
