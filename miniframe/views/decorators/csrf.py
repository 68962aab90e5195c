"""Ask for, or do without, the protection against cross-site request forgery on one view.

Source: Django's reference "Cross Site Request Forgery protection", section "Utilities".
"""

from __future__ import annotations

from typing import Any

from miniframe.http import HttpRequest, HttpResponseBase
from miniframe.middleware.csrf import CsrfViewMiddleware, get_token
from miniframe.types import View
from miniframe.utils.decorators import decorator_from_middleware
from miniframe.views.decorators.around import V, around


class _EnsureCsrfToken(CsrfViewMiddleware):
    """Have a token ready, and let everybody in."""

    def _reject(self, request: HttpRequest, reason: str) -> HttpResponseBase | None:
        return None


class _EnsureCsrfCookie(_EnsureCsrfToken):
    """Set the cookie even if the page has no form, for scripts that will want it."""

    def process_view(
        self, request: HttpRequest, callback: View, callback_args: tuple[Any, ...], callback_kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        response = super().process_view(request, callback, callback_args, callback_kwargs)
        get_token(request)
        return response


def csrf_protect(view_func: V) -> V:
    """Check the view's requests as CsrfViewMiddleware does; together with it they are checked once."""
    protected: V = decorator_from_middleware(CsrfViewMiddleware)(view_func)
    return protected


def requires_csrf_token(view_func: V) -> V:
    """Make a working token available to the view's page, and refuse nothing: for error pages with a form."""
    with_token: V = decorator_from_middleware(_EnsureCsrfToken)(view_func)
    return with_token


def ensure_csrf_cookie(view_func: V) -> V:
    """Make the view set the CSRF cookie, whether its page has a token or not."""
    with_cookie: V = decorator_from_middleware(_EnsureCsrfCookie)(view_func)
    return with_cookie


def csrf_exempt(view_func: V) -> V:
    """Let requests from anywhere in: for addresses that other machines call, with keys of their own."""
    wrapper = around(view_func)  # a function of its own, so that the one that was given stays as it is
    wrapper.csrf_exempt = True  # type: ignore[attr-defined]  # read by CsrfViewMiddleware
    return wrapper
