"""The session of a test client: what the next request will find in `request.session`, for reading and for changing.

Source: Django's topic "Testing tools", section "Persistent state".
"""

from __future__ import annotations

from typing import Any, Protocol

from miniframe.conf import settings
from miniframe.http import SimpleCookie
from miniframe.sessions.backends.base import SessionBase
from miniframe.sessions.engine import session_store

__all__ = ["session_of"]


class _HasCookies(Protocol):
    """What a client has to have for that."""

    cookies: SimpleCookie


def session_of(client: _HasCookies) -> SessionBase:
    """Return the client's session; a client without one gets a new one, and its cookie.

    Keep it in a variable while you change it, and `save()` it: each call loads it anew. Saving also gives the client
    the cookie, which is the session itself where sessions are kept in signed cookies.

    Raises:
        PathNotFound: settings.SESSION_ENGINE leads nowhere; an ImportError as well.
    """
    store = session_store()
    cookie = client.cookies.get(settings.SESSION_COOKIE_NAME)
    session = store(None if cookie is None else cookie.value)

    def save(*args: Any, **kwargs: Any) -> None:
        store.save(session, *args, **kwargs)
        client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key

    def delete(session_key: str | None = None) -> None:
        store.delete(session, session_key)
        if session_key is None:  # `flush()`; where it is given, a new key takes the place of an old one
            client.cookies.pop(settings.SESSION_COOKIE_NAME, None)

    # This one object is the client's, too.
    session.save, session.delete = save, delete  # type: ignore[method-assign]
    if cookie is None:
        session.save()
    return session
