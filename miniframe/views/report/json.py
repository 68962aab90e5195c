"""The error report for programs: editors, test runners, agents.

`version` is the version of this shape, which docs/error-reports.md tells.  It goes up when something is renamed or
removed; additions leave it.
"""

from __future__ import annotations

import json
import re
from typing import Any

from miniframe.views.report.data import Frame, Raised, Report

__all__ = ["VERSION", "render_json", "report_as_dict"]

VERSION = 1
_CONTROLS = re.compile(r"[\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def render_json(report: Report) -> str:
    """Return the report as a JSON object."""
    text = json.dumps(report_as_dict(report), indent=1, ensure_ascii=False)
    # JSON leaves some control characters as they are, and terminals obey them.
    return _CONTROLS.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + "\n"


def report_as_dict(report: Report) -> dict[str, Any]:
    """Return the report as plain data, in the shape of `VERSION`."""
    request = report.request
    place = report.place
    return {
        "version": VERSION,
        "status": report.status,
        "kind": report.kind,
        "title": report.title,
        "message": report.message,
        "place": {"file": place.file, "line": place.line, "function": place.function, "code": place.code}
        if place
        else None,
        "hints": list(report.hints),
        "exceptions": [_raised(each) for each in report.raised],
        "routes": [{"pattern": route.pattern, "name": route.name} for route in report.routes],
        "request": {
            "method": request.method,
            "url": request.url,
            "path": request.path,
            "match": dict(request.match),
            **{title.lower(): dict(rows) for title, rows in request.sections},
        }
        if request
        else None,
        "settings": dict(report.settings),
        "versions": dict(report.versions),
        "output": report.output,
    }


def _raised(raised: Raised) -> dict[str, Any]:
    return {
        "type": raised.kind,
        "message": raised.message,
        "notes": list(raised.notes),
        "link": raised.link,
        "frames": [_frame(each) for each in raised.frames],
        "frames_left_out": raised.left_out,
        "members": [_raised(each) for each in raised.members],
    }


def _frame(frame: Frame) -> dict[str, Any]:
    return {
        "file": frame.file,
        "line": frame.line,
        "function": frame.function,
        "origin": frame.origin,
        "first_line": frame.first_line,
        "source": list(frame.source),
        "marks": frame.marks._asdict() if frame.marks else None,
        "variables": dict(frame.variables),
        "link": frame.link,
    }
