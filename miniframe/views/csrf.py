"""The page for a request that CSRF protection refused; with DEBUG it tells how to mend the form.

Source: Django's reference "Cross Site Request Forgery protection", section "Rejected requests".
"""

from __future__ import annotations

from miniframe.conf import settings
from miniframe.http import HttpHeaders, HttpRequest, HttpResponse, HttpResponseForbidden
from miniframe.middleware.csrf import (
    REASON_CSRF_TOKEN_MISSING,
    REASON_INSECURE_REFERER,
    REASON_MALFORMED_REFERER,
    REASON_NO_CSRF_COOKIE,
    REASON_NO_REFERER,
)
from miniframe.template import TemplateDoesNotExist
from miniframe.template.loader import render_to_string
from miniframe.utils.html import escape
from miniframe.views.defaults import plain_page

CSRF_FAILURE_TEMPLATE_NAME = "403_csrf.html"


def csrf_failure(
    request: HttpRequest, reason: str = "", template_name: str = CSRF_FAILURE_TEMPLATE_NAME
) -> HttpResponse:
    """Answer 403 with the project's 403_csrf.html, which sees `reason`, or else with a page that needs no template.

    Raises:
        TemplateDoesNotExist: another template was asked for, and there is none of that name.
    """
    if settings.TEMPLATES or template_name != CSRF_FAILURE_TEMPLATE_NAME:
        try:
            return HttpResponseForbidden(render_to_string(template_name, {"reason": reason}, request))
        except TemplateDoesNotExist as missing:
            if template_name != CSRF_FAILURE_TEMPLATE_NAME or str(missing) != template_name:
                raise
    return HttpResponseForbidden(_page(request, reason))


def _page(request: HttpRequest, reason: str) -> bytes:
    parts = ["CSRF verification failed. Request aborted."]
    parts += [escape(text) for text in _for_visitors(reason)]
    if settings.DEBUG:
        parts.append(f"<b>Reason:</b> {escape(reason)}")
        parts += [f"<b>To mend it:</b> {escape(text)}" for text in _for_developers(request, reason)]
    else:
        parts.append("More information is available with DEBUG=True.")
    return plain_page("Forbidden (403)", "</p>\n<p>".join(parts))


def _for_visitors(reason: str) -> list[str]:
    """Return what the person at the browser can do about it, as sentences."""
    if reason == REASON_NO_CSRF_COOKIE:
        return ["Forms on this site need a cookie. If your browser blocks cookies, please allow them for this site."]
    if reason == REASON_NO_REFERER:
        return [
            "Your browser did not say which page this form was on. If it is set to send no “Referer” header, please "
            "allow it for this site."
        ]
    return []


def _for_developers(request: HttpRequest, reason: str) -> list[str]:
    """Return what could be changed in the project, the likeliest first."""
    cookie: str = settings.CSRF_COOKIE_NAME
    header = HttpHeaders.parse_header_name(settings.CSRF_HEADER_NAME) or settings.CSRF_HEADER_NAME
    if reason == REASON_CSRF_TOKEN_MISSING:
        return [
            'write {{ csrf_input }} inside the template\'s <form method="post">, and render it with its request: '
            "render(request, ...).",
            f"A script sends the value of the cookie {cookie!r} in the header {header!r} instead.",
            "A view that other machines call may be marked with @csrf_exempt.",
        ]
    if reason == REASON_NO_CSRF_COOKIE:
        return [
            f"open the page with the form first: it sets the cookie {cookie!r}. A page without a form needs "
            "@ensure_csrf_cookie.",
            "CSRF_COOKIE_SECURE, CSRF_COOKIE_DOMAIN or CSRF_COOKIE_PATH may keep the browser from sending it back: "
            f"this request came to {request.scheme}://{request.META.get('HTTP_HOST', '')}{request.path}.",
        ]
    if reason.startswith("Origin checking failed"):
        return [_trust(request.META.get("HTTP_ORIGIN", ""))]
    if reason in (REASON_NO_REFERER, REASON_MALFORMED_REFERER, REASON_INSECURE_REFERER):
        return ["Referrer-Policy must let the Referer through on this site, so it cannot be “no-referrer”."]
    if reason.startswith("Referer checking failed"):
        return [_trust(request.META.get("HTTP_REFERER", ""))]
    return ["load the page with the form again: its token is from before a login, or from another session."]


def _trust(address: str) -> str:
    origin = "/".join(address.split("/")[:3])
    return (
        f"if pages of {origin} may send forms here, add it to the settings: CSRF_TRUSTED_ORIGINS = [{origin!r}]. "
        "Behind a proxy, check that Host and SECURE_PROXY_SSL_HEADER tell the address that the browser used."
    )
