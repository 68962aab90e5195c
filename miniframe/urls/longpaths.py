"""Match a long path against a route with several parameters, in time that grows with the path's length only.

A regular expression tries one parameter's length after another, and for each of them those of the next: with
`<path:x>/b/<path:y>/c` the time grows with the square of the path, with more parameters faster, and a client chooses
the path.  Here each parameter is looked at once for each place of the path, from the last one to the first, and what
was found out about the rest is looked up.  The result is the same.  For short paths the expression is quicker.

Not here: expressions that are the user's own (`re_path`, registered converters), which take the time that they take.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

__all__ = ["find_values"]

_SLUG = frozenset("-_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")

# Whether a character may stand in the parameter; it takes any number of those, but at least one.
_TAKES: dict[str, Callable[[str], bool]] = {
    "[^/]+": lambda character: character != "/",
    ".+": lambda character: character != "\n",
    "[0-9]+": frozenset("0123456789").__contains__,
    "[-a-zA-Z0-9_]+": _SLUG.__contains__,
}


def find_values(path: str, literals: Sequence[str], expressions: Sequence[str], whole: bool) -> list[str] | None:
    """Return what each parameter takes of `path`, and what is left of it; None if the path does not match.

    `literals` stand around and between the parameters, whose regular expressions are `expressions`.  Each parameter
    takes as much as it can.  `whole`: nothing may be left.

    >>> find_values("a/b/c/b/d", ["", "/b/", ""], [".+", ".+"], whole=True)
    ['a/b/c', 'd', '']
    """
    # What is true of each place: the rest of the path from there on matches the rest of the route.
    fits = bytearray(len(path) + 1) if whole else bytearray(b"\1") * (len(path) + 1)
    fits[-1] = 1
    ends: list[list[int]] = []
    for literal, expression in zip(reversed(literals[1:]), reversed(expressions), strict=True):
        fits = _before_literal(path, literal, fits)
        end = _ends(path, expression, fits)
        fits = bytearray(map(bool, end))
        ends.append(end)
    at = len(literals[0])
    if not path.startswith(literals[0]) or not fits[at]:
        return None
    values = []
    for end, literal in zip(reversed(ends), literals[1:], strict=True):
        values.append(path[at : end[at]])
        at = end[at] + len(literal)
    return [*values, path[at:]]


def _before_literal(path: str, literal: str, fits: bytearray) -> bytearray:
    if not literal:
        return fits
    before = bytearray(len(fits))
    at = path.find(literal)
    while at >= 0:
        before[at] = fits[at + len(literal)]
        at = path.find(literal, at + 1)
    return before


def _ends(path: str, expression: str, fits: bytearray) -> list[int]:
    """Return for each place where a parameter that begins there ends, so that the rest fits; 0 if nowhere."""
    ends = [0] * len(fits)
    takes = _TAKES.get(expression)
    if takes is None:
        for found in re.finditer(f"(?=({expression}))", path):
            if fits[found.end(1)]:
                ends[found.start()] = found.end(1)
        return ends
    last = 0
    for at in range(len(path) - 1, -1, -1):
        if not takes(path[at]):
            last = 0
        elif not last and fits[at + 1]:
            last = at + 1
        ends[at] = last
    return ends
