"""Find the files that a page itself has written: to load it anew for them would never end.

A view may draw a picture into a folder of static files, or write a template, each time that it is asked.  With every
load of the page the file changes, and with every change of the file the page is loaded.

A script that saves the same file again and again looks alike.  So whatever it was, pages are loaded once more when the
file has rested; and where that changes it again, they are the next time after twice as long a rest.

Not here: what else follows from a change (see `lookout` and `supervisor`).
"""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = ["Restless"]

# So many loads of open pages for one file within so many seconds are not made by hand.
_MOST: Final = 8
_WITHIN: Final = 4.0
# What changes so many seconds after a load of pages, or later, was not changed by them; and the first rest.
_QUIET: Final = 2.0


class _Hold(NamedTuple):
    """A file that is held: the rest that it needs, and when pages were last loaded for it, if nothing came since."""

    rest: float
    loaded: float | None


class Restless:
    """Counts for which files pages were loaded anew; times are in seconds, as `time.monotonic()`.

    >>> files = Restless()
    >>> [files.loads("/site/static/drawn.png", now=0.1 * number) for number in range(9)].index(True)
    7
    >>> files.rest("/site/static/drawn.png", now=1.0), files.rest("/site/static/drawn.png", now=1.1)
    (2.0, 2.0)
    >>> files.rested("/site/static/drawn.png", now=3.1)
    >>> files.rest("/site/static/drawn.png", now=3.2)
    4.0
    >>> files.rested("/site/static/drawn.png", now=7.2)
    >>> files.rest("/site/static/drawn.png", now=9.3)
    0.0
    """

    def __init__(self) -> None:
        self._loads: dict[str, list[float]] = {}
        self._held: dict[str, _Hold] = {}

    def loads(self, path: str, now: float) -> bool:
        """Take in that pages are loaded for this file; return whether that was once too often."""
        if path in self._held:
            return False
        loads = [before for before in self._loads.pop(path, ()) if now - before < _WITHIN]
        if len(loads) + 1 >= _MOST:
            self._held[path] = _Hold(_QUIET, now)
            return True
        self._loads[path] = [*loads, now]
        return False

    def rest(self, path: str, now: float) -> float:
        """Return how long this file, which has changed, must rest until pages may be loaded for it; 0: not at all."""
        hold = self._held.pop(path, None)
        if hold is None or (hold.loaded is not None and now - hold.loaded > _QUIET):
            return 0.0
        self._held[path] = _Hold(hold.rest, None)
        return hold.rest

    def rested(self, path: str, now: float) -> None:
        """Take in that it has rested so long, and pages are loaded for it."""
        self._held[path] = _Hold(self._held[path].rest * 2, now)
