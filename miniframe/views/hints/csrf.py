"""A request that CSRF protection refused: what could be changed in the project, the likeliest first.

Source: Django's how-to "How to use CSRF protection"; Fetch Metadata Request Headers.
"""

from __future__ import annotations

import re
from typing import Any

from miniframe.conf import settings
from miniframe.http import HttpHeaders
from miniframe.middleware.csrf import (
    REASON_CSRF_TOKEN_MISSING,
    REASON_INSECURE_REFERER,
    REASON_MALFORMED_REFERER,
    REASON_NO_CSRF_COOKIE,
    REASON_NO_REFERER,
)

__all__ = ["advise_on_csrf"]

_FORM = (
    'Write `{{ csrf_input }}` inside `<form method="post">` in the template, and render it with its request: '
    "`render(request, ...)`."
)
_EXEMPT = "A view that other machines call can be let off with `@csrf_exempt`."


def advise_on_csrf(request: Any, reason: str) -> list[str]:
    """Return the advice for a request that was refused for `reason`."""
    if reason == REASON_CSRF_TOKEN_MISSING:
        return [_script(), _FORM, _EXEMPT] if _is_from_script(request) else [_FORM, _script(), _EXEMPT]
    if reason == REASON_NO_CSRF_COOKIE:
        return _without_cookie(request)
    if reason.startswith("Origin checking failed"):
        return _trust(request.META.get("HTTP_ORIGIN", ""))
    if reason in (REASON_NO_REFERER, REASON_MALFORMED_REFERER, REASON_INSECURE_REFERER):
        return ["Let the `Referrer-Policy` send a Referer within this site: it cannot be `no-referrer`."]
    if reason.startswith("Referer checking failed"):
        return _trust(request.META.get("HTTP_REFERER", ""))
    return ["Load the page with the form again: its token is from before a login, or from another session."]


def _without_cookie(request: Any) -> list[str]:
    host = request.META.get("HTTP_HOST", "")
    address = _inline(f"{request.scheme}://{host}{request.path}")
    if not _is_from_script(request) and not _has_token(request):
        # The commonest of all: the cookie comes with the first page that asks for a token, and no page did.
        return [_FORM, _EXEMPT]
    return [
        f"Open the page with the form first: it sets the cookie `{settings.CSRF_COOKIE_NAME}`. A page without a form "
        "that sends requests by script needs `@ensure_csrf_cookie`.",
        "`CSRF_COOKIE_SECURE`, `CSRF_COOKIE_DOMAIN` or `CSRF_COOKIE_PATH` may keep the browser from sending it to "
        f"`{address}`.",
        _EXEMPT,
    ]


def _has_token(request: Any) -> bool:
    try:
        return "csrfmiddlewaretoken" in request.POST
    except Exception:  # a body that was cut off, or is too long
        return False


def _is_from_script(request: Any) -> bool:
    """Return whether no form has sent the request: browsers say so, and forms cannot send JSON."""
    meta = request.META
    form = ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain", "")
    return (
        meta.get("HTTP_SEC_FETCH_MODE", "navigate") != "navigate"
        or meta.get("HTTP_X_REQUESTED_WITH") == "XMLHttpRequest"
        or meta.get("CONTENT_TYPE", "").partition(";")[0].strip().lower() not in form
    )


def _script() -> str:
    if settings.CSRF_USE_SESSIONS or settings.CSRF_COOKIE_HTTPONLY:
        return (
            f"A script sends the token in the header `{_header_name()}`: it may not read the cookie, so let the "
            'page hold it, as in `<body data-csrf="{{ csrf_token }}">`, and send `document.body.dataset.csrf`.'
        )
    name = settings.CSRF_COOKIE_NAME
    headers = f"{{'{_header_name()}': document.cookie.match(/{name}=([^;]+)/)[1]}}"
    return (
        f"A script sends the value of the cookie `{name}` in the header `{_header_name()}`: "
        f"`fetch(url, {{method: 'POST', headers: {headers}}})`."
    )


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
