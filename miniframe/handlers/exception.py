"""Turn an exception into a response: one table, one page, one log record.

Every layer of the middleware chain is wrapped here, so an outer layer always sees a response and never an exception.
The decisions fall in one order: `RULES` gives the exception's status, log level and logger; then the page is chosen
(technical if DEBUG, else the URLconf's handler, else the default view); then one record is written.

SystemExit and KeyboardInterrupt are no answers to a request: they pass through, unless `base` knows better.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from miniframe.conf import settings
from miniframe.exceptions import (
    BadRequest,
    Http404,
    MultiPartParserError,
    PermissionDenied,
    RequestDataTooBig,
    ServiceUnavailable,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
    UnreadablePostError,
)
from miniframe.http import HttpRequest, HttpResponseBase, HttpResponseServerError
from miniframe.signals import got_request_exception
from miniframe.types import GetResponse
from miniframe.urls import get_resolver, get_urlconf
from miniframe.utils.log import log_response
from miniframe.utils.text import exception_text

request_logger: logging.Logger = logging.getLogger("miniframe.request")

LAST_RESORT_PAGE = """<!doctype html>
<html lang="en">
<head><title>Server Error (500)</title></head>
<body><h1>Server Error (500)</h1></body>
</html>
"""
# It may come from in front of the middleware that would set these.
_LAST_RESORT_HEADERS = {"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY"}


class Rule:
    """What becomes of one class of exceptions, and of its subclasses that have no row of their own.

    `record` is the record's text, with one "%s" for each name in `values`; an empty one leaves the record to the
    handler, which logs every answer of 400 and above that nobody has logged yet. `level` None: by status, 5xx is an
    error and 4xx a warning. `logger` is the prefix of a logger named after the exception's class; empty:
    miniframe.request. `technical` says whether DEBUG shows the technical page in place of the URLconf's handler,
    `traceback` whether the record carries the traceback.
    """

    # No NamedTuple: the first one of a process calls compile(), which costs 1 ms at every start.
    __slots__ = ("level", "logger", "record", "status", "technical", "traceback", "values")

    def __init__(
        self,
        status: int,
        record: str = "",
        values: tuple[str, ...] = ("path",),
        *,
        level: str | None = None,
        logger: str = "",
        technical: bool = True,
        traceback: bool = True,
    ) -> None:
        self.status: int = status
        self.record: str = record
        self.values: tuple[str, ...] = values
        self.level: str | None = level
        self.logger: str = logger
        self.technical: bool = technical
        self.traceback: bool = traceback


RULES: dict[type[BaseException], Rule] = {
    Http404: Rule(404),
    PermissionDenied: Rule(403, "Forbidden (Permission denied): %s", technical=False),
    MultiPartParserError: Rule(400, "Bad request (Unable to parse request body): %s", technical=False),
    BadRequest: Rule(400, "%s: %s", ("detail", "path")),
    SuspiciousOperation: Rule(400, "%s", ("detail",), level="error", logger="miniframe.security."),
    # The client hung up while its body was on the way: nobody is left to read a page, and nothing of ours is broken.
    UnreadablePostError: Rule(
        400, "Client closed the connection (%s): %s", ("detail", "path"), technical=False, traceback=False
    ),
    # Who finds that something is gone tells it as an error, once; here are the requests that it cost.
    ServiceUnavailable: Rule(503, "%s: %s", ("detail", "path"), level="warning", traceback=False),
    Exception: Rule(500, "%s: %s", ("reason", "path")),
}

#: After one of these, reading request.POST again would only raise the same exception again, inside the error page.
BODY_TOO_BIG = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


def convert_exception_to_response(get_response: GetResponse, name: str = "") -> GetResponse:
    """Return `get_response` with its exceptions made into responses, and with a complaint if it returns None.

    `name` is what the complaint calls it, such as "The middleware a.b.C".
    """

    def layer(request: HttpRequest) -> HttpResponseBase:
        try:
            response: HttpResponseBase | None = get_response(request)
            if response is None:
                raise _nothing_returned(name or repr(get_response))
        except Exception as exc:
            response = response_for_exception(request, exc)
        return response

    return layer


def layer_of_hooks(
    before: Callable[[Any], Any] | None, get_response: GetResponse, after: Callable[[Any, Any], Any] | None, name: str
) -> GetResponse:
    """Return the same for a middleware that is process_request and process_response; either of them may be None."""

    def layer(request: HttpRequest) -> HttpResponseBase:
        try:
            response: HttpResponseBase | None = None if before is None else before(request)
            if response is None:
                response = get_response(request)
            if after is not None:
                response = after(request, response)
            if response is None:
                raise _nothing_returned(name)
        except Exception as exc:
            response = response_for_exception(request, exc)
        return response

    return layer


def _nothing_returned(name: str) -> ValueError:
    return ValueError(f"{name} didn't return an HttpResponse object. It returned None instead.")


def rule_for(exc: BaseException) -> Rule:
    """Return the row of the nearest class among `exc`'s bases."""
    for cls in type(exc).__mro__:
        if cls in RULES:
            return RULES[cls]
    return RULES[Exception]


