"""How a tree is watched without its node_modules, .git and virtual environments, and where its links lead.

    lay_out(folder, ...)      which folders are watched, and whether with all that lies in them
    is_passed_over(path)      does this lie in a part that is nobody's own code?

A path is compared by its parts, and only by those below the folder that is watched: a project that lives
in a folder named "venv" is a project.

Not here: which folders are watched at all (see `folders`), and by which means (see `events` and `ledger`).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from miniframe.utils.installed import LIBRARIES

__all__ = [
    "IGNORE",
    "Layout",
    "TooManyFolders",
    "entries",
    "is_environment",
    "is_ignored",
    "is_passed_over",
    "lay_out",
    "lies_in",
]

IGNORE = "MINIFRAME_RELOAD_IGNORE"
"""The environment variable with folders that are never watched, separated as in PATH."""

# Big, and none of it the project's: to watch them costs time, memory and the kernel's patience.
_HEAVY = LIBRARIES | frozenset(
    ".git .hg .svn .jj .venv venv .env.d node_modules bower_components .tox .nox .mypy_cache .ruff_cache "
    ".pytest_cache .hypothesis .idea .vscode .cache .eggs".split()
)
_PASSED_OVER = _HEAVY | {"__pycache__"}
_MOST_FOLDERS = 5000


class TooManyFolders(Exception):
    """A tree is too large to be watched whole; it is hardly one project."""


def lies_in(path: str, folder: str) -> bool:
    """Return whether `path` is the folder or lies below it."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def is_passed_over(path: str, root: str) -> bool:
    """Return whether `path` lies in a part of the tree `root` that is nobody's own code."""
    return not _PASSED_OVER.isdisjoint(path[len(root) :].split(os.sep)) or is_ignored(path)


def is_ignored(path: str) -> bool:
    """Return whether MINIFRAME_RELOAD_IGNORE names this folder, or one above it."""
    return any(lies_in(path, folder) for folder in _ignored(os.environ.get(IGNORE, "")))


@cache
def _ignored(setting: str) -> tuple[str, ...]:
    return tuple(os.path.realpath(path) for path in setting.split(os.pathsep) if path)


def is_environment(entry: os.DirEntry[str]) -> bool:
    """Return whether this is a virtual environment, whatever its name."""
    # Only folders that look like one are asked, for a question costs a system call.
    return entry.name.endswith(("env", "ENV")) and os.path.exists(os.path.join(entry.path, "pyvenv.cfg"))


def entries(folder: str) -> list[os.DirEntry[str]]:
    """Return what is in a folder; nothing if it is gone, or not ours to read."""
    try:
        with os.scandir(folder) as found:
            return list(found)
    except OSError:
        return []


class Layout(NamedTuple):
    """How a tree is watched: some folders with all that lies in them, others by themselves only.

    `linked` are the folders and files outside of the tree that links in it lead to; their folders are among the others.
    """

    whole: list[str]
    alone: list[str]
    linked: list[str]


def lay_out(root: str, matters: Callable[[str], bool]) -> Layout:
    """Cut a tree at its heavy folders, so that what is left can be watched.

    A folder without any heavy one below is watched whole; its parents are watched alone, each.  Linked
    folders are followed, and linked files that matter; both stand in the answer by their real path, since
    changes are told by that.

    Raises:
        TooManyFolders: there are more than 5,000 folders that count.
    """
    return _Surveyor(root, matters).layout


class _Surveyor:
    """Walks one tree and writes its layout down."""

    def __init__(self, root: str, matters: Callable[[str], bool]) -> None:
        self.layout = Layout([], [], [])
        self._matters = matters
        self._root = root
        self._seen: set[str] = set()
        self._pending = [root]
        while self._pending:
            folder = self._pending.pop()
            if folder in self._seen or any(lies_in(folder, other) for other in self.layout.whole):
                continue
            if self._survey(folder):
                self.layout.whole.append(folder)

    def _survey(self, folder: str) -> bool:
        """Return whether `folder` may be watched whole; if it may not, it and its parts are already in the layout."""
        self._seen.add(folder)
        if len(self._seen) > _MOST_FOLDERS:
            raise TooManyFolders(folder)
        below: list[tuple[str, bool]] = []
        cut = False
        for entry in entries(folder):
            if entry.name in _HEAVY or is_environment(entry) or is_ignored(entry.path):
                cut = True
            elif entry.is_symlink():
                self._follow(entry.path)
            elif entry.is_dir() and entry.name not in _PASSED_OVER:
                below.append((entry.path, self._survey(entry.path)))
        if not cut and all(is_whole for _, is_whole in below):
            return True
        self.layout.alone.append(folder)
        self.layout.whole.extend(path for path, is_whole in below if is_whole)
        return False

    def _follow(self, link: str) -> None:
        target = os.path.realpath(link)
        if os.path.isdir(target):
            self._pending.append(target)
        elif self._matters(link):
            self.layout.alone.append(os.path.dirname(target))
        else:
            return
        if not lies_in(target, self._root):
            self.layout.linked.append(target)
