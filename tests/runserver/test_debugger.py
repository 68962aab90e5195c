"""breakpoint() in a view: the terminal is the debugger's, with threads and under the reloader."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.client import HTTPConnection
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.runserver.conftest import Terminal


@pytest.fixture(params=["reload", "noreload"])
def terminal(request: pytest.FixtureRequest, on_terminal: Callable[..., Terminal]) -> Terminal:
    return on_terminal("runserver", "0", *(["--noreload"] if request.param == "noreload" else []))


def test_contract_73_breakpoint_in_a_view(terminal: Terminal) -> None:
    port = terminal.ready()
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
