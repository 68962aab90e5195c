"""Functions that take a request and return what every template should see.

They are named in OPTIONS["context_processors"] of an engine.  `request`, `csrf_token`, `csrf_input`, `csp_nonce`,
`url()` and `static()` need none of them: every template that is rendered with a request has those.

Source: Django's reference "Templates API", section "Built-in template context processors".
"""

from __future__ import annotations

from typing import Any

from miniframe.conf import settings
from miniframe.middleware.csp import get_nonce
from miniframe.template.backends.utils import csrf_token_lazy
from miniframe.utils import timezone

__all__ = ["csp", "csrf", "debug", "media", "request", "static", "tz"]


def csrf(request: Any) -> dict[str, Any]:
    """`csrf_token`, made when it is used, so that pages without a form set no cookie and stay cacheable."""
    return {"csrf_token": csrf_token_lazy(request)}


def debug(request: Any) -> dict[str, Any]:
    """`debug`: True while DEBUG is on, for clients in settings.INTERNAL_IPS."""
    internal: list[str] = settings.INTERNAL_IPS
    return {"debug": True} if settings.DEBUG and request.META.get("REMOTE_ADDR") in internal else {}


def request(request: Any) -> dict[str, Any]:
    """`request` itself."""
    return {"request": request}


def static(request: Any) -> dict[str, Any]:
    """`STATIC_URL`."""
    return {"STATIC_URL": settings.STATIC_URL}


def tz(request: Any) -> dict[str, Any]:
    """`TIME_ZONE`: the name of the current time zone."""
    return {"TIME_ZONE": timezone.get_current_timezone_name()}


def media(request: Any) -> dict[str, Any]:
    """`MEDIA_URL`."""
    return {"MEDIA_URL": settings.MEDIA_URL}


def csp(request: Any) -> dict[str, Any]:
    """`csp_nonce`: the request's nonce, made when it is used; empty without ContentSecurityPolicyMiddleware."""
    nonce = get_nonce(request)
    return {"csp_nonce": "" if nonce is None else nonce}
