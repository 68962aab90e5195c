"""Serve static files from wherever the finders find them; for development only.

Source: Django's reference "The staticfiles app", section "Static file development view".
"""

from __future__ import annotations

import posixpath
from itertools import islice
from typing import Any

from miniframe.conf import settings
from miniframe.http import Http404
from miniframe.staticfiles import finders
from miniframe.utils.text import escape_controls, nearest
from miniframe.views import static

__all__ = ["serve"]

# Of files among which a misspelt one is sought.
_MOST_NAMES = 2000


def serve(request: Any, path: str, insecure: bool = False, **kwargs: Any) -> Any:
    """Answer with the static file `path`.

    Raises:
        Http404: no finder has it; or DEBUG is off and `insecure` is not set, since this is no way to serve a live site.
    """
    if not settings.DEBUG and not insecure:
        raise Http404
    normal = posixpath.normpath(path).lstrip("/")
    found = finders.find(normal)
    if not found:
        if path.endswith("/") or path == "":
            raise Http404("Directory indexes are not allowed here.")
        missing = Http404(f"'{escape_controls(path)}' could not be found")
        if settings.DEBUG:
            _add_notes(missing, normal)
        raise missing
    return static.send(request, normal, found, **kwargs)


def _add_notes(missing: Http404, path: str) -> None:
    """Tell the page of the error the nearest name, and the folders that the finders know."""
    known = islice((name for finder in finders.get_finders() for name, _ in finder.list([])), _MOST_NAMES)
    near = nearest(path, known)
    if near:
        missing.add_note(f"Did you mean {near!r}?")
    folders = ", ".join(finders.searched_locations) or "no folder, since STATICFILES_DIRS and apps have none"
    missing.add_note(f"Looked into: {folders}.")
