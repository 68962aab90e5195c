"""Which folders are the project's, and which are others' that it has loaded.

    code_folders()         where does this process's own code lie?
    code_files()           which files of it are loaded?
    editable_folders()     and that of packages installed in editable mode?
    package_folders()      which installed packages has it loaded?
    installed_folders()    where are packages put?

Source: Python's reference "The import system", section "Cached bytecode invalidation"; the Python Packaging User
Guide, "Recording the Direct URL Origin of installed distributions".
Not here: what lies in such a folder (see `layout`), and what a change of it means (see `changes`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from importlib.util import cache_from_source

from miniframe.autoreload.watching.layout import is_ignored, lies_in
from miniframe.utils.installed import LIBRARIES, in_library, is_installed

__all__ = [
    "code_files",
    "code_folders",
    "drop_bytecode",
    "editable_folders",
    "installed_folders",
    "is_library",
    "is_standard",
    "package_folders",
]

_STDLIB = os.path.realpath(os.path.dirname(os.__file__))
# Each costs the watcher a thread; to install another version of those left out is seen all the same.
_MOST_PACKAGES = 40


def code_folders() -> list[str]:
    """Return the folders that hold this process's own code: its import path, and where loaded modules come from.

    Python's own library and installed packages are left out, and so is what MINIFRAME_RELOAD_IGNORE names.
    A folder comes before those inside it.
    """
    # realpath asks the disk for every part of a path, so it is asked once for each entry, and for what lies outside.
    entries = {os.path.abspath(entry or "."): os.path.realpath(entry or ".") for entry in sys.path}
    folders = set(entries.values())
    for folder in {os.path.dirname(path) for path in _module_files()}:
        if not is_library(folder):
            entry = next((entry for entry in entries if lies_in(folder, entry)), None)
            folders.add(os.path.realpath(folder) if entry is None else entries[entry] + folder[len(entry) :])
    return sorted(filter(_is_own, folders))


def code_files() -> list[str]:
    """Return the files of this process's own code, as it has loaded them."""
    return [path for path in _module_files() if not is_library(path)]


def editable_folders() -> list[str]:
    """Return the folders of packages that are installed in editable mode, whichever way that was done.

    Most stand in the import path by a .pth file; here are those that a link, a finder or only the installer's notes
    lead to.
    """
    targets = set(_of_finders())
    for folder in installed_folders():
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_symlink():
                    targets.add(entry.path)
                elif entry.name.endswith(".dist-info"):
                    targets.update(_noted(os.path.join(entry.path, "direct_url.json")))
    found = {os.path.realpath(target) for target in targets}
    # A package of one file is changed where it lies.
    return sorted(filter(_is_own, {os.path.dirname(path) if os.path.isfile(path) else path for path in found}))


def package_folders() -> list[str]:
    """Return the folders of the installed packages that are loaded; of very many only those loaded first."""
    folders: dict[str, None] = {}
    for path in _module_files():
        library, inside = in_library(path)
        if os.sep in inside:
            folders[library + inside.partition(os.sep)[0]] = None
    return [os.path.realpath(folder) for folder in list(folders)[:_MOST_PACKAGES] if not os.path.islink(folder)]


def installed_folders() -> list[str]:
    """Return the folders of the import path that packages are installed into."""
    folders = dict.fromkeys(os.path.realpath(entry) for entry in sys.path if is_installed(entry))
    return [folder for folder in folders if os.path.basename(folder) in LIBRARIES and os.path.isdir(folder)]


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


def is_library(path: str) -> bool:
    """Return whether this belongs to Python or to an installed package, and not to a project."""
    return lies_in(path, _STDLIB) or is_installed(path)


def is_standard(path: str) -> bool:
    """Return whether this belongs to Python's own library."""
    return lies_in(path, _STDLIB) and not is_installed(path)


def _module_files() -> Iterator[str]:
    for module in list(sys.modules.values()):
        path = getattr(module, "__file__", None)
        # A module may put anything there; "/" keeps out relative paths of long ago, and "<frozen>".
        if isinstance(path, str) and path.startswith("/"):
            yield path


def _is_own(folder: str) -> bool:
    return os.path.isdir(folder) and not is_library(folder) and not is_ignored(folder)


def _of_finders() -> Iterator[str]:
    # setuptools installs a module for each editable package whose layout a .pth file cannot tell.
    for name, module in list(sys.modules.items()):
        mapping = getattr(module, "MAPPING", None) if name.startswith("__editable__") else None
        if isinstance(mapping, dict):
            yield from mapping.values()


def _noted(note: str) -> Iterator[str]:
    try:
        with open(note, encoding="utf-8") as file:
            text = file.read()
    except (OSError, ValueError):
        return
    if '"editable"' not in text:
        return
    import json  # only where there is something to read
    from urllib.parse import unquote

    try:
        told = json.loads(text)
        if told["dir_info"]["editable"] and told["url"].startswith("file://"):
            yield unquote(told["url"].removeprefix("file://"))
    except (ValueError, LookupError, TypeError, AttributeError):
        # Damaged, which is for the installer to say.
        return
