"""breakpoint() in a worker that is a copy: the terminal is as good as in one that was started afresh."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.runserver.conftest import Project, Terminal

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a warm process needs Linux")
PATIENCE = 30.0


def _get(port: int, path: str) -> str:
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", path)
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def _parent(pid: str) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.02)


def test_breakpoint_in_a_copy(on_terminal: Callable[..., Terminal], project: Project) -> None:
    terminal = on_terminal("runserver", "0")
    port = terminal.ready()
    supervisor = terminal.process.pid
    children = Path(f"/proc/{supervisor}/task/{supervisor}/children")
    deadline = time.monotonic() + PATIENCE
    round_ = 0
    while _parent(_get(port, "/pid/")) == supervisor:
        assert time.monotonic() < deadline
        _until(lambda: len(children.read_text().split()) > 1)
        round_ += 1
        project.say(f"edit {round_}")
        _until(lambda: _get(port, "/") == f"edit {round_}")  # noqa: B023
    bodies: list[str] = []
    client = threading.Thread(target=lambda: bodies.append(_get(port, "/debug/")))
    client.start()
    terminal.until("(Pdb) ")
    terminal.type("answer + 1\n")
    assert "42" in terminal.until("(Pdb) ")
    terminal.type("continue\n")
    client.join()
    assert bodies == ["answer 41"]
    terminal.type("\x03")
    assert terminal.process.wait(PATIENCE) == 0
