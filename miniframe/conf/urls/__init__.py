"""Helpers for URLconfs that depend on settings.

Not a part of `conf` but on the floor of the views: it needs routes and a view.
"""

from miniframe.urls import include

__all__ = ["include"]
