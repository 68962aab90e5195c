"""Find the files that a page itself has written: to load it anew for them would never end.

A view may draw a picture into a folder of static files, or write a template, each time that it is asked.  With every
load of the page the file changes, and with every change of the file the page is loaded.

Not here: what else follows from a change (see `lookout` and `supervisor`).
"""

from __future__ import annotations

from typing import Final

__all__ = ["Restless"]

# So many loads of open pages for one file within so many seconds are not made by hand.
_MOST: Final = 8
_WITHIN: Final = 4.0
# After so many seconds without a change it may be tried again.
_QUIET: Final = 2.0


class Restless:
    """Counts for which files pages were loaded anew; times are in seconds, as `time.monotonic()`.

    >>> files = Restless()
    >>> [files.count("/site/static/drawn.png", now=0.1 * number) for number in range(9)].index(True)
    7
    >>> files.holds("/site/static/drawn.png", now=1.0), files.holds("/site/static/drawn.png", now=4.0)
    (True, False)
    """

    def __init__(self) -> None:
        self._loads: dict[str, list[float]] = {}
        self._held: dict[str, float] = {}

    def count(self, path: str, now: float) -> bool:
        """Take in that pages are loaded for this file; return whether that was once too often."""
        loads = [before for before in self._loads.pop(path, ()) if now - before < _WITHIN]
        if len(loads) + 1 >= _MOST:
            self._held[path] = now
            return True
        self._loads[path] = [*loads, now]
        return False

    def holds(self, path: str, now: float) -> bool:
        """Return whether a change of this file is to be passed over."""
        before = self._held.pop(path, None)
        if before is None or now - before > _QUIET:
            return False
        self._held[path] = now
        return True
