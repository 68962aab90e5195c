"""Helpers for URLconfs that depend on settings.

Not a part of `conf` but on the floor of the views: it needs routes and a view.
"""

from miniframe.urls import DEFAULT_HANDLERS, include

__all__ = ["handler400", "handler403", "handler404", "handler500", "handler503", "include"]

# What stands in a URLconf that names none of its own.
handler400: str = DEFAULT_HANDLERS[400]
handler403: str = DEFAULT_HANDLERS[403]
handler404: str = DEFAULT_HANDLERS[404]
handler500: str = DEFAULT_HANDLERS[500]
handler503: str = DEFAULT_HANDLERS[503]
