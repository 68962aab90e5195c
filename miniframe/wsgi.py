"""The application as a server sees it: `get_wsgi_application()`, and nothing else.

Source: PEP 3333; Django's how-to "How to deploy with WSGI".
"""

from __future__ import annotations

from miniframe import setup
from miniframe.handlers.wsgi import WSGIHandler

__all__ = ["get_wsgi_application"]


def get_wsgi_application() -> WSGIHandler:
    """Return a WSGI callable for the project named by the settings; a second call is cheap.

    Raises:
        ImproperlyConfigured: the settings, an app or a middleware cannot be loaded.
    """
    setup(set_prefix=False)
    handler = WSGIHandler()
    # Now rather than at the first request: a misspelt middleware is a failed start, not a failed visit.
    handler.load_middleware_once()
    return handler
