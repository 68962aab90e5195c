"""Put code before and after a view, be it plain or async: what most of the decorators here are made with."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from miniframe.utils.coroutines import is_coroutine_function

V = TypeVar("V", bound=Callable[..., Any])


def around(
    view: V,
    before: Callable[[Any], Any] | None = None,
    after: Callable[[Any, Any], object] | None = None,
) -> V:
    """Return a view that calls `before(request)`, `view`, and `after(request, response)`.

    `before` may return a response, and then the view is not called. `after` changes the response it is given; what it
    returns is ignored.
    """
    if is_coroutine_function(view):

        @wraps(view)
        async def wrapper(request: Any, *args: Any, **kwargs: Any) -> Any:
            response = before(request) if before else None
            if response is None:
                response = await view(request, *args, **kwargs)
            if after:
                after(request, response)
            return response

    else:

        @wraps(view)
        def wrapper(request: Any, *args: Any, **kwargs: Any) -> Any:
            response = before(request) if before else None
            if response is None:
                response = view(request, *args, **kwargs)
            if after:
                after(request, response)
            return response

    return cast("V", wrapper)


def require_request(request: Any, decorator_name: str) -> None:
    """Check that a decorator was given a request and not the `self` of a method.

    Raises:
        TypeError: it was not.
    """
    if not hasattr(request, "META"):
        raise TypeError(
            f"{decorator_name} didn't receive an HttpRequest. If you are decorating a classmethod, be sure to use "
            "@method_decorator."
        )
