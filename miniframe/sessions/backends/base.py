"""What every store of sessions has in common: a dict that is loaded when it is first used, its key, and its expiry.

A store of one's own is a module with a class `SessionStore` that derives from `SessionBase` and has the methods
`exists`, `create`, `save`, `delete`, `load` and `clear_expired`; settings.SESSION_ENGINE names the module.

Each method has an async twin, `aget` for `get` and so on, as Django has them.

Source: Django's topic "How to use sessions".
"""

from __future__ import annotations

import logging
import time
from collections.abc import ItemsView, KeysView, Mapping, ValuesView
from typing import TYPE_CHECKING, Any, NoReturn, cast

from miniframe.conf import import_from_setting, settings
from miniframe.utils.coroutines import async_twin
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

_MISSING: Any = object()

logger = logging.getLogger("miniframe.security.SuspiciousSession")


class CreateError(Exception):
    """A new session was to be stored, and its key is taken."""


class UpdateError(Exception):
    """A session was to be stored again, and it is no longer there."""


class SessionBase:
    """A session: a dict that its store keeps between requests.

    `accessed` says whether anything was read or written, `modified` whether it has to be saved. What happens inside a
    value, as in `session["cart"].append(x)`, is not seen: set `session.modified = True` after it.
    """

    TEST_COOKIE_NAME = "testcookie"
    TEST_COOKIE_VALUE = "worked"

    accessed: bool = False
    modified: bool = False

    _checked_key: str | None = None
    _session_cache: dict[str, Any]

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

    def _get_session(self, no_load: bool = False) -> dict[str, Any]:
        """Return the data; `no_load` leaves out the store, for a session that is about to be new."""
        self.accessed = True
        try:
            return self._session_cache
        except AttributeError:
            data = {} if no_load or self._session_key is None else self.load()
            self._session_cache = data
            return data

    @property
    def _session(self) -> dict[str, Any]:
        """The data, loaded when it is first asked for."""
        return self._get_session()

    def __contains__(self, key: object) -> bool:
        return key in self._session

    def __getitem__(self, key: str) -> Any:
        return self._session[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._session[key] = value
        self.modified = True

    def __delitem__(self, key: str) -> None:
        del self._session[key]
        self.modified = True

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of `key`, or `default`."""
        return self._session.get(key, default)

    def pop(self, key: str, default: Any = _MISSING) -> Any:
        """Take a key out and return its value, or `default`.

        Raises:
            KeyError: there is no such key, and no default was given.
        """
        data = self._session
        self.modified = self.modified or key in data
        return data.pop(key) if default is _MISSING else data.pop(key, default)

    def setdefault(self, key: str, value: Any) -> Any:
        """Return the value of `key`; it is `value` from now on if there was none."""
        data = self._session
        if key not in data:
            data[key] = value
            self.modified = True
        return data[key]

    def update(self, dict_: Mapping[str, Any]) -> None:
        """Set several keys."""
        self._session.update(dict_)
        self.modified = True

    def has_key(self, key: str) -> bool:
        """Return whether there is such a key; `key in session` says the same."""
        return key in self._session

    def keys(self) -> KeysView[str]:
        """Return the keys."""
        return self._session.keys()

    def values(self) -> ValuesView[Any]:
        """Return the values."""
        return self._session.values()

    def items(self) -> ItemsView[str, Any]:
        """Return the pairs of key and value."""
        return self._session.items()

    def clear(self) -> None:
        """Take all data out; the session and its key remain.  What is stored need not be read for that."""
        self._session_cache = {}
        self.accessed = True
        self.modified = True

    def is_empty(self) -> bool:
        """Return whether there is neither a key nor data, so that nothing has to be kept."""
        return self._checked_key is None and not self.__dict__.get("_session_cache")

    # A cookie to try out whether the browser takes cookies.

    def set_test_cookie(self) -> None:
        """Put a mark into the session; on the next page `test_cookie_worked` looks for it."""
        self[self.TEST_COOKIE_NAME] = self.TEST_COOKIE_VALUE

    def test_cookie_worked(self) -> bool:
        """Return whether the mark came back."""
        return bool(self.get(self.TEST_COOKIE_NAME) == self.TEST_COOKIE_VALUE)

    def delete_test_cookie(self) -> None:
        """Take the mark out again."""
        del self[self.TEST_COOKIE_NAME]

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

    def get_expiry_age(self, *, modification: datetime | None = None, expiry: Any = _MISSING) -> int:
        """Return the seconds from `modification` (default: now) until the session expires.

        `expiry` takes the place of what `set_expiry` was given: seconds, a datetime or its ISO text, None.
        """
        expiry = self.get(EXPIRY_KEY) if expiry is _MISSING else expiry
        if not expiry:
            return self.get_session_cookie_age()
        if isinstance(expiry, (int, float)):
            return cast(int, expiry)  # as it was given, even if that was a float
        from miniframe.sessions import moments  # datetime with it, 2 ms; here and below

        return moments.seconds_left(expiry, modification)

    def get_expiry_date(self, *, modification: datetime | None = None, expiry: Any = _MISSING) -> datetime:
        """Return when the session expires; the arguments are those of `get_expiry_age`."""
        from miniframe.sessions import moments

        expiry = self.get(EXPIRY_KEY) if expiry is _MISSING else expiry
        return moments.end_of(expiry or self.get_session_cookie_age(), modification)

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
            from miniframe.sessions import moments

            self[EXPIRY_KEY] = moments.storable(value)

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

    aset = async_twin(__setitem__, "aset")
    aget = async_twin(get)
    apop = async_twin(pop)
    asetdefault = async_twin(setdefault)
    aupdate = async_twin(update)
    ahas_key = async_twin(has_key)
    akeys = async_twin(keys)
    avalues = async_twin(values)
    aitems = async_twin(items)
    aset_test_cookie = async_twin(set_test_cookie)
    atest_cookie_worked = async_twin(test_cookie_worked)
    adelete_test_cookie = async_twin(delete_test_cookie)
    aget_expiry_age = async_twin(get_expiry_age)
    aget_expiry_date = async_twin(get_expiry_date)
    aset_expiry = async_twin(set_expiry)
    aget_expire_at_browser_close = async_twin(get_expire_at_browser_close)
    aflush = async_twin(flush)
    acycle_key = async_twin(cycle_key)
    aexists = async_twin(exists)
    acreate = async_twin(create)
    asave = async_twin(save)
    adelete = async_twin(delete)
    aload = async_twin(load)

    @classmethod
    async def aclear_expired(cls) -> None:
        """Do as `clear_expired`, for code that awaits."""
        cls.clear_expired()
