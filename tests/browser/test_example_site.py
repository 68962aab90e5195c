"""Click through the example project as a visitor does."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import BrowserContext, FilePayload, Page, expect

from .conftest import Site, Watch

PAGES = (
    "/",
    "/about/",
    "/notices/",
    "/notices/1/",
    "/notices/new/",
    "/gallery/",
    "/gallery/1/",
    "/gallery/new/",
    "/tides/",
    "/live/",
    "/api/",
)


def picture(width: int = 60, height: int = 40) -> bytes:
    """Return a plain red PNG."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = (b"\0" + b"\xc0\x30\x20" * width) * height
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def upload(content: bytes, name: str = "quay.png", type: str = "image/png") -> FilePayload:
    """Return a file to choose in a form."""
    return {"name": name, "mimeType": type, "buffer": content}


def write_notice(page: Page, title: str) -> None:
    """Fill in the form of a new notice and send it."""
    page.goto("/notices/new/")
    page.get_by_label("Title").fill(title)
    page.get_by_label("About").select_option("lost")
    page.get_by_label("Text").fill("Left hand, ash.\n\nIt floats.")
    page.get_by_label("Signed").fill("Old Tam")
    page.get_by_role("button", name="Pin it").click()


def brightness(page: Page) -> float:
    """Return how bright the page's background is, from 0 to 1."""
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    red, green, blue = map(int, re.findall(r"\d+", colour)[:3])
    return (red + green + blue) / 765


def test_every_link_leads_somewhere(page: Page, site: Site, watch: Watch) -> None:
    watch.expect(400)  # the API's page shows what an error looks like
    waiting, seen = ["/"], {"/"}
    while waiting:
        address = waiting.pop()
        response = page.goto(address)
        assert response is not None
        assert response.status == (400 if "form=today" in address else 200), address
        for link in page.locator("a[href]:not([download])").all():
            found = urljoin(page.url, link.get_attribute("href") or "")
            parts = urlsplit(found)
            path = parts.path + (f"?{parts.query}" if parts.query else "")
            # Tide tables lead to other days, two hundred years in both directions: today's will do.
            if found.startswith(site.address) and path not in seen and not re.match(r"/tides/\d|/live/plain", path):
                seen.add(path)
                waiting.append(path)
    assert len(seen) > 40


def test_the_menu_leads_through_the_site(page: Page) -> None:
    page.goto("/")
    for entry, heading in (
        ("Notices", "Notice board"),
        ("Gallery", "Gallery"),
        ("Tides", "Tides today"),
        ("Live", "Live from the pier head"),
        ("API", "For programs"),
        ("About", "About this site"),
    ):
        page.get_by_role("navigation", name="Site").get_by_role("link", name=entry).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        expect(page.locator("nav [aria-current=page]").first).to_have_text(entry)


def test_a_notice_is_pinned_changed_and_taken_down(page: Page) -> None:
    write_notice(page, "Lost: one oar")
    expect(page.get_by_role("heading", level=1)).to_have_text("Lost: one oar")
    expect(page.get_by_role("status")).to_contain_text("Your notice is pinned")
    page.reload()
    expect(page.get_by_role("status")).to_have_count(0)

    page.get_by_role("link", name="Change").click()
    page.get_by_label("Title").fill("Found: one oar")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Found: one oar")

    page.get_by_role("link", name="Take down").click()
    page.get_by_role("button", name="Take it down").click()
    expect(page.get_by_role("status")).to_contain_text("“Found: one oar” is off the board.")
    expect(page.get_by_role("link", name="Found: one oar")).to_have_count(0)


