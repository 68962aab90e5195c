"""Workers are copies of a warm process: quick, with the new code, and the same as one that is started afresh."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

import miniframe
from tests.runserver.conftest import PATIENCE, Project, Running, Start

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a warm process needs Linux")

EXAMPLE = Path(__file__).parents[2] / "example_project"
SHOWS = """\
import os

import warm_plain
import warm_threads

from miniframe.http import HttpResponse, JsonResponse, StreamingHttpResponse


def home(request):
    return JsonResponse({
        "word": "WORD",
        "pid": os.getpid(),
        "parent": os.getppid(),
        "plain": warm_plain.PID,
        "threads": warm_threads.PID,
        "environment": sorted(name for name in os.environ if name.startswith("MINIFRAME")),
        "argv": __import__("sys").argv,
        "main": __import__("sys").modules["__main__"].__file__,
        "path": __import__("sys").path,
        "descriptors": len(os.listdir("/proc/self/fd")),
    })


def named(request, name):
    return StreamingHttpResponse(iter(lambda: b"tick\\n" * (__import__("time").sleep(0.02) or 1), b""))
"""


class Warm:
    """A server whose workers are watched: who is whose parent, and what they say of themselves."""

    def __init__(self, running: Running, project: Project) -> None:
        self.running = running
        self.project = project
        self._round = 0

    def say(self) -> None:
        """Change the project."""
        self._round += 1
        self.project.save("mysite/views.py", SHOWS.replace("WORD", f"edit {self._round}"))

    def reload(self) -> dict[str, object]:
        """Change the project; return what the new worker says of itself."""
        self.say()
        return self.answer(f"edit {self._round}")

    def answer(self, word: str) -> dict[str, object]:
        """Return what the worker with this word says of itself."""
        self.running.until_it_says(f'"{word}"')
        said: dict[str, object] = json.loads(self.running.get().body)
        return said

    def reload_as_copy(self) -> dict[str, object]:
        """Change the project until the new worker is a copy, which needs a sound worker before it."""
        deadline = time.monotonic() + PATIENCE
        while True:
            self.running.until(lambda: len(self.running.members()) > 2)
            said = self.reload()
            if said["parent"] != self.running.process.pid:
                return said
            assert time.monotonic() < deadline, self.running.err


@pytest.fixture(scope="module")
def module_project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project that uses two libraries, one of which starts a thread."""
    project = Project(tmp_path_factory.mktemp("warm"))
    project.save("lib/site-packages/warm_plain.py", "import os\nPID = os.getpid()\n")
    project.save(
        "lib/site-packages/warm_threads.py",
        "import os, threading\nPID = os.getpid()\n"
        "threading.Thread(target=threading.Event().wait, daemon=True).start()\n",
    )
    project.save("mysite/views.py", SHOWS.replace("WORD", "one"))
    return project


@pytest.fixture(scope="module")
def warm(module_project: Project) -> Iterator[Warm]:
    """One server for all tests here that leave it in good order."""
    running = _start(module_project)
    yield Warm(running, module_project)
    running.clean_up()


def _start(project: Project, *arguments: str, **variables: str) -> Running:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("MINIFRAME_", "PYTEST_"))}
    environ["MINIFRAME_RELOAD_IGNORE"] = str(Path(miniframe.__file__).parents[1])
    environ["PYTHONPATH"] = str(project.root / "lib/site-packages")
    return Running(
        project, "runserver", "0", *arguments, environ={**environ, **variables}, program=["manage.py"]
    ).ready()


def test_a_copy_has_what_others_wrote_from_the_start_and_the_project_anew(warm: Warm) -> None:
    first = warm.answer("one")
    assert first["parent"] == warm.running.process.pid
    copy = warm.reload_as_copy()
    assert copy["plain"] == copy["parent"]
    # What starts a thread is left to the worker.
    assert copy["threads"] == copy["pid"]
    for same in ("environment", "argv", "main", "path"):
        assert copy[same] == first[same]


def test_copy_after_copy_runs_the_newest_code_and_keeps_nothing_open(warm: Warm) -> None:
    before = warm.reload_as_copy()
    for _ in range(5):
        after = warm.reload()
    assert after["parent"] == before["parent"]
    assert after["descriptors"] == before["descriptors"]


def test_a_changed_library_is_loaded_anew(warm: Warm) -> None:
    copy = warm.reload_as_copy()
    warm.project.save("lib/site-packages/warm_plain.py", "import os\nPID = -1, os.getpid()\n")
    # It is seen when the next worker is made, or as a change of its own.
    said = warm.reload()
    assert said["plain"] == [-1, said["pid"]]
    assert said["parent"] != copy["parent"]


def test_a_changed_environment_file_starts_afresh(warm: Warm) -> None:
    copy = warm.reload_as_copy()
    warm.project.save(".env", "A=1\n")
    warm.running.until(lambda: ".env changed: reloaded in" in warm.running.err)
    assert warm.answer(f"edit {warm._round}")["parent"] == warm.running.process.pid != copy["parent"]


