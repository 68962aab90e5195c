"""Helpers for URLconfs that depend on settings.

Not a part of `conf` but on the floor of the views: it needs routes and a view.
"""

from miniframe.urls import include

__all__ = ["handler400", "handler403", "handler404", "handler500", "include"]

# What stands in a URLconf that names none of its own.
handler400 = "miniframe.views.defaults.bad_request"
handler403 = "miniframe.views.defaults.permission_denied"
handler404 = "miniframe.views.defaults.page_not_found"
handler500 = "miniframe.views.defaults.server_error"
