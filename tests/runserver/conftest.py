"""A small project on disk, and `manage.py runserver` on it as a real process."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple

import pytest

import miniframe

PATIENCE = 30.0
"""Seconds before a test gives up; the machine may be busy."""

MANAGE = """\
import os
import sys

os.environ.setdefault("MINIFRAME_SETTINGS_MODULE", "mysite.settings")
from miniframe.management import execute_from_command_line

execute_from_command_line(sys.argv)
"""
SETTINGS = """\
DEBUG = True
SECRET_KEY = "for this test only, and of no value to anyone: 0123456789"
ROOT_URLCONF = "mysite.urls"
INSTALLED_APPS = []
MIDDLEWARE = []
"""
URLS = """\
from miniframe.urls import path

from mysite import views

urlpatterns = [path("", views.home), path("<str:name>/", views.named)]
"""
VIEWS = """\
import os
import time
from pathlib import Path

from miniframe.http import HttpResponse, StreamingHttpResponse


def home(request):
    return HttpResponse("one")


def named(request, name):
    return globals()[name](request)


def pid(request):
    return HttpResponse(str(os.getpid()))


def slow(request):
    Path("slow.begun").touch()
    time.sleep(1.5)
    return HttpResponse("slow but whole")


def stream(request):
    def ticks():
        while True:
            yield b"tick\\n"
            time.sleep(0.02)

    return StreamingHttpResponse(ticks())


def crash(request):
    os._exit(3)


def debug(request):
    answer = 41
    breakpoint()
    return HttpResponse(f"answer {answer}")
"""


class Answer(NamedTuple):
    """What a client got."""

    status: int
    body: str


class Project:
    """The files of a project; `save` writes as an editor does."""

    SETTINGS = SETTINGS
    URLS = URLS
    VIEWS = VIEWS

    def __init__(self, root: Path) -> None:
        self.root = root
        for name, text in {
            "manage.py": MANAGE,
            "mysite/__init__.py": "",
            "mysite/settings.py": SETTINGS,
            "mysite/urls.py": URLS,
            "mysite/views.py": VIEWS,
        }.items():
            self.save(name, text)

    def save(self, name: str, text: str) -> None:
        """Write a file whole."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def say(self, word: str) -> None:
        """Let the home view answer `word`."""
        self.save("mysite/views.py", VIEWS.replace('"one"', repr(word)))


class Running:
    """A process that was started for a test, with what it has written so far."""

    def __init__(self, project: Project, *arguments: str, environ: dict[str, str], program: list[str]) -> None:
        self.folder = project.root
        self._out = self.folder / f"stdout-{time.monotonic_ns()}.txt"
        self._err = self.folder / f"stderr-{time.monotonic_ns()}.txt"
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, *program, *arguments],
                cwd=self.folder,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                # A session of its own, so that all of it can be found and ended.
                start_new_session=True,
            )
        self.port = 0

    @property
    def out(self) -> str:
        """Standard output until now."""
        return self._out.read_text()

    @property
    def err(self) -> str:
        """Standard error until now."""
        return self._err.read_text()

    @contextmanager
    def keep_reading(self) -> Iterator[Callable[[], str]]:
        """Have standard error also when its file is gone."""
        with self._err.open() as file:
            yield lambda: (file.seek(0), file.read())[1]

    def ready(self) -> Running:
        """Wait for the banner, and learn the port from it."""
        self.until(lambda: "Quit the server with" in self.out or self.process.poll() is not None)
        url = re.search(r"Starting development server at http://[^ ]+:(\d+)/", self.out)
        assert url, f"no banner: {self.out}\n{self.err}"
        self.port = int(url[1])
        return self

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait until `condition()` holds."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"it never came to that\n{self.out}\n{self.err}"
            time.sleep(0.01)

    def get(self, path: str = "/", host: str = "127.0.0.1", claim: str = "localhost", accept: str = "*/*") -> Answer:
        """Ask once, on a connection of its own; `claim` is what the Host header says."""
        connection = HTTPConnection(host, self.port, timeout=PATIENCE)
        try:
            connection.request("GET", path, headers={"Connection": "close", "Host": claim, "Accept": accept})
            response = connection.getresponse()
            return Answer(response.status, response.read().decode())
        finally:
            connection.close()

    def until_it_says(self, text: str, status: int = 200) -> None:
        """Ask until an answer with this status holds `text`; no question may be refused or cut off meanwhile."""

        def said() -> bool:
            answer = self.get()
            return answer.status == status and text in answer.body

        self.until(said)

    def end(self, with_signal: signal.Signals = signal.SIGTERM) -> tuple[int, float]:
        """Send a signal; return the exit status and the seconds it took."""
        began = time.monotonic()
        self.process.send_signal(with_signal)
        return self.process.wait(PATIENCE), time.monotonic() - began

    def members(self) -> list[int]:
        """Return the processes of its session that still run."""
        return [pid for pid in map(int, filter(str.isdecimal, os.listdir("/proc"))) if self._is_member(pid)]

    def _is_member(self, pid: int) -> bool:
        try:
            state, _, _, session = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:4]
        except OSError:
            return False
        return int(session) == self.process.pid and state != "Z"

    def clean_up(self) -> None:
        """End whatever is left of it."""
        for pid in self.members():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait(PATIENCE)


