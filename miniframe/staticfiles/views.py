"""Serve static files from wherever the finders find them; for development only.

Source: Django's reference "The staticfiles app", section "Static file development view".
"""

from __future__ import annotations

import os
import posixpath
from typing import Any

from miniframe.conf import settings
from miniframe.http import Http404
from miniframe.staticfiles import finders
from miniframe.utils.text import escape_controls
from miniframe.views import static

__all__ = ["serve"]


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
        raise Http404(f"'{escape_controls(path)}' could not be found")
    root, name = os.path.split(found)
    return static.serve(request, name, document_root=root, **kwargs)
