"""The error report as Markdown: for an issue, a chat, or an assistant that is asked what to do.

It is meant to be read by somebody who has neither the page nor the source: the code around the failing line is there,
and the variables, but of libraries only that they were on the way.

Source: CommonMark 0.31, sections 4.5 (fences), 5.2 (lists), 6.1 (code spans).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from miniframe.utils.text import escape_controls
from miniframe.views.report.data import Frame, Raised, Report, Row, calls_of_others

__all__ = ["render_markdown"]

MOST_CALLS = 20
MOST_ROUTES = 40
LONGEST_VALUE = 300

_LINKS = {"cause": "Caused by", "context": "Raised while handling", "member": "One of them"}
# What the sections are about is with the request; META says the same once more, in the server's words.
_SECTIONS = ("GET", "POST", "FILES", "COOKIES", "Headers")


def render_markdown(report: Report) -> str:
    """Return the report as Markdown."""
    parts = [
        *_head(report),
        *_place(report.place),
        *(["## Hints", _list(_prose(hint) for hint in report.hints)] if report.hints else ()),
        *_routes(report),
        *[part for each in report.raised for part in _raised(each)],
        *(["## Its last words", _fence(report.output)] if report.output else ()),
        *_request(report),
        "## Versions",
        _list(f"{row.name} {row.value}" for row in report.versions[:2]),
    ]
    return escape_controls("\n\n".join(parts)) + "\n"


def _head(report: Report) -> Iterator[str]:
    yield f"# {_prose(report.headline)}"
    if rest := report.message.splitlines()[1:]:
        yield _fence("\n".join(rest))
    # A request's address is anybody's text; the other occasions are words of ours.
    yield f"{report.status} {_code(report.occasion) if report.request else report.occasion}".rstrip()
    yield from (_fence(note) for note in (report.raised[0].notes if report.raised else ()))


def _place(place: Frame | None) -> Iterator[str]:
    if place is None:
        return
    yield f"## Where\n\n{_code(f'{place.file}:{place.line}')}" + (
        f" in {_code(place.function)}" if place.function else ", which cannot be parsed"
    )
    yield from _around(place)


def _around(frame: Frame) -> Iterator[str]:
    """Yield the source around the frame's line, and its variables."""
    if frame.source:
        yield _fence("\n".join(_numbered(frame)), "python" if frame.file.endswith(".py") else "")
    if frame.variables:
        yield "Variables there:"
        yield _rows(frame.variables)


def _numbered(frame: Frame) -> Iterator[str]:
    marks = frame.marks
    for number, text in enumerate(frame.source, frame.first_line):
        yield f"{'>' if number == frame.line else ' '} {number:>4} | {text}"
        if marks is not None and number == marks.line == marks.end_line and marks.end_column - marks.column < len(text):
            yield f"       | {' ' * marks.column}{'^' * (marks.end_column - marks.column)}"


def _routes(report: Report) -> Iterator[str]:
    if not report.routes:
        return
    yield "## Routes tried, in this order"
    rows = [f"{_code(route.pattern)}{f' ({_code(route.name)})' if route.name else ''}" for route in report.routes]
    more = [f"and {len(rows) - MOST_ROUTES} more"] if len(rows) > MOST_ROUTES else []
    yield _list([*rows[:MOST_ROUTES], *more])


def _raised(raised: Raised, depth: int = 2) -> Iterator[str]:
    if raised.link:
        yield f"{'#' * depth} {_LINKS[raised.link]} {_code(raised.kind)}: {_prose(raised.message)}"
    elif raised.frames:
        yield f"{'#' * depth} Calls, the newest last"
    if raised.frames:
        yield _list(_calls(raised.frames))
    if raised.link:
        yield from (_fence(note) for note in raised.notes)
        # Of the first one they stand at the top already.
        yield from (part for frame in _newest_of_project(raised.frames) for part in _around(frame))
    for member in raised.members:
        yield from _raised(member, min(depth + 1, 6))


def _newest_of_project(frames: Sequence[Frame]) -> list[Frame]:
    """Return the project's newest call, if there is any."""
    return [frame for frame in frames if frame.origin == "project"][-1:]


def _calls(frames: Sequence[Frame]) -> Iterator[str]:
    calls: list[str] = []
    for own, group in groupby(frames, key=lambda frame: frame.origin == "project"):
        run = list(group)
        if own:
            calls += [
                f"{_code(f'{frame.file}:{frame.line}')}"
                + (f" in {_code(frame.function)}" if frame.function else "")
                + (f": {_code(frame.code)}" if frame.code else "")
                for frame in run
            ]
        else:
            last = f", the last at {_code(f'{run[-1].file}:{run[-1].line}')}" if run[-1] is frames[-1] else ""
            calls.append(f"({calls_of_others(run)}{last})")
    if len(calls) > MOST_CALLS:
        yield f"({len(calls) - MOST_CALLS} before these)"
    yield from calls[-MOST_CALLS:]


def _request(report: Report) -> Iterator[str]:
    request = report.request
    if request is None:
        return
    yield "## Request"
    yield _rows((Row("method", request.method), Row("url", request.url), *request.match))
    for title, rows in request.sections:
        if rows and title in _SECTIONS:
            yield f"{title}:"
            yield _rows(rows)


def _rows(rows: Sequence[Row]) -> str:
    return _list(f"{_code(row.name)}: {_code(row.value)}" for row in rows)


def _list(lines: Iterator[str] | Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _code(text: str) -> str:
    """Return one line of text as a code span, whose fence is longer than any row of backquotes in it."""
    text = " ".join(text.split())
    text = text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"
    if not text:
        return "(empty)"
    fence = "`" * (_longest_row(text) + 1)
    blank = " " if "`" in (text[0], text[-1]) else ""
    return f"{fence}{blank}{text}{blank}{fence}"


def _fence(text: str, language: str = "") -> str:
    fence = "`" * max(3, _longest_row(text) + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def _longest_row(text: str) -> int:
    return max(map(len, re.findall(r"`+", text)), default=0)


def _prose(text: str) -> str:
    """Return text on one line in which only backquotes mean something: HTML in it would be shown as HTML."""
    parts = re.split(r"(`[^`\n]+`)", " ".join(text.split()))
    return "".join(
        part if index % 2 else re.sub(r"([\\`*_\[\]<>#|~])", r"\\\1", part) for index, part in enumerate(parts)
    )
