"""What a worker that runs well has loaded: the news from which the next warm process is made.

    names      modules that others wrote, in the order in which they were loaded; they may be loaded beforehand
    own        the first parts of the names of the project's modules; nothing of them may be loaded beforehand
    folders    where the project's modules are looked for
    obstacle   why nothing should be loaded beforehand, as the end of a sentence; mostly empty

An obstacle is a module that was given other functions than it came with: `gevent` does it to `socket`, a project
may do it to anything.  Who loads such a module first, and takes functions from it, keeps the original ones; so it
matters when that happens, and a process that has loaded others' modules before the project's would be another one.

Source: Python's reference "The import system".
Not here: how they are loaded beforehand (see `preload`), and what becomes of it (see `warm`).
"""

from __future__ import annotations

import functools
import json
import os
import sys
import types
from collections.abc import Callable
from typing import Any, NamedTuple

import miniframe
from miniframe.autoreload.watching.folders import is_library, is_standard

__all__ = ["Inventory", "is_ours", "take_inventory"]

# Places that are there to be written over; nobody keeps what was in them.
_HOOKS = frozenset({"sys", "builtins", "threading", "warnings", "logging", "os", "posix", "__main__"})
_FUNCTIONS = (types.FunctionType, type)

# typing_extensions teaches typing's own helpers the type parameters of later Pythons: what takes them gets the same,
# sooner or later; and half of all libraries bring it along.
_ALIKE = {"typing": "typing_extensions.py"}


class Inventory(NamedTuple):
    """What a sound worker had loaded, as the head of this file tells it."""

    names: tuple[str, ...] = ()
    own: frozenset[str] = frozenset()
    folders: tuple[str, ...] = ()
    obstacle: str = ""

    def __str__(self) -> str:
        return json.dumps([self.names, sorted(self.own), self.folders, self.obstacle])

    @classmethod
    def parse(cls, text: str) -> Inventory:
        """Read what `str()` wrote.

        >>> Inventory.parse(str(Inventory(("jinja2",), frozenset({"mysite"})))).own
        frozenset({'mysite'})
        """
        names, own, folders, obstacle = json.loads(text)
        return cls(tuple(names), frozenset(own), tuple(folders), obstacle)


def is_ours(name: str) -> bool:
    """Return whether this is a module of the framework: always loaded beforehand, even while someone works on it.

    >>> is_ours("miniframe.http"), is_ours("miniframe_site")
    (True, False)
    """
    return name == "miniframe" or name.startswith("miniframe.")


def take_inventory() -> Inventory:
    """Return what this process has loaded."""
    names: list[str] = []
    own: set[str] = set()
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if name == "__main__" or name.startswith("__mp_"):
            continue
        if is_ours(name) or (isinstance(file, str) and is_library(file)):
            names.append(name)
        elif isinstance(file, str):
            own.add(name.partition(".")[0])
    folders = tuple(entry for entry in sys.path if not is_library(entry))
    return Inventory(tuple(names), frozenset(own), folders, _find_patch(names))


def _find_patch(names: list[str]) -> str:
    """Return where a module has a function or class of somebody who comes later than it."""
    is_later = _later()
    for name in names:
        if name in _HOOKS or is_ours(name):
            continue
        module = sys.modules[name]
        standard, alike = is_standard(module.__file__ or ""), _ALIKE.get(name, "")
        for attribute, value in list(vars(module).items()):
            if not isinstance(value, _FUNCTIONS) or not is_later(_home(value), standard):
                continue
            if os.path.basename(_home(value)) != alike:
                return f"{name}.{attribute} was replaced by that of {_home(value)}"
    return ""


def _home(value: Any) -> str:
    """Return the file that a function or class is from, by its code: `functools.wraps` copies the names."""
    if isinstance(value, types.FunctionType):
        return value.__code__.co_filename
    file = getattr(sys.modules.get(str(value.__module__)), "__file__", None)
    return file if isinstance(file, str) else ""


def _later() -> Callable[[str, bool], bool]:
    """Return a function that knows whether code of a file comes after the standard library, or after all of others."""
    framework = os.path.dirname(miniframe.__file__) + os.sep

    @functools.cache
    def is_later(file: str, than_standard: bool) -> bool:
        # Generated code has no path.
        if not file.startswith("/") or file.startswith(framework):
            return False
        return not (is_standard(file) if than_standard else is_library(file))

    return is_later
