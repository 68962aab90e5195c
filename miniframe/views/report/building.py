"""An error report: one exception made into plain data, and from that a page, a text, Markdown or JSON.

    exception + request  ->  build_report  ->  Report  ->  render(report, face)

Secrets are starred, values printed and sources read while the report is built, so no face can leak, hang or fail.

Not here: reading the traceback (`frames`), the request (`request`), where a setting stands (`setting`); what is secret
(`filter`); what to advise (`views.hints`); how it looks (`html`, `text`, `markdown`, `json`); Django's names
(`views.debug`, `views.reporter`).
"""

from __future__ import annotations

import linecache
import os
import sys
from collections.abc import Iterable
from functools import partial
from types import TracebackType
from typing import Any

from miniframe.http import parse_accept
from miniframe.types import Environ, WSGIApplication
from miniframe.utils.version import __version__
from miniframe.views.hints import find_hints
from miniframe.views.report.data import Frame, Report, Route, Row
from miniframe.views.report.filter import SafeExceptionReporterFilter, get_exception_reporter_filter
from miniframe.views.report.frames import Reader, project_files, read_chain
from miniframe.views.report.html import render_html
from miniframe.views.report.json import render_json
from miniframe.views.report.markdown import render_markdown
from miniframe.views.report.request import describe_request, describe_settings
from miniframe.views.report.script import policy
from miniframe.views.report.setting import find_setting
from miniframe.views.report.text import render_text
from miniframe.views.report.values import ValuePrinter

__all__ = ["FACES", "boot_failure_app", "build_report", "choose_face", "printer_for", "report_app"]


def printer_for(safe: SafeExceptionReporterFilter, request: Any) -> ValuePrinter:
    """Return a printer that hides what the filter calls secret."""
    return ValuePrinter(
        safe.is_secret_name,
        partial(safe.scrub, request=request),
        safe.cleansed_substitute,
    )


def build_report(
    request: Any,
    exception: BaseException | None,
    traceback: TracebackType | None = None,
    *,
    status: int = 500,
    kind: str = "exception",
    title: str = "",
    message: str = "",
    hints: Iterable[str] = (),
    routes: tuple[Route, ...] = (),
) -> Report:
    """Return the report of `exception`, which happened while `request` was answered, or with no request at all.

    `hints` come before those that are found for the exception.
    """
    safe = get_exception_reporter_filter(request)
    if kind == "boot":
        # The settings may not have come so far that anybody knows what is secret.
        for file in project_files(exception):
            safe.learn("".join(linecache.getlines(file)))
    printer = printer_for(safe, request)
    advice = dict.fromkeys([*hints, *find_hints(exception, request, printer.text_of)])
    raised = tuple(read_chain(exception, traceback, request, safe, printer)) if exception is not None else ()
    return Report(
        status=status,
        kind=kind,
        title=title or (raised[0].kind if raised else "Report"),
        message=safe.scrub(message) or (raised[0].message if raised else ""),
        raised=raised,
        hints=tuple(map(printer.scrub, advice)),
        request=describe_request(request, safe, printer),
        routes=routes,
        settings=describe_settings(safe, printer),
        versions=_versions(),
    )


def _versions() -> tuple[Row, ...]:
    python = ".".join(str(part) for part in sys.version_info[:3])
    return (
        Row("miniframe", __version__),
        Row("Python", f"{python} ({sys.platform})"),
        Row("Executable", sys.executable or ""),
        Row("Folder", os.getcwd()),
        Row("sys.path", "\n".join(sys.path)),
    )


FACES = {
    "html": ("text/html; charset=utf-8", render_html),
    "text": ("text/plain; charset=utf-8", render_text),
    "markdown": ("text/markdown; charset=utf-8", render_markdown),
    "json": ("application/json", render_json),
}
"""Each face's content type, and the function that makes it."""

_BY_MEDIA_TYPE = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "text/plain": "text",
    "text/markdown": "markdown",
    "application/json": "json",
}


def choose_face(accept: str | None) -> str:
    """Return "html", "text", "markdown" or "json" for the value of an Accept header.

    Browsers name text/html.  curl and HTTP libraries send "*/*", and people read their output in a terminal: that is
    text. A client that sends no Accept at all gets HTML.

    Source: RFC 9110, section 12.5.1.

    >>> [choose_face(accept) for accept in ("text/html,*/*;q=0.8", "*/*", "application/json, */*")]
    ['html', 'text', 'json']
    """
    if accept is None:
        return "html"
    named = [_BY_MEDIA_TYPE.get(f"{wanted.main_type}/{wanted.sub_type}") for wanted in parse_accept(accept)]
    return next((face for face in named if face), "text")


def boot_failure_app(
    exception: BaseException, *, message: str = "", hints: Iterable[str] = (), way: bool = True
) -> WSGIApplication:
    """Return an application that answers every request with 500 and the reason why the project could not be loaded.

    It needs no settings, no apps and no templates: any of them may be what is broken.  It asks nobody who he is:
    whoever serves it has to.

    `message` stands in place of the exception's own, and `hints` are added to it.  Without a `way` no calls are shown:
    the exception says all in words, and was raised by code that is not at fault.  What is shown in their place is the
    line of the setting that it tells about.
    """
    report: Report = build_report(None, exception, kind="boot", message=message, hints=hints)
    if not way:
        place = _place_of_setting("\n".join((report.message, *report.hints, *report.raised[0].notes)))
        alone = tuple(each._replace(frames=place, left_out=0) for each in report.raised[:1])
        report = report._replace(title=type(exception).__name__, raised=alone)
    return report_app(report)


def _place_of_setting(text: str) -> tuple[Frame, ...]:
    found = find_setting(text)
    if found is None:
        return ()
    safe = get_exception_reporter_filter(None)
    safe.learn("".join(linecache.getlines(found.file)))
    return (Reader(None, safe, printer_for(safe, None)).frame_at(found.file, "<module>", found.line, found.columns),)


def report_app(report: Report) -> WSGIApplication:
    """Return an application that answers every request with `report`, in the face that the client would rather have."""

    def application(environ: Environ, start_response: Any) -> Iterable[bytes]:
        content_type, render = FACES[choose_face(environ.get("HTTP_ACCEPT"))]
        body = render(report).encode(errors="backslashreplace")
        headers = [
            ("Content-Type", content_type),
            ("Content-Length", str(len(body))),
            ("Content-Security-Policy", policy()),
            ("Cache-Control", "no-store"),
            ("Vary", "Accept"),
            ("X-Content-Type-Options", "nosniff"),
            ("X-Frame-Options", "DENY"),
        ]
        start_response("500 Internal Server Error", headers)
        return [] if environ.get("REQUEST_METHOD") == "HEAD" else [body]

    return application
