"""Make the list of pages beside pages of source once, not for each anew: that takes as long as the source itself.

Source: Sphinx's event "html-page-context"; furo asks `context["toctree"]` for that list.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sphinx.application import Sphinx

_lists: dict[int, str] = {}


def share_list(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Give a page of viewcode's the list of another one that lies as deep, so that its links are the same."""
    if not page.startswith("_modules/"):
        return
    make: Callable[..., str] = context["toctree"]
    depth = page.count("/")

    def shared(**options: Any) -> str:
        if depth not in _lists:
            _lists[depth] = make(**options)
        return _lists[depth]

    context["toctree"] = shared


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("html-page-context", share_list, priority=400)  # before furo, which has 500
    return {"parallel_read_safe": True, "parallel_write_safe": True}
