"""breakpoint() in a view: the terminal is the debugger's, with threads and under the reloader."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import miniframe

if TYPE_CHECKING:
    from tests.runserver.conftest import Project


class Terminal:
    """A program on a terminal of its own; a test reads and types there."""

    def __init__(self, command: list[str], folder: Path) -> None:
        self.screen = ""
        ours, theirs = pty.openpty()
        self._end = ours
        environ = {**os.environ, "MINIFRAME_RELOAD_IGNORE": str(Path(miniframe.__file__).parents[1]), "TERM": "dumb"}
        for name in ("PYTHONBREAKPOINT", "PYTEST_CURRENT_TEST"):
            environ.pop(name, None)
        self.process = subprocess.Popen(
            [sys.executable, *command],
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
        """Read until `text` is on the screen; return all that is there, and begin a new one."""
        deadline = time.monotonic() + 30
        while text not in self.screen:
            assert time.monotonic() < deadline, f"{text!r} never came:\n{self.screen}"
            if select.select([self._end], [], [], 0.1)[0]:
                self.screen += os.read(self._end, 65536).decode()
        seen, self.screen = self.screen, ""
        return seen

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


@pytest.fixture(params=["reload", "noreload"])
def terminal(request: pytest.FixtureRequest, project: Project) -> Iterator[Terminal]:
    switches = ["--noreload"] if request.param == "noreload" else []
    terminal = Terminal(["manage.py", "runserver", "0", *switches], project.root)
    yield terminal
    terminal.close()


def test_contract_73_breakpoint_in_a_view(terminal: Terminal) -> None:
    banner = terminal.until("Quit the server with")
    port = int(banner.rpartition("http://127.0.0.1:")[2].partition("/")[0])
    bodies: list[bytes] = []

    def ask() -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", "/debug/")
        bodies.append(connection.getresponse().read())
        connection.close()

    client = threading.Thread(target=ask)
    client.start()
    terminal.until("(Pdb) ")
    terminal.type("answer + 1\n")
    assert "42" in terminal.until("(Pdb) ")
    terminal.type("answer = 43\n")
    terminal.until("(Pdb) ")
    terminal.type("continue\n")
    client.join()
    assert bodies == [b"answer 43"]
    # Ctrl-C, as the terminal sends it.
    terminal.type("\x03")
    assert terminal.process.wait(30) == 0
