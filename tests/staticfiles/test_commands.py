"""`findstatic`, and the `runserver` that serves static files."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest

from miniframe.management import CommandError, call_command
from miniframe.staticfiles.handlers import StaticFilesHandler
from miniframe.staticfiles.management.commands.findstatic import Command as FindStatic
from miniframe.staticfiles.management.commands.runserver import Command as Runserver
from miniframe.test.utils import override_settings


def findstatic(*paths: str, **options: object) -> str:
    return call_command(FindStatic(), *paths, stdout=StringIO(), **options) or ""


def test_findstatic_lists_what_is_served_and_what_it_hides(project: Path) -> None:
    lines = findstatic("both.css").splitlines()
    assert lines == ["Found 'both.css' here:", f"  {project}/own/both.css", f"  {project}/app/static/both.css"]


def test_findstatic_first_lists_one(project: Path) -> None:
    assert findstatic("both.css", all=False, verbosity=0).strip() == f"{project}/own/both.css"


def test_findstatic_tells_where_it_looked(project: Path) -> None:
    assert f"Looking in the following locations:\n  {project}/own\n" in findstatic("both.css", verbosity=2)


def test_findstatic_that_finds_nothing_says_so_on_stderr(project: Path) -> None:
    errors = StringIO()
    assert findstatic("nope.css", stderr=errors) == ""
    assert "No matching file found for 'nope.css'." in errors.getvalue()


def test_findstatic_wants_a_path() -> None:
    with pytest.raises(CommandError, match="at least one staticfile"):
        findstatic()


@pytest.mark.parametrize(
    ("debug", "options", "served"),
    [
        pytest.param(True, {"use_static_handler": True, "insecure_serving": False}, True, id="debug"),
        pytest.param(True, {"use_static_handler": False, "insecure_serving": False}, False, id="nostatic"),
        pytest.param(False, {"use_static_handler": True, "insecure_serving": False}, False, id="production"),
        pytest.param(False, {"use_static_handler": True, "insecure_serving": True}, True, id="insecure"),
    ],
)
def test_runserver_serves_static_files_when_it_should(
    project: Path, debug: bool, options: dict[str, bool], served: bool
) -> None:
    with override_settings(DEBUG=debug, WSGI_APPLICATION=None):
        assert isinstance(Runserver().get_handler(**options), StaticFilesHandler) is served
