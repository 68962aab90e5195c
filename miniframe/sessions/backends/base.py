"""What every store of sessions has in common: the key of the data, their form as text, and their expiry.

A store of one's own is a module with a class `SessionStore` that derives from `SessionBase` and has the methods
`exists`, `create`, `save`, `delete`, `load` and `clear_expired`; settings.SESSION_ENGINE names the module.

Each method has an async twin, `aget` for `get` and so on, as Django has them.

Source: Django's topic "How to use sessions".
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn, cast

from miniframe.conf import import_from_setting, settings
from miniframe.sessions.backends.data import MISSING, SessionData
from miniframe.utils.crypto import get_random_string

# What only a session needs that is used is imported when one is.
if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from miniframe.signing import Serializer

__all__ = ["CreateError", "SessionBase", "UpdateError"]

# Lower case only: file names are the same in any case on some machines.
VALID_KEY_CHARS = "abcdefghijklmnopqrstuvwxyz0123456789"
KEY_LENGTH = 32

#: How many new keys are tried; that even one is taken is next to impossible.
ATTEMPTS = 10

#: Where a session keeps its own expiry, among its data.
EXPIRY_KEY = "_session_expiry"

logger: logging.Logger = logging.getLogger("miniframe.security.SuspiciousSession")


class CreateError(Exception):
    """A new session was to be stored, and its key is taken."""


class UpdateError(Exception):
    """A session was to be stored again, and it is no longer there."""


class SessionBase(SessionData):
    """A session: data (see `SessionData`) that its store keeps between requests under a key."""

    _checked_key: str | None = None

    def __init__(self, session_key: str | None = None) -> None:
        # Every request makes one of these, and most have no key yet.
        if session_key is not None:
            self._session_key = session_key

    # The key.

    def _validate_session_key(self, key: str | None) -> bool:
        """Return whether this may be a key; a short one would be easy to guess."""
        return key is not None and len(key) >= 8

    @property
    def _session_key(self) -> str | None:
        """The key under which the store finds the session; what cannot be one is set as None."""
        return self._checked_key

    @_session_key.setter
    def _session_key(self, key: str | None) -> None:
        self._checked_key = key if key and self._validate_session_key(key) else None

    @property
    def session_key(self) -> str | None:
        """The key, or None for a session that was never stored."""
        return self._checked_key

    def _get_new_session_key(self) -> str:
        """Return a key that the store has not got: 165 bits that nobody can guess."""
        while True:
            key = get_random_string(KEY_LENGTH, VALID_KEY_CHARS)
            if not self.exists(key):
                return key

    def _get_or_create_session_key(self) -> str:
        if self._session_key is None:
            self._session_key = self._get_new_session_key()
        assert self._session_key is not None
        return self._session_key

    def _create_under_new_key(self) -> None:
        """Do what `create` does, for stores that can tell whether a key is taken.

        Raises:
            CreateError: every key is, so that it must be the store that does not work.
        """
        for attempts_left in reversed(range(ATTEMPTS)):
            self._session_key = self._get_new_session_key()
            self.modified = True
            try:
                self.save(must_create=True)
                return
            except CreateError:
                if not attempts_left:
                    raise

    # The data.

    def _load_data(self) -> dict[str, Any]:
        return {} if self._session_key is None else self.load()

    def is_empty(self) -> bool:
        """Return whether there is neither a key nor data, so that nothing has to be kept."""
        return self._checked_key is None and not self.__dict__.get("_session_cache")

    # Data as text.

    @property
    def serializer(self) -> type[Serializer]:
        """The class that settings.SESSION_SERIALIZER names."""
        cls: type[Serializer] = import_from_setting("SESSION_SERIALIZER", settings.SESSION_SERIALIZER)
        return cls

    @property
    def key_salt(self) -> str:
        """What makes this signature worthless for other purposes; the same as Django's, so that data moves over."""
        return "django.contrib.sessions." + type(self).__qualname__

    def encode(self, session_dict: Mapping[str, Any]) -> str:
        """Return the data as signed text for the store.

        Raises:
            TypeError: a value has no JSON; a note names its key.
        """
        return self._sign(session_dict, self.key_salt)

    def _sign(self, session_dict: Mapping[str, Any], salt: str) -> str:
        from miniframe import signing  # base64 with it, 1 ms; here and below

        try:
            return signing.dumps(session_dict, salt=salt, serializer=self.serializer, compress=True)
        except TypeError as error:
            self._name_the_culprit(session_dict, error)
            raise

    def _name_the_culprit(self, session_dict: Mapping[str, Any], error: TypeError) -> None:
        serializer = self.serializer()
        for key, value in session_dict.items():
            try:
                serializer.dumps({key: value})
            except TypeError:
                error.add_note(
                    f"It is in request.session[{key!r}]. A session holds what JSON holds: text, numbers, lists, dicts."
                )

    def decode(self, session_data: str) -> dict[str, Any]:
        """Return the data in text that `encode` made; nothing if it was changed, which the security log records.

        Then the key is given up as well: who put that under it may know the key.
        """
        from miniframe import signing

        try:
            data = signing.loads(session_data, salt=self.key_salt, serializer=self.serializer)
        except signing.BadSignature:
            logger.warning("Session data corrupted")
        except Exception:
            pass  # signed by us and yet unreadable: another serializer wrote it
        else:
            if isinstance(data, dict):
                return data
        self._session_key = None
        return {}

    # How long it lives.

    def get_session_cookie_age(self) -> int:
        """Return the seconds that a session lives which has no expiry of its own: settings.SESSION_COOKIE_AGE."""
        age: int = settings.SESSION_COOKIE_AGE
        return age

    def get_expiry_age(self, *, modification: datetime | None = None, expiry: Any = MISSING) -> int:
        """Return the seconds from `modification` (default: now) until the session expires.

        `expiry` takes the place of what `set_expiry` was given: seconds, a datetime or its ISO text, None.
        """
        expiry = self.get(EXPIRY_KEY) if expiry is MISSING else expiry
        if not expiry:
            return self.get_session_cookie_age()
        if isinstance(expiry, (int, float)):
            return cast(int, expiry)  # as it was given, even if that was a float
        from miniframe.sessions.expiry import seconds_left  # datetime with it, 2 ms; here and below

        return seconds_left(expiry, modification)

    def get_expiry_date(self, *, modification: datetime | None = None, expiry: Any = MISSING) -> datetime:
        """Return when the session expires; the arguments are those of `get_expiry_age`."""
        from miniframe.sessions.expiry import end_of

        expiry = self.get(EXPIRY_KEY) if expiry is MISSING else expiry
        return end_of(expiry or self.get_session_cookie_age(), modification)

    def _has_expired(self, saved: float, data: Mapping[str, Any]) -> bool:
        """Return whether data that was stored at `saved`, in seconds since 1970, has had its time."""
        expiry = data.get(EXPIRY_KEY)
        if isinstance(expiry, str):
            return self.get_expiry_age(expiry=expiry) <= 0
        seconds: float = expiry or self.get_session_cookie_age()
        return saved + seconds <= time.time()

    def set_expiry(self, value: float | datetime | timedelta | None) -> None:
        """Let the session live as long as `value` says.

        A number: that many seconds after each change. 0: until the browser is closed. A datetime, or a timedelta from
        now: until then. None: as settings.SESSION_COOKIE_AGE and SESSION_EXPIRE_AT_BROWSER_CLOSE say.
        """
        if value is None:
            self.pop(EXPIRY_KEY, None)
        elif isinstance(value, (int, float)):
            self[EXPIRY_KEY] = value
        else:
            from miniframe.sessions.expiry import storable

            self[EXPIRY_KEY] = storable(value)

    def get_expire_at_browser_close(self) -> bool:
        """Return whether the cookie is to end with the browser's session."""
        expiry = self.get(EXPIRY_KEY)
        return bool(settings.SESSION_EXPIRE_AT_BROWSER_CLOSE) if expiry is None else expiry == 0

    # A new life.

    def flush(self) -> None:
        """End the session: its data and its key are gone, here and in the store.  For a logout."""
        self.clear()
        self.delete()
        self._session_key = None

    def cycle_key(self) -> None:
        """Keep the data under a new key.  For a login, so that a key that somebody planted before is worth nothing."""
        data, key = self._session, self.session_key
        self.create()
        self._session_cache = data
        if key:
            self.delete(key)

    # What a store has to do.

    def exists(self, session_key: str) -> bool:
        """Return whether the store has this key."""
        self._must_provide("an exists")

    def create(self) -> None:
        """Store the session, empty, under a new key."""
        self._must_provide("a create")

    def save(self, must_create: bool = False) -> None:
        """Store the data.

        Raises:
            CreateError: it was to be new (`must_create`), and the key is taken.
            UpdateError: it was there before, and is no longer.
        """
        self._must_provide("a save")

    def delete(self, session_key: str | None = None) -> None:
        """Remove a session from the store; without a key, this one."""
        self._must_provide("a delete")

    def load(self) -> dict[str, Any]:
        """Return the data from the store; without any, nothing, and the key is given up."""
        self._must_provide("a load")

    @classmethod
    def clear_expired(cls) -> None:
        """Remove what has expired from the store.

        Raises:
            NotImplementedError: the store cannot do that.
        """
        raise NotImplementedError("This backend does not support clear_expired().")

    def _must_provide(self, method: str) -> NoReturn:
        raise NotImplementedError(f"subclasses of SessionBase must provide {method}() method")

    # The same for code that awaits.

    async def aget_expiry_age(self, *, modification: datetime | None = None, expiry: Any = MISSING) -> int:
        """Do as `get_expiry_age`, for code that awaits."""
        return self.get_expiry_age(modification=modification, expiry=expiry)

    async def aget_expiry_date(self, *, modification: datetime | None = None, expiry: Any = MISSING) -> datetime:
        """Do as `get_expiry_date`, for code that awaits."""
        return self.get_expiry_date(modification=modification, expiry=expiry)

    async def aset_expiry(self, value: float | datetime | timedelta | None) -> None:
        """Do as `set_expiry`, for code that awaits."""
        self.set_expiry(value)

    async def aget_expire_at_browser_close(self) -> bool:
        """Do as `get_expire_at_browser_close`, for code that awaits."""
        return self.get_expire_at_browser_close()

    async def aflush(self) -> None:
        """Do as `flush`, for code that awaits."""
        self.flush()

    async def acycle_key(self) -> None:
        """Do as `cycle_key`, for code that awaits."""
        self.cycle_key()

    async def aexists(self, session_key: str) -> bool:
        """Do as `exists`, for code that awaits."""
        return self.exists(session_key)

    async def acreate(self) -> None:
        """Do as `create`, for code that awaits."""
        self.create()

    async def asave(self, must_create: bool = False) -> None:
        """Do as `save`, for code that awaits."""
        self.save(must_create)

    async def adelete(self, session_key: str | None = None) -> None:
        """Do as `delete`, for code that awaits."""
        self.delete(session_key)

    async def aload(self) -> dict[str, Any]:
        """Do as `load`, for code that awaits."""
        return self.load()

    @classmethod
    async def aclear_expired(cls) -> None:
        """Do as `clear_expired`, for code that awaits."""
        cls.clear_expired()
