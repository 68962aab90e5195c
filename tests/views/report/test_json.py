"""The JSON of a report has the shape that docs/error-reports.md tells programs, key by key."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from miniframe.views.report.data import Frame, Marks, Raised, Report, RequestInfo, Route, Row
from miniframe.views.report.json import VERSION, render_json

DOCUMENT = (Path(__file__).parents[3] / "docs" / "error-reports.md").read_text()
TOLD = dict(re.findall(r"^\| `([\w.\[\]*]+)` \| (text|number|object(?: or null)?) \|", DOCUMENT, re.MULTILINE))
# Whose keys are names that somebody else has chosen.
OPEN = re.compile(r"variables|request\.(?:match|get|post|files|cookies|headers|meta)|settings|versions")

ROWS = (Row("name", "'value'"),)
FRAME = Frame("/a.py", "f", 3, "project", 1, ("x = 1",), Marks(3, 0, 3, 1), ROWS, "vscode://file/a.py:3:1")
RAISED = Raised("KeyError", "'x'", ("a note",), "", (FRAME,), 0, ())
FULL = Report(
    status=500,
    kind="exception",
    title="KeyError",
    message="'x'",
    raised=(RAISED._replace(members=(RAISED._replace(link="member"),)),),
    hints=("a hint",),
    request=RequestInfo(
        "GET", "/", "/", ROWS, tuple((name, ROWS) for name in ("GET", "POST", "FILES", "COOKIES", "Headers", "META"))
    ),
    routes=(Route("a/", "a"),),
    settings=ROWS,
    versions=ROWS,
    output="last words",
)


def keys_of(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield each key's path and type, as the document writes them."""
    if isinstance(value, list):
        path += "[]"
        for each in value:
            yield from keys_of(each, path)
        return
    if path:
        yield path, "object" if isinstance(value, dict) else "number" if isinstance(value, int) else "text"
    if isinstance(value, dict) and not path.endswith(".members[]"):
        for key, inner in value.items():
            is_open = OPEN.fullmatch(path.rpartition("[].")[2] or path) or path.endswith(".variables")
            yield from keys_of(inner, f"{path}.{'*' if is_open else key}".lstrip("."))


def test_every_key_is_told_with_its_type_and_every_key_told_is_there() -> None:
    found = dict(keys_of(json.loads(render_json(FULL))))
    only_open = {path for path in found if f"{path}.*" in found}
    assert {path: kind for path, kind in found.items() if path not in only_open} == {
        path: kind.removesuffix(" or null") for path, kind in TOLD.items()
    }


def test_what_may_be_missing_is_null() -> None:
    bare = json.loads(render_json(FULL._replace(request=None, raised=())))
    assert {path for path, kind in TOLD.items() if kind.endswith("or null")} >= {
        path for path, value in bare.items() if value is None
    }
    assert (bare["place"], bare["request"]) == (None, None)


def test_the_version_is_the_one_that_is_told() -> None:
    assert f"`version` is {VERSION}." in DOCUMENT
