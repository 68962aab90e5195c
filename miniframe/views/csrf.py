"""The page for a request that CSRF protection refused; with DEBUG it tells how to mend the form.

Source: Django's reference "Cross Site Request Forgery protection", section "Rejected requests".
"""

from __future__ import annotations

import re

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
from miniframe.views.defaults import own_page, plain_page

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
    return own_page(HttpResponseForbidden(_page(request, reason)))


def _page(request: HttpRequest, reason: str) -> bytes:
    parts = ["CSRF verification failed. Request aborted.", *_for_visitors(reason)]
    if not settings.DEBUG:
        return plain_page("Forbidden (403)", "<br>\n".join([*parts, "More information is available with DEBUG=True."]))
    parts.append(f"Reason: {escape(reason)}")
    hints = "".join([f"<li>{_with_code(text)}</li>\n" for text in _for_developers(request, reason)])
    return plain_page("Forbidden (403)", "<br>\n".join(parts), f'<ul style="{_LIST_STYLE}">\n{hints}</ul>\n')


_LIST_STYLE = "text-align:left;max-width:36rem;margin:1.5rem auto;padding-left:1.2rem"


def _with_code(text: str) -> str:
    """Return `text` as HTML, with what stands between backticks as code."""
    # Every second piece was between two of them.
    pieces = enumerate(escape(text).split("`"))
    return "".join([f"<code>{piece}</code>" if place % 2 else piece for place, piece in pieces])


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
    if reason == REASON_CSRF_TOKEN_MISSING:
        return [
            'Write `{{ csrf_input }}` inside `<form method="post">` in the template, and render it with its request: '
            "`render(request, ...)`.",
            f"A script sends the value of the cookie `{cookie}` in the header `{_header_name()}` instead.",
            "A view that other machines call can be let off with `@csrf_exempt`.",
        ]
    if reason == REASON_NO_CSRF_COOKIE:
        host = request.META.get("HTTP_HOST", "")
        return [
            f"Open the page with the form first: it sets the cookie `{cookie}`. A page without a form that sends "
            "requests by script needs `@ensure_csrf_cookie`.",
            "`CSRF_COOKIE_SECURE`, `CSRF_COOKIE_DOMAIN` or `CSRF_COOKIE_PATH` may keep the browser from sending it to "
            f"`{_inline(f'{request.scheme}://{host}{request.path}')}`.",
        ]
    if reason.startswith("Origin checking failed"):
        return _trust(request.META.get("HTTP_ORIGIN", ""))
    if reason in (REASON_NO_REFERER, REASON_MALFORMED_REFERER, REASON_INSECURE_REFERER):
        return ["Let the `Referrer-Policy` send a Referer within this site: it cannot be `no-referrer`."]
    if reason.startswith("Referer checking failed"):
        return _trust(request.META.get("HTTP_REFERER", ""))
    return ["Load the page with the form again: its token is from before a login, or from another session."]


def _header_name() -> str:
    key: str = settings.CSRF_HEADER_NAME
    # The spelling that one finds in documentation; case does not matter to the server.
    return "X-CSRFToken" if key == "HTTP_X_CSRFTOKEN" else HttpHeaders.parse_header_name(key) or key


# Of an Origin or Referer that can be told from others: trusting anything less would trust everybody.
_ADDRESS = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://[^/]")


def _trust(address: str) -> list[str]:
    if not _ADDRESS.match(address):
        return [
            "The browser keeps to itself which page sent this. So it does for a frame with `sandbox`, for a page "
            "opened from a file, after some redirects, and for a page whose `Referrer-Policy` is `no-referrer`.",
            "If that page is yours, mend this there: serve it from this site, give it the policy `same-origin`, or "
            "add `allow-same-origin` to the frame's `sandbox`. Such an origin cannot be trusted in the settings, "
            "because every other site can send the same.",
        ]
    origin = _inline("/".join(address.split("/")[:3]))
    return [
        f"If pages of `{origin}` may send forms here, add it to the settings: `CSRF_TRUSTED_ORIGINS = [{origin!r}]`.",
        "If that is this site, the proxy in front does not pass on the address that the browser used: see to the "
        "Host header and to `SECURE_PROXY_SSL_HEADER`.",
    ]


def _inline(text: str) -> str:
    """Return what a client sent so that it cannot end the code that it is shown in."""
    return text.replace("`", "'")
