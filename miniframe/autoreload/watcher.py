"""Tell that source files have changed: at once where the system says so, by looking where it does not.

    Watcher     a thread that watches folders and calls back with each changed path
    Gathering   many changes become one: when is a batch of them complete?

The operating system's events come through watchdog.  Three things it cannot know are settled by one *sweep*,
which compares times and sizes with those of the last one: what changed before the watch was there, what
became of a folder that was moved, and what was lost when very many events came at once.  Where there are no
events at all (a network drive, a folder shared into a container, the kernel's limit), sweeps are all there is.

Only the supervisor uses this, so watchdog is loaded in that process alone, while the first worker starts.

Source: inotify(7), "Limitations and caveats".
Not here: which files matter (see `folders`).
"""

from __future__ import annotations

import os
import queue
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

from miniframe.autoreload.folders import Layout, TooManyFolders, is_passed_over, is_source, lay_out, snapshot

if TYPE_CHECKING:
    from watchdog.events import FileSystemEvent
    from watchdog.observers.api import BaseObserver, ObservedWatch

__all__ = ["POLL", "Gathering", "Watcher"]

POLL = "MINIFRAME_RELOAD_POLL"
"""The environment variable that, when set, asks for sweeps instead of events."""

# File systems whose changes may come from another machine, of which this kernel hears nothing.
_SILENT = frozenset("9p afs cifs drvfs fakeowner fuse.grpcfuse fuse.sshfs nfs nfs4 prl_fs smb3 smbfs vboxsf".split())
# The kernel keeps 16,384 events and drops the rest; so many in a row call for a sweep.
_BURST = 4096
# Where watchdog's Linux part keeps its patience, in version 7 and in version 6.
_PATIENT = (
    ("watchdog.observers.inotify_move_event_grouper", "InotifyMoveEventGrouper"),
    ("watchdog.observers.inotify_buffer", "InotifyBuffer"),
)
# In seconds.  The kernel tells both halves of a move in one breath; if they are parted all the same, we hear of a file
# deleted and of one created, and that serves as well.
_OTHER_HALF = 0.002


class Gathering:
    """Changes that belong together: a save is often several events, a branch switch hundreds.

    >>> batch = Gathering()
    >>> batch.add("/site/views.py", complete=True, now=7.0)
    >>> round(batch.due - 7.0, 3)
    0.005
    """

    # An editor that has closed or renamed the file is done with it; one that has only begun needs a moment;
    # and after a second file there are likely more.
    AFTER_SAVE = 0.005
    AFTER_BEGINNING = 0.05
    AFTER_SEVERAL = 0.04

    def __init__(self) -> None:
        self.paths: set[str] = set()
        self.due = 0.0

    def add(self, path: str, complete: bool, now: float) -> None:
        """Take in one change; `complete` says that the file is written to its end."""
        self.paths.add(path)
        if len(self.paths) > 1:
            wait = self.AFTER_SEVERAL
        else:
            wait = self.AFTER_SAVE if complete else self.AFTER_BEGINNING
        self.due = now + wait


class _Request(NamedTuple):
    """What the watcher's thread is asked to do next: "watch", "appeared", "vanished" or "sweep"."""

    kind: str
    folder: str = ""
    since: int = 0


