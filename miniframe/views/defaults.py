"""The pages for 400, 403, 404, 500 and 503 of a project that has not written its own views for them.

Each renders the project's template of that name (404.html and so on) if there is one, else a small page that is made
once. A client learns from them what it did, never what the server thinks of it: no paths, no exception texts but
those that a view gave to Http404 and PermissionDenied for its own templates.

Source: Django's reference "Built-in Views", section "Error views".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from miniframe.conf import settings
from miniframe.exceptions import Resolver404, ServiceUnavailable
from miniframe.http import (
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseForbidden,
    HttpResponseNotFound,
    HttpResponseServerError,
)
from miniframe.middleware.csrf import CsrfViewMiddleware
from miniframe.template import TemplateDoesNotExist
from miniframe.template.loader import render_to_string
from miniframe.utils.text import exception_text
from miniframe.views.debug import technical_page

__all__ = [
    "ERROR_400_TEMPLATE_NAME",
    "ERROR_403_TEMPLATE_NAME",
    "ERROR_404_TEMPLATE_NAME",
    "ERROR_500_TEMPLATE_NAME",
    "ERROR_503_TEMPLATE_NAME",
    "bad_request",
    "own_page",
    "page_not_found",
    "permission_denied",
    "plain_page",
    "server_error",
    "service_unavailable",
]

ERROR_404_TEMPLATE_NAME = "404.html"
ERROR_403_TEMPLATE_NAME = "403.html"
ERROR_400_TEMPLATE_NAME = "400.html"
ERROR_500_TEMPLATE_NAME = "500.html"
ERROR_503_TEMPLATE_NAME = "503.html"

_csrf = CsrfViewMiddleware(lambda request: HttpResponse())

_STYLE = (
    ":root{color-scheme:light dark}"
    "body{margin:0;min-height:100vh;display:grid;place-content:center;text-align:center;padding:1.5rem;box-sizing:border-box;"
    "font:1.05rem/1.5 system-ui,sans-serif;background:light-dark(#fafaf8,#17181c);color:light-dark(#24262b,#e4e5ea)}"
    "h1{font-size:clamp(1.6rem,6vw,2.4rem);line-height:1.2;margin:0 0 .5rem;letter-spacing:-.02em}"
    "p{margin:0;color:light-dark(#5d6068,#a2a5b0)}"
)


# For sites with a Content-Security-Policy: these pages have a style of their own, and the browser asks for an icon.
_POLICY = {
    "default-src": "'none'",
    "style-src": "'unsafe-inline'",
    "img-src": "'self'",
    **dict.fromkeys(("base-uri", "form-action", "frame-ancestors"), "'none'"),
}


# In the form in which a response keeps headers that it has checked.
_CAREFUL = {
    "x-content-type-options": ("X-Content-Type-Options", "nosniff"),
    "x-frame-options": ("X-Frame-Options", "DENY"),
}


def own_page(response: HttpResponse) -> HttpResponse:
    """Return `response`, a page of the framework's own, with the headers that middleware may not come to set."""
    response.headers._store.update(_CAREFUL)
    response._csp_config, response._csp_ro_config = _POLICY, {}
    return response


def plain_page(title: str, details: str) -> bytes:
    """Return a small page that looks decent in light and dark, and needs no template and no other file.

    Both are HTML.
    """
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n<h1>{title}</h1><p>{details}</p>\n</main>\n</body>\n</html>\n"
    ).encode()


_NOT_FOUND = plain_page("Not Found", "The requested resource was not found on this server.")
_SERVER_ERROR = plain_page("Server Error (500)", "Something went wrong on our side. Please try again in a moment.")
_UNAVAILABLE = plain_page(
    "Service Unavailable (503)", "A part of this site is out of order for now. Please try again in a moment."
)
_BAD_REQUEST = plain_page("Bad Request (400)", "The server could not make sense of this request.")
_FORBIDDEN = plain_page("403 Forbidden", "You may not see this page.")


