"""The error report for a terminal: what, where, why and what to do, on one screen.

Source: the habit of every curl user to scroll up as little as possible.
"""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import shorten

from miniframe.utils.text import escape_controls
from miniframe.views.report.data import Frame, Raised, Report, calls_of_others

__all__ = ["render_text"]

MOST_LINES = 40
WIDTH = 160
MOST_HINTS = 4
# The route of the first page is such, for one.
_NO_TEXT = "''"
_LINES_OF_A_MESSAGE = 5
# Three calls with their source and what failed of it, and what is left out.
_LINES_OF_A_CAUSE = 10


def render_text(report: Report) -> str:
    """Return the report in at most 40 lines."""
    head = list(_head(report))
    tail = [line for hint in report.hints[:MOST_HINTS] for line in ("", f"Hint: {_line(hint.replace('`', ''), 600)}")]
    room = MOST_LINES - len(head) - len(tail)
    body = _first_lines(list(_routes(report)), room) if report.routes else _way(report, room)
    if not body and report.output:
        body = _last_lines(report.output.splitlines(), room)
    # What is no text of ours may have a line feed where none belongs: in a file's name, say.
    lines = [line.replace("\n", "\\n").replace("\t", " ") for line in (*head, *body, *tail)]
    # A terminal obeys control characters, and some of the text came with the request.
    return escape_controls("\n".join(lines)) + "\n"


def _first_lines(lines: list[str], room: int) -> list[str]:
    if len(lines) <= room:
        return lines
    return [*lines[: room - 1], f"  ({len(lines) - room + 1} more lines)"]


def _last_lines(lines: list[str], room: int) -> list[str]:
    if len(lines) > room:
        lines = [f"({len(lines) - room + 1} lines before these)", *lines[len(lines) - room + 1 :]]
    return [f"  {line[:WIDTH]}" for line in lines]


def _last_calls(calls: list[list[str]], room: int) -> list[str]:
    """Return the lines of the newest calls for which there is room: all lines of a call, or none."""
    kept: list[str] = []
    left = sum(len(call) for call in calls)
    for call in reversed(calls):
        # One line is for what is left out, unless nothing is.
        if len(kept) + len(call) + (len(call) < left) > room:
            break
        kept[:0] = call
        left -= len(call)
    return [f"  ({left} lines before these)", *kept] if left else kept


def _line(text: str, most: int = WIDTH) -> str:
    return shorten(text, most, placeholder=" …")


def _head(report: Report) -> Iterator[str]:
    request = report.request
    yield _line(f"{report.status} {report.occasion}")
    yield _line(report.headline, 400)
    more = report.message.splitlines()[1:]
    yield from (f"    {_line(line)}" for line in _first_lines(more, _LINES_OF_A_MESSAGE))
    if report.raised:
        notes = [line for note in report.raised[0].notes for line in note.splitlines()]
        yield from (f"    {_line(note)}" for note in _first_lines(notes, _LINES_OF_A_MESSAGE))
    if request and request.match:
        view, *rest = request.match
        about = ", ".join(f"{name} {value or _NO_TEXT}" for name, value in rest)
        yield _line(f"View: {view.value}{f' ({about})' if about else ''}")
    yield ""


def _routes(report: Report) -> Iterator[str]:
    yield "Routes tried, in this order:"
    for route in report.routes:
        yield f"  {_line(route.pattern or '(empty)')}{f'  [{route.name}]' if route.name else ''}"


_LINKS = {"cause": "Caused by", "context": "While handling", "member": "One of them:"}


def _way(report: Report, room: int) -> list[str]:
    """Return the calls in the order of a Python traceback, the newest last, and then the same of what caused it."""
    causes: list[str] = []
    for raised in report.raised[1:]:
        causes.append(f"{_LINKS[raised.link]} {raised.kind}: {_line(raised.message)}")
        causes += _last_calls(list(_calls(raised)), _LINES_OF_A_CAUSE)
    own = list(_calls(report.raised[0])) if report.raised else []
    causes = _first_lines(causes, max(4, room - sum(len(call) for call in own))) if causes else []
    return [*_last_calls(own, room - len(causes)), *causes]


def _calls(raised: Raised) -> Iterator[list[str]]:
    """Yield the lines of each call of the project, and one for each run of calls of others."""
    folded: list[Frame] = []
    for index, frame in enumerate(raised.frames):
        last = index == len(raised.frames) - 1
        if frame.origin != "project" and not last:
            folded.append(frame)
            continue
        if folded:
            yield [f"  ({calls_of_others(folded)})"]
            folded = []
        where = f" in {frame.function}" if frame.function else ""
        yield [f"  {frame.file}:{frame.line}{where}", *(_source(frame) if frame.origin == "project" else ())]
    for member in raised.members:
        yield [f"  {_LINKS['member']} {member.kind}: {_line(member.message)}"]
        yield [f"  {line}" for line in _last_calls(list(_calls(member)), _LINES_OF_A_CAUSE)]


def _source(frame: Frame) -> Iterator[str]:
    if not frame.code:
        return
    yield f"    {frame.code[:WIDTH]}"
    marks = frame.marks
    if marks is None or marks.line != frame.line:
        return
    text = frame.source[frame.line - frame.first_line]
    indent = text.index(frame.code)
    end = marks.end_column if marks.end_line == marks.line else len(text.rstrip())
    start, length = max(0, marks.column - indent), max(1, end - marks.column)
    # Arrows under the whole line would say nothing.
    if length < len(frame.code) and start + length <= WIDTH:
        yield f"    {' ' * start}{'^' * length}"