def response_for_exception(request: HttpRequest, exc: BaseException) -> HttpResponseBase:
    """Return the page for `exc`, and log it; call this while `exc` is being handled.

    A handler that fails while it makes its page is a server error like any other; but one that needs what is gone is
    answered with 503, unless that is what it was to tell.  A handler500 that fails leaves the built-in page.

    Raises:
        BaseException: `exc` itself, if DEBUG_PROPAGATE_EXCEPTIONS is set and it is a server error.
    """
    rule = rule_for(exc)
    if rule.status == 500:
        return _server_error(request, exc)
    if isinstance(exc, BODY_TOO_BIG):
        request._mark_post_parse_error()
    try:
        response = _page(request, exc, rule)
        if isinstance(exc, ServiceUnavailable):
            # Whoever made the page; one that knows better has said so.
            response.headers.setdefault("Retry-After", str(exc.retry_after))
    except Exception as broken:
        # A page for 404 that shows who is logged in, say, while the sessions are gone.
        if isinstance(broken, ServiceUnavailable) and not isinstance(exc, ServiceUnavailable):
            return response_for_exception(request, broken)
        return _server_error(request, broken)
    _log(request, response, exc, rule)
    return response


def _page(request: HttpRequest, exc: BaseException, rule: Rule) -> HttpResponseBase:
    # A BadRequest may know better: the handler is that of the row, the status its own (415, say).
    status = exc.status_code if isinstance(exc, BadRequest) else rule.status
    if settings.DEBUG and rule.technical:
        from miniframe.views import debug  # with class-based views and templates 3 ms, for nothing in production

        if status == 404:
            return debug.technical_404_response(request, exc)
        return debug.technical_500_response(request, type(exc), exc, exc.__traceback__, status_code=status)
    handler: Callable[..., Any] = get_resolver(get_urlconf()).resolve_error_handler(rule.status)
    response = _rendered(handler(request, exception=exc))
    if status != rule.status:
        response.status_code = status
    return response


def _server_error(request: HttpRequest, exc: BaseException) -> HttpResponseBase:
    rule = RULES[Exception]
    got_request_exception.send(sender=None, request=request)
    if settings.DEBUG_PROPAGATE_EXCEPTIONS:
        raise exc
    response: HttpResponseBase
    try:
        if settings.DEBUG:
            from miniframe.views import debug

            response = debug.technical_500_response(request, type(exc), exc, exc.__traceback__)
        else:
            response = _rendered(get_resolver(get_urlconf()).resolve_error_handler(500)(request))
    except Exception:
        request_logger.exception("The page for a server error could not be made; a plain one was sent.")
        response = HttpResponseServerError(LAST_RESORT_PAGE, headers=_LAST_RESORT_HEADERS)
    _log(request, response, exc, rule)
    return response


def _rendered(response: Any) -> HttpResponseBase:
    """Return the response of an error handler with its template, if it has one, rendered."""
    if not getattr(response, "is_rendered", True) and callable(getattr(response, "render", None)):
        response = response.render()
    answer: HttpResponseBase = response
    return answer


def _log(request: HttpRequest, response: HttpResponseBase, exc: BaseException, rule: Rule) -> None:
    if not rule.record:
        return
    words = {
        "path": request.path,
        "detail": exception_text(exc) if "detail" in rule.values else "",
        "reason": response.reason_phrase,
    }
    log_response(
        rule.record,
        *[words[name] for name in rule.values],
        response=response,
        request=request,
        exception=exc if rule.traceback else None,
        level=rule.level,
        logger=logging.getLogger(rule.logger + type(exc).__name__) if rule.logger else request_logger,
    )