def test_a_mistake_is_shown_beside_the_field_and_can_be_mended(page: Page, watch: Watch) -> None:
    watch.expect(422)
    write_notice(page, "oar")
    expect(page.get_by_role("alert")).to_contain_text("nothing you typed is lost")
    title = page.get_by_label("Title")
    expect(title).to_have_attribute("aria-invalid", "true")
    described = (title.get_attribute("aria-describedby") or "").split()
    assert "at least 4 characters" in page.locator(f"#{described[0]}").inner_text()
    expect(title).to_have_value("oar")
    expect(page.get_by_label("Text")).to_have_value("Left hand, ash.\n\nIt floats.")
    expect(page.get_by_label("About")).to_have_value("lost")

    title.fill("One oar")
    page.get_by_role("button", name="Pin it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("One oar")


def test_an_empty_form_does_not_leave_the_browser(page: Page) -> None:
    page.goto("/notices/new/")
    page.get_by_role("button", name="Pin it").click()
    assert page.get_by_label("Title").evaluate("element => element.validity.valueMissing")
    assert page.url.endswith("/notices/new/")


def test_a_form_without_its_cookie_is_told_what_to_do(page: Page, watch: Watch) -> None:
    watch.expect(403)
    page.goto("/notices/new/")
    page.context.clear_cookies()
    page.get_by_label("Title").fill("One oar")
    page.get_by_label("About").select_option("lost")
    page.get_by_label("Text").fill("Left hand, ash.")
    page.get_by_label("Signed").fill("Old Tam")
    page.get_by_role("button", name="Pin it").click()
    expect(page.locator("body")).to_contain_text(re.compile("CSRF|went adrift"))


def test_the_board_is_searched_from_the_keyboard(page: Page) -> None:
    page.goto("/notices/")
    page.get_by_role("searchbox").fill("admiral")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("1 notice with “admiral”")
    page.get_by_role("link", name="Lost: grey cat, answers to Admiral").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Admiral")


def test_the_board_has_pages(page: Page) -> None:
    page.goto("/notices/")
    first = page.locator(".note h3").first.inner_text()
    page.get_by_role("link", name="Older").click()
    expect(page.locator("[aria-current=page]", has_text="2")).to_be_visible()
    assert page.locator(".note h3").first.inner_text() != first
    page.get_by_role("link", name="Newer").click()
    expect(page.locator(".note h3").first).to_have_text(first)


def test_the_board_remembers_what_was_read(page: Page) -> None:
    for number in (1, 2):
        page.goto(f"/notices/{number}/")
    title = page.get_by_role("heading", level=1).inner_text()
    page.goto("/notices/")
    line = page.locator("p", has_text="Read lately")
    expect(line.get_by_role("link").first).to_have_text(title)
    expect(line.get_by_role("link")).to_have_count(2)
    line.get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def test_a_download_that_broke_off_goes_on(page: Page) -> None:
    whole = page.request.get("/gallery/1/download")
    rest = page.request.get("/gallery/1/download", headers={"Range": "bytes=1000-", "If-Range": whole.headers["etag"]})
    assert rest.status == 206
    assert rest.body() == whole.body()[1000:]


def test_a_picture_is_hung_seen_and_downloaded(page: Page) -> None:
    page.goto("/gallery/new/")
    page.get_by_label("Picture").set_input_files(upload(picture()))
    page.get_by_label("Caption").fill("The quay in red")
    page.get_by_label("Taken by").fill("Ines")
    page.get_by_role("button", name="Hang it").click()
    expect(page.get_by_role("status")).to_have_text("Your picture hangs on the wall.")
    shown = page.get_by_role("img", name="The quay in red")
    assert shown.evaluate("image => image.decode().then(() => [image.naturalWidth, image.naturalHeight])") == [60, 40]
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "the-quay-in-red.png"
    assert Path(download.value.path()).read_bytes() == picture()


def test_a_text_that_calls_itself_a_picture_is_refused(page: Page, watch: Watch) -> None:
    watch.expect(422)
    page.goto("/gallery/new/")
    page.get_by_label("Picture").set_input_files(upload(b"<script>alert(1)</script>", "photo.jpg", "image/jpeg"))
    page.get_by_label("Caption").fill("Trust me")
    page.get_by_label("Taken by").fill("Nobody")
    page.get_by_role("button", name="Hang it").click()
    expect(page.locator("#error_file")).to_contain_text("not a picture that we can show")
    expect(page.get_by_label("Caption")).to_have_value("Trust me")


def test_a_large_picture_arrives_whole(page: Page) -> None:
    large = picture() + bytes(3 * 1024 * 1024)
    page.goto("/gallery/new/")
    page.get_by_label("Picture").set_input_files(upload(large))
    page.get_by_label("Caption").fill("Large")
    page.get_by_label("Taken by").fill("Ines")
    page.get_by_role("button", name="Hang it").click()
    expect(page.get_by_role("link", name="Download (3.0 MB)")).to_be_visible()
    response = page.request.get(f"{page.url}image")
    assert response.body() == large


def test_the_tide_tables_lead_from_day_to_day(page: Page) -> None:
    page.goto("/tides/2026-02-28/")
    page.get_by_role("link", name="Day after").click()
    expect(page.get_by_text("Sunday 1 March 2026")).to_be_visible()
    page.get_by_label("Another day").fill("2027-06-21")
    page.get_by_role("button", name="Go").click()
    expect(page.get_by_text("Monday 21 June 2027")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="as CSV").click()
    assert Path(download.value.path()).read_text().startswith("date,time (UTC)")


def test_the_live_page_grows_and_tells_what_others_do(open_context: Callable[..., BrowserContext]) -> None:
    watching = open_context().new_page()
    watching.goto("/live/")
    live = watching.locator("#live")
    expect(live).to_have_attribute("data-state", "live")
    expect(live).to_have_attribute("data-readings", re.compile(r"[3-9]|\d\d"))
    early = len(watching.locator("#trace").get_attribute("d") or "")
    expect(watching.locator("#level")).to_have_text(re.compile(r"^\d\.\d\d$"))

    writing = open_context().new_page()
    write_notice(writing, "Seen: a seal <in> the basin")
    line = watching.locator("#log li", has_text="Seen: a seal <in> the basin")
    expect(line).to_be_visible()
    expect(live).to_have_attribute("data-readings", re.compile(r"[6-9]|\d\d"))
    assert len(watching.locator("#trace").get_attribute("d") or "") > early
    line.get_by_role("link").click()
    expect(watching.get_by_role("heading", level=1)).to_have_text("Seen: a seal <in> the basin")


def test_the_live_page_pauses_and_goes_on(page: Page) -> None:
    page.goto("/live/")
    live = page.locator("#live")
    expect(live).to_have_attribute("data-state", "live")
    page.get_by_role("button", name="Pause").click()
    expect(live).to_have_attribute("data-state", "paused")
    page.get_by_role("button", name="Go on").click()
    expect(live).to_have_attribute("data-state", "live")


def test_ten_open_streams_leave_room_for_pages(open_context: Callable[..., BrowserContext]) -> None:
    # A browser opens six connections to a host at most, so each visitor has two.
    watching = [context.new_page() for context in (open_context() for _ in range(5)) for _ in range(2)]
    for window in watching:
        window.goto("/live/")
        expect(window.locator("#live")).to_have_attribute("data-state", "live")
    reader = open_context().new_page()
    for address in PAGES:
        response = reader.goto(address)
        assert response is not None
        assert response.status == 200


@pytest.mark.parametrize("address", PAGES)
def test_a_phone_shows_the_whole_page(open_context: Callable[..., BrowserContext], address: str) -> None:
    page = open_context(viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True).new_page()
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_night_is_dark_and_day_is_light(open_context: Callable[..., BrowserContext], tmp_path: Path) -> None:
    by_scheme = {}
    for scheme in ("light", "dark"):
        page = open_context(color_scheme=scheme).new_page()
        page.goto("/")
        by_scheme[scheme] = brightness(page)
        shot = page.screenshot(path=tmp_path / f"home-{scheme}.png")
        assert len(shot) > 10_000
    assert by_scheme["light"] > 0.8
    assert by_scheme["dark"] < 0.2


def test_the_keyboard_finds_its_way_and_is_seen(page: Page) -> None:
    page.goto("/notices/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Tab")
    focused = page.locator(":focus")
    assert focused.evaluate("element => getComputedStyle(element).outlineStyle") == "solid"
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Notices", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Notice board")


def test_the_site_works_without_scripts(open_context: Callable[..., BrowserContext]) -> None:
    page = open_context(java_script_enabled=False).new_page()
    write_notice(page, "Written by lamplight")
    expect(page.get_by_role("heading", level=1)).to_have_text("Written by lamplight")
    page.goto("/live/")
    expect(page.get_by_role("link", name="plain text")).to_be_visible()


def test_the_browser_shows_what_the_steps_of_a_page_took(page: Page) -> None:
    page.goto("/notices/")
    metrics = page.evaluate(
        "performance.getEntriesByType('navigation')[0].serverTiming.map(each => [each.name, each.description])"
    )
    assert ["view", "board.views.index"] in metrics
    assert {"app", "total", "Session", "route", "templates"} <= {name for name, _ in metrics}