def _from_template(
    kind: type[HttpResponse], name: str, default_name: str, context: Mapping[str, Any] | None, request: Any
) -> HttpResponse | None:
    """Return a response with the project's template; None if it has none of the default name.

    Raises:
        TemplateDoesNotExist: a handler of the project asked for another name, and there is no such template.
    """
    if not settings.TEMPLATES and name == default_name:
        return None
    try:
        if request is None or (settings.CSRF_USE_SESSIONS and not hasattr(request, "session")):
            return kind(render_to_string(name, context, request))
        return _with_working_token(kind, name, context, request)
    except TemplateDoesNotExist as missing:
        # A template of the right name that extends a missing one is a mistake to be told.
        if name != default_name or str(missing) != name:
            raise
        return None


def _with_working_token(
    kind: type[HttpResponse], name: str, context: Mapping[str, Any] | None, request: Any
) -> HttpResponse:
    """Render so that a form on the page can be sent, though CsrfViewMiddleware may not have seen the request.

    It has not where a middleware in front of it raised the error. Only its reading and its writing of the secret are
    done here: a check would read the body, and an error page should not find out what else is wrong.
    """
    # A secret that is there already may be a new one, which the cookie does not know yet.
    if "CSRF_COOKIE" not in request.META:
        _csrf.process_request(request)
    response = kind(render_to_string(name, context, request))
    _csrf.process_response(request, response)
    return response


def page_not_found(
    request: Any, exception: BaseException, template_name: str = ERROR_404_TEMPLATE_NAME
) -> HttpResponse:
    """Answer 404.

    The template sees `request_path`, quoted, and `exception`: the text given to Http404, else its class's name.
    """
    # Most of these are asked for by programs in search of holes: the usual answer is ready.
    if not settings.TEMPLATES and template_name == ERROR_404_TEMPLATE_NAME:
        return own_page(HttpResponseNotFound(_NOT_FOUND))
    context: dict[str, Any] = {"request_path": quote(request.path), "exception": _message(exception)}
    page = _from_template(HttpResponseNotFound, template_name, ERROR_404_TEMPLATE_NAME, context, request)
    return page or own_page(HttpResponseNotFound(_NOT_FOUND))


def _message(exception: BaseException) -> str:
    # Resolver404 carries the routes tried: that is for the technical page, not for strangers.
    if isinstance(exception, Resolver404) or not exception.args or not isinstance(exception.args[0], str):
        return type(exception).__name__
    return exception.args[0]


def server_error(request: Any, template_name: str = ERROR_500_TEMPLATE_NAME) -> HttpResponse:
    """Answer 500; the template sees nothing, not even the request: what failed once could fail there again."""
    page = _from_template(HttpResponseServerError, template_name, ERROR_500_TEMPLATE_NAME, None, None)
    return page or own_page(HttpResponseServerError(_SERVER_ERROR))


def service_unavailable(
    request: Any, exception: BaseException, template_name: str = ERROR_503_TEMPLATE_NAME
) -> HttpResponse:
    """Answer 503, with Retry-After; the template sees nothing, no request either: its session may be what is gone."""
    page = _from_template(HttpResponse, template_name, ERROR_503_TEMPLATE_NAME, None, None)
    response = page or own_page(HttpResponse(_UNAVAILABLE))
    response.status_code = 503
    response.headers["Retry-After"] = str(getattr(exception, "retry_after", ServiceUnavailable.retry_after))
    return response


def bad_request(request: Any, exception: BaseException, template_name: str = ERROR_400_TEMPLATE_NAME) -> HttpResponse:
    """Answer 400; the template sees nothing, as what is wrong with the request could be an attack on it."""
    page = _from_template(HttpResponseBadRequest, template_name, ERROR_400_TEMPLATE_NAME, None, None)
    return page or technical_page(request, exception, 400) or own_page(HttpResponseBadRequest(_BAD_REQUEST))


def permission_denied(
    request: Any, exception: BaseException, template_name: str = ERROR_403_TEMPLATE_NAME
) -> HttpResponse:
    """Answer 403; the template sees `exception`: the text given to PermissionDenied."""
    context = {"exception": exception_text(exception)}
    page = _from_template(HttpResponseForbidden, template_name, ERROR_403_TEMPLATE_NAME, context, request)
    return page or technical_page(request, exception, 403) or own_page(HttpResponseForbidden(_FORBIDDEN))
