"""Serve files in front of an application, before any of its middleware.

Source: Django's reference "The staticfiles app", section "runserver", and its topic "Testing tools", section
"LiveServerTestCase".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from miniframe.handlers.exception import response_for_exception
from miniframe.handlers.wsgi import WSGIHandler
from miniframe.http import HttpResponseBase, HttpResponseNotAllowed
from miniframe.types import Environ, StartResponse, WSGIApplication
from miniframe.views.defaults import own_page

__all__ = ["FilesHandler"]

_METHODS = ("GET", "HEAD")


class FilesHandler(WSGIHandler):
    """A WSGI application that answers what is below `base_url` itself and hands on everything else."""

    def __init__(self, application: WSGIApplication, base_url: str) -> None:
        self.application = application
        base = urlsplit(base_url)
        #: The path that files are below; "" if they are on another host, and none of them is served here.
        self.base_path: str = "" if base.netloc else base.path

    def load_middleware(self) -> None:
        """Load none: files pass none, and the application has its own."""
        self._middleware_chain = self.get_response

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request for a file, or let the application answer (PEP 3333)."""
        if self.base_path and environ.get("PATH_INFO", "").startswith(self.base_path):
            return super().__call__(environ, start_response)
        return self.application(environ, start_response)

    def file_path(self, path: str) -> str:
        """Return the name of the file at `path`, which is text: nothing in it is percent-encoded any more."""
        return path.removeprefix(self.base_path)

    def serve(self, request: Any) -> HttpResponseBase:
        """Return the file that `request` asks for.

        Raises:
            Http404: there is none.
        """
        raise NotImplementedError(f"{type(self).__qualname__} must define serve()")

    def get_response(self, request: Any) -> HttpResponseBase:
        """Return the file, or the page of a 404; a method that files do not know is answered 405."""
        if request.method not in _METHODS:
            return own_page(HttpResponseNotAllowed(_METHODS))
        try:
            response = self.serve(request)
            response.settle(request)
            return response
        except Exception as error:
            return response_for_exception(request, error)