def test_without_its_warm_process_a_worker_serves_on_and_its_end_is_seen(warm: Warm) -> None:
    copy = warm.reload_as_copy()
    assert isinstance(copy["parent"], int)
    assert isinstance(copy["pid"], int)
    os.kill(copy["parent"], signal.SIGKILL)
    warm.running.until(lambda: copy["parent"] not in warm.running.members())
    again = warm.answer(f"edit {warm._round}")
    assert again["pid"] == copy["pid"]
    os.kill(copy["pid"], signal.SIGKILL)
    warm.running.until(lambda: "The server process ended; starting it again." in warm.running.err)
    assert warm.answer(f"edit {warm._round}")["pid"] != copy["pid"]


def test_a_worker_that_is_killed_at_once_is_replaced_once(warm: Warm) -> None:
    for expected in ("was ended by SIGKILL; starting it again.", "was ended by SIGKILL; its page is served"):
        said = warm.reload() if "starting" in expected else warm.answer(f"edit {warm._round}")
        assert isinstance(said["pid"], int)
        os.kill(said["pid"], signal.SIGKILL)
        warm.running.until(lambda expected=expected: expected in warm.running.err)  # type: ignore[misc]
    warm.reload()


def test_ctrl_c_ends_a_copy_with_an_open_stream_and_all_that_is_warm(warm: Warm) -> None:
    warm.reload_as_copy()
    with socket.create_connection(("127.0.0.1", warm.running.port)) as client:
        client.sendall(b"GET /stream/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert client.recv(10)
        status, seconds = warm.running.end(signal.SIGINT)
    assert status == 0
    assert seconds < 1.5
    warm.running.until(lambda: warm.running.members() == [])


def test_nothing_outlives_a_supervisor_that_was_killed(module_project: Project) -> None:
    warm = Warm(_start(module_project), module_project)
    try:
        warm.reload_as_copy()
        warm.running.until(lambda: len(warm.running.members()) == 3)
        warm.running.process.kill()
        warm.running.until(lambda: warm.running.members() == [])
    finally:
        warm.running.clean_up()


PAGES = """
/ /about /about/ /robots.txt /favicon.ico /notices/ /notices/new/ /notices/1/ /notices/999999/ /gallery/ /gallery/1/
/gallery/1/image /gallery/1/download /tides/ /tides/table.csv /tides/2026-01-01/ /live/ /api/ /api/notices/
/api/notices/1/ /api/gallery/ /api/tides/ /api/nothing /board/ /nothing/ /static/core/site.css /static/nothing.css
""".split()
# What is another each time: tokens, nonces, times, addresses of objects.
_CHANGING = re.compile(
    rb"""[\w-]{32,}|nonce[-=]"?[\w+/=-]+|\d+(\.\d+)?\s?(ms|us|seconds?)|0x[0-9a-f]+|\d\d:\d\d(:\d\d(\.\d+)?)?|:\w{6}:|\d+\.\d+"""
)


_OF_THE_MOMENT = {"Date", "ETag", "Content-Length", "Server-Timing", "Last-Modified", "Expires"}


def test_copies_answer_as_workers_started_afresh_do(start: Start, project: Project) -> None:
    shutil.copytree(EXAMPLE, project.root / "example", ignore=shutil.ignore_patterns("var", "__pycache__", "tests"))
    running = start("runserver", "0", program=("example/manage.py",), HARBOUR_DATA=str(project.root / "data")).ready()
    for page in PAGES:
        # The first requests fill the data folder.
        _still(running, page)
    afresh = [_still(running, page) for page in PAGES]
    deadline = time.monotonic() + PATIENCE
    path = project.root / "example/core/urls.py"
    while _parents(running) <= {running.process.pid, os.getpid()}:
        assert time.monotonic() < deadline, running.err
        running.until(lambda: len(running.members()) > 2)
        before = running.err.count("reloaded in")
        path.write_text(path.read_text() + "\n")
        running.until(lambda before=before: running.err.count("reloaded in") > before)  # type: ignore[misc]
    assert dict(zip(PAGES, [_still(running, page) for page in PAGES], strict=True)) == dict(
        zip(PAGES, afresh, strict=True)
    )


def _still(running: Running, page: str) -> tuple[int, list[tuple[str, str]], bytes]:
    """Ask for a page; return status, headers and body without what changes from one answer to the next."""
    connection = HTTPConnection("127.0.0.1", running.port, timeout=PATIENCE)
    with contextlib.closing(connection):
        connection.request("GET", page, headers={"Host": "localhost"})
        response = connection.getresponse()
        headers = [(name, _CHANGING.sub(b"*", value.encode()).decode()) for name, value in response.getheaders()]
        body = _CHANGING.sub(b"*", response.read())
    return response.status, [header for header in headers if header[0] not in _OF_THE_MOMENT], body


def _parents(running: Running) -> set[int]:
    """Return the parents of all processes of a server."""
    found = set()
    for pid in running.members():
        try:
            found.add(int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]))
        except OSError:
            continue
    return found
