"""Sessions in the visitor's own cookie, signed: nothing to store, to clean up or to share between machines.

The visitor can read the data, but not change it. What has been handed out cannot be taken back: a logout makes the
browser forget the cookie, and a copy of it is good until it expires. And a cookie holds 4,096 bytes at most.

Source: Django's topic "How to use sessions", section "Using cookie-based sessions"; RFC 6265, section 6.1 (limits).
"""

from __future__ import annotations

import logging
from typing import Any

from miniframe.conf import settings
from miniframe.sessions.backends.base import SessionBase
from miniframe.sessions.exceptions import SessionTooLarge

__all__ = ["SessionStore"]

#: Bytes of name and value that a browser has to take; beyond these all of them drop the cookie without a word.
MAX_COOKIE_SIZE = 4096

# Django's, so that its cookies are good here and ours there.
_SALT = "django.contrib.sessions.backends.signed_cookies"

logger: logging.Logger = logging.getLogger("miniframe.sessions")


class SessionStore(SessionBase):
    """A session whose key is the data itself."""

    modified: bool

    def load(self) -> dict[str, Any]:
        """Return what the cookie holds; nothing if it was changed, has expired or is not ours."""
        from miniframe import signing  # 1 ms, for sessions that are used

        cookie = self.session_key or ""
        try:
            data = signing.loads(cookie, salt=_SALT, serializer=self.serializer)
            # The signature is right, so the time stands before it.
            signed_at = signing.b62_decode(cookie.rsplit(":", 2)[1])
            if isinstance(data, dict) and not self._has_expired(signed_at, data):
                return data
        except Exception:
            pass  # whatever is wrong with it, it came from outside
        # Without a key there is nothing to keep, and the middleware takes the cookie back.
        self._session_key = None
        return {}

    def create(self) -> None:
        """Let the middleware send a cookie."""
        self.modified = True

    def save(self, must_create: bool = False) -> None:
        """Sign the data, which gives the new key; the middleware sends it.

        Raises:
            SessionTooLarge: DEBUG is on, and no browser would keep the cookie. Without DEBUG that is logged as an
                error, and the browser keeps the cookie that it has.
        """
        cookie = self._sign(self._session, _SALT)
        self._session_key = cookie
        self.modified = True
        size = len(settings.SESSION_COOKIE_NAME) + len(cookie)
        if size > MAX_COOKIE_SIZE:
            self._complain(size)

    def _complain(self, size: int) -> None:
        serializer = self.serializer()
        sizes = {key: len(serializer.dumps(value)) for key, value in self._session.items()}
        largest = sorted(sizes, key=lambda key: -sizes[key])[:3]
        message = (
            f"The session takes {size:,} bytes as a cookie, and browsers drop a cookie of more than "
            f"{MAX_COOKIE_SIZE:,}, so that the visitor keeps the session as it was before. Most room is taken by "
            f"{', '.join(f'{key!r} ({sizes[key]:,} bytes)' for key in largest)}. Keep less in it, or set "
            "SESSION_ENGINE to 'miniframe.sessions.backends.file' or '...cache'."
        )
        if settings.DEBUG:
            raise SessionTooLarge(message)
        logger.error("%s", message)

    def exists(self, session_key: str) -> bool:
        """Return False: nothing is stored, so no key is taken."""
        return False

    def delete(self, session_key: str | None = None) -> None:
        """Forget the data; the browser's copy goes with the answer, and any other copy stays good until it expires."""
        self._session_key = None
        self._session_cache = {}
        self.modified = True

    def cycle_key(self) -> None:
        """Sign the data anew; the earlier cookie stays good until it expires."""
        self.save()

    @classmethod
    def clear_expired(cls) -> None:
        """Do nothing: nothing is stored."""
