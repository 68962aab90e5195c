"""The connections to the servers of one Redis cache, and what becomes of a command that gets no answer.

A server that is gone costs a second at most, one that hangs two: `socket_connect_timeout` is 1 and `socket_timeout` 2
seconds unless OPTIONS say otherwise.  Then nobody waits for it until it is back (see `outage`).  The error names the
cache and the address, and is a ServiceUnavailable as well as redis-py's; the log has it once, and again when the
server is back.  A connection that broke while it was idle is replaced at once, unseen.

Source: redis-py's documentation, "Connecting to Redis" and "Exceptions".
"""

from __future__ import annotations

import pickle
import random
from collections.abc import Callable
from functools import cache, partial
from typing import Any, Protocol, TypeVar
from weakref import WeakKeyDictionary, ref

from miniframe.cache.backends.base import InvalidCacheBackendError
from miniframe.cache.backends.outage import Outage
from miniframe.cache.backends.signed import UnusableValue, load, logger, sign
from miniframe.conf import import_from_setting
from miniframe.exceptions import ServiceUnavailable

__all__ = ["RedisCacheClient", "RedisSerializer", "Serializer"]

T = TypeVar("T")

_KIND = "redis"

# Redis counts in 64 bits.
_WHOLE_NUMBERS = range(-(2**63), 2**63)
_LONGEST_NUMBER = len(str(-(2**63)))


class Serializer(Protocol):
    """What OPTIONS["serializer"] may be: its dotted path, its class, or an object."""

    def dumps(self, obj: Any) -> bytes | int:
        """Return what Redis is to keep."""

    def loads(self, data: bytes) -> Any:
        """Return the value again."""


class RedisSerializer:
    """Whole numbers as they are, so that Redis can count; everything else pickled and signed (see `signed`).

    Where it is the serializer itself, and no subclass, the signature is good under the value's key only.
    """

    def dumps(self, obj: Any) -> bytes | int:
        """Return what Redis is to keep."""
        return _dumps(obj, "")

    def loads(self, data: bytes) -> Any:
        """Return the value again.

        Raises:
            UnusableValue: this site did not write it.
        """
        return _loads(data, "")


def _dumps(value: Any, key: str) -> bytes | int:
    # True is an int too, and would come back as 1.
    if type(value) is int and value in _WHOLE_NUMBERS:
        return value
    # With the key: who can write into Redis must not put one visitor's session where another's belongs.
    return sign(pickle.dumps(value, pickle.HIGHEST_PROTOCOL), _KIND, key)


def _loads(data: bytes, key: str) -> Any:
    if len(data) > _LONGEST_NUMBER:
        return load(data, _KIND, key)
    try:
        return int(data)
    except ValueError:
        raise UnusableValue("it is neither a number nor signed") from None


class RedisCacheClient:
    """The connections to the servers of one LOCATION, which all threads share; none is made before it is needed."""

    dumps: Callable[[Any, str], bytes | int]
    """Return what Redis is to keep of a value under a key."""

    loads: Callable[[bytes, str], Any]
    """Return the value that Redis has kept under a key."""

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
        self._take_serializer(serializer)
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
        self._outages: WeakKeyDictionary[Any, Outage] = WeakKeyDictionary()

    def _take_serializer(self, given: Any) -> None:
        found = _named(given) or RedisSerializer
        serializer = self._serializer = found() if callable(found) else found
        if type(serializer) is RedisSerializer:
            self.dumps, self.loads = _dumps, _loads
        else:
            # One of a project's own knows values only, as Django's do.
            self.dumps = lambda value, key: serializer.dumps(value)
            self.loads = lambda data, key: serializer.loads(data)

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

    def run(self, command: Callable[[Any], T], alias: str, *, write: bool) -> T:
        """Return what `command` gets from a client; `alias` is the cache's, for messages.

        Raises:
            ServiceUnavailable: the server does not answer, or takes nothing; what redis-py raises as well.
        """
        client = self.get_client(write=write)
        outage = self._outage_of(client)
        reason = outage.keeps_out()
        if reason is not None:
            raise _both(self._lib.ConnectionError)(_silent(alias, client, reason))
        try:
            found = command(client)
        except self._lib.RedisError as error:
            if self._is_silence(error):
                self._note_silence(outage, alias, client, error)
                raise _both(error.__class__)(_silent(alias, client, str(error))) from error
            _note_answer(outage, alias, client)
            if self._is_refusal(error):
                logger.error("%s", _refusing(alias, client, str(error)))
                raise _both(error.__class__)(_refusing(alias, client, str(error))) from error
            raise
        # Whatever else ends a command, such as Ctrl-C, is no answer.
        _note_answer(outage, alias, client)
        return found

    def _outage_of(self, client: Any) -> Outage:
        found = self._outages.get(client)
        return self._outages.setdefault(client, Outage()) if found is None else found

    def _is_silence(self, error: Exception) -> bool:
        """Return whether no answer came."""
        return isinstance(error, (self._lib.ConnectionError, self._lib.TimeoutError))

    def _is_refusal(self, error: Exception) -> bool:
        """Return whether this answer is about the server's state, and neither about our command nor about our data."""
        kinds = self._lib.exceptions
        # It is full, a replica, a replica without its source; or it cannot write to its disk, or has too few replicas.
        refusals = (kinds.OutOfMemoryError, kinds.ReadOnlyError, kinds.MasterDownError)
        return isinstance(error, refusals) or str(error).startswith(("MISCONF", "NOREPLICAS"))

    def _note_silence(self, outage: Outage, alias: str, client: Any, error: Exception) -> None:
        # That all connections are in use says nothing about the server.
        if isinstance(error, self._lib.exceptions.MaxConnectionsError):
            return
        if outage.failed(str(error)):
            message = _silent(alias, client, str(error))
            logger.error("%s What needs it fails until it is back; the log will say when.", message)
        # Who no longer uses the cache is not to be kept alive by the looking.
        outage.watch(partial(_look, outage, alias, ref(client)))


def _look(outage: Outage, alias: str, find: Callable[[], Any]) -> bool:
    """See whether a server is back; return whether to look again."""
    client = find()
    if client is None:
        return False
    try:
        client.ping()
    except Exception as error:  # whatever it is, it is no answer
        outage.failed(str(error))
        return True
    _note_answer(outage, alias, client)
    return False


def _note_answer(outage: Outage, alias: str, client: Any) -> None:
    seconds = outage.answered()
    if seconds is not None:
        logger.warning("The cache %r can use Redis at %s again, after %.1f s.", alias, _address(client), seconds)


def _silent(alias: str, client: Any, reason: str) -> str:
    return (
        f"The cache {alias!r} cannot use Redis at {_address(client)}: {reason.rstrip('.')}. "
        f"Is it running? If it is elsewhere, correct settings.CACHES[{alias!r}]."
    )


def _refusing(alias: str, client: Any, reason: str) -> str:
    return f"The cache {alias!r} cannot use Redis at {_address(client)}, which refuses: {reason.rstrip('.')}."


def _address(client: Any) -> str:
    """Return where a client's connections lead, for messages: never its password."""
    kwargs = client.connection_pool.connection_kwargs
    where = kwargs.get("path") or f"{kwargs.get('host', 'localhost')}:{kwargs.get('port', 6379)}"
    return f"{where}, database {kwargs.get('db', 0)}"


@cache
def _both(kind: type[Exception]) -> type[ServiceUnavailable]:
    """Return a class of errors that are ours, and redis-py's too, which code may expect."""
    return type(f"Redis{kind.__name__}", (ServiceUnavailable, kind), {"__doc__": "Redis cannot be used now."})


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
