"""An open page hears of each change over one connection, whoever serves just then."""

from __future__ import annotations

import re
import signal
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.runserver.conftest import Project, Running, Start

PATIENCE = 30.0
PAGE = """\
from miniframe.http import HttpResponse


def home(request):
    return HttpResponse("<!doctype html><title>T</title><body><h1>one</h1></body>")


def named(request, name):
    return HttpResponse("not found", status=404)
"""


class Browser:
    """Asks for pages as a browser does, and listens as the script in them does."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.stream = socket.socket()
        self.rest = b""

    def page(self) -> str:
        """Return the page, whole."""
        return self.running.get(accept="text/html").body

    def listen(
        self, page: str, claim: str = "localhost", *fields: str, encrypted_by: ssl.SSLContext | None = None
    ) -> Browser:
        """Open the stream of a page."""
        since = re.search(r'data-since="(\d+)"', page)
        assert since, page
        self.close()
        self.rest = b""
        self.stream = socket.create_connection(("127.0.0.1", self.running.port), PATIENCE)
        if encrypted_by is not None:
            self.stream = encrypted_by.wrap_socket(self.stream)
        lines = [f"GET /__miniframe__/events?since={since[1]} HTTP/1.1", f"Host: {claim}", *fields, "", ""]
        self.stream.sendall("\r\n".join(lines).encode())
        return self

    def listens_alone(self, page: str) -> str:
        """Listen to one event only."""
        try:
            return self.listen(page).hears()
        finally:
            self.close()

    def hears(self) -> str:
        """Return the next event's name; "" when the stream is over."""
        while (found := re.search(rb"event: (\w+)\r\n.*?\r\n\r\n", self.rest, re.DOTALL)) is None:
            data = self.stream.recv(65536)
            if not data:
                return ""
            self.rest += data
        self.rest = self.rest[found.end() :]
        return found[1].decode()

    def close(self) -> None:
        self.stream.close()


@pytest.fixture
def running(start: Start, project: Project) -> Running:
    project.save("mysite/views.py", PAGE)
    return start("runserver", "0").ready()


@pytest.fixture
def browser(running: Running) -> Iterator[Browser]:
    opened = Browser(running)
    yield opened
    opened.close()


def test_a_page_hears_of_every_change(running: Running, browser: Browser, project: Project) -> None:
    assert browser.listen(browser.page()).hears() == "hello"
    # One stream, over sound workers, a broken one, and none.
    for name, text, shown in [
        ("mysite/views.py", PAGE.replace("one", "two"), "two"),
        ("mysite/views.py", "def home(:\n", "SyntaxError"),
        ("mysite/views.py", PAGE.replace("one", "three"), "three"),
    ]:
        project.save(name, text)
        assert browser.hears() == "reload"
        page = browser.page()
        assert shown in page
        # Each page can listen, that of a broken project too.
        assert Browser(running).listens_alone(page) == "hello"
    whole = (project.root / "manage.py").read_text()
    project.save("manage.py", "def main(:\n")
    assert browser.hears() == "reload"
    page = browser.page()
    assert "SyntaxError" in page
    # The page of the process that stands in listens, too.
    assert browser.listen(page).hears() == "hello"
    project.save("manage.py", whole)
    assert browser.hears() == "reload"
    page = browser.page()
    assert "three" in page
    # A page that was hidden meanwhile learns it when it comes back.
    project.save("mysite/views.py", PAGE)
    running.until_it_says("one")
    assert browser.listen(page).hears() == "reload"
    assert browser.listen(browser.page()).hears() == "hello"


def test_an_encrypted_stream_hears_of_a_change_too(start: Start, project: Project, tmp_path: Path) -> None:
    project.save("mysite/views.py", PAGE)
    running = start("runserver", "0", "--https", XDG_CACHE_HOME=str(tmp_path / "cache"))
    running.until(lambda: "Quit the server with" in running.out)
    found = re.search(r"https://127\.0\.0\.1:(\d+)/", running.out)
    assert found, running.out
    running.port = int(found[1])
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    browser = Browser(running)
    browser.listen(f'data-since="{time.monotonic_ns()}"', encrypted_by=context)
    assert browser.hears() == "hello"
    for word in ("two", "three"):
        # The old worker stays until its pages have heard of the new one.
        project.save("mysite/views.py", PAGE.replace("one", word))
        assert browser.hears() == "reload"
        browser.listen(f'data-since="{time.monotonic_ns()}"', encrypted_by=context)
        assert browser.hears() == "hello"
    status, seconds = running.end(signal.SIGINT)
    assert status == 0
    assert seconds < 2
    browser.close()


def test_only_pages_of_this_site_may_listen_and_a_crowd_does_no_harm(running: Running, browser: Browser) -> None:
    page = browser.page()
    for fields in (
        ["evil.example"],
        ["localhost", "Sec-Fetch-Site: cross-site"],
        ["localhost", "Origin: http://e.org"],
    ):
        assert browser.listen(page, *fields).stream.recv(65536).split()[1] in (b"400", b"404")
    # A program gets what the view has made.
    assert "data-since" not in running.get(accept="*/*").body
    crowd = [Browser(running).listen(page) for _ in range(300)]
    assert browser.listen(page).hears() == "hello"
    status, seconds = running.end(signal.SIGINT)
    assert status == 0
    assert seconds < 2
    assert browser.hears() == ""
    for each in crowd:
        each.close()


@pytest.mark.parametrize("switch", ["--norefresh", "--noreload"])
def test_it_can_be_switched_off(start: Start, project: Project, switch: str) -> None:
    project.save("mysite/views.py", PAGE)
    running = start("runserver", "0", switch).ready()
    assert running.get(accept="text/html").body == "<!doctype html><title>T</title><body><h1>one</h1></body>"
    assert running.get("/__miniframe__/events", accept="text/event-stream").status == 404
    if switch != "--noreload":
        # The page of the process that stands in is left alone, too.
        project.save("manage.py", "def main(:\n")
        running.until(lambda: running.get().status == 500)
        assert "data-since" not in running.get(accept="text/html").body


def test_without_debug_there_is_nothing(start: Start, project: Project) -> None:
    project.save("mysite/views.py", PAGE)
    project.save("mysite/settings.py", project.SETTINGS.replace("True", "False") + "ALLOWED_HOSTS = ['localhost']\n")
    running = start("runserver", "0").ready()
    assert "data-since" not in running.get(accept="text/html").body
    assert running.get("/__miniframe__/events").status == 404


def test_a_worker_that_leaves_hands_over_what_it_was_given(
    running: Running, browser: Browser, project: Project
) -> None:
    page = browser.page()
    deadline = time.monotonic() + PATIENCE
    for number in range(3):
        project.save("mysite/views.py", PAGE.replace("one", f"edit {number}"))
        # At whatever moment of the worker's life it asks, it learns that it is old.
        while browser.listen(page).hears() != "reload":
            assert time.monotonic() < deadline
        page = browser.page()
    running.until_it_says("edit 2")
