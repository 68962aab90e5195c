"""A project that does not start: who sees why, what they see of it, and what the terminal says."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import socket
import subprocess
import sys
import termios
from typing import TYPE_CHECKING

import pytest

from miniframe.management.commands.runserver import naiveip_re

if TYPE_CHECKING:
    from tests.runserver.conftest import Project, Running, Start

FACES = pytest.mark.parametrize("accept", ["text/html", "*/*", "application/json"], ids=["html", "text", "json"])
SECRET = "geheim-0815-4711"
SOUND = f"""\
DEBUG = True
SECRET_KEY = "{SECRET}"
SECRET_KEY_FALLBACKS = [
    "{SECRET}-old",
]
DATABASE = {{"USER": "shop-user", "PASSWORD": "{SECRET}-db"}}
ROOT_URLCONF = "mysite.urls"
INSTALLED_APPS = []
MIDDLEWARE = []
"""


def all_faces(running: Running) -> str:
    return "".join(running.get(accept=accept).body for accept in ("text/html", "*/*", "application/json"))


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(SOUND + "DEBUG = = True\n", id="syntax-after"),
        pytest.param("DEBUG = = True\n" + SOUND, id="syntax-before"),
        pytest.param(SOUND.replace(f'"{SECRET}"', f'"{SECRET}'), id="quote-forgotten"),
        pytest.param(SOUND.replace(f'"{SECRET}"', f'"""{SECRET}'), id="three-quotes-forgotten"),
        pytest.param(SOUND + "import nothing_of_the_kind\n", id="import"),
        pytest.param(SOUND + "raise ValueError(DATABASE)\n", id="in-the-message"),
        pytest.param(SOUND + "def connect(text):\n    1 / 0\nconnect(open(__file__).read())\n", id="in-a-variable"),
    ],
)
def test_no_face_of_the_page_shows_a_secret_of_the_settings(start: Start, project: Project, broken: str) -> None:
    project.save("mysite/settings.py", broken)
    running = start("runserver", "0").ready()
    answer = running.get(accept="text/html")
    assert answer.status == 500
    assert "settings.py" in answer.body
    assert SECRET not in all_faces(running)


@FACES
def test_a_forged_host_sees_nothing_of_it(start: Start, project: Project, accept: str) -> None:
    project.save("mysite/settings.py", "DEBUG = = True\n")
    running = start("runserver", "0").ready()
    assert running.get(claim="evil.example", accept=accept) == (400, "Bad Request (400)\n")
    for claim in ("localhost:8000", "127.0.0.1", "[::1]:80", "shop.localhost"):
        assert running.get(claim=claim, accept=accept).status == 500
    running.until(lambda: "Invalid HTTP_HOST header: 'evil.example'. While the project does not start" in running.err)


def test_the_name_that_was_asked_for_sees_it(start: Start, project: Project) -> None:
    # A name of this machine that only its own resolver knows.
    name = socket.gethostname()
    try:
        socket.create_server((name, 0)).close()
    except (OSError, UnicodeError):
        pytest.skip("this machine's name is no address of its own")
    if not naiveip_re.match(f"{name}:0"):
        pytest.skip("this machine's name has characters that no name of a host has")
    project.save("mysite/settings.py", "DEBUG = = True\n")
    running = start("runserver", f"{name}:0").ready()
    assert running.get(host=name, claim=f"{name}:{running.port}").status == 500


def test_the_hosts_of_the_last_sound_settings_see_it(start: Start, project: Project) -> None:
    project.save("mysite/settings.py", SOUND + 'ALLOWED_HOSTS = ["dev.example"]\n')
    running = start("runserver", "0").ready()
    assert running.get(claim="dev.example").status == 200
    project.save("mysite/settings.py", "DEBUG = = True\n")
    running.until_it_says("SyntaxError", status=500)
    assert "SyntaxError" in running.get(claim="dev.example").body
    assert running.get(claim="evil.example").status == 400
    # A worker that never got as far as the settings is stood in for, and the same holds.
    project.save("manage.py", "def main(:\n")
    running.until_it_says("manage.py:1", status=500)
    assert "manage.py:1" in running.get(claim="dev.example").body
    assert running.get(claim="evil.example") == (400, "Bad Request (400)\n")


@pytest.mark.parametrize(
    ("name", "text"),
    [("mysite/settings.py", "DEBUG = = True\n"), ("mysite/views.py", "def home(:\n"), ("manage.py", "def main(:\n")],
)
def test_nobody_is_told_why_while_debug_was_off_at_last(start: Start, project: Project, name: str, text: str) -> None:
    project.save("mysite/settings.py", SOUND.replace("True", "False") + 'ALLOWED_HOSTS = ["localhost"]\n')
    running = start("runserver", "0").ready()
    assert running.get().status == 200
    project.save(name, text)
    running.until(lambda: running.get().status == 500)
    assert running.get(accept="text/html") == (500, "Server Error (500)\n")
    assert running.get(claim="evil.example") == (400, "Bad Request (400)\n")
    # The terminal has it.
    running.until(lambda: "SyntaxError" in running.err)


