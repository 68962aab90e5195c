"""One JSON object a line: requests, errors, and whatever is logged."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from miniframe.http import HttpResponse
from miniframe.servers.requestlog import Octets
from miniframe.test import RequestFactory
from miniframe.utils import log
from miniframe.utils.jsonlog import LOG_FORMAT, JSONFormatter, is_wanted, json_line


def written(**attributes: Any) -> dict[str, Any]:
    """Return what the line of such a record says."""
    record = logging.makeLogRecord({"name": "shop", "levelname": "INFO", "msg": "sold %s", "args": (3,), **attributes})
    line = JSONFormatter().format(record)
    assert "\n" not in line
    found: dict[str, Any] = json.loads(line)
    return found


def test_a_record_is_one_object() -> None:
    found = written(created=1.5)
    assert found == {"time": "1970-01-01T00:00:01.500Z", "level": "INFO", "logger": "shop", "message": "sold 3"}


def test_a_request_has_its_facts_as_numbers() -> None:
    found = written(
        request=object(), server_time="now", status_code=200, method="GET", path="/a?b", size=Octets(1234),
        duration_ms=3.41234, view="shop.views.home",
    )  # fmt: skip
    del found["time"], found["level"], found["logger"], found["message"]
    assert found == {
        "method": "GET",
        "path": "/a?b",
        "status": 200,
        "size": 1234,
        "duration_ms": 3.412,
        "view": "shop.views.home",
    }


def test_an_error_has_its_traceback_in_one_line() -> None:
    try:
        raise ValueError("no\nsuch thing")
    except ValueError:
        found = written(exc_info=sys.exc_info(), hints=("Look `there`.",))
    assert found["exception"]["hints"] == ["Look `there`."]
    assert found["exception"]["type"] == "ValueError"
    assert found["exception"]["message"] == "no\nsuch thing"
    assert found["exception"]["traceback"].startswith("Traceback (most recent call last):\n")


def test_extras_are_kept_unless_they_pass_for_something_else() -> None:
    found = written(order=7, sold=True, customer=None, basket=[1], time="forged", status="forged", status_code=404)
    assert (found["order"], found["sold"], found["customer"], found["status"]) == (7, True, None, 404)
    assert "basket" not in found
    assert found["time"] != "forged"


def test_what_a_client_sends_cannot_make_a_second_line() -> None:
    assert written(path='/\n{"level": "ERROR"}', msg="x", args=())["path"] == '/\n{"level": "ERROR"}'


@pytest.mark.parametrize(("value", "wanted"), [("json", True), ("text", False), ("", False)])
def test_the_environment_asks_for_it(value: str, wanted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LOG_FORMAT, value)
    assert is_wanted() is wanted


def test_a_line_without_a_time_is_of_now() -> None:
    assert json.loads(json_line("a", "b"))["time"] > "2020"


@pytest.fixture
def loggers() -> Iterator[list[logging.Logger]]:
    """The framework's two loggers, which are as they were before when the test is over."""
    ours = [logging.getLogger("miniframe"), logging.getLogger("miniframe.server")]
    before = [(logger, logger.handlers[:], logger.level, logger.propagate) for logger in ours]
    last = logging.lastResort
    kept = last.formatter if last else None
    yield ours
    for logger, handlers, level, propagate in before:
        logger.handlers[:], logger.propagate = handlers, propagate
        logger.setLevel(level)
    if last is not None:
        last.setFormatter(kept)


def test_all_default_handlers_speak_it(loggers: list[logging.Logger], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LOG_FORMAT, "json")
    log.configure_logging("logging.config.dictConfig", {})
    handlers = [handler for logger in loggers for handler in logger.handlers]
    assert len(handlers) == 3
    assert all(isinstance(handler.formatter, JSONFormatter) for handler in handlers)
    # An error of the handlers' (404 and above) tells which request it was.
    out = io.StringIO()
    for handler in handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(out)
            handler.filters.clear()
    log.log_response("Not Found: %s", "/a", response=HttpResponse(status=404), request=RequestFactory().get("/a"))
    found = json.loads(out.getvalue().splitlines()[0])
    assert (found["logger"], found["method"], found["path"], found["status"]) == ("miniframe.request", "GET", "/a", 404)
    assert logging.lastResort is not None
    assert isinstance(logging.lastResort.formatter, JSONFormatter)


def test_formatters_of_the_project_stay(loggers: list[logging.Logger], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LOG_FORMAT, "")

    class Mine(logging.Formatter):
        pass

    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(Mine())
    loggers[0].handlers[:] = [handler]
    log.speak_json()
    assert type(handler.formatter) is Mine
