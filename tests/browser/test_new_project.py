"""A new project in a browser: its content policy lets our own pages, players and event streams through, and no more."""

from __future__ import annotations

import subprocess
import sys
import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .conftest import Site, Watch

SECONDS = 60  # of silence, in 10 megabytes: more than a browser loads before somebody listens

URLS = '''
"""Pages that ask much of a policy."""

import time
from pathlib import Path

from miniframe import messages
from miniframe.http import FileResponse, HttpResponse, JsonResponse
from miniframe.http.events import EventStreamResponse, ServerSentEvent, last_event_id
from miniframe.shortcuts import redirect, render
from miniframe.urls import path
from miniframe.views.static import serve

from . import views

ASKED = []
HERE = Path(__file__).parent.parent


def film(request):
    ASKED.append(request.headers["Range"])
    return FileResponse(open(HERE / "silence.wav", "rb"))


def events(request):
    start = int(last_event_id(request) or 0)

    def make():
        for number in range(start + 1, start + 3):
            yield ServerSentEvent({"n": number}, event="tick", id=number)
        if start:
            yield ServerSentEvent("two\\nlines", event="end")
            time.sleep(60)

    return EventStreamResponse(make(), heartbeat=0.1, retry=50)


def say(request):
    messages.success(request, "Saved <b>it</b>.")
    return redirect("home")


def fail(request):
    raise RuntimeError("on purpose")


urlpatterns = [
    path("", views.home, name="home"),
    path("hello/<str:name>/", views.hello, name="hello"),
    path("player", lambda request: render(request, "player.html")),
    path("asked", lambda request: JsonResponse(ASKED, safe=False)),
    path("film", film),
    path("events", events),
    path("say", say),
    path("fail", fail),
    path("form", lambda request: render(request, "form.html")),
    path("favicon.ico", lambda request: HttpResponse(status=204)),
    path("files/", serve, {"path": "", "document_root": HERE / "static", "show_indexes": True}),
]
'''

PLAYER = """
{% extends "base.html" %}
{% block content %}
<style nonce="{{ csp_nonce }}">h1 { color: rgb(1, 2, 3) }</style>
<h1>Player</h1>
<audio src="/film" preload="metadata" muted></audio>
<ol></ol>
<script nonce="{{ csp_nonce }}">
  const note = (text) => document.querySelector("ol").append(
    Object.assign(document.createElement("li"), { textContent: text }));
  const events = new EventSource("/events");
  events.onopen = () => note("open");
  events.addEventListener("tick", (event) => note(`${JSON.parse(event.data).n}, id ${event.lastEventId}`));
  events.addEventListener("end", (event) => { events.close(); note(event.data); });
</script>
<script>window.slipped = true</script>
{% endblock %}
"""

SEEK = """async () => {
  const audio = document.querySelector("audio");
  if (audio.readyState < 1) await new Promise((done) => audio.addEventListener("loadedmetadata", done, { once: true }));
  const sought = new Promise((done) => audio.addEventListener("seeked", done, { once: true }));
  audio.currentTime = 50;
  await sought;
  return [audio.duration, audio.currentTime];
}"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What startproject makes, with routes and templates of ours, and a few settings from the environment."""
    folder = tmp_path_factory.mktemp("new") / "shop"
    subprocess.run(
        [sys.executable, "-m", "miniframe", "startproject", "shop", str(folder)], check=True, capture_output=True
    )
    (folder / "shop" / "urls.py").write_text(URLS)
    (folder / "shop" / "no_urls.py").write_text("urlpatterns = []\n")
    (folder / "templates" / "player.html").write_text(PLAYER)
    (folder / "templates" / "form.html").write_text('<form method="post"><button>Send</button></form>')
    settings = folder / "shop" / "settings.py"
    settings.write_text(
        settings.read_text()
        + '\nDEBUG = "SHOP_PUBLIC" not in os.environ\nALLOWED_HOSTS = ["127.0.0.1"]\n'
        + 'ROOT_URLCONF = os.environ.get("SHOP_URLS", ROOT_URLCONF)\n'
    )
    with wave.open(str(folder / "silence.wav"), "wb") as film:
        film.setnchannels(2)
        film.setsampwidth(2)
        film.setframerate(44100)
        film.writeframes(bytes(4 * 44100 * SECONDS))
    return folder


@pytest.fixture(scope="module")
def start(project: Path) -> Iterator[Callable[..., Site]]:
    """Start the project, once for each set of variables."""
    sites: dict[tuple[tuple[str, str], ...], Site] = {}

    def start(**environment: str) -> Site:
        key = tuple(environment.items())
        if key not in sites:
            sites[key] = Site(project, "--noreload", folder=project, **environment).wait()
        return sites[key]

    yield start
    for site in sites.values():
        assert site.stop() == 0, site.output


@pytest.fixture
def site(start: Callable[..., Site], request: pytest.FixtureRequest) -> Site:
    """The project as it is under development; tests may ask for another one by parameters."""
    return start(**getattr(request, "param", {}))


def as_visited(**environment: str) -> pytest.MarkDecorator:
    """Run a test on the project with these variables."""
    return pytest.mark.parametrize("site", [environment], indirect=True, ids=["-".join(environment)])


def is_styled(page: Page) -> bool:
    """Return whether the page's own style sheet was let through."""
    family: str = page.evaluate("getComputedStyle(document.body).fontFamily")
    return "system-ui" in family


def test_the_first_pages_are_let_through(page: Page) -> None:
    page.goto("/say")
    expect(page.get_by_role("status")).to_have_text("Saved <b>it</b>.")
    assert is_styled(page)
    page.get_by_role("link", name="/hello/world/").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Hello, world.")
    expect(page.get_by_role("status")).to_have_count(0)


def test_what_has_the_nonce_runs_and_what_slipped_in_does_not(page: Page, watch: Watch) -> None:
    page.goto("/player")
    # The events go on where they broke off.
    said = ["open", "1, id 1", "2, id 2", "open", "3, id 3", "4, id 4", "two\nlines"]
    expect(page.locator("li")).to_have_text(said)
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(1, 2, 3)"
    assert page.evaluate("window.slipped") is None
    (complaint,) = watch.complaints
    assert "violates the following Content Security Policy directive" in complaint
    watch.complaints.clear()


def test_a_player_jumps_to_the_end_without_loading_the_middle(page: Page, watch: Watch) -> None:
    page.goto("/player")
    assert page.evaluate(SEEK) == [SECONDS, 50]
    asked = page.request.get("/asked").json()
    assert asked[0] == "bytes=0-"
    assert any(int(field.removeprefix("bytes=").partition("-")[0]) > 4 * 44100 * 40 for field in asked)
    watch.complaints.clear()  # the script that has no nonce


@pytest.mark.parametrize("site", [{}, {"SHOP_PUBLIC": "1"}], indirect=True, ids=["debug", "public"])
def test_our_own_pages_keep_their_style(page: Page, watch: Watch) -> None:
    watch.expect(404, 500, 403)
    for address, status in (("/nowhere", 404), ("/fail", 500), ("/files/", 200)):
        response = page.goto(address)
        assert response is not None
        assert response.status == status
        assert is_styled(page), address
    page.goto("/form")
    page.get_by_role("button").click()
    expect(page.locator("body")).to_contain_text("CSRF verification failed")
    assert is_styled(page)


@as_visited(SHOP_URLS="shop.no_urls")
def test_the_welcome_page_is_let_through(page: Page, tmp_path: Path) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("The install worked")
    assert is_styled(page)
    assert len(page.screenshot(path=tmp_path / "welcome.png")) > 10_000