@pytest.mark.parametrize(
    ("name", "text", "found", "hint"),
    [
        pytest.param("mysite/urls.py", "urlpatterns = ['no route']\n", "urls.E004", "path(", id="urls"),
        pytest.param("mysite/settings.py", SOUND + 'STATIC_URL = "static"\n', "STATIC_URL", "urls.E006", id="settings"),
    ],
)
def test_a_failed_check_is_told_in_words(
    start: Start, project: Project, name: str, text: str, found: str, hint: str
) -> None:
    project.save(name, text)
    running = start("runserver", "0", "--force-color").ready()
    assert running.get().status == 500
    assert "\x1b[" in running.err  # a terminal has its colours
    text_face, page = running.get().body, running.get(accept="text/html").body
    for face in (text_face, page):
        assert "\x1b" not in face
        assert found in face
        # Our own code, which raises the error, is not where it is to be mended.
        assert "management/base.py" not in face
    assert text_face.splitlines()[1].startswith("SystemCheckError: ")
    assert text_face.count("SystemCheckError") == 1
    assert hint in text_face


def test_settings_that_are_refused_are_explained_on_the_page(start: Start, project: Project) -> None:
    running = start("runserver", "0").ready()
    project.save("mysite/settings.py", "DEBUG = False\n")
    running.until_it_says("CommandError: You must set settings.ALLOWED_HOSTS if DEBUG is False.", status=500)
    page = running.get(accept="text/html").body
    assert "ALLOWED_HOSTS = [&quot;localhost&quot;" in page
    assert "runserver.py" not in page


def test_a_setting_that_names_nothing_is_shown_without_our_own_code(start: Start, project: Project) -> None:
    project.save("mysite/settings.py", project.SETTINGS.replace("mysite.urls", "mysite.url"))
    running = start("runserver", "0").ready()
    text = running.get().body
    assert "ROOT_URLCONF" in text
    assert "mysite.urls" in text
    # The place is that of the setting, and there is no other.
    assert text.count(".py") == text.count("mysite/settings.py:3 in") == 1


def test_the_log_of_broken_settings_looks_as_ever_and_comes_after_the_reason(start: Start, project: Project) -> None:
    running = start("runserver", "0").ready()
    for round_ in range(3):
        project.save("mysite/settings.py", f"DEBUG = = {round_}\n")
        running.until_it_says("SyntaxError", status=500)
        project.save("mysite/settings.py", project.SETTINGS)
        running.until_it_says("one")
    running.until(lambda: running.err.count("changed: reloaded in") == 3)
    # In each round: why, then who asked.
    story = re.findall(r"^(?:mysite/settings.py changed: |.*GET / ).*", running.err, re.MULTILINE)
    kinds = ["reason" if "changed: " in line else "500" if " 500 " in line else "200" for line in story]
    assert "reason 200" in " ".join(kinds)
    for before, kind in zip(["200", *kinds], kinds, strict=False):
        assert kind == "reason" or before in ("reason", kind)
    assert all(re.match(r"\[\d\d/\w{3}/\d{4} [\d:]{8}\] ", line) for line in story if "GET" in line)


def test_both_of_two_changed_files_are_named(start: Start, project: Project) -> None:
    running = start("runserver", "0").ready()
    # The watch is up.
    project.say("two")
    running.until(lambda: "mysite/views.py changed: reloaded in" in running.err)
    project.save("mysite/a.tmp", "")
    project.save("mysite/b.tmp", "")
    # As if git wrote them; else the second must be heard of within 5 ms.
    project.save(".git/index.lock", "")
    (project.root / "mysite/a.tmp").rename(project.root / "mysite/a.py")
    (project.root / "mysite/b.tmp").rename(project.root / "mysite/b.py")
    running.until(lambda: running.err.count("reloaded in") == 2)
    assert "mysite/a.py and mysite/b.py changed: reloaded in" in running.err


@pytest.mark.parametrize("switches", [(), ("--noreload",)], ids=["reload", "noreload"])
def test_ctrl_c_leaves_the_prompt_a_line_of_its_own(project: Project, switches: tuple[str, ...]) -> None:
    ours, theirs = pty.openpty()
    quiet = termios.tcgetattr(theirs)
    quiet[3] &= ~termios.ECHO
    termios.tcsetattr(theirs, termios.TCSANOW, quiet)
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("MINIFRAME_", "PYTEST_"))}
    process = subprocess.Popen(
        [sys.executable, "manage.py", "runserver", "0", *switches],
        cwd=project.root,
        env=environ,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    said = b""
    try:
        while b"Do not use it in a production setting." not in said:
            assert select.select([ours], [], [], 30)[0], said
            said += os.read(ours, 4096)
        process.send_signal(signal.SIGINT)
        rest = b""
        try:
            while more := os.read(ours, 4096):
                rest += more
        except OSError:
            pass  # the other end is closed
        assert process.wait(30) == 0
        lines = (said + rest).replace(b"\x1b[0m", b"").replace(b"\x1b[31;1m", b"").split(b"\r\n")
        assert lines[-2:] == [b"", b""]
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)
        os.close(ours)
