"""Changes that belong together are one: when is a batch of them complete, and what does it call for?

A save is often several events, a branch switch hundreds.  An editor that has closed or renamed the file is done with
it; one that has only begun needs a moment; after a second file there are likely more; an installer takes its time
between two files.  git says itself when it is done: until then it holds the lock of its index; and what it has done
is heard of in a moment, but for a busy machine, where gaps between changes that came before show how busy it is, and
being asked late shows that nobody had his turn.

Source: gitrepository-layout(5) and Git's "api-lockfile"; measured with editors and pip.
Not here: what is done about a batch (see `supervisor`).
"""

from __future__ import annotations

import os
import time
from typing import Final

from miniframe.autoreload.watching.changes import Reaction
from miniframe.utils.installed import is_installed

__all__ = ["Gathering"]

_LOCK = "index.lock"
# Seconds.  A lock older than this was left by a git that was killed.
_STALE: Final = 60.0


class Gathering:
    """A batch of changes.

    It `began` with its first change, and is `due` (both in seconds, as `time.monotonic()`) when it is likely to be
    complete, unless more comes; ask `is_complete` then.

    >>> batch = Gathering()
    >>> batch.add("/site/views.py", complete=True, now=7.0, reaction=Reaction.RESTART)
    >>> round(batch.due - 7.0, 3)
    0.005
    """

    AFTER_SAVE = 0.005
    AFTER_BEGINNING = 0.05
    AFTER_SEVERAL = 0.04
    AFTER_EACH = 0.0005
    AFTER_MANY = 0.1
    AFTER_GAPS = 5
    AFTER_LONG = 0.3
    AFTER_PACKAGE = 0.3
    # How long git may be silent, how often it is asked, and how long its last file may be on the way.
    GIT_SILENCE = 0.5
    GIT_AGAIN = 0.01
    AFTER_GIT = 0.05
    # Whoever is asked so much later than `due` was kept from running, and so were those who tell of changes.
    LATE = 0.02

    def __init__(self) -> None:
        self.paths: dict[str, Reaction] = {}
        self.began: float = 0.0
        self.due: float = 0.0
        self._last = 0.0
        self._longest_gap = 0.0
        self._lock: str | None = None
        self._saw_git = False
        self._more = 0.0  # to wait once, if asked late
        self._is_installing = False

    def add(self, path: str, complete: bool, now: float, reaction: Reaction) -> None:
        """Take in one change; `complete` says that the file is written to its end."""
        if not self.paths:
            self.began = self._last = now
        self._longest_gap = max(self._longest_gap, now - self._last)
        self.paths[path] = reaction
        self._is_installing |= is_installed(path)
        if self._is_installing:
            wait = self.AFTER_PACKAGE
        elif len(self.paths) > 1:
            # The more there were, and the slower they came, the longer a pause means nothing.
            wait = max(
                self.AFTER_SEVERAL + min(len(self.paths) * self.AFTER_EACH, self.AFTER_MANY),
                min(self._longest_gap * self.AFTER_GAPS, self.AFTER_LONG),
            )
        else:
            wait = self.AFTER_SAVE if complete else self.AFTER_BEGINNING
        self._last = now
        self.due = now + wait
        self._more = wait

    @property
    def reaction(self) -> Reaction:
        """The most thorough of what its changes call for."""
        return Reaction.most_thorough(self.paths.values())

    def is_complete(self, now: float) -> bool:
        """Return whether all is written; if not, `due` says when to ask again."""
        if now < self.due:
            return False
        if now < self._last + self.GIT_SILENCE and self._git_is_busy():
            self._saw_git = True
            return self._wait(now, self.GIT_AGAIN)
        if self._saw_git:
            self._saw_git = False
            return self._wait(now, self.AFTER_GIT)
        if self._more and now > self.due + self.LATE:
            return self._wait(now, self._more)
        self._more = 0.0
        return True

    def _wait(self, now: float, seconds: float) -> bool:
        self.due = now + seconds
        self._more = 0.0
        return False

    def _git_is_busy(self) -> bool:
        if self._lock is None:
            self._lock = _lock_of_git(next(iter(self.paths)))
        try:
            return time.time() - os.stat(self._lock).st_mtime < _STALE
        except OSError:
            return False


def _lock_of_git(path: str) -> str:
    """Return where git would have its lock while it writes this file; nowhere outside of a repository."""
    folder = os.path.dirname(path)
    while not os.path.lexists(os.path.join(folder, ".git")):
        above = os.path.dirname(folder)
        if above == folder:
            return ""
        folder = above
    git = os.path.join(folder, ".git")
    try:
        with open(git, encoding="utf-8", errors="surrogateescape") as pointer:
            # A second working tree, or a submodule: a file that leads to the folder.
            git = os.path.join(folder, pointer.read(4096).removeprefix("gitdir:").strip())
    except OSError:
        # A folder, as in most.
        pass
    return os.path.join(git, _LOCK)
