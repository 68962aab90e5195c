"""Sessions in a cache: quick and shared by all machines, gone when the cache forgets.

What is kept there is the same signed JSON that files hold, so that whoever can write into the cache can neither make
up a session nor have us unpickle anything.

Source: Django's topic "How to use sessions", section "Using cached sessions".
"""

from __future__ import annotations

from typing import Any

from miniframe.cache import caches
from miniframe.conf import settings
from miniframe.sessions.backends.base import CreateError, SessionBase, UpdateError

__all__ = ["SessionStore"]

KEY_PREFIX = "miniframe.sessions.cache"

#: Characters of the longest key that is looked up; ours have 32, and memcached's keys end at 250.
MAX_KEY_LENGTH = 128


class SessionStore(SessionBase):
    """A session in the cache that settings.SESSION_CACHE_ALIAS names."""

    cache_key_prefix = KEY_PREFIX

    def __init__(self, session_key: str | None = None) -> None:
        self._cache = caches[settings.SESSION_CACHE_ALIAS]
        super().__init__(session_key)

    def _validate_session_key(self, key: str | None) -> bool:
        # It comes from a cookie, and some caches take no blanks, no control characters and no long keys.
        return key is not None and 8 <= len(key) <= MAX_KEY_LENGTH and key.isascii() and key.isalnum()

    @property
    def cache_key(self) -> str:
        """The session's key in the cache; one is made if there is none yet."""
        return self.cache_key_prefix + self._get_or_create_session_key()

    async def acache_key(self) -> str:
        """Do as `cache_key`, for code that awaits."""
        return self.cache_key

    def load(self) -> dict[str, Any]:
        """Return the data in the cache; without any, nothing, and the key is given up."""
        text = self._cache.get(self.cache_key) if self.session_key else None
        if isinstance(text, str):
            return self.decode(text)
        # A key that we do not know is never taken over: somebody may have planted it.
        self._session_key = None
        return {}

    def create(self) -> None:
        """Store the session, empty, under a new key.

        Raises:
            RuntimeError: the cache takes nothing.
        """
        try:
            self._create_under_new_key()
        except CreateError:
            raise RuntimeError(
                "Unable to create a new session key. It is likely that the cache is unavailable, or that it keeps "
                f"nothing: see settings.CACHES[{settings.SESSION_CACHE_ALIAS!r}]."
            ) from None

    def save(self, must_create: bool = False) -> None:
        """Store the data until the session expires.

        Raises:
            CreateError: it was to be new, and the key is taken.
            UpdateError: it was there before, and is no longer.
        """
        if self.session_key is None:
            self.create()
            return
        text = self.encode(self._get_session(no_load=must_create))
        timeout = self.get_expiry_age()
        if must_create:
            if not self._cache.add(self.cache_key, text, timeout):
                raise CreateError
        elif not self._cache.replace(self.cache_key, text, timeout):
            raise UpdateError

    def exists(self, session_key: str) -> bool:
        """Return whether the cache has this key."""
        return bool(session_key) and (self.cache_key_prefix + session_key) in self._cache

    def delete(self, session_key: str | None = None) -> None:
        """Remove a session from the cache; without a key, this one."""
        key = session_key or self.session_key
        if key:
            self._cache.delete(self.cache_key_prefix + key)

    @classmethod
    def clear_expired(cls) -> None:
        """Do nothing: a cache forgets by itself."""