class Watcher:
    """Watches folders in a thread and calls `changed(path, complete)` and `tell(message)` from it."""

    def __init__(self, changed: Callable[[str, bool], None], tell: Callable[[str], None]) -> None:
        self._changed = changed
        self._tell = tell
        self._requests: queue.SimpleQueue[_Request | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)
        self._observer: BaseObserver | None = None
        self._roots: list[str] = []
        self._polled: list[str] = []
        self._watches: dict[str, ObservedWatch] = {}
        self._known: dict[str, tuple[int, int]] = {}
        self._events = 0
        self._pause = 0.3

    def start(self) -> None:
        """Begin; folders may be added before and after."""
        self._thread.start()

    def add(self, folder: str, since: int) -> None:
        """Watch a folder and all below it; files newer than `since` (nanoseconds, as in st_mtime_ns) have changed."""
        self._requests.put(_Request("watch", folder, since))

    def stop(self) -> None:
        """End the thread; whatever it is doing is not waited for."""
        self._requests.put(None)

    def _run(self) -> None:
        self._observer = self._start_observer()
        while True:
            try:
                request = self._requests.get(timeout=self._pause if self._polled else None)
            except queue.Empty:
                self._sweep_unhurried()
                continue
            if request is None:
                break
            self._do(request)
        if self._observer is not None:
            self._observer.stop()

    def _start_observer(self) -> BaseObserver | None:
        if os.environ.get(POLL):
            self._tell(f"{POLL} is set: looking for changed files now and then instead of waiting for events.")
            return None
        try:
            # Here and not above: it costs 40 ms, in which the first worker starts already.
            from watchdog.observers import Observer

            # watchdog 7 warns about its own book-keeping when folders are created quickly.
            warnings.filterwarnings("ignore", module="watchdog")
            _wait_little_for_the_other_half()
            observer = Observer()
            observer.start()
        except (ImportError, OSError, RuntimeError) as error:
            self._tell(f"No file events here ({error}); looking for changed files now and then instead.")
            return None
        return observer

    def _do(self, request: _Request) -> None:
        if request.kind == "watch":
            self._watch(request.folder, request.since)
        elif request.kind == "appeared":
            self._take_up(request.folder, since=0)
        elif request.kind == "vanished":
            self._give_up(request.folder)
        else:
            self._wait_until_quiet()
            self._sweep(self._roots)

    def _watch(self, root: str, since: int) -> None:
        for known in self._roots:
            if root == known or (root.startswith(known + os.sep) and not is_passed_over(root, known)):
                return
        self._roots.append(root)
        self._take_up(root, since)

    def _take_up(self, folder: str, since: int) -> None:
        try:
            layout = lay_out(folder)
        except TooManyFolders:
            # The home folder, perhaps.  Folders of loaded code in it are reported one by one.
            self._roots = [root for root in self._roots if root != folder]
            self._observe_all(folder, Layout([], [folder]))
            return
        if self._observer is None or _is_silent(folder):
            self._polled.append(folder)
        else:
            self._observe_all(folder, layout)
        # What was saved while the watch was being set up has made no event.
        found = snapshot([folder])
        self._known.update(found)
        for path, (changed_at, _) in found.items():
            if changed_at > since:
                self._changed(path, True)

    def _give_up(self, folder: str) -> None:
        # watchdog keeps the watch of a folder that is gone, and would not begin a new one at that path.
        for watched in [path for path in self._watches if path == folder or path.startswith(folder + os.sep)]:
            watch = self._watches.pop(watched)
            if self._observer is not None:
                self._observer.unschedule(watch)

    def _observe_all(self, folder: str, layout: Layout) -> None:
        try:
            for part in layout.whole:
                self._observe(part, recursive=True)
            for part in dict.fromkeys(layout.alone):
                self._observe(part, recursive=False)
        except OSError as error:
            if os.path.isdir(folder):
                self._tell(f"Cannot wait for events in {folder} ({error}); looking at its files now and then instead.")
                self._polled.append(folder)

    def _observe(self, folder: str, recursive: bool) -> None:
        # Loaded by _start_observer() already.
        from watchdog.events import (
            DirCreatedEvent,
            DirDeletedEvent,
            DirMovedEvent,
            FileClosedEvent,
            FileCreatedEvent,
            FileDeletedEvent,
            FileModifiedEvent,
            FileMovedEvent,
        )

        if self._observer is None:
            return
        self._watches[folder] = self._observer.schedule(
            _Handler(self, folder, recursive),  # type: ignore[arg-type]  # it has the one method that is called
            folder,
            recursive=recursive,
            # Without a filter each read of a file would be an event, and a starting worker reads them all.
            event_filter=[
                DirCreatedEvent,
                DirDeletedEvent,
                DirMovedEvent,
                FileClosedEvent,
                FileCreatedEvent,
                FileDeletedEvent,
                FileModifiedEvent,
                FileMovedEvent,
            ],
        )

    def heard(self, path: str, kind: str) -> None:
        """Take one event about a file: "created", "modified", "closed", "moved" or "deleted"."""
        if is_source(path):
            self._changed(path, kind in ("closed", "moved"))
            self._remember(path)

    def appeared(self, folder: str) -> None:
        """Take in that a folder is there which no watch covers yet."""
        self._requests.put(_Request("appeared", folder))

    def vanished(self, folder: str) -> None:
        """Take in that a folder is gone, or has another name: single events do not tell what was in it."""
        inside = folder + os.sep
        for path in [path for path in list(self._known) if path.startswith(inside)]:
            # Told here, and so not once more by the sweep.
            if self._known.pop(path, None) is not None:
                self._changed(path, True)
        self._requests.put(_Request("vanished", folder))
        self._requests.put(_Request("sweep"))

    def count(self) -> None:
        """Count an event, whatever it is about."""
        self._events += 1
        if self._events % _BURST == 0:
            self._requests.put(_Request("sweep"))

    def _remember(self, path: str) -> None:
        try:
            found = os.stat(path)
        except OSError:
            self._known.pop(path, None)
        else:
            self._known[path] = (found.st_mtime_ns, found.st_size)

    def _wait_until_quiet(self) -> None:
        before = -1
        while before != self._events:
            before = self._events
            time.sleep(0.03)

    def _sweep_unhurried(self) -> None:
        # A hundredth of the time goes into looking: quick in a small project, never a burden in a large one.
        began = time.perf_counter()
        self._sweep(self._polled)
        self._pause = min(max(100 * (time.perf_counter() - began), 0.3), 5.0)

    def _sweep(self, roots: Iterable[str]) -> None:
        inside = tuple(root.rstrip(os.sep) + os.sep for root in roots)
        before = {path: state for path, state in self._known.items() if path.startswith(inside)}
        now = snapshot(roots)
        for path in before.keys() - now.keys():
            del self._known[path]
        self._known.update(now)
        for path in {path for path, _ in before.items() ^ now.items()}:
            self._changed(path, True)


