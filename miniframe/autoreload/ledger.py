"""What the files looked like when they were last seen: two looks, and what differs has changed.

    take_up     remember a folder's files from here on
    sweep       look at every file
    glance      look at the folders and at the files changed last, which costs a fiftieth

Whoever works on a project changes a file that was changed lately, or a folder: a new name, another name, none any
more, and most editors save by a new name, too.  So a glance several times a second sees nearly everything at once,
and a sweep now and then the rest.

Source: stat(2).  Not here: when one looks (see `watcher`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Final

from miniframe.autoreload.layout import entries, is_environment, is_passed_over

__all__ = ["Ledger"]

_State = tuple[int, int]
# Files changed last that a glance looks at: 0.5 ms, where a sweep of 10,000 takes 45.
_LATEST: Final = 200


class Ledger:
    """The time (in nanoseconds) and size of every file that matters, as they were last seen.

    One thread looks while another notes events: each goes through a list of its own, and a dict is changed by one
    step at a time.
    """

    def __init__(self, matters: Callable[[str], bool]) -> None:
        self._matters = matters
        self._files: dict[str, _State] = {}
        self._times: dict[str, int] = {}
        self._latest: list[str] = []

    def take_up(self, folder: str, since: int, alone: bool = False) -> list[str]:
        """Remember the files below a folder, or `alone` those in it; return those changed after `since` (ns)."""
        found = {path: state for path, state in self._look([folder], alone, {}) if self._files.get(path) != state}
        self._files.update(found)
        return [path for path, (changed_at, _) in found.items() if changed_at > since]

    def sweep(self, roots: Collection[str], alone: Collection[str] = ()) -> set[str]:
        """Look at all files below `roots` and at those in `alone`; return what has changed, come or gone."""
        times: dict[str, int] = {}
        now = dict(self._look(roots, False, times))
        now.update(self._look(alone, True, times))
        below, beside = tuple(root.rstrip(os.sep) + os.sep for root in roots), frozenset(alone)
        before = {
            path: state
            for path, state in list(self._files.items())
            if path in now or path.startswith(below) or os.path.dirname(path) in beside
        }
        for path in before.keys() - now.keys():
            self._files.pop(path, None)
        self._files.update(now)
        self._times = times
        self._latest = sorted(now, key=now.__getitem__, reverse=True)[:_LATEST]
        return {path for path, _ in before.items() ^ now.items()}

    def glance(self) -> bool:
        """Return whether a sweep would find something, as far as folders and the files changed last can tell."""
        return any(_time(folder) != known for folder, known in self._times.items()) or any(
            _state(path) != self._files.get(path) for path in self._latest
        )

    def note(self, path: str) -> None:
        """Remember a file as it is now; its change was heard of."""
        state = _state(path)
        if state is None:
            self._files.pop(path, None)
        else:
            self._files[path] = state

    def strike_out(self, folder: str) -> list[str]:
        """Forget all files below a folder that is gone; return those that were known."""
        below = [path for path in list(self._files) if path.startswith(folder + os.sep)]
        return [path for path in below if self._files.pop(path, None) is not None]

    def _look(self, folders: Iterable[str], alone: bool, times: dict[str, int]) -> Iterator[tuple[str, _State]]:
        """Yield each file that matters with its state; write into `times` those of the folders."""
        pending = list(folders)
        while pending:
            folder = pending.pop()
            if folder in times:
                continue
            # Before its entries, so that what comes after them is seen by the next glance.
            times[folder] = _time(folder)
            for entry in entries(folder):
                if entry.is_dir() and not alone:
                    if not is_passed_over(entry.path, folder) and not is_environment(entry):
                        pending.append(os.path.realpath(entry.path) if entry.is_symlink() else entry.path)
                elif entry.path in self._files or self._matters(entry.path):
                    state = _state(entry.path)
                    # None for a broken link, and for what is gone since.
                    if state is not None:
                        yield entry.path, state


def _state(path: str) -> _State | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _time(folder: str) -> int:
    try:
        return os.stat(folder).st_mtime_ns
    except OSError:
        return 0
