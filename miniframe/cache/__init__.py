"""Keep what was expensive to make: `cache.get`, `cache.set` and their kin, in memory, in files or in Redis."""

from __future__ import annotations

from miniframe.cache.backends.base import (
    DEFAULT_TIMEOUT,
    BaseCache,
    CacheKeyWarning,
    InvalidCacheBackendError,
    InvalidCacheKey,
)
from miniframe.cache.handler import DEFAULT_CACHE_ALIAS, CacheHandler, cache, caches, close_caches

__all__ = [
    "DEFAULT_CACHE_ALIAS",
    "DEFAULT_TIMEOUT",
    "BaseCache",
    "CacheHandler",
    "CacheKeyWarning",
    "InvalidCacheBackendError",
    "InvalidCacheKey",
    "cache",
    "caches",
    "close_caches",
]
