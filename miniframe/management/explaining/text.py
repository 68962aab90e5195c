"""The steps as a table for a terminal: microseconds, step, and where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap
from typing import Any

from miniframe.management.explaining.changes import without_secrets
from miniframe.management.explaining.exchange import Explained
from miniframe.management.explaining.places import place_of, shown_path
from miniframe.management.explaining.timeline import Change, Step
from miniframe.utils.text import escape_controls

__all__ = ["render_text"]

_NUMBER = 9
_KIND = 12
_GAP = 2

SLOW = 0.2
"""The share of the whole time from which on a step's number is set off."""


def render_text(explained: Explained, style: Any, width: int) -> str:
    """Return the table, in `width` columns; `style` has a function for each role (see `utils.termcolors`)."""
    lines = [style.MIGRATE_LABEL(f"{explained.question.method} {without_secrets('', explained.question.target)}"), ""]
    lines.append(style.MIGRATE_LABEL(f"{'us':>{_NUMBER}}  step"))
    places = [_place_text(step) for step in explained.steps]
    column = width - min(max(map(len, places)), width * 2 // 5)
    whole = explained.microseconds * 1000
    for step, place in zip(explained.steps, places, strict=True):
        lines += _step_lines(step, place, style, column, width, slow=step.nanoseconds > whole * SLOW)
    lines.append(f"{explained.microseconds:>{_NUMBER},.0f}  in all")
    return "\n".join([*lines, "", *_summary(explained, style)])


def _place_text(step: Step) -> str:
    file, line = place_of(step.place)
    return f"{shown_path(file)}:{line}" if file else ""


def _step_lines(step: Step, place: str, style: Any, column: int, width: int, slow: bool) -> Iterator[str]:
    """Yield a step's line, with its place from `column` on, and below it what there is to say."""
    indent = "  " * step.depth
    left = _NUMBER + _GAP + _KIND + len(indent)
    room = (column - _GAP if place else width) - left
    first, *others = _wrapped(step.title, room) or [""]
    number = f"{step.nanoseconds / 1000:>{_NUMBER},.0f}" if step.nanoseconds else " " * _NUMBER
    number = style.WARNING(number) if slow else number
    paint = _paint(step, style)
    gap = " " * (column - left - len(first))
    shown = style.HTTP_NOT_MODIFIED(_shortened(place, width - column))
    yield f"{number}  {paint(f'{indent}{step.kind:<{_KIND}}{first}')}{gap}{shown}".rstrip()
    for text in others:
        yield " " * left + paint(text)
    for text in [*map(_change_text, step.changes), *step.notes]:
        for line in _wrapped(text, width - left - 2, subsequent_indent="  "):
            yield f"{' ' * left}  {line}"


def _wrapped(text: str, width: int, subsequent_indent: str = "") -> list[str]:
    """Return lines that steer no terminal: what an exception or a log says may have come from anywhere."""
    return wrap(escape_controls(text), width, subsequent_indent=subsequent_indent, break_on_hyphens=False)


def _paint(step: Step, style: Any) -> Any:
    if step.kind in ("error", "refusal"):
        return style.ERROR
    if step.kind in ("view", "response"):
        return style.SUCCESS
    if step.kind in ("log", "page"):
        return style.WARNING
    return str


def _shortened(place: str, most: int) -> str:
    return place if len(place) <= most else "..." + place[3 - most :]


def _change_text(change: Change) -> str:
    """Return a change as a line.

    >>> _change_text(Change("header", "Vary", None, "Cookie"))
    '+ Vary: Cookie'
    """
    what, name, before, after = change
    if what in ("attribute", "META"):
        shown = f"request.{name}" if what == "attribute" else f"request.META[{name!r}]"
        return f"{'+' if before is None else '~'} {shown}" + (f" ({after})" if what == "attribute" else "")
    if what == "cookie":
        return f"- Set-Cookie of {name}" if after is None else f"+ Set-Cookie: {after}"
    label = f"{name}: " if what == "header" else f"{what} "
    if before is None:
        return f"+ {label}{after}"
    return f"- {label}{before}" if after is None else f"~ {label}{before} -> {after}"


def _summary(explained: Explained, style: Any) -> Iterator[str]:
    answer = explained.answer
    if not answer.head:
        return
    code = answer.status[:3]
    paint = style.SUCCESS if code < "400" else style.ERROR
    kind = next((value for name, value in answer.fields if name.lower() == "content-type"), "")
    size = f"{answer.size:,} octets" + ("" if answer.whole else " and more: we left while it went on")
    yield ", ".join(filter(None, [paint(answer.status), kind, size]))
    if explained.answered_by:
        yield f"{explained.answered_by} answered; the view was not called."
    groups = _groups(explained.steps)
    yield "Of the time: " + ", ".join(f"{name} {taken / 1e6:.2f} ms" for name, taken in groups if taken) + "."
    if not explained.warm:
        yield "This was the first request of a process, which imports and compiles; --warm explains a second one."


_GROUP_OF = {
    "in": "middleware",
    "out": "middleware",
    "hook": "middleware",
    "route": "route",
    "view": "view",
    "template": "templates",
    "render": "templates",
    "error": "error page",
    "page": "error page",
}


def _groups(steps: list[Step]) -> list[tuple[str, int]]:
    sums: dict[str, int] = dict.fromkeys(["server", "middleware", "route", "view", "templates", "error page"], 0)
    for step in steps:
        sums[_GROUP_OF.get(step.kind, "server")] += step.nanoseconds
    return list(sums.items())
