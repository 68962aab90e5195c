"""Say on the terminal what the supervisor does, in a line each.

Not here: the banner (see `management.commands.runserver`), which the first worker says once it listens.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterable

from miniframe.utils.jsonlog import is_wanted, json_line

__all__ = ["fate", "named", "tell", "way_to_end"]


def tell(message: str) -> None:
    """Write one line to standard error, at once; that nobody reads it is no error."""
    if is_wanted():
        if not message:
            return
        message = json_line("miniframe.reload", message)
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
    first, *others = [_from_here(path) for path in sorted(paths)]
    if not others:
        return first
    return f"{first} and {others[0] if len(others) == 1 else f'{len(others)} more'}"


def _from_here(path: str) -> str:
    try:
        # Whichever is short: many steps up and down again say nothing.
        path = min(os.path.relpath(path), path, key=len)
    except OSError:  # the folder we are in is gone
        pass
    # A file can have any name, and so one that steers the terminal.
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in path)


def fate(paths: Iterable[str]) -> str:
    """Return what has become of changed files, as the beginning of a sentence.

    >>> fate([os.path.abspath("no-such-file.py"), os.path.abspath(".")])
    '. changed, no-such-file.py deleted'
    """
    parts: dict[str, list[str]] = {"changed": [], "deleted": []}
    for path in paths:
        parts["changed" if os.path.lexists(path) else "deleted"].append(path)
    return ", ".join(f"{named(some)} {verb}" for verb, some in parts.items() if some)


def way_to_end(status: int | None) -> str:
    """Return how a process ended, as the end of a sentence; `status` as of `os.waitstatus_to_exitcode`, if known.

    >>> way_to_end(-11)
    'was ended by SIGSEGV'
    >>> way_to_end(-40)
    'was ended by signal 40'
    """
    if status is None:
        return "ended"
    if status < 0:
        try:
            return f"was ended by {signal.Signals(-status).name}"
        except ValueError:  # the real-time signals have no names
            return f"was ended by signal {-status}"
    return f"ended with status {status}"
