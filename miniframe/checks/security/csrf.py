"""Checks of the protection against cross-site request forgery.

Source: Django's reference "System check framework", section "Security".
"""

from __future__ import annotations

from typing import Any

from miniframe.checks import CheckMessage, Error, Tags, Warning, register
from miniframe.conf import global_settings, settings
from miniframe.exceptions import ViewDoesNotExist
from miniframe.urls import get_callable

CSRF_MIDDLEWARE = "miniframe.middleware.csrf.CsrfViewMiddleware"

W003 = Warning(
    f"'{CSRF_MIDDLEWARE}' is not in your MIDDLEWARE, so other sites can send forms in your visitors' names. Enabling "
    "it is the safest way to leave no view out.",
    id="security.W003",
)
W016 = Warning(
    f"'{CSRF_MIDDLEWARE}' is in your MIDDLEWARE, but CSRF_COOKIE_SECURE is not True, so the cookie also travels over "
    "plain HTTP, where others on the network can read it.",
    id="security.W016",
)
_NULL_HINT = (
    "Take it out. Every site can make a browser send 'Origin: null', from a sandboxed frame for example, so "
    "CsrfViewMiddleware never trusts it."
)


@register(Tags.security, deploy=True)
def check_csrf_middleware(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """W003: CsrfViewMiddleware is not used."""
    return [] if CSRF_MIDDLEWARE in settings.MIDDLEWARE else [W003]


@register(Tags.security, deploy=True)
def check_csrf_cookie_secure(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """W016: the cookie is not secure."""
    has_cookie = CSRF_MIDDLEWARE in settings.MIDDLEWARE and not settings.CSRF_USE_SESSIONS
    return [W016] if has_cookie and settings.CSRF_COOKIE_SECURE is not True else []


@register(Tags.compatibility)
def check_csrf_trusted_origins(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """4_0.E001: an entry of settings.CSRF_TRUSTED_ORIGINS has no scheme, and so is the origin of nothing."""
    return [_no_scheme(origin) for origin in settings.CSRF_TRUSTED_ORIGINS if "://" not in origin]


def _no_scheme(origin: str) -> CheckMessage:
    return Error(
        f"{origin!r} in CSRF_TRUSTED_ORIGINS does not start with a scheme, so no request can come from it.",
        hint=_NULL_HINT if origin == "null" else f"Write 'https://{origin}', as browsers do in the header Origin.",
        id="4_0.E001",
    )


@register(Tags.security)
def check_csrf_failure_view(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E101, E102: settings.CSRF_FAILURE_VIEW cannot be called as it will be, or cannot be imported."""
    path: str = settings.CSRF_FAILURE_VIEW
    if path == global_settings.CSRF_FAILURE_VIEW:
        return []  # our own is right, and looking at it would cost every `check` 5 ms
    import inspect  # heavy, and used by this check only

    try:
        view = get_callable(path)
    except (ImportError, ViewDoesNotExist):
        return [Error(f"The CSRF failure view '{path}' could not be imported.", id="security.E102")]
    try:
        inspect.signature(view).bind(None, reason=None)
    except TypeError:
        message = f"The CSRF failure view '{path}' does not take the correct number of arguments."
        return [Error(message, id="security.E101")]
    return []
