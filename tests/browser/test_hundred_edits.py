"""A day's work in half a minute: a hundred edits, twenty of them broken, under the eyes of three visitors.

One visitor asks every ten milliseconds, one reads an endless stream, and one has a page open and touches nothing.
None of them is ever refused, cut off or left waiting; what they get is the old page, the new one, or the error's name.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

import miniframe
from miniframe.autoreload import starts_warm
from tests.waiting import until

from .conftest import Site, Watch

EDITS = 100
EVERY = 0.01
"""Seconds between two questions of the probing visitor."""
TOO_LONG = 10.0
"""Seconds after which an answer counts as lost; the machine may be busy."""

SETTINGS = """\
from pathlib import Path

DEBUG = True
SECRET_KEY = "for this test only, and of no value to anyone: 0123456789"
ROOT_URLCONF = "mysite.urls"
INSTALLED_APPS = ["miniframe.staticfiles"]
MIDDLEWARE = ["miniframe.middleware.csp.ContentSecurityPolicyMiddleware"]
SECURE_CSP = {"default-src": ["'self'"]}
STATIC_URL = "static/"
STATICFILES_DIRS = [Path(__file__).parent / "static"]
TEMPLATES = [
    {
        "BACKEND": "miniframe.template.backends.jinja2.Jinja2",
        "DIRS": [Path(__file__).parent / "templates"],
        "APP_DIRS": True,
    }
]
"""
URLS = """\
from miniframe.urls import path

from mysite import views

urlpatterns = [path("", views.home), path("stream/", views.stream)]
"""
VIEWS = """\
import time

from miniframe.http import StreamingHttpResponse
from miniframe.shortcuts import render

VERSION = 0


def home(request):
    return render(request, "home.html", {"version": VERSION})


def stream(request):
    def ticks():
        while True:
            yield b"tick\\n"
            time.sleep(0.02)

    return StreamingHttpResponse(ticks())
