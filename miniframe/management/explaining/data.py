"""The steps as plain data, for programs.

    {"version": 1,
     "request":  {"method", "target"},
     "response": {"status", "reason", "headers": [[name, value]], "octets", "whole"},
     "answered_by": the middleware or hook that answered in place of the view, or null,
     "microseconds": all steps together,
     "steps": [{"step", "title", "file", "line", "microseconds", "depth", "notes": [text],
                "changes": [{"what", "name", "before", "after"}]}]}

`file` and `line` are null where there is no source.  Whatever is added later leaves the version as it is.
"""

from __future__ import annotations

from typing import Any

from miniframe.management.explaining.changes import without_secrets
from miniframe.management.explaining.exchange import Explained
from miniframe.management.explaining.places import place_of
from miniframe.management.explaining.timeline import Step

__all__ = ["VERSION", "as_data"]

VERSION = 1


def as_data(explained: Explained) -> dict[str, Any]:
    """Return what JSON can say of it; secrets are starred."""
    question, answer = explained.question, explained.answer
    code, _, reason = answer.status.partition(" ")
    return {
        "version": VERSION,
        "request": {"method": question.method, "target": without_secrets("", question.target)},
        "response": {
            "status": int(code) if code.isdigit() else None,
            "reason": reason,
            "headers": [[name, without_secrets(name, value)] for name, value in answer.fields],
            "octets": answer.size,
            "whole": answer.whole,
        },
        "answered_by": explained.answered_by or None,
        "microseconds": round(explained.microseconds, 1),
        "steps": [_step(step) for step in explained.steps],
    }


def _step(step: Step) -> dict[str, Any]:
    file, line = place_of(step.place)
    return {
        "step": step.kind,
        "title": step.title,
        "file": file or None,
        "line": line or None,
        "microseconds": round(step.nanoseconds / 1000, 1),
        "depth": step.depth,
        "notes": step.notes,
        "changes": [change._asdict() for change in step.changes],
    }
