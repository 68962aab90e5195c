"""What every cache can do; a backend writes `add`, `get`, `set`, `touch`, `delete` and `clear`, and has the rest.

Each method has an async twin, `aget` for `get` and so on, as Django has them.

Source: Django's topic "Django's cache framework", sections "Basic usage", "Cache arguments", "Cache versioning",
"Cache key transformation", "Cache key warnings" and "Asynchronous support".
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from miniframe.conf import import_from_setting
from miniframe.exceptions import ImproperlyConfigured

__all__ = [
    "DEFAULT_TIMEOUT",
    "MEMCACHE_MAX_KEY_LENGTH",
    "BaseCache",
    "CacheKeyWarning",
    "InvalidCacheBackendError",
    "InvalidCacheKey",
    "KeyFunction",
    "default_key_func",
    "get_key_func",
    "memcache_key_warnings",
]

DEFAULT_TIMEOUT: Any = object()
"""Stands for the cache's own time-out where None means "for ever"."""

MEMCACHE_MAX_KEY_LENGTH = 250

_MISSING = object()


class KeyFunction(Protocol):
    """Makes the key that is stored from the caller's key, the cache's prefix and the version."""

    def __call__(self, key: Any, key_prefix: str, version: Any, /) -> str: ...


class InvalidCacheBackendError(ImproperlyConfigured):
    """settings.CACHES does not describe a cache that can be made."""


class CacheKeyWarning(RuntimeWarning):
    """A key that other backends would refuse."""


class InvalidCacheKey(ValueError):
    """A key that this backend refuses."""


def default_key_func(key: Any, key_prefix: str, version: Any) -> str:
    """Return "prefix:version:key".

    >>> default_key_func("page", "site", 1)
    'site:1:page'
    """
    return f"{key_prefix}:{version}:{key}"


def get_key_func(key_func: KeyFunction | str | None) -> KeyFunction:
    """Return KEY_FUNCTION as a function: itself, what its dotted path names, or the default for None.

    Raises:
        PathNotFound: the path leads nowhere; an ImportError as well.
    """
    if key_func is None:
        return default_key_func
    found: KeyFunction = key_func if callable(key_func) else import_from_setting("CACHES", key_func)
    return found


def memcache_key_warnings(key: str) -> Iterable[str]:
    """Yield what is wrong with a key for those backends that take the fewest.

    Source: memcached's protocol.txt, section "Keys".
    """
    if len(key) > MEMCACHE_MAX_KEY_LENGTH:
        yield (f"Cache key will cause errors if used with memcached: {key!r} (longer than {MEMCACHE_MAX_KEY_LENGTH})")
    if any(character < "\x21" or character == "\x7f" for character in key):
        yield f"Cache key contains characters that will cause errors if used with memcached: {key!r}"


def _number(params: Mapping[str, Any], name: str, default: int) -> int:
    """Return a number of OPTIONS; code that makes a backend itself may give it in lower case."""
    options: Mapping[str, Any] = params.get("OPTIONS") or {}
    value = params.get(name.lower(), options.get(name, default))
    try:
        return int(value)
    except (TypeError, ValueError):
        raise InvalidCacheBackendError(
            f"{name} in settings.CACHES is {value!r} and should be a whole number."
        ) from None


def _seconds(params: Mapping[str, Any]) -> int | None:
    value = params.get("timeout", params.get("TIMEOUT", 300))
    try:
        return None if value is None else int(value)
    except (TypeError, ValueError):
        raise InvalidCacheBackendError(
            f"TIMEOUT in settings.CACHES is {value!r} and should be a number of seconds, or None (for ever)."
        ) from None


