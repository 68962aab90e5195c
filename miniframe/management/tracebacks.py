"""Show an unexpected error from the project's own code on, without the frames that led there.

A mistake in urls.py is found while a command of ours imports it: above the one line that matters
there would be fifteen of ours and of Python's import system.  `--traceback` shows them all.  What the
error page would advise follows.

Only the display changes.  The exception goes its way, so debuggers and `python -m pdb` see it whole,
and a hook that somebody else has set, to report errors for example, stays.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from types import TracebackType

import miniframe
from miniframe.utils.installed import is_installed

__all__ = ["install", "own_part", "uninstall"]

_FRAMEWORK = os.path.dirname(miniframe.__file__) + os.sep
_PYTHON = os.path.dirname(os.__file__) + os.sep


def install() -> None:
    """Let uncaught exceptions be shown by this module, unless somebody has taken that over before."""
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = _show


def uninstall() -> None:
    """Take `install` back, unless somebody has put another hook in place meanwhile."""
    if sys.excepthook is _show:
        sys.excepthook = sys.__excepthook__


def own_part(traceback: TracebackType | None) -> TracebackType | None:
    """Return the part of `traceback` that begins in code which is neither ours nor Python's.

    What called us (manage.py) is passed over too.  None if there is no such part.
    """
    while traceback is not None and not _is_passage(traceback):
        traceback = traceback.tb_next
    while traceback is not None and _is_passage(traceback):
        traceback = traceback.tb_next
    return traceback


def _is_passage(traceback: TracebackType) -> bool:
    name = traceback.tb_frame.f_code.co_filename
    in_python = name.startswith(_PYTHON) and not is_installed(name)
    return name.startswith((_FRAMEWORK, "<frozen ")) or in_python


def _show(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return  # whoever pressed Ctrl-C knows; the exit status still says so
    hints = _hints(error)  # while the calls are there, which some advice looks at
    shortened = False
    for each in _chain(error):
        part = own_part(each.__traceback__)
        # A SyntaxError names its file and line itself; any other error without a frame would come from nowhere.
        if part is not None or isinstance(each, SyntaxError):
            shortened = shortened or part is not each.__traceback__
            each.__traceback__ = part
    sys.__excepthook__(kind, error, error.__traceback__)
    sys.stderr.writelines(f"Hint: {hint}\n" for hint in hints)
    if shortened:
        sys.stderr.write("(--traceback shows the frames of miniframe as well.)\n")


def _hints(error: BaseException) -> list[str]:
    """Return the advice for an error, each in one line; none if it cannot be had."""
    try:
        from miniframe.utils.text import in_one_line  # both only when something went wrong
        from miniframe.views.hints.finding import find_hints

        return [in_one_line(hint) for hint in find_hints(error, None)]
    except Exception:  # the error itself is what has to be shown
        return []


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield `error` and those that it came from, as Python would print them."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
