"""The pages that a developer sees while DEBUG is on.

Handlers import this module in production too, so it is small: what makes a report is imported when there is something
to report.

Source: Django's how-to "Error reporting".
"""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any

from miniframe.conf import import_from_setting, settings
from miniframe.exceptions import DisallowedHost, Http404, Resolver404
from miniframe.http import HttpResponse
from miniframe.utils.faces import hands_on

if TYPE_CHECKING:
    from miniframe.views.report.building import boot_failure_app
    from miniframe.views.report.filter import (
        SafeExceptionReporterFilter,
        get_default_exception_reporter_filter,
        get_exception_reporter_filter,
    )
    from miniframe.views.reporter import ExceptionReporter

__all__ = [
    "ExceptionReporter",
    "SafeExceptionReporterFilter",
    "boot_failure_app",
    "default_urlconf",
    "get_default_exception_reporter_filter",
    "get_exception_reporter_class",
    "get_exception_reporter_filter",
    "technical_404_response",
    "technical_csrf_response",
    "technical_500_response",
    "technical_page",
]

if not TYPE_CHECKING:
    # What Django documents here; see the head of this file.
    __getattr__ = hands_on(
        __name__,
        {
            "ExceptionReporter": "miniframe.views.reporter",
            "SafeExceptionReporterFilter": "miniframe.views.report.filter",
            "boot_failure_app": "miniframe.views.report.building",
            "get_default_exception_reporter_filter": "miniframe.views.report.filter",
            "get_exception_reporter_filter": "miniframe.views.report.filter",
        },
    )


def get_exception_reporter_class(request: Any) -> type[ExceptionReporter]:
    """Return the request's own `exception_reporter_class`, or settings.DEFAULT_EXCEPTION_REPORTER."""
    cls: type[ExceptionReporter] = getattr(request, "exception_reporter_class", None) or import_from_setting(
        "DEFAULT_EXCEPTION_REPORTER", settings.DEFAULT_EXCEPTION_REPORTER
    )
    return cls


def technical_500_response(
    request: Any,
    exc_type: type[BaseException] | None,
    exc_value: BaseException | None,
    tb: TracebackType | None,
    status_code: int = 500,
) -> HttpResponse:
    """Return the error report as HTML, text, Markdown or JSON, whichever the client would rather have.

    `request` may be None.
    """
    reporter = get_exception_reporter_class(request)(request, exc_type, exc_value, tb)
    reporter.status = status_code
    return _answer(reporter, request)


def technical_404_response(request: Any, exception: BaseException) -> HttpResponse:
    """Return the page that tells why nothing was found: the routes tried, or where a view raised Http404.

    A project without any routes gets a welcome instead.
    """
    from miniframe.views.report.not_found import describe_not_found, is_untouched  # only under DEBUG

    if isinstance(exception, Resolver404) and is_untouched(request, exception):
        return default_urlconf(request)
    reporter = get_exception_reporter_class(request)(request, type(exception), exception, exception.__traceback__)
    reporter.status = 404
    reporter.report = describe_not_found(request, exception)
    return _answer(reporter, request)


def technical_csrf_response(request: Any, title: str, reason: str) -> HttpResponse:
    """Return the page that tells why CSRF protection refused the request, and what could be changed."""
    from miniframe.views.hints.csrf import advise_on_csrf  # only under DEBUG
    from miniframe.views.report.building import build_report

    reporter = get_exception_reporter_class(request)(request, None, None, None)
    reporter.status = 403
    reporter.report = build_report(
        request, None, status=403, kind="csrf", title=title, message=reason, hints=advise_on_csrf(request, reason)
    )
    return _answer(reporter, request)


def default_urlconf(request: Any) -> HttpResponse:
    """Return the welcome page of a project that has no routes yet."""
    from miniframe.views.report.welcome import render_welcome  # only under DEBUG

    return _sealed(HttpResponse(render_welcome(request)))


def technical_page(request: Any, exception: BaseException, status: int) -> HttpResponse | None:
    """Return the report of an exception for which the project has no page of its own; None unless DEBUG is on."""
    if not settings.DEBUG or isinstance(exception, Http404):
        return None
    return technical_500_response(request, type(exception), exception, exception.__traceback__, status_code=status)


def _answer(reporter: ExceptionReporter, request: Any) -> HttpResponse:
    from miniframe.views.report.building import choose_face  # loaded already: `reporter` comes from there

    if _is_refused(request):
        reporter.report = reporter.report.for_strangers(in_full=isinstance(reporter.exc_value, DisallowedHost))
    accept = getattr(request, "META", {}).get("HTTP_ACCEPT")
    content_type, text = reporter.render(choose_face(accept))
    # A file name that is not UTF-8 ends up as lone surrogates, which have no bytes of their own.
    body = text.encode(errors="backslashreplace")
    response = HttpResponse(body, status=reporter.status, content_type=content_type)
    # CommonMiddleware would do it, if the project has it and the answer comes past it.
    response.headers["Content-Length"] = str(len(body))
    # A reporter of the project's own need not have made a report.
    report = vars(reporter).get("report")
    response._hints = report.hints if report else ()
    return _sealed(response)


def _is_refused(request: Any) -> bool:
    """Return whether the request is for a host that is not ours.

    A page elsewhere can let its own name point here (DNS rebinding), and would read what we answer.
    """
    try:
        request.get_host()
    except DisallowedHost:
        return True
    except Exception:
        return False  # there is no request, or what it says of its host is no text: no browser made it
    return False


def _sealed(response: HttpResponse) -> HttpResponse:
    from miniframe.views.report.script import policy  # only under DEBUG

    response.headers["Content-Security-Policy"] = policy()
    response._csp_ro_config = {}
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "Accept"
    # Such a page may come from in front of the middleware that would set these two.
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Frame-Options"] = "DENY"
    return response
