"""A cache in Redis, shared by machines; it needs the extra `miniframe[redis]`, which is redis-py.

LOCATION is one address ("redis://127.0.0.1:6379/0", "rediss://...", "unix://...") or several, in a list or separated
by commas: the first one is written to, the others are replicas that are read from.  OPTIONS go to redis-py's
connections, but for `serializer`, `pool_class` and `parser_class`.

Every method may raise ServiceUnavailable, which is answered with 503: the server does not answer, or takes nothing.

Source: Django's topic "Django's cache framework", section "Redis"; Redis' command reference.
Not here: connections, and what becomes of one that fails (`redis_client`).
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from miniframe.cache.backends.base import DEFAULT_TIMEOUT, BaseCache, InvalidCacheBackendError
from miniframe.cache.backends.redis_client import RedisCacheClient, RedisSerializer
from miniframe.cache.backends.signed import UnusableValue, logger

__all__ = ["RedisCache", "RedisCacheClient", "RedisSerializer"]

T = TypeVar("T")

# In one step: between a look and an INCRBY the value might end, and a counter that never ends would be born.
_INCREMENT = "if redis.call('exists', KEYS[1]) == 1 then return redis.call('incrby', KEYS[1], ARGV[1]) end"

_clients: WeakValueDictionary[Any, RedisCacheClient] = WeakValueDictionary()
_clients_lock = threading.Lock()


def _shared_client(make: Callable[..., RedisCacheClient], servers: tuple[str, ...], options: Any) -> RedisCacheClient:
    """Return the client that other threads have for the same servers and options, or a new one."""
    key = (make, servers, repr(sorted(options.items())))
    with _clients_lock:
        found = _clients.get(key)
        if found is None:
            found = _clients[key] = make(servers, **options)
        return found


class RedisCache(BaseCache):
    """A cache in Redis.  Values end on time there; MAX_ENTRIES means nothing, `maxmemory` in redis.conf does."""

    _class = RedisCacheClient

    def __init__(self, server: str | Iterable[str], params: Mapping[str, Any]) -> None:
        """Take the address or addresses; no connection is made yet.

        Raises:
            InvalidCacheBackendError: there is none, or it is none, or redis-py is not installed.
        """
        super().__init__(params)
        found = re.split("[;,]", server) if isinstance(server, str) else list(server)
        self._servers = tuple(address.strip() for address in found if address.strip())
        if not self._servers:
            raise InvalidCacheBackendError(
                'A Redis cache in settings.CACHES has no LOCATION. An example: "redis://127.0.0.1:6379/0".'
            )
        self._cache = _shared_client(self._class, self._servers, params.get("OPTIONS") or {})

    def _run(self, command: Callable[[Any], T], write: bool = False) -> T:
        return self._cache.run(command, self.alias, write=write)

    def _value(self, kept: bytes | None, key: str, default: Any) -> Any:
        if kept is None:
            return default
        try:
            return self._cache.loads(kept, key)
        except UnusableValue as error:
            logger.warning("The cache %r passes over the key %r: %s.", self.alias, key, error)
            return default

    def get_backend_timeout(self, timeout: float | None = DEFAULT_TIMEOUT) -> float | None:
        """Return the seconds that a value has; 0 is none at all, None is for ever."""
        if timeout is DEFAULT_TIMEOUT:
            timeout = self.default_timeout
        return None if timeout is None else max(0, timeout)

    def _milliseconds(self, timeout: float | None) -> int | None:
        seconds = self.get_backend_timeout(timeout)
        return None if seconds is None else int(seconds * 1000)

    def get(self, key: Any, default: Any = None, version: Any = None) -> Any:
        """Return the value, or `default`."""
        key = self.make_and_validate_key(key, version)
        return self._value(self._run(lambda client: client.get(key)), key, default)

    def set(self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: Any = None) -> None:
        """Store a value."""
        key = self.make_and_validate_key(key, version)
        data = self._cache.dumps(value, key)
        milliseconds = self._milliseconds(timeout)
        if milliseconds == 0:
            self._run(lambda client: client.delete(key), write=True)
        else:
            self._run(lambda client: client.set(key, data, px=milliseconds), write=True)

    def add(self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: Any = None) -> bool:
        """Store a value unless there is one; of all who try at once one is told True."""
        key = self.make_and_validate_key(key, version)
        data = self._cache.dumps(value, key)
        milliseconds = self._milliseconds(timeout)
        if milliseconds == 0:
            return not self._run(lambda client: client.exists(key), write=True)
        return bool(self._run(lambda client: client.set(key, data, px=milliseconds, nx=True), write=True))

    def replace(self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: Any = None) -> bool:
        """Store a value if there is one already; nobody comes between."""
        key = self.make_and_validate_key(key, version)
        data = self._cache.dumps(value, key)
        milliseconds = self._milliseconds(timeout)
        if milliseconds == 0:
            return bool(self._run(lambda client: client.delete(key), write=True))
        return bool(self._run(lambda client: client.set(key, data, px=milliseconds, xx=True), write=True))

    def touch(self, key: Any, timeout: float | None = DEFAULT_TIMEOUT, version: Any = None) -> bool:
        """Give a value a new time."""
        key = self.make_and_validate_key(key, version)
        milliseconds = self._milliseconds(timeout)
        if milliseconds is not None:
            # With 0 Redis removes the value.
            return bool(self._run(lambda client: client.pexpire(key, milliseconds), write=True))
        # PERSIST alone answers "no" to a value that has no end already.
        return bool(self._run(lambda client: client.pipeline().persist(key).exists(key).execute(), write=True)[1])

    def incr(self, key: Any, delta: int = 1, version: Any = None) -> int:
        """Add to a value, whose time stays as it is; nobody comes between.

        Raises:
            ValueError: there is no value.
            redis.ResponseError: it is no whole number of 64 bits.
        """
        stored = self.make_and_validate_key(key, version)
        total: int | None = self._run(lambda client: client.eval(_INCREMENT, 1, stored, delta), write=True)
        if total is None:
            raise ValueError(f"Key '{key}' not found")
        return total

    def delete(self, key: Any, version: Any = None) -> bool:
        """Remove a value."""
        key = self.make_and_validate_key(key, version)
        return bool(self._run(lambda client: client.delete(key), write=True))

    def has_key(self, key: Any, version: Any = None) -> bool:
        """Return whether there is a value."""
        key = self.make_and_validate_key(key, version)
        return bool(self._run(lambda client: client.exists(key)))

    def get_many(self, keys: Iterable[Any], version: Any = None) -> dict[Any, Any]:
        """Return the values that are there, in one round trip."""
        made = {key: self.make_and_validate_key(key, version) for key in keys}
        if not made:
            return {}
        kept = self._run(lambda client: client.mget(list(made.values())))
        missing = object()
        values = {key: self._value(data, made[key], missing) for key, data in zip(made, kept, strict=True)}
        return {key: value for key, value in values.items() if value is not missing}

    def set_many(
        self, data: Mapping[Any, Any], timeout: float | None = DEFAULT_TIMEOUT, version: Any = None
    ) -> list[Any]:
        """Store several values, in one round trip."""
        stored = {self.make_and_validate_key(key, version): value for key, value in data.items()}
        made = {key: self._cache.dumps(value, key) for key, value in stored.items()}
        milliseconds = self._milliseconds(timeout)

        def store(client: Any) -> None:
            with client.pipeline() as pipeline:
                for key, value in made.items():
                    if milliseconds == 0:
                        pipeline.delete(key)
                    else:
                        pipeline.set(key, value, px=milliseconds)
                pipeline.execute()

        if made:
            self._run(store, write=True)
        return []

    def delete_many(self, keys: Iterable[Any], version: Any = None) -> None:
        """Remove several values, in one round trip."""
        made = [self.make_and_validate_key(key, version) for key in keys]
        if made:
            self._run(lambda client: client.delete(*made), write=True)

    def clear(self) -> None:
        """Empty the whole database of the server: also what others keep there."""
        self._run(lambda client: client.flushdb(), write=True)
