"""Tell that files have changed: at once where the system says so, by looking where it does not.

The operating system's events come through watchdog.  Three things it cannot know are settled by one *sweep*,
which compares times and sizes with those of the last one: what changed before the watch was there, what
became of a folder that was moved, and what was lost when very many events came at once.  Where there are no
events at all (a network drive, a folder shared into a container, the kernel's limit), looking is all there is.

Not here: which files matter (see `changes`), how one waits for events (`events`) and looks (`ledger`).
"""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

from miniframe.autoreload.watching.changes import Kinds, Role
from miniframe.autoreload.watching.events import Events, EventsFail
from miniframe.autoreload.watching.layout import IGNORE, Layout, TooManyFolders, is_passed_over, lay_out, lies_in
from miniframe.autoreload.watching.ledger import Ledger
from miniframe.autoreload.watching.ways import looks_always, silent_parts, silent_system

__all__ = ["Watcher"]

# The kernel keeps 16,384 events and drops the rest; so many in a row call for a sweep.
_BURST: Final = 4096
_CUT: Final = f"Name large ones that are not the project's in {IGNORE}."
_INSTEAD: Final = "Looking at the files now and then instead."
# Two looks of a kind are apart by 250 times the work in one, so that all together take less than a hundredth of the
# time, and by 10 times what one took, for where every look has to ask another machine: quick in a small project, never
# a burden in a large one.  Then, in seconds, the least, and the most of each kind.
_AFTER_WORK, _AFTER_WAITING = 250, 10
_LEAST, _GLANCE_MOST, _RECHECK_MOST, _SWEEP_EVERY = 0.3, 1.0, 10.0, 120.0


