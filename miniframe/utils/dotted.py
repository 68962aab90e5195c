"""Follow a dotted path without running what it names, and guess what a wrong one was meant to be.

Settings and URLconfs name modules and classes by text, so a slip of the keyboard is found late.  Whoever finds it
asks here for the words to add.  Modules that are loaded are asked for their names; of others only the compiled
code is looked at.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.machinery import PathFinder, all_suffixes
from importlib.util import find_spec
from types import CodeType
from typing import Any

from miniframe.utils.text import nearest

__all__ = ["advice", "exists", "is_missing", "nearest_path"]

# A module with one of these may have names that its compiled code does not show.
_MAKE_NAMES = frozenset({"__getattr__", "globals", "exec", "setattr", "vars"})


# Apps that Django brings, and that need models or are none of a core's business.
_NOT_HERE = frozenset(
    {"admin", "admindocs", "auth", "contenttypes", "flatpages", "forms", "gis", "humanize", "postgres"}
    | {"redirects", "sitemaps", "sites", "syndication"}
)


class _Module:
    """A module that can be imported, or has been; `places` is where its submodules are: nowhere if it is no package."""

    __slots__ = ("name", "places", "spec")

    def __init__(self, name: str, places: list[str], spec: Any) -> None:
        self.name = name
        self.places = places
        self.spec = spec


def is_missing(error: ImportError, path: str) -> bool:
    """Return whether `error` says that the module `path`, or a package it should lie in, does not exist.

    An import that fails inside that module is another matter, and has to be seen as it is.

    >>> is_missing(ModuleNotFoundError("No module named 'shop.url'", name="shop.url"), "shop.url")
    True
    """
    if not isinstance(error, ModuleNotFoundError) or not error.name:
        return False
    return f"{path}.".startswith(f"{error.name}.")


def exists(path: str) -> bool:
    """Return whether `path` is a module, or a name in one.

    Where that cannot be told without running the module, as after `from x import *`, the answer is yes.

    >>> exists("miniframe.wsgi.get_wsgi_application"), exists("miniframe.wsgy.get_wsgi_application")
    (True, False)
    """
    module: _Module | None = None
    parts = path.split(".")
    for index, part in enumerate(parts):
        following = _find(part, module)
        if following is None:
            return index == len(parts) - 1 and module is not None and _has(module, part)
        module = following
    return True


def nearest_path(path: str) -> str | None:
    """Return the dotted path that exists and that `path` was most likely meant to be, or None.

    >>> nearest_path("miniframe.middleware.comon.CommonMiddleware")
    'miniframe.middleware.common.CommonMiddleware'
    """
    module: _Module | None = None
    parts = path.split(".")
    for index, part in enumerate(parts):
        following = _find(part, module)
        if following is None:
            last = index == len(parts) - 1
            near = _nearest_in(part, module, names_too=last)
            if near is None:
                return None
            following = _find(near, module)
            if following is None and module is not None:
                return f"{module.name}.{near}" if f"{module.name}.{near}" != path else None
        module = following
    return module.name if module is not None and module.name != path else None


def advice(path: str) -> str:
    """Return a sentence, begun by a blank, about what the wrong `path` was meant to be; "" without an idea.

    Names of Django's are known: whoever moves a project may have passed one over.

    >>> advice("miniframe.staticfile")
    " Did you mean 'miniframe.staticfiles'?"
    """
    parts = _glued(path)
    if parts is not None:
        return f" Was a comma forgotten between {parts[0]!r} and {parts[1]!r}?"
    ours = _ours(path)
    if ours is not None:
        part = ours.split(".")[1]
        if part in _NOT_HERE:
            return f" miniframe has no {part!r}, on purpose: take this out."
        if ours != path and exists(ours):
            return f" Did you mean {ours!r}?"
    near = nearest_path(path)
    return f" Did you mean {near!r}?" if near else ""


def _ours(path: str) -> str | None:
    """Return what Django's name for a thing is here, a name of ours as it is, and of others None.

    >>> _ours("django.contrib.sessions"), _ours("django.middleware.gzip"), _ours("shop.views")
    ('miniframe.sessions', 'miniframe.middleware.gzip', None)
    """
    first, _, rest = path.partition(".")
    if not rest or first not in {"django", "miniframe"}:
        return None
    return "miniframe." + (rest.removeprefix("contrib.").removeprefix("core.") if first == "django" else rest)


def _glued(path: str) -> tuple[str, str] | None:
    """Return the two paths of which `path` consists, if Python has joined two strings for want of a comma."""
    for cut in range(len(path) - 1, 0, -1):
        first, second = path[:cut], path[cut:]
        if second.partition(".")[0] in sys.stdlib_module_names:
            continue
        if exists(second) and exists(first):
            return first, second
    return None


def _find(part: str, package: _Module | None) -> _Module | None:
    if not part.isidentifier() or (package is not None and not package.places):
        return None
    name = part if package is None else f"{package.name}.{part}"
    loaded = sys.modules.get(name)
    if loaded is not None:
        return _Module(name, list(getattr(loaded, "__path__", ())), None)
    try:
        spec = find_spec(name) if package is None else PathFinder.find_spec(name, package.places)
    except (ImportError, ValueError):  # ValueError: a module that is made by hand
        return None
    return None if spec is None else _Module(name, list(spec.submodule_search_locations or ()), spec)


def _has(module: _Module, name: str) -> bool:
    loaded = sys.modules.get(module.name)
    if loaded is not None:
        return hasattr(loaded, name)
    code = _code(module)
    if code is None or not _MAKE_NAMES.isdisjoint(code.co_names) or ("*",) in code.co_consts:
        return True
    return name in code.co_names


def _code(module: _Module) -> CodeType | None:
    """Return the module's compiled code, mostly from its cache; None if it has none, or does not compile."""
    get_code = getattr(getattr(module.spec, "loader", None), "get_code", None)
    try:
        code: CodeType | None = get_code(module.name) if get_code else None
    except (ImportError, OSError, SyntaxError, ValueError):
        return None
    return code


def _nearest_in(part: str, module: _Module | None, names_too: bool) -> str | None:
    if module is None:
        # What lies beside the project is the likeliest; of all that is installed, only what is very near.
        return nearest(part, _modules_in([os.getcwd()])) or nearest(part, _modules_in(sys.path), cutoff=0.8)
    known = _modules_in(module.places)
    if names_too:
        loaded, code = sys.modules.get(module.name), _code(module)
        names = vars(loaded) if loaded is not None else code.co_names if code is not None else ()
        if part in names:
            return part
        known += [name for name in names if not name.startswith("_")]
    return nearest(part, known)


def _modules_in(places: Sequence[str]) -> list[str]:
    """Return the names of modules and packages in these folders."""
    suffixes = tuple(all_suffixes())
    found = []
    for place in places:
        if not os.path.isdir(place or "."):
            continue
        for entry in os.listdir(place or "."):
            stem = entry.partition(".")[0]
            if not stem.isidentifier() or stem.startswith("_"):
                continue
            folder = os.path.join(place, entry)
            if entry.endswith(suffixes) or (entry == stem and os.path.isfile(os.path.join(folder, "__init__.py"))):
                found.append(stem)
    return found
