"""What the files looked like when they were last seen: two looks, and what differs has changed.

    take_up     remember a folder's files from here on
    sweep       look into every folder, at every file
    recheck     look at the files of the last sweep only, which costs half of that
    glance      look at the times of folders, at files that run and at those changed last: a twentieth

Whoever works on a project changes a file that runs, or one that was changed lately, or a folder: a new name, another
name, none any more, and many editors save by a new name, too.  So a glance several times a second sees nearly
everything at once, and the others now and then the rest.

Source: stat(2).  Not here: when one looks (see `watcher`).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Final

from miniframe.autoreload.watching.layout import entries, is_environment, is_passed_over

__all__ = ["Ledger"]

_State = tuple[int, int]
# Files changed last that a glance looks at: 0.5 ms, where a sweep of 10,000 takes 50.
_LATEST: Final = 200
# In nanoseconds; Linux stamps files with a clock that goes in steps of 4 or 10 ms.
_TICK: Final = 20_000_000


class Ledger:
    """The time (in nanoseconds) and size of every file that matters, as they were last seen.

    One thread looks while another notes events: each goes through a list of its own, and a dict is changed by one
    step at a time.
    """

    def __init__(self, matters: Callable[[str], bool]) -> None:
        self._matters = matters
        self._files: dict[str, _State] = {}
        self._times: dict[str, int] = {}
        self._swept: set[str] = set()
        self._latest: list[str] = []
        self._alone: frozenset[str] = frozenset()
        self._favoured: set[str] = set()

    def take_up(self, folder: str, since: int, alone: bool = False) -> list[str]:
        """Remember the files below a folder, or `alone` those in it; return those changed after `since` (ns)."""
        found = {path: state for path, state in self._look([folder], alone, {}) if self._files.get(path) != state}
        self._files.update(found)
        return [path for path, (changed_at, _) in found.items() if changed_at > since]

    def sweep(self, roots: Collection[str], alone: Collection[str] = ()) -> set[str]:
        """Look at all files below `roots` and at those in `alone`; return what has changed, come or gone."""
        below, beside = tuple(root.rstrip(os.sep) + os.sep for root in roots), frozenset(alone)
        times: dict[str, int] = {}
        now = {**dict(self._look(roots, False, times)), **dict(self._look(alone, True, times))}
        before = {
            path: state
            for path, state in list(self._files.items())
            if path in now or path.startswith(below) or os.path.dirname(path) in beside
        }
        self._swept = set()
        self._alone = beside
        changed = self._enter(before, now, times)
        self._latest = sorted(now, key=now.__getitem__, reverse=True)[:_LATEST]
        return changed

    def favour(self, paths: Iterable[str]) -> None:
        """Look at these files at each glance, for they run."""
        self._favoured = set(paths)

    def recheck(self) -> set[str]:
        """Return what has changed or gone of the files that the last sweep has seen."""
        return self._compare(self._swept)

    def glance(self) -> set[str]:
        """Return what has changed of the most likely files, and in folders that something came into or went out of."""
        changed = self._compare(self._latest) | self._compare(self._favoured & self._swept)
        stirred = {folder for folder, known in self._times.items() if _time(folder) != known}
        if stirred:
            # What is known is not looked into again; so only new folders are, with all below.
            times = {folder: known for folder, known in self._times.items() if folder not in stirred}
            before = {path: state for path, state in list(self._files.items()) if os.path.dirname(path) in stirred}
            now = dict(self._look(stirred - self._alone, False, times))
            now.update(self._look(stirred & self._alone, True, times))
            changed |= self._enter(before, now, times)
        return changed

    def _compare(self, paths: Iterable[str]) -> set[str]:
        changed = {path for path in paths if path in self._files and _state(path) != self._files[path]}
        for path in changed:
            self.note(path)
        return changed

    def _enter(self, before: dict[str, _State], now: dict[str, _State], times: dict[str, int]) -> set[str]:
        """Write down what was seen; return the difference."""
        gone, changed = before.keys() - now.keys(), {path for path, _ in before.items() ^ now.items()}
        for path in gone:
            self._files.pop(path, None)
        self._files.update(now)
        self._times = {folder: known for folder, known in times.items() if known}
        self._swept = (self._swept - gone) | now.keys()
        self._latest = [*(changed - gone), *self._latest][:_LATEST]
        return changed

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
            # Before its entries, so that what comes after them is seen by the next glance; and what comes at the same
            # tick of the clock shows in no time, so a folder that was changed just now is looked into once more.
            times[folder] = known = _time(folder)
            if abs(time.time_ns() - known) < _TICK:
                times[folder] -= 1
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
