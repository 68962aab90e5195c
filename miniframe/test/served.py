"""The files that a live server for tests serves: what `collectstatic` collected, and what visitors uploaded.

Source: Django's topic "Testing tools", section "LiveServerTestCase".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from miniframe.conf import settings
from miniframe.handlers.files import FilesHandler
from miniframe.http import HttpResponseBase
from miniframe.types import Environ, StartResponse, WSGIApplication
from miniframe.views.static import serve

__all__ = ["FSFilesHandler", "MediaFilesHandler", "StaticRootHandler"]


class FSFilesHandler(FilesHandler):
    """A WSGI application that serves the folder of one setting at the address in another, and hands on the rest."""

    root_setting = ""
    url_setting = ""

    def __init__(self, application: WSGIApplication) -> None:
        base_url: str | None = getattr(settings, self.url_setting)
        # At "/", which is what an empty setting amounts to, it would hide the whole site.
        super().__init__(application, "" if base_url in {None, "/"} else str(base_url))

    def get_base_dir(self) -> Any:
        """Return the folder; asked for at each request, since a test may set another one."""
        return getattr(settings, self.root_setting)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request for a file; let the application answer any other, and all while there is no folder."""
        handler = super().__call__ if self.get_base_dir() else self.application
        return handler(environ, start_response)

    def serve(self, request: Any) -> HttpResponseBase:
        """Return the file that `request` asks for.

        Raises:
            Http404: there is none.
        """
        return serve(request, self.file_path(request.path_info), document_root=self.get_base_dir())


class StaticRootHandler(FSFilesHandler):
    """Serve STATIC_ROOT at STATIC_URL."""

    root_setting = "STATIC_ROOT"
    url_setting = "STATIC_URL"


class MediaFilesHandler(FSFilesHandler):
    """Serve MEDIA_ROOT at MEDIA_URL."""

    root_setting = "MEDIA_ROOT"
    url_setting = "MEDIA_URL"