class _Handler:
    """Passes the events of one watched folder on."""

    def __init__(self, watcher: Watcher, root: str, recursive: bool) -> None:
        self._watcher = watcher
        self._root = root
        self._recursive = recursive

    def dispatch(self, event: FileSystemEvent) -> None:
        """Sort one event; watchdog calls this."""
        self._watcher.count()
        # Only what was moved has a second path: where it is now.
        self._sort(event, os.fsdecode(event.src_path), is_here=event.event_type not in ("moved", "deleted"))
        self._sort(event, os.fsdecode(event.dest_path), is_here=True)

    def _sort(self, event: FileSystemEvent, path: str, is_here: bool) -> None:
        if not path or is_passed_over(path, self._root):
            return
        if not event.is_directory:
            self._watcher.heard(path, event.event_type)
        elif not is_here:
            self._watcher.vanished(path)
        elif not self._recursive:
            self._watcher.appeared(path)


def _wait_little_for_the_other_half() -> None:
    """Let a file that is moved out of the tree be heard of at once.

    Its move has no second half, and watchdog waits half a second for one; all that happens meanwhile waits with it.
    """
    for name, holder in _PATIENT:
        # Other systems load neither.
        module = sys.modules.get(name)
        if module is not None:
            getattr(module, holder).delay = _OTHER_HALF


def _is_silent(folder: str) -> bool:
    """Return whether the file system of this folder hides changes that others make; Linux only."""
    try:
        with open("/proc/self/mounts", encoding="utf-8", errors="surrogateescape") as table:
            mounts = [line.split(" ")[1:3] for line in table]
    except OSError:
        return False
    # The deepest mount point is the one that counts, and the last one on it.
    depth, kind = 0, ""
    for point, system in mounts:
        point = point.replace("\\040", " ")
        if (folder + os.sep).startswith(point.rstrip(os.sep) + os.sep) and len(point) >= depth:
            depth, kind = len(point), system
    return kind in _SILENT
