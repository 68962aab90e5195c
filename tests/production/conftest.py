"""One server at a time, started once for all its cases; and the table of what came of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from uuid import uuid4

import h11
import pytest

from .client import Address
from .rows import ROWS, NotInstalled, Row
from .table import ABSENT, CASES, EXPLAINED, FAILS, NOT_RUN, PASSES, SERVERS, Cells, lines, merge

# A server that does something else; not a test that has a mistake.
_WAYS_TO_FAIL = (AssertionError, OSError, KeyError, h11.RemoteProtocolError, pytest.fail.Exception)

_CELLS = pytest.StashKey[Cells]()


def pytest_configure(config: pytest.Config) -> None:
    """Make known the mark by which a test names its line of the table."""
    config.addinivalue_line("markers", "case(name): the line of the production table that this test fills")
    config.stash[_CELLS] = {}


def _cell(item: pytest.Item) -> tuple[str, str] | None:
    mark = item.get_closest_marker("case")
    callspec = getattr(item, "callspec", None)
    if mark is None or callspec is None or "kind" not in callspec.params:
        return None
    return mark.args[0], callspec.params["kind"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out cells where there is nothing to try, and expect of each explained one that it fails."""
    absent = [item for item in items if _cell(item) in ABSENT]
    if absent:
        config.hook.pytest_deselected(items=absent)
        items[:] = [item for item in items if item not in absent]
        config.stash[_CELLS].update({cell: NOT_RUN for item in absent if (cell := _cell(item))})
    for item in items:
        cell = _cell(item)
        if cell is None:
            continue
        assert cell[0] in CASES, f"{item.name}: {cell[0]!r} is no line of tests/production/table.py"
        if (note := EXPLAINED.get(cell)) is not None:
            reason = f"docs/production.md#{note}"
            item.add_marker(pytest.mark.xfail(strict=True, reason=reason, raises=_WAYS_TO_FAIL))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Fill the cell of a test."""
    report: pytest.TestReport = yield  # type: ignore[assignment]
    cell = _cell(item)
    if cell is not None and (report.when == "call" or not report.passed):
        cells = item.config.stash[_CELLS]
        cells[cell] = merge(cells.get(cell), _word(report, EXPLAINED.get(cell)))
    return report  # type: ignore[return-value]


def _word(report: pytest.TestReport, note: str | None) -> str:
    if report.passed:
        return PASSES
    if report.skipped:
        return note if note and hasattr(report, "wasxfail") else NOT_RUN
    return FAILS


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the table."""
    cells = config.stash[_CELLS]
    if not set(cells.values()) - {NOT_RUN}:
        return
    terminalreporter.section("production: case x server")
    for line in lines(cells):
        terminalreporter.write_line(line)


@pytest.fixture(scope="session", params=SERVERS)
def kind(request: pytest.FixtureRequest) -> str:
    """The name of the server."""
    return str(request.param)


def _start(kind: str, tmp_path_factory: pytest.TempPathFactory, prefix: str = "") -> Iterator[Row]:
    row = ROWS[kind](tmp_path_factory.mktemp(kind), prefix)
    try:
        row.build()
        row.start()
        yield row
    except NotInstalled as missing:
        if "CI" in os.environ:
            pytest.fail(str(missing))
        pytest.skip(str(missing))
    finally:
        row.close()


@pytest.fixture(scope="session")
def server(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Row]:
    """The site at the root of its name."""
    yield from _start(kind, tmp_path_factory)


@pytest.fixture(scope="session")
def below(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Row]:
    """The site below /app."""
    yield from _start(kind, tmp_path_factory, "/app")


@pytest.fixture
def site(server: Row) -> Address:
    """Where the site is found."""
    return server.address


@pytest.fixture
def token() -> str:
    """A name by which a test and a view speak to each other."""
    return uuid4().hex
