"""Lines of requests that wait for each other, so that several are written at once."""

from __future__ import annotations

import io
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from miniframe.servers.crew import Crew, Worker
from miniframe.servers.requestlog import RequestLog, hold_lines, release_lines
from miniframe.utils.log import ServerFormatter

logger = logging.getLogger("miniframe.server")


@contextmanager
def logging_to(stream: Any) -> Iterator[None]:
    """Give the logger one handler for `stream`, as `runserver` has it."""
    before = logger.handlers[:], logger.level, logger.propagate
    handler = logging.StreamHandler(stream)
    handler.setFormatter(ServerFormatter("{message}", style="{"))
    logger.handlers[:], logger.propagate = [handler], False
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        release_lines()
        logger.handlers[:], logger.propagate = before[0], before[2]
        logger.setLevel(before[1])


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Where the lines go."""
    return tmp_path / "log"


class Asked(RequestLog):
    """A request that was answered."""

    def __init__(self, path: str) -> None:
        self.request = None
        self.command = "GET"
        self.path = path
        self.raw_head = f"GET {path} HTTP/1.1".encode()
        self.environ = {}
        self._started = time.perf_counter()


def test_lines_wait_until_they_are_released_and_keep_their_order(log: Path) -> None:
    with log.open("w", buffering=1) as stream, logging_to(stream):
        hold_lines()
        for number in range(3):
            Asked(f"/{number}").log_request("200", 1234)
        assert log.read_text() == ""
        release_lines()
        lines = log.read_text().splitlines()
        assert [line.rpartition(" ")[0] for line in lines] == [f"GET /{number} 200 1.2kB" for number in range(3)]
        Asked("/next").log_request("404", "-")
        assert log.read_text().splitlines()[3].startswith("GET /next 404 - ")


def test_a_line_that_waits_is_dropped_if_the_logger_does_not_want_it(log: Path) -> None:
    with log.open("w", buffering=1) as stream, logging_to(stream):
        hold_lines()
        logger.setLevel("WARNING")
        Asked("/").log_request("200", 1)
        Asked("/no").log_request("404", 1)
        release_lines()
        assert log.read_text().startswith("GET /no 404 1B ")


def test_a_path_cannot_forge_a_line_that_waits(log: Path) -> None:
    with log.open("w", buffering=1) as stream, logging_to(stream):
        hold_lines()
        Asked("/a\x85GET /b\x1b[0m").log_request("200", 1)
        release_lines()
        assert log.read_text().startswith(r"GET /a\x85GET /b\x1b[0m 200 1B ")


def test_lines_on_a_terminal_do_not_wait() -> None:
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    try:
        with os.fdopen(theirs, "w", buffering=1) as terminal, logging_to(terminal):
            hold_lines()
            Asked("/").log_request("200", 1)
            assert os.read(ours, 4096).startswith(b"GET / 200 1B ")
    finally:
        os.close(ours)


def test_lines_for_a_stream_that_is_no_file_do_not_wait() -> None:
    stream = io.StringIO()
    with logging_to(stream):
        hold_lines()
        Asked("/").log_request("200", 1)
        assert stream.getvalue().startswith("GET / 200 1B ")


def test_a_handler_with_a_log_of_its_own_gets_each_line_at_once(log: Path) -> None:
    seen: list[tuple[Any, ...]] = []

    class Own(Asked):
        def log_message(self, format: str, *args: Any) -> None:
            seen.append(args)

    with log.open("w", buffering=1) as stream, logging_to(stream):
        hold_lines()
        Own("/").log_request("200", 1)
    assert seen[0][:3] == ("GET /", "200", 1)


def test_lines_that_waited_become_records_if_the_logging_was_changed_meanwhile(log: Path) -> None:
    records: list[Any] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(record)

    with log.open("w", buffering=1) as stream, logging_to(stream):
        hold_lines()
        Asked("/").log_request("404", 12)
        logger.addHandler(Keep())
        release_lines()
    (record,) = records
    assert record.getMessage().startswith("GET / 404 12B ")
    assert (record.levelname, record.status_code, record.method, record.path) == ("WARNING", 404, "GET", "/")
    assert record.size == 12
    assert record.duration_ms > 0
    assert record.server_time


def test_a_request_that_takes_long_holds_no_line_up(log: Path) -> None:
    lot: Any = None
    crew = Crew(lot, 0, True)
    worker = Worker()
    crew.workers.append(worker)
    worker.since = time.monotonic() - 1
    with log.open("w", buffering=1) as stream, logging_to(stream):
        hold_lines()
        Asked("/").log_request("200", 1)
        crew._look(time.monotonic())
        assert log.read_text().startswith("GET / 200 1B ")


def test_lines_of_several_threads_wait_for_the_watcher(log: Path) -> None:
    lot: Any = None
    crew = Crew(lot, 0, True)
    crew.workers += [Worker(), Worker()]
    with log.open("w", buffering=1) as stream, logging_to(stream):
        crew._look(time.monotonic())
        Asked("/").log_request("200", 1)
        assert log.read_text() == ""
        crew._look(time.monotonic())
        assert log.read_text().startswith("GET / 200 1B ")


FORK = """
import os, sys, time
sys.path.insert(0, {tests!r})
from test_requestlog import *
with open({log!r}, "w", buffering=1) as stream, logging_to(stream):
    hold_lines()
    Asked("/").log_request("200", 1)
    child = os.fork()
    release_lines()
    if child:
        os.waitpid(child, 0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork() here")
def test_a_process_that_a_view_forks_does_not_write_the_lines_again(tmp_path: Path) -> None:
    log = tmp_path / "log"
    code = FORK.format(tests=os.path.dirname(__file__), log=str(log))
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)
    assert log.read_text().count("\n") == 1
