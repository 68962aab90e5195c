"""Where things stand: the file and line of functions, classes, middleware, views and routes.

Asked for after the request has been answered, since reading sources takes longer than most steps.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import cache
from types import FunctionType
from typing import Any

import miniframe
from miniframe.urls.listing import source_of
from miniframe.urls.places import module_of, place_of_entry
from miniframe.utils.deprecation import MiddlewareMixin

__all__ = ["entrance_of", "exit_of", "place_of", "routes_to", "shown_path", "view_place"]


def place_of(thing: Any) -> tuple[str, int]:
    """Return the file and line of a function, class, instance or (file, line); ("", 0) if it has no source."""
    if isinstance(thing, tuple):
        file, line = thing
        return file or "", line
    return _place_of_class(thing) if isinstance(thing, type) else source_of(thing)


# To find a class its whole file is parsed.
_place_of_class = cache(source_of)


def entrance_of(middleware: Any) -> Any:
    """Return what of a middleware runs on the way in."""
    return _part_of(middleware, "process_request")


def exit_of(middleware: Any) -> Any:
    """Return what of a middleware runs on the way out."""
    return _part_of(middleware, "process_response")


def _part_of(middleware: Any, hook: str) -> Any:
    if isinstance(middleware, FunctionType):
        return middleware
    cls = type(middleware)
    call = cls.__call__
    if issubclass(cls, MiddlewareMixin) and call is MiddlewareMixin.__call__:
        return getattr(cls, hook, cls)
    return call if hasattr(call, "__code__") else cls


def view_place(view: Any, method: str) -> Any:
    """Return what of a view answers `method`: of a class-based one its method, if that is the project's own."""
    cls = getattr(view, "view_class", None)
    own = getattr(cls, method.lower(), None)
    if own is None or getattr(own, "__module__", "").partition(".")[0] == miniframe.__name__:
        return view
    return own


def routes_to(resolver: Any, way: list[Any]) -> Iterator[tuple[Any, str]]:
    """Yield each pattern on the way to a view, from the outermost, with its "file:line", or "" if that is not known."""
    module = resolver.urlconf_module
    for entry in way:
        yield entry, (place_of_entry(module, entry) if hasattr(module, "__file__") else "") or ""
        module = module_of(entry, module)


def shown_path(file: str) -> str:
    """Return a file's name as a person knows it: below this folder, or below the one that it was imported from."""
    if not file:
        return ""
    own = os.path.dirname(os.path.dirname(os.path.abspath(miniframe.__file__)))
    for folder in (os.getcwd(), own, *sys.path):
        if folder and file.startswith(folder.rstrip(os.sep) + os.sep):
            return os.path.relpath(file, folder)
    return file
