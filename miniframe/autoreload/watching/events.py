"""Wait for the system's events about folders, with the library watchdog.

    Events       watches folders; calls a Listener for what happens in them
    Listener     what is called, from watchdog's threads

Only the supervisor uses this, and not before the first worker serves: to load watchdog takes a core for 40 ms.

Source: watchdog's documentation, "API Reference"; inotify(7), "Limitations and caveats".
Not here: which folders are watched, and what follows from an event (see `watcher`).
"""

from __future__ import annotations

import errno
import os
import sys
import warnings
from typing import TYPE_CHECKING, Any, Protocol

from miniframe.autoreload.watching.layout import Layout, is_passed_over

if TYPE_CHECKING:
    from watchdog.events import FileSystemEvent
    from watchdog.observers.api import ObservedWatch

__all__ = ["Events", "EventsFail", "Listener"]

# Where watchdog's Linux part keeps its patience, in version 7 and in version 6.
_PATIENT = (
    ("watchdog.observers.inotify_move_event_grouper", "InotifyMoveEventGrouper"),
    ("watchdog.observers.inotify_buffer", "InotifyBuffer"),
)
# In seconds.  The kernel tells both halves of a move in one breath; if they are parted all the same, we hear of a file
# deleted and of one created, and that serves as well.
_OTHER_HALF = 0.002
_LIMITS = {
    errno.ENOSPC: ("watched folders", "fs.inotify.max_user_watches=524288"),
    errno.EMFILE: ("watchers", "fs.inotify.max_user_instances=1024"),
}


class EventsFail(Exception):
    """The system gives no events here; the message says why, as the middle of a sentence, and what helps."""


class Listener(Protocol):
    """Hears of events; `name` is a real path."""

    def counted(self) -> None:
        """Hear that there was an event, whatever it is about."""

    def heard(self, path: str, kind: str) -> None:
        """Hear of a file: "created", "modified", "closed", "moved" or "deleted"."""

    def appeared(self, folder: str) -> None:
        """Hear that a folder is there which no watch covers yet."""

    def vanished(self, folder: str) -> None:
        """Hear that a folder is gone, or has another name."""


class Events:
    """The events of folders, from when they are added; `close` ends it.

    Raises:
        EventsFail: there are none on this system.
    """

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._watches: dict[str, ObservedWatch] = {}
        try:
            # Here and not above, for what it costs.
            import logging

            from watchdog.observers import Observer

            # watchdog 7 warns about its own book-keeping when folders are created quickly.
            warnings.filterwarnings("ignore", module="watchdog")
            # And logs what a sweep mends: events that were lost.  Without a handler that would be on the terminal.
            logging.getLogger("watchdog").addHandler(logging.NullHandler())
            _wait_little_for_the_other_half()
            _share_no_descriptor()
            self._observer = Observer()
            self._observer.start()
        except (ImportError, OSError, RuntimeError) as error:
            raise EventsFail(_explained(error)) from error

    def close(self) -> None:
        """Hear of nothing any more."""
        self._observer.stop()

    def add(self, layout: Layout) -> None:
        """Wait for events in these folders as well.

        Raises:
            EventsFail: the system gives none; of some of the folders there may be events all the same.
        """
        try:
            for folder in layout.whole:
                self._watch(folder, recursive=True)
            for folder in dict.fromkeys(layout.alone):
                self._watch(folder, recursive=False)
            if layout.whole:
                self._try_one_more()
        except OSError as error:
            raise EventsFail(_explained(error)) from error

    def drop(self, folder: str) -> None:
        """Wait no longer in a folder that is gone, nor below.

        watchdog keeps the watch of such a folder, and would not begin a new one at that path.
        """
        for watched in [path for path in self._watches if path == folder or path.startswith(folder + os.sep)]:
            self._observer.unschedule(self._watches.pop(watched))

    def _watch(self, folder: str, recursive: bool) -> None:
        # Loaded by now.
        from watchdog import events

        if folder in self._watches or not os.path.isdir(folder):
            return
        self._watches[folder] = self._observer.schedule(
            _Sorter(self._listener, folder, recursive),  # type: ignore[arg-type]  # it has the one method that is called
            folder,
            recursive=recursive,
            # Without a filter each read of a file would be an event, and a starting worker reads them all.
            event_filter=[
                events.DirCreatedEvent,
                events.DirDeletedEvent,
                events.DirMovedEvent,
                events.FileClosedEvent,
                events.FileCreatedEvent,
                events.FileDeletedEvent,
                events.FileModifiedEvent,
                events.FileMovedEvent,
            ],
        )

    def _try_one_more(self) -> None:
        """Find out whether the kernel's limit is reached: of folders inside of others watchdog does not say so."""
        spare = os.path.dirname(os.__file__)
        if spare not in self._watches:
            self._watch(spare, recursive=False)
            self.drop(spare)


class _Sorter:
    """Passes the events of one watched folder on."""

    def __init__(self, listener: Listener, root: str, recursive: bool) -> None:
        self._listener = listener
        self._root = root
        self._recursive = recursive

    def dispatch(self, event: FileSystemEvent) -> None:
        """Sort one event; watchdog calls this."""
        self._listener.counted()
        # Only what was moved has a second path: where it is now.
        self._sort(event, os.fsdecode(event.src_path), is_here=event.event_type not in ("moved", "deleted"))
        self._sort(event, os.fsdecode(event.dest_path), is_here=True)

    def _sort(self, event: FileSystemEvent, path: str, is_here: bool) -> None:
        if not path or is_passed_over(path, self._root):
            return
        if not event.is_directory:
            self._listener.heard(path, event.event_type)
        elif not is_here:
            self._listener.vanished(path)
        elif not self._recursive:
            self._listener.appeared(path)


def _wait_little_for_the_other_half() -> None:
    """Let a file that is moved out of the tree be heard of at once.

    Its move has no second half, and watchdog waits half a second for one; all that happens meanwhile waits with it.
    """
    for name, holder in _PATIENT:
        # Other systems load neither.
        module = sys.modules.get(name)
        if module is not None:
            getattr(module, holder).delay = _OTHER_HALF


def _share_no_descriptor() -> None:
    """Keep inotify's descriptor from workers, who would hold it and could take our events (inotify(7), IN_CLOEXEC)."""
    module: Any = sys.modules.get("watchdog.observers.inotify_c")
    if module is None or module.inotify_init.__module__ == __name__:
        return
    begin = module.inotify_init

    def inotify_init() -> int:
        number: int = begin()
        if number >= 0:
            os.set_inheritable(number, False)
        return number

    module.inotify_init = inotify_init


def _explained(error: Exception) -> str:
    number = error.errno if isinstance(error, OSError) else None
    if number not in _LIMITS:
        return str(error)
    what, setting = _LIMITS[number]
    return (
        f"the system's limit of {what} is reached; raise it with `sudo sysctl {setting}`, "
        f"and for good with that line in /etc/sysctl.d/90-inotify.conf"
    )