class BaseCache:
    """A store of values under keys, each with a version and a time after which it is gone.

    `timeout` is in seconds everywhere: None keeps a value for ever, 0 or less does not keep it at all, and what is not
    given is the cache's TIMEOUT.  `version` is the cache's VERSION unless given.
    """

    alias: str = ""
    """Its name in settings.CACHES; set by the handler, for messages."""

    def __init__(self, params: Mapping[str, Any]) -> None:
        """Take the parameters that all backends have.

        Raises:
            InvalidCacheBackendError: a number is none.
            PathNotFound: KEY_FUNCTION leads nowhere.
        """
        self.default_timeout: int | None = _seconds(params)
        self._max_entries = _number(params, "MAX_ENTRIES", 300)
        self._cull_frequency = _number(params, "CULL_FREQUENCY", 3)
        self.key_prefix: str = params.get("KEY_PREFIX", "")
        self.version: Any = params.get("VERSION", 1)
        self.key_func: KeyFunction = get_key_func(params.get("KEY_FUNCTION"))

    # Keys and times.

    def get_backend_timeout(self, timeout: float | None = DEFAULT_TIMEOUT) -> float | None:
        """Return the moment, in seconds since the epoch, after which the value is gone; None is never."""
        if timeout is DEFAULT_TIMEOUT:
            timeout = self.default_timeout
        elif timeout == 0:
            # Some clocks stand still for a while: what ends now must have ended.
            timeout = -1
        return None if timeout is None else time.time() + timeout

    def make_key(self, key: Any, version: Any = None) -> str:
        """Return the key under which a value is stored."""
        return self.key_func(key, self.key_prefix, self.version if version is None else version)

    def validate_key(self, key: str) -> None:
        """Warn of a stored key that would not work in every backend.

        A backend with other rules has a method of its own, which may raise InvalidCacheKey.
        """
        # One test for nearly every key; what passes it has no control character and no blank.
        if key.isprintable() and " " not in key and len(key) <= MEMCACHE_MAX_KEY_LENGTH:
            return
        for warning in memcache_key_warnings(key):
            warnings.warn(warning, CacheKeyWarning, stacklevel=3)

    def make_and_validate_key(self, key: Any, version: Any = None) -> str:
        """Return the key under which a value is stored, checked."""
        made = self.make_key(key, version)
        self.validate_key(made)
        return made

    # What each backend writes.

    def add(self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: Any = None) -> bool:
        """Store a value unless there is one, and return whether it was stored."""
        raise NotImplementedError("subclasses of BaseCache must provide an add() method")

    def get(self, key: Any, default: Any = None, version: Any = None) -> Any:
        """Return the value, or `default` if there is none or its time is over."""
        raise NotImplementedError("subclasses of BaseCache must provide a get() method")

    def set(self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: Any = None) -> None:
        """Store a value."""
        raise NotImplementedError("subclasses of BaseCache must provide a set() method")

    def touch(self, key: Any, timeout: float | None = DEFAULT_TIMEOUT, version: Any = None) -> bool:
        """Give a value a new time, and return whether there is one."""
        raise NotImplementedError("subclasses of BaseCache must provide a touch() method")

    def delete(self, key: Any, version: Any = None) -> bool:
        """Remove a value, and return whether there was one."""
        raise NotImplementedError("subclasses of BaseCache must provide a delete() method")

    def clear(self) -> None:
        """Remove everything, whoever stored it."""
        raise NotImplementedError("subclasses of BaseCache must provide a clear() method")

    # What follows from that.  A backend that can do better does.

    def get_many(self, keys: Iterable[Any], version: Any = None) -> dict[Any, Any]:
        """Return the values that are there, key -> value."""
        found = {}
        for key in keys:
            value = self.get(key, _MISSING, version=version)
            if value is not _MISSING:
                found[key] = value
        return found

    def get_or_set(
        self, key: Any, default: Any | Callable[[], Any], timeout: float | None = DEFAULT_TIMEOUT, version: Any = None
    ) -> Any:
        """Return the value; if there is none, store `default`, or what it returns when called, and return that.

        Of two that store at once the first one wins, and both are given its value.
        """
        value = self.get(key, _MISSING, version=version)
        if value is not _MISSING:
            return value
        if callable(default):
            default = default()
        self.add(key, default, timeout=timeout, version=version)
        return self.get(key, default, version=version)

    def replace(self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: Any = None) -> bool:
        """Store a value if there is one already, and return whether there was.

        This one asks and then stores, so a value that somebody deletes in between comes back.  Backends that can do
        it in one step have a method of their own, as all that keep something here do; sessions need one, or a logout
        may be undone by a request that is under way.
        """
        if not self.has_key(key, version=version):
            return False
        self.set(key, value, timeout=timeout, version=version)
        return True

    def has_key(self, key: Any, version: Any = None) -> bool:
        """Return whether there is a value, None included."""
        return self.get(key, _MISSING, version=version) is not _MISSING

    def __contains__(self, key: Any) -> bool:
        return self.has_key(key)

    def incr(self, key: Any, delta: int = 1, version: Any = None) -> int:
        """Add `delta` to the value and return the sum; the value's time stays as it is where the backend can do that.

        Raises:
            ValueError: there is no value.
            TypeError: it is no number.
        """
        value = self.get(key, _MISSING, version=version)
        if value is _MISSING:
            raise ValueError(f"Key '{key}' not found")
        total: int = value + delta
        self.set(key, total, version=version)
        return total

    def decr(self, key: Any, delta: int = 1, version: Any = None) -> int:
        """Subtract `delta`; see `incr`."""
        return self.incr(key, -delta, version=version)

    def set_many(
        self, data: Mapping[Any, Any], timeout: float | None = DEFAULT_TIMEOUT, version: Any = None
    ) -> list[Any]:
        """Store several values, and return the keys of those that could not be stored."""
        for key, value in data.items():
            self.set(key, value, timeout=timeout, version=version)
        return []

    def delete_many(self, keys: Iterable[Any], version: Any = None) -> None:
        """Remove several values."""
        for key in keys:
            self.delete(key, version=version)

    def incr_version(self, key: Any, delta: int = 1, version: Any = None) -> Any:
        """Move a value to another version, and return that version.

        Raises:
            ValueError: there is no value.
        """
        if version is None:
            version = self.version
        value = self.get(key, _MISSING, version=version)
        if value is _MISSING:
            raise ValueError(f"Key '{key}' not found")
        self.set(key, value, version=version + delta)
        self.delete(key, version=version)
        return version + delta

    def decr_version(self, key: Any, delta: int = 1, version: Any = None) -> Any:
        """Move a value to an earlier version; see `incr_version`."""
        return self.incr_version(key, -delta, version=version)

    def close(self, /, **kwargs: Any) -> None:
        """Free what is held for one request; called when it has ended."""

    # The same for code that awaits.

    async def aadd(self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: Any = None) -> bool:
        """Do as `add`, for code that awaits."""
        return self.add(key, value, timeout, version)

    async def aget(self, key: Any, default: Any = None, version: Any = None) -> Any:
        """Do as `get`, for code that awaits."""
        return self.get(key, default, version)

    async def aset(self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: Any = None) -> None:
        """Do as `set`, for code that awaits."""
        self.set(key, value, timeout, version)

    async def atouch(self, key: Any, timeout: float | None = DEFAULT_TIMEOUT, version: Any = None) -> bool:
        """Do as `touch`, for code that awaits."""
        return self.touch(key, timeout, version)

    async def adelete(self, key: Any, version: Any = None) -> bool:
        """Do as `delete`, for code that awaits."""
        return self.delete(key, version)

    async def aclear(self) -> None:
        """Do as `clear`, for code that awaits."""
        self.clear()

    async def aget_many(self, keys: Iterable[Any], version: Any = None) -> dict[Any, Any]:
        """Do as `get_many`, for code that awaits."""
        return self.get_many(keys, version)

    async def aget_or_set(
        self, key: Any, default: Any | Callable[[], Any], timeout: float | None = DEFAULT_TIMEOUT, version: Any = None
    ) -> Any:
        """Do as `get_or_set`, for code that awaits."""
        return self.get_or_set(key, default, timeout, version)

    async def areplace(
        self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: Any = None
    ) -> bool:
        """Do as `replace`, for code that awaits."""
        return self.replace(key, value, timeout, version)

    async def ahas_key(self, key: Any, version: Any = None) -> bool:
        """Do as `has_key`, for code that awaits."""
        return self.has_key(key, version)

    async def aincr(self, key: Any, delta: int = 1, version: Any = None) -> int:
        """Do as `incr`, for code that awaits."""
        return self.incr(key, delta, version)

    async def adecr(self, key: Any, delta: int = 1, version: Any = None) -> int:
        """Do as `decr`, for code that awaits."""
        return self.decr(key, delta, version)

    async def aset_many(
        self, data: Mapping[Any, Any], timeout: float | None = DEFAULT_TIMEOUT, version: Any = None
    ) -> list[Any]:
        """Do as `set_many`, for code that awaits."""
        return self.set_many(data, timeout, version)

    async def adelete_many(self, keys: Iterable[Any], version: Any = None) -> None:
        """Do as `delete_many`, for code that awaits."""
        self.delete_many(keys, version)

    async def aincr_version(self, key: Any, delta: int = 1, version: Any = None) -> Any:
        """Do as `incr_version`, for code that awaits."""
        return self.incr_version(key, delta, version)

    async def adecr_version(self, key: Any, delta: int = 1, version: Any = None) -> Any:
        """Do as `decr_version`, for code that awaits."""
        return self.decr_version(key, delta, version)

    async def aclose(self, /, **kwargs: Any) -> None:
        """Do as `close`, for code that awaits."""
        self.close(**kwargs)
