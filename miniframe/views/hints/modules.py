"""A module that cannot be found: which one was meant, and which setting asked for it.

Nothing is imported to find out; folders are listed.  A package to install is only named when nothing here has a name
like the missing one: a misspelt name on a package index may belong to whoever waits for the mistake.
"""

from __future__ import annotations

import importlib.machinery
import linecache
import os
import re
import sys
from collections.abc import Iterable, Iterator
from types import FrameType
from typing import Any

from miniframe.conf import settings
from miniframe.utils.installed import is_installed
from miniframe.utils.text import nearest
from miniframe.views.hints.django_names import advise_on_module

__all__ = ["advise_on_missing_module", "asked_by"]

# Packages that people know by the name of their module.
_DISTRIBUTIONS = {
    "PIL": "Pillow",
    "bs4": "beautifulsoup4",
    "dateutil": "python-dateutil",
    "dotenv": "python-dotenv",
    "jwt": "PyJWT",
    "sklearn": "scikit-learn",
    "yaml": "PyYAML",
}
# Among some hundred names of packages there is something a little like every word.
_ALIKE_AMONG_MANY = 0.75
_MOST_NAMES = 12
_DEEPEST_SETTING = 5


def advise_on_missing_module(name: str, error: BaseException) -> str:
    """Return what to write in place of `name`, which `error` says is no module, or what else to do."""
    django = advise_on_module(_as_imported(name, error))
    if django:
        return asked_by(name) + django
    parent, dot, last = name.rpartition(".")
    return asked_by(name) + (_below(parent, last) if dot else _at_the_top(name, error))


def _as_imported(name: str, error: BaseException) -> str:
    """Return the whole name that the line in question has: Python tells the part of it that is missing first."""
    frame = _importing_frame(error)
    line = linecache.getline(frame.f_code.co_filename, _line_in(error, frame)) if frame else ""
    found = re.search(rf"(?:from|import)\s+({re.escape(name)}(?:\.\w+)*)(?:\s+import\s+(\w+))?", line)
    if found is None:
        return name
    # What is imported from these is a module, too.
    is_shelf = found[1].endswith((".contrib", ".core")) or "." not in found[1]
    return f"{found[1]}.{found[2]}" if is_shelf and found[2] else found[1]


def _line_in(error: BaseException, frame: FrameType) -> int:
    traceback = error.__traceback__
    line = 0
    while traceback is not None:
        line = traceback.tb_lineno if traceback.tb_frame is frame else line
        traceback = traceback.tb_next
    return line


def asked_by(name: str) -> str:
    """Return a sentence about the setting that names the module or something in it; "" if none does."""
    if not settings.configured:
        return ""
    for setting in sorted(name for name in dir(settings) if name.isupper() and settings.is_overridden(name)):
        try:
            texts = list(_texts(getattr(settings, setting), _DEEPEST_SETTING))
        except Exception:  # an empty SECRET_KEY refuses to be read
            continue
        for text in texts:
            if text == name or text.startswith(f"{name}."):
                return f"The setting `{setting}` names `{text}`. "
    return ""


