"""The line of a request that is written without a log record, and when it is not."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from miniframe.servers.shortcut import write_lines
from miniframe.utils.log import ServerFormatter

logger = logging.getLogger("miniframe.server")


@contextmanager
def logging_to_a_stream() -> Iterator[io.StringIO]:
    """Give the logger what `runserver` gives it, and nothing of pytest's, with a stream that can be read."""
    before = logger.handlers[:], logger.level, logger.propagate
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(ServerFormatter("[{server_time}] {message}", style="{"))
    logger.handlers[:], logger.propagate = [handler], False
    logger.setLevel(logging.INFO)
    try:
        yield stream
    finally:
        logger.handlers[:], logger.propagate = before[0], before[2]
        logger.setLevel(before[1])


def handler() -> Any:
    return logger.handlers[0]


def record_line(status: int, text: str) -> str:
    """Return the line that a record ends as."""
    kept, handler().stream = handler().stream, io.StringIO()
    try:
        logger.info(text, extra={"server_time": "now", "status_code": status})
        line: str = handler().stream.getvalue()
        return line
    finally:
        handler().stream = kept


@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("status", [200, 304, 404, 500])
def test_the_line_is_the_one_that_a_record_ends_as(monkeypatch: pytest.MonkeyPatch, status: int, colour: bool) -> None:
    monkeypatch.setenv("FORCE_COLOR" if colour else "NO_COLOR", "1")
    monkeypatch.delenv("NO_COLOR" if colour else "FORCE_COLOR", raising=False)
    with logging_to_a_stream() as stream:
        assert write_lines([(logging.INFO, status, "now", "GET {curly} %s")])
        assert stream.getvalue() == record_line(status, "GET {curly} %s")
    assert "[now] " in stream.getvalue()
    assert ("\x1b[" in stream.getvalue()) == (colour and status != 200)


@pytest.mark.parametrize("format", ["{message:>40}", "{{message}}", "{message} {message}", "{levelname} {message}"])
def test_a_format_that_does_more_than_put_the_text_somewhere_gets_records(format: str) -> None:
    with logging_to_a_stream():
        handler().setFormatter(ServerFormatter(format, style="{", validate=False))
        assert not write_lines([(logging.INFO, 200, "now", "GET /")])


class OtherFormatter(ServerFormatter):
    """A project's own."""


class OtherHandler(logging.StreamHandler[Any]):
    """A project's own."""


def _patched(self: logging.Logger, record: logging.LogRecord) -> None:
    raise AssertionError("not called here")


CHANGES: dict[str, Any] = {
    "another-handler-too": lambda patch: logger.addHandler(logging.NullHandler()),
    "no-handler": lambda patch: logger.handlers.clear(),
    "a-handler-of-a-project": lambda patch: logger.handlers.__setitem__(0, OtherHandler()),
    "propagation": lambda patch: patch.setattr(logger, "propagate", True),
    "a-filter": lambda patch: patch.setattr(logger, "filters", [lambda record: True]),
    "a-filter-of-the-handler": lambda patch: handler().addFilter(lambda record: True),
    "no-formatter": lambda patch: handler().setFormatter(None),
    "a-formatter-of-a-project": lambda patch: handler().setFormatter(OtherFormatter("{message}", style="{")),
    "a-format-with-other-fields": lambda patch: handler().setFormatter(ServerFormatter("{levelname}", style="{")),
    "a-format-of-another-style": lambda patch: handler().setFormatter(ServerFormatter("%(message)s")),
    "a-record-factory": lambda patch: patch.setattr(logging, "_logRecordFactory", lambda *args: None),
    "a-tool-that-collects-records": lambda patch: patch.setattr(logging.Logger, "callHandlers", _patched),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whoever_changes_the_logging_gets_records(monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    with logging_to_a_stream() as stream, monkeypatch.context() as patch:
        CHANGES[change](patch)
        assert not write_lines([(logging.INFO, 200, "now", "GET /")])
    assert stream.getvalue() == ""


def test_a_line_below_the_level_of_the_handler_is_dropped() -> None:
    with logging_to_a_stream() as stream:
        handler().setLevel("WARNING")
        assert write_lines([(logging.INFO, 200, "now", "GET /"), (logging.WARNING, 404, "now", "GET /no")])
    assert stream.getvalue() == "[now] GET /no\n"


def test_a_stream_that_fails_is_left_to_logging() -> None:
    with logging_to_a_stream() as stream:
        stream.close()
        assert not write_lines([(logging.INFO, 200, "now", "GET /")])


def test_a_request_is_one_line_at_once(serve: Any, until: Any) -> None:
    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return [b"12345"]

    with logging_to_a_stream() as stream:
        serve(application).get("/a?b")
        until(lambda: stream.getvalue().endswith("\n"))
    assert stream.getvalue().count("\n") == 1
    assert "/a?b" in stream.getvalue()
    assert " 200 " in stream.getvalue()
