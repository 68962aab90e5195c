"""Tell async functions from others, and run coroutines to their end from code that is not async.

A WSGI server knows no event loop.  `inspect` and `asyncio` cost 10 and 34 ms to import, so the first is done
without, and the second is imported when the first coroutine comes along.
"""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable, Coroutine
from functools import partial, wraps
from typing import Any, ParamSpec, TypeVar

from miniframe.types import GetResponse

__all__ = [
    "as_coroutine_function",
    "as_plain_function",
    "is_coroutine_function",
    "run_coroutine",
]

P = ParamSpec("P")
R = TypeVar("R")

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
    # Only marks that were set: a Mock has every attribute that it is asked for.
    marks = getattr(function, "__dict__", {})
    return bool(marks.get("_is_coroutine") or marks.get("_is_coroutine_mark"))


def run_coroutine(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Return what `coroutine` returns, or raise what it raises; this thread waits for it.

    Context variables that are set here can be read inside, and the other way round.
    """
    import asyncio  # heavy, and needed by async views only

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        pass  # and out of this block, or each error of a view would be said to come of this one
    else:
        # Below an async middleware this thread runs a loop already, and a thread can run only one.
        return _in_another_thread(run_coroutine, coroutine)
    context = contextvars.copy_context()
    try:
        with asyncio.Runner() as runner:
            return runner.run(coroutine, context=context)
    finally:
        _take_over(context)


def _in_another_thread(function: Callable[..., Any], *args: Any) -> Any:
    outcome: list[Any] = []

    def work() -> None:
        try:
            outcome.extend([True, function(*args)])
        except BaseException as exc:
            outcome.extend([False, exc])

    context = contextvars.copy_context()
    thread = threading.Thread(target=context.run, args=(work,))
    thread.start()
    thread.join()
    _take_over(context)
    done, result = outcome
    if not done:
        raise result
    return result


def _take_over(context: contextvars.Context) -> None:
    """Set here what was set in `context`: a URLconf or a time zone that a view chose counts for the middleware too."""
    for variable, value in context.items():
        if variable.get(None) is not value:
            variable.set(value)


def as_plain_function(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return `function` itself, or if it is async, a function that runs it to its end."""
    if not is_coroutine_function(function):
        return function

    @wraps(function)
    def wait(*args: Any, **kwargs: Any) -> Any:
        return run_coroutine(function(*args, **kwargs))

    return wait


def as_coroutine_function(get_response: GetResponse) -> GetResponse:
    """Return an async function that calls `get_response`, for a middleware that can only await the next layer.

    What lies below has a thread of its own: it may run an event loop, and the middleware's thread runs one already.
    """

    async def get_response_async(request: Any) -> Any:
        return _in_another_thread(get_response, request)

    return get_response_async
