"""Checks of the session cookie.

Source: Django's reference "System check framework", section "Security".
"""

from __future__ import annotations

from typing import Any

from miniframe.checks import CheckMessage, Tags, Warning, register
from miniframe.conf import settings

SESSION_APP = "miniframe.sessions"
SESSION_MIDDLEWARE = "miniframe.sessions.middleware.SessionMiddleware"

_APP = f"'{SESSION_APP}' is in your INSTALLED_APPS, but "
_MIDDLEWARE = f"'{SESSION_MIDDLEWARE}' is in your MIDDLEWARE, but "
_INSECURE = (
    "SESSION_COOKIE_SECURE is not True, so the cookie also travels over plain HTTP, where others on the network can "
    "take over the session."
)
_READABLE = "SESSION_COOKIE_HTTPONLY is not True, so a script that got into a page can take over the visitor's session."

W010 = Warning(_APP + _INSECURE, id="security.W010")
W011 = Warning(_MIDDLEWARE + _INSECURE, id="security.W011")
W012 = Warning(_INSECURE, id="security.W012")
W013 = Warning(_APP + _READABLE, id="security.W013")
W014 = Warning(_MIDDLEWARE + _READABLE, id="security.W014")
W015 = Warning(_READABLE, id="security.W015")


def _found(app: CheckMessage, middleware: CheckMessage, both: CheckMessage) -> list[CheckMessage]:
    has_app, has_middleware = SESSION_APP in settings.INSTALLED_APPS, SESSION_MIDDLEWARE in settings.MIDDLEWARE
    if has_app and has_middleware:
        return [both]
    return [app] if has_app else [middleware] if has_middleware else []


@register(Tags.security, deploy=True)
def check_session_cookie_secure(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """W010, W011, W012: sessions are used, and their cookie is not for HTTPS only."""
    return [] if settings.SESSION_COOKIE_SECURE is True else _found(W010, W011, W012)


@register(Tags.security, deploy=True)
def check_session_cookie_httponly(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """W013, W014, W015: sessions are used, and scripts can read their cookie."""
    return [] if settings.SESSION_COOKIE_HTTPONLY is True else _found(W013, W014, W015)
