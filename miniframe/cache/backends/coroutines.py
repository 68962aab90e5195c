"""The same methods for `async def` views: `await cache.aget(...)` is `cache.get(...)`, here and now.

A WSGI server runs an async view to its end in one thread, which has nothing else to do while it waits for the cache.

Source: Django's topic "Django's cache framework", section "Asynchronous support".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["AsyncMethods"]


def _in_place(name: str) -> Callable[..., Any]:
    async def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return getattr(self, name)(*args, **kwargs)

    method.__name__ = f"a{name}"
    method.__qualname__ = f"AsyncMethods.a{name}"
    method.__doc__ = f"Do what `{name}` does."
    return method


class AsyncMethods:
    """Each method of a cache once more, with an "a" before its name."""

    aadd = _in_place("add")
    aget = _in_place("get")
    aset = _in_place("set")
    atouch = _in_place("touch")
    adelete = _in_place("delete")
    aclear = _in_place("clear")
    aget_many = _in_place("get_many")
    aget_or_set = _in_place("get_or_set")
    ahas_key = _in_place("has_key")
    aincr = _in_place("incr")
    adecr = _in_place("decr")
    aset_many = _in_place("set_many")
    adelete_many = _in_place("delete_many")
    aincr_version = _in_place("incr_version")
    adecr_version = _in_place("decr_version")
    aclose = _in_place("close")
