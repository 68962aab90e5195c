"""Serve static files in front of an application, from wherever the finders find them.

Source: Django's reference "The staticfiles app", section "runserver".
"""

from __future__ import annotations

from typing import Any

from miniframe.conf import settings
from miniframe.handlers.files import FilesHandler
from miniframe.http import HttpResponseBase
from miniframe.staticfiles import utils
from miniframe.staticfiles.views import serve
from miniframe.types import WSGIApplication

__all__ = ["StaticFilesHandler"]


class StaticFilesHandler(FilesHandler):
    """A WSGI application that answers what is below STATIC_URL itself and hands on everything else."""

    def __init__(self, application: WSGIApplication) -> None:
        utils.check_settings()
        super().__init__(application, settings.STATIC_URL)

    def serve(self, request: Any) -> HttpResponseBase:
        """Return the file that `request` asks for, whether DEBUG is on or not: who uses this handler has decided that.

        Raises:
            Http404: there is none.
        """
        response: HttpResponseBase = serve(request, self.file_path(request.path_info), insecure=True)
        return response
