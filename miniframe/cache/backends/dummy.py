"""A cache that keeps nothing: for development, and for tests of what happens without one.

Source: Django's topic "Django's cache framework", section "Dummy caching (for development)".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from miniframe.cache.backends.base import DEFAULT_TIMEOUT, BaseCache

__all__ = ["DummyCache"]


class DummyCache(BaseCache):
    """Check the keys, as all caches do, and forget the rest."""

    def __init__(self, location: Any, params: Mapping[str, Any]) -> None:
        super().__init__(params)

    def add(self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: Any = None) -> bool:
        """Return True: there is never a value already."""
        self.make_and_validate_key(key, version=version)
        return True

    def get(self, key: Any, default: Any = None, version: Any = None) -> Any:
        """Return `default`."""
        self.make_and_validate_key(key, version=version)
        return default

    def set(self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: Any = None) -> None:
        """Forget the value."""
        self.make_and_validate_key(key, version=version)

    def touch(self, key: Any, timeout: float | None = DEFAULT_TIMEOUT, version: Any = None) -> bool:
        """Return False: there is no value."""
        self.make_and_validate_key(key, version=version)
        return False

    def delete(self, key: Any, version: Any = None) -> bool:
        """Return False: there was no value."""
        self.make_and_validate_key(key, version=version)
        return False

    def clear(self) -> None:
        """Do nothing."""