def _texts(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif depth and isinstance(value, (dict, list, tuple)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each, depth - 1)


# ---- below a package


def _below(parent: str, last: str) -> str:
    if not last:
        return f"There is a dot too many: write `{parent.rstrip('.')}`."
    folders = _folders_of(parent)
    if not folders:
        return _not_a_package(parent, last)
    known = sorted(_modules_in(folders))
    close = nearest(last, known)
    if close:
        return f"Did you mean `{parent}.{close}`?"
    other = _another_folder(parent, folders)
    if other:
        return other
    names = ", ".join(f"`{each}`" for each in known[:_MOST_NAMES])
    return f"`{parent}` is `{folders[0]}`, " + (f"where there is: {names}." if names else "where there is no module.")


def _folders_of(package: str) -> list[str]:
    """Return the folders that a package's modules are in; nothing for one that is missing, or is a single file."""
    folders: list[str] | None = None
    name = ""
    for part in package.split("."):
        name = f"{name}.{part}" if name else part
        module = sys.modules.get(name)
        if module is not None:
            folders = list(getattr(module, "__path__", ()))
        else:
            # A package whose import failed is not in sys.modules any more.
            spec = importlib.machinery.PathFinder.find_spec(name, folders)
            folders = list((spec and spec.submodule_search_locations) or ())
        if not folders:
            return []
    return folders or []


def _not_a_package(parent: str, last: str) -> str:
    if hasattr(sys.modules.get(parent), last):
        return f"`{last}` is no module but a name in one: `{parent}` is as far as the module's path goes."
    return f"`{parent}` is a single file: there can be no module `{last}` below it."


def _another_folder(package: str, folders: list[str]) -> str:
    """Return a warning if the folder of that name in this project is not the package that Python took."""
    here = os.path.abspath(package.replace(".", os.sep))
    if not os.path.isdir(here) or any(os.path.realpath(each) == os.path.realpath(here) for each in folders):
        return ""
    without = "" if os.path.exists(os.path.join(here, "__init__.py")) else ", which has no `__init__.py`"
    return f"Python took `{package}` from `{folders[0]}` and not from `{here}`{without}."


# ---- by itself


def _at_the_top(name: str, error: BaseException) -> str:
    package, folder = _importer(error)
    beside = set(_modules_in([folder])) if package else set()
    close = name if name in beside else nearest(name, beside)
    if close:
        code = f"`from {package} import {close}`"
        if close == name:
            return f"`{name}` is a module of the package `{package}`: {code}."
        return f"Did you mean the one beside it: {code}?"
    if name in _DISTRIBUTIONS:
        package = _DISTRIBUTIONS[name]
        return f"`{name}` comes with the package `{package}`: `python -m pip install {package}`."
    own, installed = _names_on_the_path()
    close = nearest(name, own | installed, cutoff=_ALIKE_AMONG_MANY) or nearest(name, own)
    if close:
        return f"Did you mean `{close}`?"
    return (
        f"Nothing here has a name like `{name}`. If it is yours, its folder has to be on `sys.path`. "
        f"If you know it as a package of exactly this name, install it: `python -m pip install {name}`."
    )


def _importer(error: BaseException) -> tuple[str, str]:
    """Return the package and the folder of the file that asked for the module; empty if that is in no package."""
    frame = _importing_frame(error)
    package = str(frame.f_globals.get("__package__") or "") if frame else ""
    if frame is None or not package or package.partition(".")[0] == "miniframe":
        return "", ""
    return package, os.path.dirname(os.path.abspath(frame.f_code.co_filename))


def _importing_frame(error: BaseException) -> FrameType | None:
    traceback, frame = error.__traceback__, None
    while traceback is not None:
        name = traceback.tb_frame.f_code.co_filename
        if not name.startswith("<frozen ") and f"{os.sep}importlib{os.sep}" not in name:
            frame = traceback.tb_frame
        traceback = traceback.tb_next
    return frame


def _names_on_the_path() -> tuple[set[str], set[str]]:
    """Return the names of the modules of the project, and of those that come with Python or are installed."""
    library = os.path.dirname(os.path.abspath(os.__file__))
    own: set[str] = set()
    installed = {name for name in sys.stdlib_module_names if not name.startswith("_")}
    for entry in dict.fromkeys(os.path.abspath(each) for each in sys.path):
        if is_installed(entry):
            installed.update(_modules_in([entry]))
        elif not entry.startswith(library):
            own.update(_modules_in([entry]))
    return own, installed


def _modules_in(folders: Iterable[str]) -> Iterator[str]:
    for folder in folders:
        try:
            entries = list(os.scandir(folder))
        except OSError:  # a zip, or gone
            continue
        for entry in entries:
            name, dot, suffix = entry.name.partition(".")
            is_file = dot and f".{suffix}" in importlib.machinery.all_suffixes()
            if name.isidentifier() and not name.startswith("__") and (is_file or (not dot and _is_package(entry.path))):
                yield name


def _is_package(folder: str) -> bool:
    """Return whether there is a module in the folder; one of templates or pictures is no package to anybody."""
    try:
        return any(name.endswith(".py") for name in os.listdir(folder))
    except OSError:
        return False
