"""Say on the terminal what the supervisor does, in a line each.

Not here: the banner (see `management.commands.runserver`), which the first worker says once it listens.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

__all__ = ["named", "tell"]


def tell(message: str) -> None:
    """Write one line to standard error, at once; that nobody reads it is no error."""
    try:
        print(message, file=sys.stderr, flush=True)
    except OSError:
        # Nobody reads it any more, or the disk is full: no reason to stop serving.
        pass


def named(paths: Iterable[str]) -> str:
    """Return changed files as people name them: both of two, the first of more.

    >>> named(["b.py", "a.py"]), named(["a.py", "b.py", "c.py"])
    ('a.py and b.py', 'a.py and 2 more')
    """
    first, *others = [os.path.relpath(path) for path in sorted(paths)]
    if not others:
        return first
    return f"{first} and {others[0] if len(others) == 1 else f'{len(others)} more'}"
