"""Tell an async function from another one without `inspect` or `asyncio`, which cost 10 and 34 ms to import."""

from __future__ import annotations

from functools import partial
from typing import Any

__all__ = ["is_coroutine_function"]

_CO_COROUTINE = 0x80  # inspect.CO_COROUTINE


def is_coroutine_function(function: Any) -> bool:
    """Return whether calling `function` gives a coroutine: an `async def`, one that is marked as such, a method or a
    partial of one, or an object with an async `__call__`.

    Source: Python's `inspect.iscoroutinefunction` and `inspect.markcoroutinefunction` (asgiref's mark on Python 3.11).
    """
    while isinstance(function, partial):
        function = function.func
    function = getattr(function, "__func__", function)
    code = getattr(function, "__code__", None)
    if code is None:
        call = type(function).__dict__.get("__call__")
        code = getattr(call, "__code__", None)
    if code is not None and code.co_flags & _CO_COROUTINE:
        return True
    return bool(getattr(function, "_is_coroutine", None) or getattr(function, "_is_coroutine_mark", None))
