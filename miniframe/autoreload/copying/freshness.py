"""Would a process that starts now load what this one has loaded?  Asked before each copy is made.

Noted are the files of all modules that are not Python's own, the folders of installed packages (to install or to
remove one changes the folder) and their .pth files.  A file's *status change time* is compared, for nobody can
set that one back.  And a new file of the project may hide an installed module of the same name.

Source: inode(7), "File status change timestamp"; Python's library reference, "site" and "sys.path".
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator

from miniframe.autoreload.watching.folders import is_library, is_standard

__all__ = ["Freshness"]

# The clock that the kernel stamps files with goes in steps; in nanoseconds.
_STEP = 20_000_000
_MODULES = (".py", ".so", ".pyc")


class Freshness:
    """What the files of this process were like when they were loaded; `born` is from when on, in ns since 1970."""

    def __init__(self, born: int) -> None:
        self._born = born - _STEP
        self._seen: dict[str, tuple[int, int] | None] = {}
        self._folders: tuple[str, ...] = ()
        self._names: frozenset[str] = frozenset()
        self._namesakes: set[str] = set()

    def note(self, folders: Iterable[str], own: frozenset[str]) -> None:
        """Take in what is loaded by now; `folders` are the project's, and `own` the names that it has there."""
        for path in _files():
            self._seen.setdefault(path, _state(path))
        self._folders = tuple(folders)
        self._names = frozenset(name.partition(".")[0] for name in sys.modules) - own
        self._namesakes = set(self._find_namesakes())

    def spoiled(self) -> str:
        """Return a path for which a new process would be another one; empty if there is none."""
        for path, seen in self._seen.items():
            now = _state(path)
            if now != seen or (now is not None and now[0] >= self._born):
                return path
        return next((path for path in self._find_namesakes() if path not in self._namesakes), "")

    def _find_namesakes(self) -> Iterator[str]:
        """Yield what in the project's folders has the name of a module that is loaded from elsewhere."""
        for folder in self._folders:
            try:
                names = os.listdir(folder or ".")
            except OSError:
                continue
            for name in names:
                stem, dot, _ = name.partition(".")
                path = os.path.join(folder, name)
                if stem not in self._names:
                    continue
                if name.endswith(_MODULES) if dot else os.path.exists(os.path.join(path, "__init__.py")):
                    yield path


def _files() -> Iterator[str]:
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and not is_standard(file):
            yield file
    for entry in sys.path:
        if is_library(entry) and os.path.isdir(entry):
            yield entry
            yield from (os.path.join(entry, name) for name in os.listdir(entry) if name.endswith(".pth"))


def _state(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_ctime_ns, found.st_size
