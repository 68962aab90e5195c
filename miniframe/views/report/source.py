"""Source code as HTML: line numbers, the line that failed, what of it failed, and a little colour.

The colours come from one pattern applied to each line alone: a page about broken code cannot count on a parser.
"""

from __future__ import annotations

import html
import keyword
import re
from collections.abc import Callable

from miniframe.views.report.data import Frame

__all__ = ["colour", "source_html"]

_PARTS = re.compile(
    r"(?P<c>#.*)"
    r"|(?P<s>(?<!\w)[rbfuRBFU]{0,2}(?:\"\"\".*?(?:\"\"\"|$)|'''.*?(?:'''|$)|\"(?:\\.|[^\"\\])*(?:\"|$)|'(?:\\.|[^'\\])*(?:'|$)))"
    r"|(?P<d>\b\d[\d_.eExXa-fA-F]*\b)"
    rf"|(?P<k>\b(?:{'|'.join(keyword.kwlist)}|self)\b)"
)


def colour(text: str) -> str:
    """Return a line of Python, or a part of one, as HTML."""
    made, place = [], 0
    for match in _PARTS.finditer(text):
        made.append(html.escape(text[place : match.start()]))
        made.append(f'<span class="{match.lastgroup}">{html.escape(match[0])}</span>')
        place = match.end()
    return "".join([*made, html.escape(text[place:])])


def source_html(frame: Frame) -> str:
    """Return the frame's lines as a `pre` element; "" if there is no source to be had."""
    if not frame.source:
        return ""
    lines = []
    # The colours are Python's, and mean nothing in a template.
    paint = colour if frame.file.endswith((".py", ">")) else html.escape
    for number, text in enumerate(frame.source, frame.first_line):
        hit = _is_hit(frame, number)
        code = _marked(frame, number, text, paint)
        lines.append(f'<span class="l{" hit" if hit else ""}"><span class="n">{number}</span>{code}\n</span>')
    return f"<pre><code>{''.join(lines)}</code></pre>"


def _is_hit(frame: Frame, number: int) -> bool:
    if frame.marks is None:
        return number == frame.line
    return frame.marks.line <= number <= frame.marks.end_line


def _marked(frame: Frame, number: int, text: str, paint: Callable[[str], str]) -> str:
    marks = frame.marks
    if marks is None or not marks.line <= number <= marks.end_line or marks.end_line - marks.line > 3:
        # A call that spans many lines is lit up line by line; marking all of its text would mark nothing.
        return paint(text)
    indent = len(text) - len(text.lstrip())
    start = marks.column if number == marks.line else indent
    end = marks.end_column if number == marks.end_line else len(text)
    if not 0 <= start < end <= len(text) or text[start:end] == text.strip():
        return paint(text)
    return f"{paint(text[:start])}<mark>{paint(text[start:end])}</mark>{paint(text[end:])}"
