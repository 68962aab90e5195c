"""Allow only some methods on a view, and answer conditional requests without running it.

Source: Django's reference "View decorators", section "Conditional view processing"; RFC 9110, sections 9 and 13.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, cast

from miniframe.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from miniframe.middleware.http import ConditionalGetMiddleware
from miniframe.utils.cache import get_conditional_response
from miniframe.utils.coroutines import is_coroutine_function
from miniframe.utils.decorators import decorator_from_middleware
from miniframe.utils.http import http_date, quote_etag
from miniframe.utils.log import log_response
from miniframe.views.decorators.around import V, around


def conditional_page(view_func: V) -> V:
    """Give the view's answers an ETag, and turn those that the client has already into 304."""
    conditional: V = decorator_from_middleware(ConditionalGetMiddleware)(view_func)
    return conditional


def require_http_methods(request_method_list: Sequence[str]) -> Callable[[V], V]:
    """Answer 405 to other methods than these, which are in capitals: `@require_http_methods(["GET", "POST"])`."""

    def refuse(request: HttpRequest) -> HttpResponseBase | None:
        if request.method in request_method_list:
            return None
        response = HttpResponseNotAllowed(request_method_list)
        log_response("Method Not Allowed (%s): %s", request.method, request.path, response=response, request=request)
        return response

    return lambda view: around(view, before=refuse)


def require_GET(func: V) -> V:  # noqa: N802  # Django's name
    """Answer 405 to other methods than GET."""
    return require_http_methods(["GET"])(func)


def require_POST(func: V) -> V:  # noqa: N802  # Django's name
    """Answer 405 to other methods than POST."""
    return require_http_methods(["POST"])(func)


def require_safe(func: V) -> V:
    """Answer 405 to methods that could change something: all but GET and HEAD."""
    return require_http_methods(["GET", "HEAD"])(func)


def condition(
    etag_func: Callable[..., str | None] | None = None,
    last_modified_func: Callable[..., datetime.datetime | None] | None = None,
) -> Callable[[V], V]:
    """Answer 304 or 412 without running the view if the request's conditions say so.

    Both functions take the view's arguments. One returns the resource's entity tag (quotes are added if it has none),
    the other its time (a naive one is taken as UTC); None says that there is no such resource.
    """

    def decorate(view: V) -> V:
        def validators(request: HttpRequest, args: tuple[Any, ...], kwargs: dict[str, Any]) -> _Validators:
            tag = etag_func(request, *args, **kwargs) if etag_func else None
            time = last_modified_func(request, *args, **kwargs) if last_modified_func else None
            return _Validators(tag, time)

        if is_coroutine_function(view):

            @wraps(view)
            async def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
                found = validators(request, args, kwargs)
                response = found.early_answer(request)
                return found.onto(request, await view(request, *args, **kwargs) if response is None else response)

        else:

            @wraps(view)
            def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
                found = validators(request, args, kwargs)
                response = found.early_answer(request)
                return found.onto(request, view(request, *args, **kwargs) if response is None else response)

        return cast("V", wrapper)

    return decorate


class _Validators:
    """What tells two states of a resource apart (RFC 9110, section 8.8)."""

    def __init__(self, tag: str | None, time: datetime.datetime | None) -> None:
        self.etag = None if tag is None else quote_etag(tag)
        self.last_modified: int | None = None
        if time is not None:
            aware = time if time.tzinfo else time.replace(tzinfo=datetime.UTC)
            self.last_modified = int(aware.timestamp())

    def early_answer(self, request: HttpRequest) -> HttpResponseBase | None:
        return get_conditional_response(request, etag=self.etag, last_modified=self.last_modified)

    def onto(self, request: HttpRequest, response: Any) -> Any:
        """Add the headers to an answer that says what the resource is like now, unless the view did."""
        if request.method in ("GET", "HEAD"):
            if self.last_modified:
                response.headers.setdefault("Last-Modified", http_date(self.last_modified))
            if self.etag:
                response.headers.setdefault("ETag", self.etag)
        return response


def etag(etag_func: Callable[..., str | None]) -> Callable[[V], V]:
    """Do what `condition` does, by entity tag only."""
    return condition(etag_func=etag_func)


def last_modified(last_modified_func: Callable[..., datetime.datetime | None]) -> Callable[[V], V]:
    """Do what `condition` does, by time only."""
    return condition(last_modified_func=last_modified_func)
