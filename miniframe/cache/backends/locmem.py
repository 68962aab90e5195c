"""A cache in this process's memory, shared by its threads: quick, and gone with the process.

Values are copied, so that nobody changes what another one was given: those that cannot change are kept as they are,
all others pickled.

Source: Django's topic "Django's cache framework", section "Local-memory caching".
"""

from __future__ import annotations

import pickle
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, NamedTuple

from miniframe.cache.backends.base import DEFAULT_TIMEOUT, BaseCache

__all__ = ["LocMemCache"]


class _Store(NamedTuple):
    """What all caches of one LOCATION share."""

    values: OrderedDict[str, Any]
    """The one used longest ago is first."""
    ends: dict[str, float | None]
    lock: threading.Lock


class _Pickled(bytes):
    """Marks bytes that stand for another value."""

    __slots__ = ()


_IMMUTABLE = frozenset({str, bytes, int, float, bool, type(None)})

_stores: dict[str, _Store] = {}


def _packed(value: Any) -> Any:
    return value if type(value) in _IMMUTABLE else _Pickled(pickle.dumps(value, pickle.HIGHEST_PROTOCOL))


def _unpacked(kept: Any) -> Any:
    return pickle.loads(kept) if type(kept) is _Pickled else kept


class LocMemCache(BaseCache):
    """A cache in memory.  Caches with the same LOCATION share their values; it is a name, "" if there is but one.

    When there are MAX_ENTRIES values, the next one makes one in CULL_FREQUENCY of them go: those whose time is over
    first, then those used longest ago.  A CULL_FREQUENCY of 0 lets all of them go.
    """

    def __init__(self, name: str, params: Mapping[str, Any]) -> None:
        super().__init__(params)
        # setdefault is atomic, so two threads that come first get the same store.
        store = _stores.setdefault(name, _Store(OrderedDict(), {}, threading.Lock()))
        self._cache, self._expire_info, self._lock = store

    def get(self, key: Any, default: Any = None, version: Any = None) -> Any:
        """Return the value, or `default`."""
        key = self.make_and_validate_key(key, version)
        with self._lock:
            if self._is_expired(key):
                self._drop(key)
                return default
            kept = self._cache[key]
            self._cache.move_to_end(key)
        # Unpickling runs code of the value's class: not while others wait.
        return _unpacked(kept)

    def set(self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: Any = None) -> None:
        """Store a value."""
        key = self.make_and_validate_key(key, version)
        packed = _packed(value)
        end = self.get_backend_timeout(timeout)
        with self._lock:
            self._put(key, packed, end)

    def add(self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: Any = None) -> bool:
        """Store a value unless there is one; of many threads at once one is told True."""
        key = self.make_and_validate_key(key, version)
        packed = _packed(value)
        end = self.get_backend_timeout(timeout)
        with self._lock:
            if not self._is_expired(key):
                return False
            self._put(key, packed, end)
            return True

    def replace(self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: Any = None) -> bool:
        """Store a value if there is one already; no other thread comes between."""
        key = self.make_and_validate_key(key, version)
        packed = _packed(value)
        end = self.get_backend_timeout(timeout)
        with self._lock:
            if self._is_expired(key):
                return False
            self._put(key, packed, end)
            return True

    def touch(self, key: Any, timeout: float | None = DEFAULT_TIMEOUT, version: Any = None) -> bool:
        """Give a value a new time."""
        key = self.make_and_validate_key(key, version)
        end = self.get_backend_timeout(timeout)
        with self._lock:
            if self._is_expired(key):
                return False
            self._expire_info[key] = end
            return True

    def incr(self, key: Any, delta: int = 1, version: Any = None) -> int:
        """Add to a value, whose time stays as it is; no other thread comes between."""
        stored = self.make_and_validate_key(key, version)
        with self._lock:
            if self._is_expired(stored):
                raise ValueError(f"Key '{key}' not found")
            total: int = _unpacked(self._cache[stored]) + delta
            self._cache[stored] = _packed(total)
            self._cache.move_to_end(stored)
        return total

    def has_key(self, key: Any, version: Any = None) -> bool:
        """Return whether there is a value."""
        key = self.make_and_validate_key(key, version)
        with self._lock:
            return not self._is_expired(key)

    def delete(self, key: Any, version: Any = None) -> bool:
        """Remove a value."""
        key = self.make_and_validate_key(key, version)
        with self._lock:
            was_there = not self._is_expired(key)
            self._drop(key)
            return was_there

    def clear(self) -> None:
        """Remove everything at this LOCATION."""
        with self._lock:
            self._cache.clear()
            self._expire_info.clear()

    # All below is called with the lock held.

    def _is_expired(self, key: str) -> bool:
        """Return whether there is no value, or no longer."""
        end = self._expire_info.get(key, 0)
        return end is not None and end <= time.time()

    def _put(self, key: str, packed: Any, end: float | None) -> None:
        if key not in self._cache and len(self._cache) >= self._max_entries:
            self._cull()
        self._cache[key] = packed
        self._cache.move_to_end(key)
        self._expire_info[key] = end

    def _drop(self, key: str) -> None:
        self._cache.pop(key, None)
        self._expire_info.pop(key, None)

    def _cull(self) -> None:
        if self._cull_frequency == 0:
            self._cache.clear()
            self._expire_info.clear()
            return
        surplus = max(1, len(self._cache) // self._cull_frequency)
        now = time.time()
        over = [key for key, end in self._expire_info.items() if end is not None and end <= now]
        for key in over:
            self._drop(key)
        for _ in range(min(surplus - len(over), len(self._cache))):
            key, _ = self._cache.popitem(last=False)
            self._expire_info.pop(key, None)
