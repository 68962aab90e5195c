"""Which files are the project's: where to look, what to pass over, and what has changed.

Three questions, all answered from paths alone:

    code_folders()         where does this process's own code lie?
    is_source(path)        would a change of this file change the program?
    lay_out(folder)        how is a tree watched without its node_modules, .git and virtual environments?

A path is compared by its parts, and only by those below the folder that is watched: a project that lives
in a folder named "venv" is a project.

Source: Python's reference "The import system", section "Cached bytecode invalidation".
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Iterator
from importlib.util import cache_from_source
from typing import NamedTuple

__all__ = [
    "IGNORE",
    "Layout",
    "TooManyFolders",
    "code_folders",
    "drop_bytecode",
    "is_library",
    "is_passed_over",
    "is_source",
    "is_standard",
    "lay_out",
    "snapshot",
]

IGNORE = "MINIFRAME_RELOAD_IGNORE"
"""The environment variable with folders that are never watched, separated as in PATH."""

_SOURCES = (".py", ".so", ".pyd", ".toml")
# Big, and none of it the project's: to watch them costs time, memory and the kernel's patience.
_HEAVY = frozenset(
    ".git .hg .svn .jj .venv venv .env.d node_modules bower_components .tox .nox .mypy_cache .ruff_cache "
    ".pytest_cache .hypothesis .idea .vscode .cache .eggs site-packages dist-packages".split()
)
_PASSED_OVER = _HEAVY | {"__pycache__"}
_STDLIB = os.path.realpath(os.path.dirname(os.__file__))
_MOST_FOLDERS = 5000


class TooManyFolders(Exception):
    """A tree is too large to be watched whole; it is hardly one project."""


def code_folders() -> list[str]:
    """Return the folders that hold this process's own code: its import path, and where loaded modules come from.

    Python's own library and installed packages are left out.  Packages installed in editable mode are in,
    through a link or not.  A folder comes before those inside it.
    """
    folders = {os.path.realpath(entry or ".") for entry in sys.path}
    # realpath asks the disk for every part of the path; modules share few folders.
    folders |= {os.path.realpath(folder) for folder in {os.path.dirname(path) for path in _module_files()}}
    ignored = {os.path.realpath(path) for path in os.environ.get(IGNORE, "").split(os.pathsep) if path}
    return sorted(
        folder
        for folder in folders
        if os.path.isdir(folder) and not is_library(folder) and not any(_lies_in(folder, other) for other in ignored)
    )


def _module_files() -> Iterator[str]:
    for module in list(sys.modules.values()):
        path = getattr(module, "__file__", None)
        # A module may put anything there; "/" keeps out relative paths of long ago, and "<frozen>".
        if isinstance(path, str) and path.startswith("/") and not is_library(path):
            yield path


def is_library(path: str) -> bool:
    """Return whether this belongs to Python or to an installed package, and not to a project."""
    return _lies_in(path, _STDLIB) or _is_installed(path)


def is_standard(path: str) -> bool:
    """Return whether this belongs to Python's own library."""
    return _lies_in(path, _STDLIB) and not _is_installed(path)


def _is_installed(path: str) -> bool:
    parts = path.split(os.sep)
    return "site-packages" in parts or "dist-packages" in parts


def _lies_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def is_passed_over(path: str, root: str) -> bool:
    """Return whether `path` lies in a part of the tree `root` that is nobody's own code."""
    return not _PASSED_OVER.isdisjoint(path[len(root) :].split(os.sep))


def is_source(path: str) -> bool:
    """Return whether a change of this file would change the program.

    >>> [name for name in ("views.py", ".env", ".env.local", ".#views.py", "a.css", "db.sqlite3") if is_source(name)]
    ['views.py', '.env', '.env.local']
    """
    name = os.path.basename(path)
    if name == ".env" or name.startswith(".env."):
        return True
    # Editors keep locks and backups such as ".#views.py" beside the file.
    return name.endswith(_SOURCES) and not name.startswith(".")


class Layout(NamedTuple):
    """How a tree is watched: some folders with all that lies in them, others by themselves only."""

    whole: list[str]
    alone: list[str]


def lay_out(root: str) -> Layout:
    """Cut a tree at its heavy folders, so that what is left can be watched.

    A folder without any heavy one below is watched whole; its parents are watched alone, each.  Linked
    folders are followed and stand in the answer by their real path, since changes are told by that.

    Raises:
        TooManyFolders: there are more than 5,000 folders that count.
    """
    layout = Layout([], [])
    seen: set[str] = set()
    links: list[str] = []
    pending = [root]
    while pending:
        folder = pending.pop()
        if folder in seen or any(_lies_in(folder, other) for other in layout.whole):
            continue
        if _lay_out(folder, layout, seen, links):
            layout.whole.append(folder)
        pending += links
        links.clear()
    return layout


def _lay_out(folder: str, layout: Layout, seen: set[str], links: list[str]) -> bool:
    """Return whether `folder` may be watched whole; if it may not, it and its parts are already in the layout."""
    seen.add(folder)
    if len(seen) > _MOST_FOLDERS:
        raise TooManyFolders(folder)
    below: list[tuple[str, bool]] = []
    cut = False
    for entry in _entries(folder):
        if entry.name in _HEAVY or _is_environment(entry):
            cut = True
        elif entry.is_symlink():
            target = os.path.realpath(entry.path)
            if os.path.isdir(target):
                links.append(target)
            elif is_source(entry.path):
                layout.alone.append(os.path.dirname(target))
        elif entry.is_dir() and entry.name not in _PASSED_OVER:
            below.append((entry.path, _lay_out(entry.path, layout, seen, links)))
    if not cut and all(is_whole for _, is_whole in below):
        return True
    layout.alone.append(folder)
    layout.whole.extend(path for path, is_whole in below if is_whole)
    return False


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        # Gone, or not ours to read.
        return []


def _is_environment(entry: os.DirEntry[str]) -> bool:
    # Only folders that look like one are asked, for a question costs a system call.
    return entry.name.endswith(("env", "ENV")) and os.path.exists(os.path.join(entry.path, "pyvenv.cfg"))


def snapshot(roots: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Return time (in nanoseconds) and size of every source file below `roots`; two of them show what has changed."""
    files: dict[str, tuple[int, int]] = {}
    seen: set[str] = set()
    pending = list(roots)
    while pending:
        folder = pending.pop()
        if folder in seen:
            continue
        seen.add(folder)
        for entry in _entries(folder):
            try:
                found = entry.stat()
            except OSError:
                # A broken link, or gone since.
                continue
            if not stat.S_ISDIR(found.st_mode):
                if is_source(entry.path):
                    files[entry.path] = (found.st_mtime_ns, found.st_size)
            elif entry.name not in _PASSED_OVER and not _is_environment(entry):
                pending.append(os.path.realpath(entry.path) if entry.is_symlink() else entry.path)
    return files


def drop_bytecode(paths: Iterable[str]) -> None:
    """Remove the compiled form of these sources.

    A .pyc is taken for fresh if its source's time, in whole seconds, and size are as it remembers them.
    Two saves of equal size within a second would therefore leave the old code in use.
    """
    for path in paths:
        if path.endswith(".py"):
            try:
                os.unlink(cache_from_source(path))
            except (OSError, NotImplementedError):
                # Not there, or this Python writes none.
                continue
