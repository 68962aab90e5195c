"""A real server on the example project, and a real browser in front of it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response, sync_playwright

EXAMPLE = Path(__file__).resolve().parents[2] / "example_project"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
BOOT = 30.0  # seconds


class Site:
    """`manage.py runserver` on a folder of its own, as a visitor of the project starts it."""

    def __init__(self, data: Path, *arguments: str, folder: Path = EXAMPLE, **environment: str) -> None:
        self.lines: list[str] = []
        self._ready = threading.Event()
        self.address = ""
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "runserver", "127.0.0.1:0", *arguments],
            cwd=folder,
            env=os.environ | {"PYTHONUNBUFFERED": "1", "HARBOUR_DATA": str(data)} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait(self) -> Site:
        """Wait until it answers."""
        if not self._ready.wait(BOOT) or not self.address:
            self.stop()
            pytest.fail(f"runserver named no address within {BOOT:.0f} seconds; it said:\n{self.output}")
        return self

    @property
    def output(self) -> str:
        """What it has printed so far."""
        return "".join(self.lines)

    def stop(self) -> int:
        """End it as Ctrl-C does, and return its exit code."""
        self.process.send_signal(signal.SIGINT)
        try:
            code = self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        self._reader.join(5)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
            if found and not self.address:
                self.address = found[0]
                self._ready.set()
        self._ready.set()


class Watch:
    """Everything that a page complains about; `check` fails the test that let it happen."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.complaints: list[str] = []
        self._statuses: set[int] = set()

    def expect(self, *statuses: int) -> None:
        """Say that a page of this test answers with an error on purpose."""
        self._statuses.update(statuses)

    def follow(self, context: BrowserContext) -> None:
        """Listen to all pages of a context."""
        context.on("console", self._console)
        context.on("weberror", lambda error: self.complaints.append(f"script error: {error.error}"))
        context.on("requestfailed", self._failed)
        context.on("request", self._request)
        context.on("response", self._response)

    def check(self) -> None:
        """Fail if there was anything."""
        assert not self.complaints, "the browser complained:\n" + "\n".join(self.complaints)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"}:
            return
        status = re.search(r"responded with a status of (\d+)", message.text)
        if status and int(status[1]) in self._statuses:
            return
        self.complaints.append(f"console {message.type}: {message.text}")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https"} and not request.url.startswith(self.origin):
            self.complaints.append(f"asked somebody else: {request.url}")

    def _failed(self, request: Request) -> None:
        # ERR_ABORTED is the browser's own doing: a page was left, or became a download. A server that
        # refuses, resets or garbles is called by other names.
        if request.failure == "net::ERR_ABORTED":
            return
        self.complaints.append(f"request failed: {request.method} {request.url}: {request.failure}")

    def _response(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self._statuses:
            self.complaints.append(f"status {response.status}: {response.url}")


# For a module, not for the whole run: while Playwright is on, its event loop runs in this thread, and tests of
# other rooms that run coroutines would find it there.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium without a window; a missing one is an error and never a skip, on every machine."""
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        pytest.fail(
            f"The browser tests need Chromium, and none of {', '.join(CHROMIUM)} is on the PATH. "
            "On Debian and Ubuntu: apt-get install chromium",
            pytrace=False,
        )
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=SWITCHES)
        yield started
        started.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The example project with its sample data; at the end it stops cleanly and has printed no traceback."""
    # Without the reloader: a file saved meanwhile would rightly cut the streams that a test is watching.
    running = Site(tmp_path_factory.mktemp("harbour"), "--noreload").wait()
    yield running
    code = running.stop()
    assert "Traceback" not in running.output, running.output
    assert code == 0, f"exit code {code} after Ctrl-C; it said:\n{running.output}"


@pytest.fixture
def watch(site: Site) -> Iterator[Watch]:
    """What this test's pages complain about; checked at the end."""
    watching = Watch(site.address)
    yield watching
    watching.check()


@pytest.fixture
def open_context(browser: Browser, site: Site, watch: Watch) -> Iterator[Callable[..., BrowserContext]]:
    """Make watched browser contexts: each is a visitor with cookies of their own."""
    opened: list[BrowserContext] = []

    def make(**options: object) -> BrowserContext:
        context = browser.new_context(base_url=site.address, **options)  # type: ignore[arg-type]  # handed on as given
        context.set_default_timeout(10_000)
        watch.follow(context)
        opened.append(context)
        return context

    yield make
    for context in opened:
        context.close()


@pytest.fixture
def page(open_context: Callable[..., BrowserContext]) -> Page:
    """A fresh visitor's window."""
    return open_context().new_page()
