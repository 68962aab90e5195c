"""Where in the settings' source the setting stands that an error tells about.

Such an error is raised by code of ours, which has found it and names it as `conf.place_of` does: "MIDDLEWARE in
mysite.settings has the entry 'shop.middlewear.Cart'".  The line of that entry is where something is to be mended.
"""

from __future__ import annotations

import ast
import importlib.util
import linecache
import re
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import NamedTuple

from miniframe.conf import settings

__all__ = ["SettingPlace", "find_setting"]

# Settings may import settings, but no project stacks more than a few.
_MOST_MODULES = 8


class SettingPlace(NamedTuple):
    """A line, and in it the columns of the entry, counted in characters from the line's first one."""

    file: str
    line: int
    columns: tuple[int, int] | None


def find_setting(text: str) -> SettingPlace | None:
    """Return where the setting, and the entry in it, stand that `text` names; None if it names none."""
    name = getattr(settings, "SETTINGS_MODULE", None) if settings.configured else None
    named = re.search(rf"\b([A-Z][A-Z0-9_]*) in {re.escape(name)}\b", text) if name else None
    module = sys.modules.get(name) if name else None
    if named is None or module is None:
        return None
    entries = set(re.findall(r"'([^'\n]+)'", text))
    places = [place for each in _modules(module) for place in _places(each, named[1], entries)]
    # What is assigned last counts, and the entry's own line says more than that of the assignment.
    return next((place for place in places if place.columns), places[0] if places else None)


def _modules(module: ModuleType) -> Iterator[ModuleType]:
    """Yield the settings module, and those whose names it takes over: `from .base import *`."""
    found = [module]
    for each in found:
        yield each
        for node in _tree(each).body:
            if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
                name = "." * node.level + (node.module or "")
                base = sys.modules.get(importlib.util.resolve_name(name, each.__package__))
                if base is not None and base not in found and len(found) < _MOST_MODULES:
                    found.append(base)


def _tree(module: ModuleType) -> ast.Module:
    # They have been imported just now, so they can be parsed; unless they were saved since.
    file = module.__file__ or ""
    linecache.checkcache(file)
    try:
        return ast.parse("".join(linecache.getlines(file)))
    except (SyntaxError, ValueError):
        return ast.parse("")


def _places(module: ModuleType, setting: str, entries: set[str]) -> Iterator[SettingPlace]:
    """Yield the places of a setting in a module, the last one first; its entries before the whole of it."""
    file = module.__file__ or ""
    for node in sorted(_assignments(_tree(module), setting), key=lambda node: -node.lineno):
        for value in ast.walk(node):
            if isinstance(value, ast.Constant) and value.value in entries and value.lineno == value.end_lineno:
                line = linecache.getline(file, value.lineno).encode()
                start, end = (len(line[:offset].decode()) for offset in (value.col_offset, value.end_col_offset or 0))
                yield SettingPlace(file, value.lineno, (start, end))
        yield SettingPlace(file, node.lineno, None)


def _assignments(tree: ast.Module, setting: str) -> Iterator[ast.stmt]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(each, ast.Name) and each.id == setting for each in targets):
                yield node
