"""Where a name is imported from that views, URLconfs and settings use, and that somebody forgot to import."""

from __future__ import annotations

import importlib

__all__ = ["home_of"]

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
