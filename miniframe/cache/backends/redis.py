"""A cache in Redis, shared by machines; it needs the extra `miniframe[redis]`, which is redis-py.

LOCATION is one address ("redis://127.0.0.1:6379/0", "rediss://...", "unix://...") or several, in a list or separated
by commas: the first one is written to, the others are replicas that are read from.  OPTIONS go to redis-py's
connections, but for `serializer`, `pool_class` and `parser_class`.

A server that is gone costs a second at most, one that hangs two: `socket_connect_timeout` is 1 and `socket_timeout` 2
seconds unless OPTIONS say otherwise.  The error names the cache and the address, and the next command tries anew; a
connection that broke while it was idle is replaced at once, unseen.

Source: Django's topic "Django's cache framework", section "Redis"; Redis' command reference.
"""

from __future__ import annotations

import pickle
import random
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, TypeVar
from weakref import WeakValueDictionary

from miniframe.cache.backends.base import DEFAULT_TIMEOUT, BaseCache, InvalidCacheBackendError
from miniframe.cache.backends.signed import UnusableValue, load, logger, sign
from miniframe.conf import import_from_setting

__all__ = ["RedisCache", "RedisCacheClient", "RedisSerializer"]

T = TypeVar("T")

# Redis counts in 64 bits.
_WHOLE_NUMBERS = range(-(2**63), 2**63)
_LONGEST_NUMBER = len(str(-(2**63)))

# In one step: between a look and an INCRBY the value might end, and a counter that never ends would be born.
_INCREMENT = "if redis.call('exists', KEYS[1]) == 1 then return redis.call('incrby', KEYS[1], ARGV[1]) end"


class Serializer(Protocol):
    """What OPTIONS["serializer"] may be: its dotted path, its class, or an object."""

    def dumps(self, obj: Any) -> bytes | int:
        """Return what Redis is to keep."""

    def loads(self, data: bytes) -> Any:
        """Return the value again."""


class RedisSerializer:
    """Whole numbers as they are, so that Redis can count; everything else pickled and signed (see `signed`)."""

    def dumps(self, obj: Any) -> bytes | int:
        """Return what Redis is to keep."""
        # True is an int too, and would come back as 1.
        if type(obj) is int and obj in _WHOLE_NUMBERS:
            return obj
        return sign(pickle.dumps(obj, pickle.HIGHEST_PROTOCOL))

    def loads(self, data: bytes) -> Any:
        """Return the value again.

        Raises:
            UnusableValue: this site did not write it.
        """
        if len(data) > _LONGEST_NUMBER:
            return load(data)
        try:
            return int(data)
        except ValueError:
            raise UnusableValue("it is neither a number nor signed") from None


class RedisCacheClient:
    """The connections to the servers of one LOCATION, which all threads share; none is made before it is needed."""

    def __init__(
        self, servers: tuple[str, ...], serializer: Any = None, pool_class: Any = None, **options: Any
    ) -> None:
        """Take the addresses, and what redis-py's ConnectionPool and Connection take.

        Raises:
            InvalidCacheBackendError: redis-py is not installed, or an address is none.
            PathNotFound: a dotted path among the options leads nowhere.
        """
        self._lib = _redis()
        self._servers = servers
        serializer = _named(serializer) or RedisSerializer
        self._serializer: Serializer = serializer() if callable(serializer) else serializer
        self._pool_class = _named(pool_class)
        if "parser_class" in options:
            options["parser_class"] = _named(options["parser_class"])
        self._pool_options = {
            "socket_connect_timeout": 1,
            "socket_timeout": 2,
            # Once more, and at once: the server may have been started anew since this connection was last used.
            "retry": self._lib.retry.Retry(self._lib.backoff.NoBackoff(), 1, (self._lib.ConnectionError,)),
            **options,
        }
        self._pools = [self._make_pool(address) for address in servers]
        # Threads may share a client: for each command it takes a connection from the pool.
        self._clients = [self._lib.Redis(connection_pool=pool) for pool in self._pools]

    def _make_pool(self, address: str) -> Any:
        pool_class = self._pool_class or self._lib.ConnectionPool
        try:
            return pool_class.from_url(address, **self._pool_options)
        except ValueError as error:
            # Without the address: there may be a password in it.
            raise InvalidCacheBackendError(
                f"A LOCATION of a Redis cache in settings.CACHES is no address: {error} "
                'An example: "redis://127.0.0.1:6379/0".'
            ) from None

    def _get_connection_pool_index(self, write: bool) -> int:
        # The first one is written to; reading is for the others, if there are any.
        return 0 if write or len(self._servers) == 1 else random.randint(1, len(self._servers) - 1)

    def _get_connection_pool(self, write: bool) -> Any:
        return self._pools[self._get_connection_pool_index(write)]

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        """Return a `redis.Redis` for reading or writing; for commands that this cache has no method for."""
        return self._clients[self._get_connection_pool_index(write)]


def _named(option: Any) -> Any:
    """Return what a dotted path names; anything else is returned as it is."""
    return import_from_setting("CACHES", option) if isinstance(option, str) else option


def _redis() -> Any:
    try:
        import redis  # heavy, and an extra: only sites that use it have it
    except ImportError as error:
        raise InvalidCacheBackendError(
            "The Redis cache needs the package redis: pip install 'miniframe[redis]'."
        ) from error
    return redis


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
        """Return what `command` gets from a client.

        Raises:
            redis.ConnectionError, redis.TimeoutError: with the cache and the address in the text.
        """
        client = self._cache.get_client(write=write)
        lib = self._cache._lib
        try:
            return command(client)
        except (lib.ConnectionError, lib.TimeoutError) as error:
            where = _address(client.connection_pool.connection_kwargs)
            error.args = (
                f"The cache {self.alias!r} cannot use Redis at {where}: {str(error).rstrip('.')}. "
                f"Is it running? If it is elsewhere, correct settings.CACHES[{self.alias!r}].",
            )
            raise

    def _value(self, kept: bytes | None, key: str, default: Any) -> Any:
        if kept is None:
            return default
        try:
            return self._cache._serializer.loads(kept)
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
        data = self._cache._serializer.dumps(value)
        milliseconds = self._milliseconds(timeout)
        if milliseconds == 0:
            self._run(lambda client: client.delete(key), write=True)
        else:
            self._run(lambda client: client.set(key, data, px=milliseconds), write=True)

    def add(self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: Any = None) -> bool:
        """Store a value unless there is one; of all who try at once one is told True."""
        key = self.make_and_validate_key(key, version)
        data = self._cache._serializer.dumps(value)
        milliseconds = self._milliseconds(timeout)
        if milliseconds == 0:
            return not self._run(lambda client: client.exists(key), write=True)
        return bool(self._run(lambda client: client.set(key, data, px=milliseconds, nx=True), write=True))

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
        dumps = self._cache._serializer.dumps
        made = {self.make_and_validate_key(key, version): dumps(value) for key, value in data.items()}
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


def _address(kwargs: Mapping[str, Any]) -> str:
    """Return where a connection leads, for messages: never its password."""
    where = kwargs.get("path") or f"{kwargs.get('host', 'localhost')}:{kwargs.get('port', 6379)}"
    return f"{where}, database {kwargs.get('db', 0)}"