class Terminal:
    """`manage.py` on a terminal of its own; a test reads and types there."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.screen = ""
        ours, theirs = pty.openpty()
        self._end = ours
        environ = {**os.environ, "MINIFRAME_RELOAD_IGNORE": str(Path(miniframe.__file__).parents[1]), "TERM": "dumb"}
        for name in ("PYTHONBREAKPOINT", "PYTEST_CURRENT_TEST"):
            environ.pop(name, None)
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=folder,
            env=environ,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=_take_terminal,
        )
        os.close(theirs)

    def type(self, text: str) -> None:
        os.write(self._end, text.encode())

    def until(self, text: str) -> str:
        """Read until `text` is on the screen; return all up to it, and begin behind it."""
        deadline = time.monotonic() + PATIENCE
        while text not in self.screen:
            assert time.monotonic() < deadline, f"{text!r} never came:\n{self.screen}"
            self._read(0.1)
        seen, found, self.screen = self.screen.partition(text)
        return seen + found

    def press(self, key: str, text: str) -> None:
        """Press a key until `text` is on the screen: read together with what came before, it would mean nothing."""
        deadline = time.monotonic() + PATIENCE
        while text not in self.screen:
            assert time.monotonic() < deadline, f"{text!r} never came:\n{self.screen}"
            self.type(key)
            again = time.monotonic() + 0.3
            while text not in self.screen and time.monotonic() < again:
                self._read(0.05)
        self.screen = self.screen.partition(text)[2]

    def _read(self, patience: float) -> None:
        if select.select([self._end], [], [], patience)[0]:
            self.screen += os.read(self._end, 65536).decode()

    def ready(self) -> int:
        """Wait for the banner; return the port that it tells."""
        banner = self.until("Quit the server with")
        return int(banner.rpartition("http://127.0.0.1:")[2].partition("/")[0])

    def until_it_takes(self, what: str) -> None:
        """Wait until it hands out "keys", without showing them, or whole "lines"."""
        import termios

        wanted = 0 if what == "keys" else termios.ICANON | termios.ECHO
        deadline = time.monotonic() + PATIENCE
        while termios.tcgetattr(self._end)[3] & (termios.ICANON | termios.ECHO) != wanted:
            assert time.monotonic() < deadline, f"it never took {what}:\n{self.screen}"
            time.sleep(0.01)

    def close(self) -> None:
        try:
            os.killpg(self.process.pid, 9)
        except ProcessLookupError:
            pass
        self.process.wait(30)
        os.close(self._end)


def _take_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


Start = Callable[..., Running]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A new project in a folder of its own."""
    return Project(tmp_path)


@pytest.fixture
def start(project: Project) -> Iterator[Start]:
    """Start `manage.py` with these arguments; everything that runs is ended after the test."""
    started: list[Running] = []

    def begin(*arguments: str, program: tuple[str, ...] = ("manage.py",), **variables: str) -> Running:
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("MINIFRAME_", "PYTEST_"))}
        # Someone may be working on miniframe itself while this runs.
        environ["MINIFRAME_RELOAD_IGNORE"] = str(Path(miniframe.__file__).parents[1])
        running = Running(project, *arguments, environ={**environ, **variables}, program=list(program))
        started.append(running)
        return running

    yield begin
    for running in started:
        running.clean_up()


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port on which this process listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        yield port


@pytest.fixture
def unused_port() -> int:
    """A port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@pytest.fixture
def on_terminal(project: Project) -> Iterator[Callable[..., Terminal]]:
    """Start `manage.py` with these arguments on a terminal of its own."""
    opened: list[Terminal] = []

    def begin(*arguments: str) -> Terminal:
        opened.append(Terminal(project.root, *arguments))
        return opened[-1]

    yield begin
    for terminal in opened:
        terminal.close()
