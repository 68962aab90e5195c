"""Where a name is imported from that views, URLconfs and settings use, and that somebody forgot to import."""

from __future__ import annotations

import importlib
import linecache
import os
import re
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any

from miniframe.conf import settings
from miniframe.views.report.frames import is_of_project

__all__ = ["home_of", "import_from_project"]

# The faces that people import from, the likeliest first.
_FACES = (
    "shortcuts",
    "urls",
    "http",
    "conf",
    "exceptions",
    "views.generic",
    "views.decorators.csrf",
    "views.decorators.http",
    "views.decorators.cache",
    "views.decorators.vary",
    "views.decorators.gzip",
    "views.decorators.clickjacking",
    "views.decorators.debug",
    "conf.urls.static",
    "template.response",
    "template.loader",
    "cache",
    "paginator",
    "dispatch",
    "signals",
    "utils.decorators",
    "utils.html",
    "utils.safestring",
    "utils.text",
    "validators",
)
# Modules that are used by their own name, and what else every project needs.
_OTHERS = {"messages": "miniframe", "timezone": "miniframe.utils", "Path": "pathlib"}


def home_of(name: str) -> str:
    """Return the module of the framework that has a public name; "" if none of those that people import from has."""
    if name in _OTHERS:
        return _OTHERS[name]
    for face in _FACES:
        place = f"miniframe.{face}"
        module = importlib.import_module(place)
        here = getattr(getattr(module, name, None), "__module__", None) == place and not name.startswith("_")
        if name in getattr(module, "__all__", ()) or here:
            return place
    return ""


def import_from_project(name: str, frame: FrameType) -> tuple[str, str]:
    """Return which module of the project defines a name, and the line that imports it where `frame` runs.

    Looked through are the modules that are loaded, and the files beside the frame's; nothing is imported.  Two "" if
    none defines it.
    """
    here, package = str(frame.f_globals.get("__name__")), str(frame.f_globals.get("__package__") or "")
    found = {
        module: module.rpartition(".")[0] != package or not package
        for module, file in [*_loaded_with(name), *_beside(frame.f_code.co_filename, package)]
        if module not in (here, getattr(settings, "SETTINGS_MODULE", None)) and _defines(file, name)
    }
    if not found:
        return "", ""
    # The one beside is likelier, and then one that is nearer to the top.
    module = min(found, key=lambda each: (found[each], each.count("."), each))
    place = module if found[module] else f".{module.rpartition('.')[2]}"
    return module, f"from {place} import {name}"


def _loaded_with(name: str) -> Iterator[tuple[str, str]]:
    for key, module in list(sys.modules.items()):
        names: dict[str, Any] = getattr(module, "__dict__", {})
        file = names.get("__file__")
        if name in names and key != "__main__" and isinstance(file, str) and is_of_project(file):
            yield key, file


def _beside(file: str, package: str) -> Iterator[tuple[str, str]]:
    if package and is_of_project(file):
        folder = os.path.dirname(file)
        for each in sorted(os.listdir(folder)):
            stem, ending = os.path.splitext(each)
            if ending == ".py" and stem.isidentifier() and not stem.startswith("__"):
                yield f"{package}.{stem}", os.path.join(folder, each)


def _defines(file: str, name: str) -> bool:
    """Return whether a file defines a name itself; tests, which nobody imports from, do not count."""
    if os.path.basename(file).startswith(("test_", "conftest.")):
        return False
    word = re.escape(name)
    pattern = re.compile(rf"(?:class|(?:async +)?def) +{word}\b|{word} *(?::[^=]+)?=(?!=)")
    linecache.checkcache(file)
    return any(pattern.match(line) for line in linecache.getlines(file))
