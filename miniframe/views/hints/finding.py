"""Find the advice for an exception: one table, looked through from its first row to its last.

To add advice, add a row to the table of its subject.  Text between backquotes is code.  A hint is only worth its
place if it names what to change; what the message says already is not repeated.

What a misspelt setting brings about is told in front of all that (`misspelt`).

    ROWS of    answers     what views and middleware return, and what is left undone in them
               requests    what a request brings, and what is asked of it
               addresses   names and routes
               pages       templates and static files
               project     modules, settings, the environment, files
               databases   tables, servers, sessions
               python      names, types, None, async
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from miniframe.conf import settings
from miniframe.views.hints import addresses, answers, databases, pages, project, python, requests
from miniframe.views.hints.misspelt import advise_on_misspelt, misspelt_behind
from miniframe.views.hints.row import Case, Hint

__all__ = ["HINTS", "Case", "Hint", "find_hints"]

MOST_HINTS = 4

HINTS: list[Hint] = [
    *answers.ROWS,
    *requests.ROWS,
    *addresses.ROWS,
    *pages.ROWS,
    *project.ROWS,
    *databases.ROWS,
    *python.ROWS,
]


def find_hints(
    exception: BaseException | None, request: Any, text_of: Callable[[BaseException], str] = str
) -> tuple[str, ...]:
    """Return the advice for an exception and for those that led to it, the nearest first.

    `text_of` is what to ask for an exception's text: it may be slow, or have none.
    """
    found: list[str] = []
    seen: set[int] = set()
    while exception is not None and id(exception) not in seen:
        seen.add(id(exception))
        for text in _advice(exception, request, text_of):
            if text and text not in found:
                found.append(text)
        exception = exception.__cause__ or (None if exception.__suppress_context__ else exception.__context__)
    return tuple(found[:MOST_HINTS])


def _advice(exception: BaseException, request: Any, text_of: Callable[[BaseException], str]) -> Iterator[str]:
    # By name along the parents, so that errors of packages that may not be installed can have rows.
    names = {kind.__name__ for kind in type(exception).__mro__}
    try:
        text = text_of(exception)
    except Exception:
        return
    misspelt = misspelt_behind(exception, text)
    yield from map(advise_on_misspelt, misspelt)
    if not all(settings.is_overridden(each.meant) for each in misspelt):
        return  # one has its default: what is advised on that leads astray
    for hint in HINTS:
        match = re.search(hint.pattern, text) if hint.exception in names else None
        if match is None:
            continue
        try:
            yield (
                hint.advice.format(*match.groups())
                if isinstance(hint.advice, str)
                else hint.advice(Case(exception, request, match))
            )
        except Exception:  # advice that fails is no advice, and must not take the page with it
            continue
