"""What a cache gets that a project brings: all methods but six follow from those."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from miniframe.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from miniframe.cache.backends.filebased import FileBasedCache
from miniframe.cache.backends.locmem import LocMemCache
from miniframe.cache.backends.redis import RedisCache


class Own(BaseCache):
    """A dictionary; `between` is called between a question and what follows from it."""

    def __init__(self, between: Callable[[Own], Any] = lambda cache: None) -> None:
        super().__init__({})
        self.values: dict[str, Any] = {}
        self._between = between

    def get(self, key: Any, default: Any = None, version: Any = None) -> Any:
        value = self.values.get(key, default)
        self._between(self)
        return value

    def set(self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: Any = None) -> None:
        self.values[key] = value


def test_a_cache_of_ones_own_replaces_only_what_is_there() -> None:
    cache = Own()
    assert cache.replace("key", 1) is False
    assert cache.values == {}
    cache.set("key", None)
    assert cache.replace("key", 2) is True
    assert cache.values == {"key": 2}


def test_a_cache_of_ones_own_replaces_in_two_steps() -> None:
    """As its docstring says: nobody may build a promise on it."""
    cache = Own(lambda cache: cache.values.clear())
    cache.set("key", 1)
    assert cache.replace("key", 2) is True
    assert cache.values == {"key": 2}


@pytest.mark.parametrize("backend", [FileBasedCache, LocMemCache, RedisCache])
def test_a_cache_that_keeps_something_has_one_step_of_its_own(backend: type[BaseCache]) -> None:
    assert backend.replace is not BaseCache.replace
