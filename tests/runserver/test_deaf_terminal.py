"""A terminal that takes nothing more is no reason to stop serving."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.runserver.conftest import Project

pytestmark = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")


@contextmanager
def serving(project: Project, port: int, redirection: str) -> Iterator[None]:
    command = f'exec "{sys.executable}" manage.py runserver {port} {redirection}'
    process = subprocess.Popen(["/bin/sh", "-c", command], cwd=project.root, start_new_session=True)
    try:
        yield
        assert process.poll() is None
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def until_it_says(port: int, wanted: str) -> None:
    deadline = time.monotonic() + 20
    said = ""
    while wanted not in said:
        assert time.monotonic() < deadline, f"it said {said!r}"
        time.sleep(0.02)  # the condition above is what is waited for
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("GET", "/")
            said = connection.getresponse().read().decode()
        except (TimeoutError, OSError) as error:
            said = repr(error)
        finally:
            connection.close()


@pytest.mark.parametrize(
    "redirection",
    [
        pytest.param(">/dev/full 2>/dev/null", id="stdout-full"),
        pytest.param(">/dev/null 2>/dev/full", id="stderr-full"),
        pytest.param(">&- 2>/dev/null", id="stdout-closed"),
    ],
)
def test_a_server_goes_on_and_reloads_without_a_terminal(project: Project, free_port: int, redirection: str) -> None:
    with serving(project, free_port, redirection):
        until_it_says(free_port, "one")
        project.say("two")
        until_it_says(free_port, "two")
