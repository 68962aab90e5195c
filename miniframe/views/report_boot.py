"""An application that answers every request with the reason why the project could not be loaded.

The development server puts it where the project's own application would be, so that a mistake in settings or URLs is read in the browser.
It needs no settings, no apps and no templates: any of them may be what is broken.

Source: PEP 3333.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from miniframe.types import Environ, WSGIApplication
from miniframe.views.report import Report, build_report
from miniframe.views.reporter import FACES, choose_face

__all__ = ["boot_failure_app"]


def boot_failure_app(exception: BaseException) -> WSGIApplication:
    """Return an application that answers 500 with the report of `exception`."""
    report: Report = build_report(None, exception, kind="boot")

    def application(environ: Environ, start_response: Any) -> Iterable[bytes]:
        content_type, render = FACES[choose_face(environ.get("HTTP_ACCEPT"))]
        body = render(report).encode(errors="backslashreplace")
        headers = [("Content-Type", content_type), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")]
        start_response("500 Internal Server Error", headers)
        return [] if environ.get("REQUEST_METHOD") == "HEAD" else [body]

    return application
