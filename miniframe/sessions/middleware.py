"""Give each request its session, and save on the way out what was changed.

A session that nobody touches costs next to nothing: its cookie is not looked into, nothing is loaded, and the response
has neither a cookie nor a word about it. One that was read makes the response vary by the cookie, because a cache must
not show one visitor what was made for another.

Source: Django's topic "How to use sessions", sections "When sessions are saved" and "Using sessions in views".
"""

from __future__ import annotations

from typing import Any

from miniframe.conf import settings
from miniframe.http import HttpResponseBase
from miniframe.sessions.backends.base import SessionBase, UpdateError
from miniframe.sessions.engine import session_store
from miniframe.sessions.exceptions import SessionInterrupted
from miniframe.types import GetResponse
from miniframe.utils.cache import patch_vary_headers
from miniframe.utils.deprecation import MiddlewareMixin

__all__ = ["SessionMiddleware"]


class SessionMiddleware(MiddlewareMixin):
    """`request.session`, kept in the store of settings.SESSION_ENGINE, found by the cookie SESSION_COOKIE_NAME."""

    def __init__(self, get_response: GetResponse) -> None:
        """Look up the store.

        Raises:
            PathNotFound: settings.SESSION_ENGINE leads nowhere.
        """
        super().__init__(get_response)
        self.SessionStore: type[SessionBase] = session_store()

    def process_request(self, request: Any) -> None:
        """Hang the session on the request; it is loaded when it is first read."""
        request.session = self.SessionStore(request._cookie(settings.SESSION_COOKIE_NAME))

    def process_response(self, request: Any, response: HttpResponseBase) -> HttpResponseBase:
        """Save a session that was changed, and send its cookie; take back the cookie of one that has ended.

        Raises:
            SessionInterrupted: it was deleted meanwhile, by a logout in another tab say; answered with 400.
        """
        try:
            session: SessionBase = request.session
            accessed, modified = session.accessed, session.modified
        except AttributeError:
            return response  # a middleware further in took it away, or put something else there
        if not accessed and not modified and not settings.SESSION_SAVE_EVERY_REQUEST:
            return response
        if session.is_empty():
            if request._cookie(settings.SESSION_COOKIE_NAME) is not None:
                response.delete_cookie(settings.SESSION_COOKIE_NAME, **_scope())
                accessed = True
        elif modified or settings.SESSION_SAVE_EVERY_REQUEST:
            # What was changed on the way to an error may be half of a change.
            if response.status_code < 500:
                _save(session, response)
            accessed = True
        if accessed:
            patch_vary_headers(response, ("Cookie",))
        return response


def _save(session: SessionBase, response: HttpResponseBase) -> None:
    # Asked before saving, which may count the time from then on.
    max_age = None if session.get_expire_at_browser_close() else session.get_expiry_age()
    try:
        session.save()
    except UpdateError:
        raise SessionInterrupted(
            "The request's session was deleted before the request completed. "
            "The user may have logged out in a concurrent request, for example."
        ) from None
    response.set_cookie(
        settings.SESSION_COOKIE_NAME,
        session.session_key or "",
        max_age=max_age,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=settings.SESSION_COOKIE_HTTPONLY,
        **_scope(),
    )


def _scope() -> dict[str, Any]:
    """Return what has to be the same when a cookie is set and when it is taken back."""
    return {
        "path": settings.SESSION_COOKIE_PATH,
        "domain": settings.SESSION_COOKIE_DOMAIN,
        "samesite": settings.SESSION_COOKIE_SAMESITE,
    }