class Watcher:
    """Watches folders in a thread and calls `changed(path, complete)` and `tell(message)` from it."""

    def __init__(self, changed: Callable[[str, bool], None], tell: Callable[[str], None]) -> None:
        self.kinds: Kinds = Kinds()
        self._changed = changed
        self._tell = tell
        self._tasks: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)
        self._events: Events | None = None
        self._ledger = Ledger(self._matters)
        self._asked: set[tuple[str, Role]] = set()
        self._installed: set[str] = set()
        # All that are watched with what lies below; then those that have to be looked at, and those looked at alone.
        self._roots: list[str] = []
        self._polled: list[str] = []
        self._polled_alone: list[str] = []
        self._count = 0
        self._has_told = False
        self._will_sweep = False
        self._pause = _LEAST
        self._recheck_due = self._sweep_due = 0.0

    def start(self) -> None:
        """Begin; folders may be added before and after."""
        self._thread.start()

    def add(self, folder: str, since: int, role: Role = Role.CODE) -> None:
        """Watch a folder and all below it; files newer than `since` (nanoseconds, as in st_mtime_ns) have changed."""
        self._tasks.put(partial(self._watch, folder, since, role))

    def favour(self, paths: Iterable[str]) -> None:
        """Look at these files often, where one has to look."""
        self._tasks.put(partial(self._ledger.favour, paths))

    def stop(self) -> None:
        """End the thread; whatever it is doing is not waited for."""
        self._tasks.put(None)

    def _run(self) -> None:
        self._events = self._start_events()
        while True:
            try:
                task = self._tasks.get(timeout=self._pause if self._polled or self._polled_alone else None)
            except queue.Empty:
                self._look()
                continue
            if task is None:
                break
            task()
        if self._events is not None:
            self._events.close()

    def _start_events(self) -> Events | None:
        if looks_always():
            return None
        try:
            return Events(self)
        except EventsFail as error:
            self._tell(f"No file events here: {error}. {_INSTEAD}")
            return None

    def _matters(self, path: str) -> bool:
        return self.kinds.reaction_to(path) is not None

    # Taking folders up.

    def _watch(self, folder: str, since: int, role: Role) -> None:
        if (folder, role) in self._asked:
            return
        self._asked.add((folder, role))
        self._sweep_due = 0.0
        self.kinds.add(role, folder)
        if role is Role.INSTALLED:
            self._installed.add(folder)
            self._take_up_alone(folder, since)
        else:
            self._take_up(folder, since, role)

    def _take_up(self, folder: str, since: int, role: Role = Role.CODE) -> None:
        """Watch what is not watched yet of a folder with all below it, and where links in it lead."""
        try:
            layout = lay_out(folder, self._matters)
        except TooManyFolders:
            # The home folder, perhaps.  Folders of loaded code in it are reported one by one.
            self._tell(
                f"{folder} has too many folders to watch them all; only those of loaded code are watched. {_CUT}"
            )
            self._take_up_alone(folder, since)
            return
        for linked in layout.linked:
            self.kinds.add(role, linked)
        if self._is_covered(folder):
            for linked in layout.linked:
                self._appear(linked, since, role)
        else:
            self._roots.append(folder)
            self._observe(folder, layout, self._polled)
            self._polled += [part for part in silent_parts(folder) if not is_passed_over(part, folder)]
        # What was saved while the watch was being set up has made no event.
        self._tell_changed(self._ledger.take_up(folder, since))

    def _take_up_alone(self, folder: str, since: int) -> None:
        self._observe(folder, Layout([], [folder], []), self._polled_alone)
        self._tell_changed(self._ledger.take_up(folder, since, alone=True))

    def _appear(self, path: str, since: int, role: Role = Role.CODE) -> None:
        """Take up a folder that no watch covers, or the folder of a file."""
        if not os.path.isdir(path):
            self._take_up_alone(os.path.dirname(path), since)
        elif not self._is_covered(path):
            self._take_up(path, since, role)

    def _take_up_part(self, folder: str) -> None:
        """Take up a new folder inside of one that is watched alone, which no watch covers therefore."""
        self._observe(folder, lay_out(folder, self._matters), self._polled)
        self._tell_changed(self._ledger.take_up(folder, since=0))

    def _is_covered(self, folder: str) -> bool:
        return any(lies_in(folder, root) and not is_passed_over(folder, root) for root in self._roots)

    def _observe(self, folder: str, layout: Layout, polled: list[str]) -> None:
        if self._events is not None and not silent_system(folder):
            try:
                self._events.add(layout)
                return
            except EventsFail as error:
                self._tell_once(f"Cannot wait for events in {folder}: {error}. {_INSTEAD}")
        if folder not in polled:
            polled.append(folder)

    def _tell_once(self, message: str) -> None:
        # The limit that one folder meets is met by all after it.
        if not self._has_told:
            self._has_told = True
            self._tell(message)

    def _tell_changed(self, paths: Iterable[str]) -> None:
        for path in paths:
            self._changed(path, True)

    # What events call, from threads of theirs (see `events.Listener`).

    def counted(self) -> None:
        """Count an event, whatever it is about."""
        self._count += 1
        if self._count % _BURST == 0:
            self._sweep_soon()

    def heard(self, path: str, kind: str) -> None:
        """Tell of one event, if it is about something that matters."""
        is_here_now = kind in ("created", "moved")
        if self._matters(path):
            self._changed(path, kind in ("closed", "moved"))
            self._ledger.note(path)
        elif not is_here_now:
            return
        if is_here_now and os.path.islink(path):
            self._tasks.put(partial(self._appear, os.path.realpath(path), 0))

    def appeared(self, folder: str) -> None:
        """Watch a new folder; one of an installed package only matters as such."""
        if os.path.dirname(folder) in self._installed:
            self.heard(folder, "moved")
        else:
            self._tasks.put(partial(self._take_up_part, folder))

    def vanished(self, folder: str) -> None:
        """Tell of all that was in a folder: single events do not."""
        if os.path.dirname(folder) in self._installed:
            self.heard(folder, "deleted")
            return
        # Told here, and so not once more by the sweep.
        self._tell_changed(self._ledger.strike_out(folder))
        if self._events is not None:
            self._tasks.put(partial(self._events.drop, folder))
        self._sweep_soon()

    # Looking.

    def _sweep_soon(self) -> None:
        if not self._will_sweep:
            self._will_sweep = True
            self._tasks.put(self._sweep_when_quiet)

    def _sweep_when_quiet(self) -> None:
        before = -1
        while before != self._count:
            before = self._count
            time.sleep(0.03)
        self._will_sweep = False
        self._tell_changed(self._ledger.sweep(self._roots))

    def _look(self) -> None:
        """Look as thoroughly as it is time for."""
        now, began = time.monotonic(), _clocks()
        if now > self._sweep_due:
            self._tell_changed(self._ledger.sweep(self._polled, self._polled_alone))
            self._sweep_due = now + _SWEEP_EVERY
            self._recheck_due = now + _rest(began, _RECHECK_MOST)
            return
        self._tell_changed(self._ledger.glance())
        self._pause = _rest(began, _GLANCE_MOST)
        if now > self._recheck_due:
            self._tell_changed(self._ledger.recheck())
            self._recheck_due = now + _rest(began, _RECHECK_MOST)


def _clocks() -> tuple[float, float]:
    return time.thread_time(), time.perf_counter()


def _rest(began: tuple[float, float], most: float) -> float:
    worked, waited = (now - then for now, then in zip(_clocks(), began, strict=True))
    return min(max(_AFTER_WORK * worked, _AFTER_WAITING * waited, _LEAST), most)