"""
HOME = """\
<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>A page</title>
<link rel="icon" href="/static/icon.svg"><link rel="stylesheet" href="/static/site.css"></head>
<body><h1>version {{ version }}</h1></body>
</html>
"""
FILES = {
    "manage.py": (
        "import os, sys\n\n"
        'os.environ.setdefault("MINIFRAME_SETTINGS_MODULE", "mysite.settings")\n'
        "from miniframe.management import execute_from_command_line\n\n"
        "execute_from_command_line(sys.argv)\n"
    ),
    "mysite/__init__.py": "",
    "mysite/settings.py": SETTINGS,
    "mysite/urls.py": URLS,
    "mysite/views.py": VIEWS,
    "mysite/templates/home.html": HOME,
    "mysite/static/site.css": "h1 { color: rgb(1, 1, 1) }\n",
    "mysite/static/icon.svg": '<svg xmlns="http://www.w3.org/2000/svg"/>',
}

VIEWS_PY, URLS_PY, SETTINGS_PY = "mysite/views.py", "mysite/urls.py", "mysite/settings.py"


class Slip(NamedTuple):
    """One way to break a project: what is put into which file, and how the error is called."""

    file: str
    old: str
    new: str | bytes
    named: str


SLIPS = [
    Slip(VIEWS_PY, "def home(request):", "def home(request:", "SyntaxError"),
    Slip(VIEWS_PY, "    return render", "return render", "IndentationError"),
    Slip(VIEWS_PY, "VERSION =", "\tif 1:\n        VERSION =", "IndentationError"),
    Slip(VIEWS_PY, "VERSION = ", "VERSION = Version = undefined_name or ", "NameError"),
    Slip(VIEWS_PY, "import time", "import tiem", "ModuleNotFoundError"),
    Slip(VIEWS_PY, "import render", "import rendr", "ImportError"),
    Slip(VIEWS_PY, "VERSION = ", "VERSION = 1 / 0 or ", "ZeroDivisionError"),
    Slip(VIEWS_PY, "VERSION = ", 'import os\nVERSION = os.environ["NOT_THERE"] or ', "KeyError"),
    Slip(VIEWS_PY, "VERSION = ", "import sys\nsys.exit(3)\nVERSION = ", "SystemExit"),
    Slip(VIEWS_PY, "VERSION = ", "import os\nos._exit(3)\nVERSION = ", "ended with status 3"),
    Slip(VIEWS_PY, "VERSION = ", b"VERSION = '\xff\xfe'\n", "SyntaxError"),
    Slip(VIEWS_PY, "VERSION = ", "def deeper():\n    deeper()\n\n\ndeeper()\nVERSION = ", "RecursionError"),
    Slip(VIEWS_PY, "    return render(", "    render(", "didn't return an HttpResponse"),
    Slip(URLS_PY, "views.home", "views.hom", "AttributeError"),
    Slip(URLS_PY, "urlpatterns", "urlpattern", "urlpatterns"),
    Slip(URLS_PY, "from mysite import views", "from mysite import vews", "ImportError"),
    # From here on each worker is started afresh, for perhaps it was the copying.
    Slip(VIEWS_PY, "VERSION = ", "import os\nos.kill(os.getpid(), 11)\nVERSION = ", "SIGSEGV"),
    Slip(SETTINGS_PY, "DEBUG = True", "DEBUG = True)", "SyntaxError"),
    Slip(SETTINGS_PY, "mysite.urls", "mysite.ruls", "mysite.ruls"),
    Slip(SETTINGS_PY, "csp.Content", "csp.Contend", "csp.Contend"),
]


class Answer(NamedTuple):
    """What the probing visitor got, and between which two moments (`time.monotonic`)."""

    asked: float
    status: int
    body: str


class Visitor:
    """Someone who asks again and again in a thread, and keeps count of everything that should not happen."""

    def __init__(self, site: Site, visit: Callable[[Visitor, HTTPConnection], None]) -> None:
        parts = urlsplit(site.address)
        self._host, self._port = str(parts.hostname), int(parts.port or 0)
        self._visit = visit
        self.mishaps: Counter[str] = Counter()
        self.answers: list[Answer] = []
        self.over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Visitor:
        self._thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        self.over.set()
        self._thread.join(2 * TOO_LONG)

    def _run(self) -> None:
        while not self.over.is_set():
            connection = HTTPConnection(self._host, self._port, timeout=TOO_LONG)
            try:
                self._visit(self, connection)
            except (OSError, HTTPException) as error:
                self.mishaps[f"{type(error).__name__}: {error}"] += 1
            finally:
                connection.close()

    def newest(self) -> Answer:
        """Return the last answer."""
        return self.answers[-1] if self.answers else Answer(0.0, 0, "")


def probe(visitor: Visitor, connection: HTTPConnection) -> None:
    """Ask once, and rest."""
    asked = time.monotonic()
    connection.request("GET", "/", headers={"Accept": "text/plain, text/html;q=.5"})
    response = connection.getresponse()
    visitor.answers.append(Answer(asked, response.status, response.read().decode()))
    visitor.over.wait(EVERY)


def follow_stream(visitor: Visitor, connection: HTTPConnection) -> None:
    """Read the stream until it ends: it ends with its worker, and is cut if the worker has to go."""
    connection.request("GET", "/stream/")
    response = connection.getresponse()
    if response.status != 200:
        # The project is broken just now; the error is as good an answer here as for the others.
        response.read()
        visitor.over.wait(EVERY)
        return
    try:
        while not visitor.over.is_set() and response.read1(64):
            pass
    except (OSError, HTTPException):
        # An endless answer ends in its middle.
        pass


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project that is worked on."""
    root = tmp_path_factory.mktemp("hundred")
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.fixture(scope="module")
def site(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """It, served with the reloader."""
    # Someone may be working on miniframe itself while this runs.
    ignored = str(Path(miniframe.__file__).parents[1])
    running = Site(tmp_path_factory.mktemp("data"), folder=folder, MINIFRAME_RELOAD_IGNORE=ignored).wait()
    yield running
    assert running.stop() == 0


def has_warm_process(site: Site) -> bool:
    """Return whether there is a process besides the worker, which the next ones are copied from."""
    pid = site.process.pid
    return len(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()) > 1


def good(version: int) -> str:
    """Return the views of a version."""
    return VIEWS.replace("VERSION = 0", f"VERSION = {version}")


def break_it(folder: Path, slip: Slip, version: int) -> None:
    """Make a slip in a project whose views have been those of `version`."""
    text = good(version) if slip.file == VIEWS_PY else FILES[slip.file]
    assert slip.old in text
    broken = text.encode().replace(slip.old.encode(), slip.new if isinstance(slip.new, bytes) else slip.new.encode(), 1)
    (folder / slip.file).write_bytes(broken)


def mend_it(folder: Path, slip: Slip) -> None:
    """Undo a slip, if it was not made in the views, which are written anew each time."""
    if slip.file != VIEWS_PY:
        (folder / slip.file).write_text(FILES[slip.file])


def edit_until_done(folder: Path, visitor: Visitor) -> None:
    """Make the edits: each fifth is a slip, each seventh is followed by the next at once, all others are waited for."""
    slips = iter(SLIPS)
    broken: Slip | None = None
    for version in range(1, EDITS + 1):
        saved = time.monotonic()
        if version % 5 == 3:
            broken = next(slips)
            break_it(folder, broken, version)
            wanted, status = broken.named, 500
        else:
            if broken is not None:
                mend_it(folder, broken)
                broken = None
            (folder / VIEWS_PY).write_text(good(version))
            wanted, status = f"version {version}<", 200
        if version % 7 == 0 and version % 5 not in (2, 3):
            continue

        def is_there(saved: float = saved, wanted: str = wanted, status: int = status) -> bool:
            answer = visitor.newest()
            return answer.asked > saved and answer.status == status and wanted in answer.body

        until(is_there, lambda wanted=wanted: f"{wanted!r} never came; the last was {visitor.newest()}", 3 * TOO_LONG)  # type: ignore[misc]  # bound now


def is_known(answer: Answer) -> bool:
    """Return whether this is a version of the page, or one of the named errors."""
    if answer.status == 200:
        return any(f"<h1>version {version}</h1>" in answer.body for version in range(EDITS + 1))
    return answer.status == 500 and any(slip.named in answer.body for slip in SLIPS)


def test_a_hundred_edits_hurt_no_visitor(page: Page, folder: Path, site: Site, watch: Watch) -> None:
    watch.expect(500)
    page.goto("/")
    expect(page.locator("h1")).to_have_text("version 0")
    # So that workers are copies, as they mostly are.
    until(lambda: not starts_warm() or has_warm_process(site), lambda: site.output, 3 * TOO_LONG)
    with Visitor(site, probe) as prober, Visitor(site, follow_stream) as listener:
        edit_until_done(folder, prober)
        expect(page.locator("h1")).to_have_text(f"version {EDITS}", timeout=1000 * TOO_LONG)
    assert not prober.mishaps, prober.mishaps
    assert not listener.mishaps, listener.mishaps
    assert len(prober.answers) > EDITS
    strange = [answer for answer in prober.answers if not is_known(answer)]
    assert not strange, f"{len(strange)} of {len(prober.answers)} answers, the first: {strange[0]}"
    # A page that comes just before a slip asks for its stylesheet just after it, and that is the error.
    watch.complaints[:] = [each for each in watch.complaints if "Refused to apply style" not in each]


def test_a_stylesheet_is_exchanged_without_loading_the_page(page: Page, folder: Path) -> None:
    page.goto("/")
    page.evaluate("window.kept = 'what the page had in mind'")
    (folder / "mysite/static/site.css").write_text("h1 { color: rgb(2, 2, 2) }\n")
    expect(page.locator("h1")).to_have_css("color", "rgb(2, 2, 2)", timeout=1000 * TOO_LONG)
    assert page.evaluate("window.kept") == "what the page had in mind"


def test_a_saved_template_is_seen_without_a_touch(page: Page, folder: Path) -> None:
    page.goto("/")
    (folder / "mysite/templates/home.html").write_text(HOME.replace("</h1>", "</h1><p>a new paragraph</p>"))
    expect(page.locator("p")).to_have_text("a new paragraph", timeout=1000 * TOO_LONG)
