"""The middleware chain, and what happens inside it: resolve, view hooks, view, template hooks, render.

The chain is built once, from the innermost layer outwards: each layer is one closure that holds the next, so a request
walks down by calls and its response up by return values.

Not here: the environ (see `wsgi`); what an exception becomes (see `exception`).
Source: Django's topic "Middleware".
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import CoroutineType, FunctionType, MethodType
from typing import Any, ClassVar

from miniframe.conf import import_from_setting, settings
from miniframe.exceptions import ImproperlyConfigured, MiddlewareNotUsed
from miniframe.handlers.exception import convert_exception_to_response, layer_of_hooks, response_for_exception
from miniframe.handlers.tracing import Trace
from miniframe.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseForbidden,
    HttpResponseNotFound,
    HttpResponsePermanentRedirect,
    HttpResponseRedirect,
    JsonResponse,
    StreamingHttpResponse,
)
from miniframe.signals import request_finished
from miniframe.types import GetResponse, ResolverMatchLike, View
from miniframe.urls import get_resolver, set_urlconf
from miniframe.utils.coroutines import (
    as_coroutine_function,
    as_plain_function,
    is_coroutine_function,
    run_coroutine,
)
from miniframe.utils.deprecation import MiddlewareMixin
from miniframe.utils.log import log_response

logger: logging.Logger = logging.getLogger("miniframe.request")

Hook = Callable[..., Any]

#: Classes of responses that need no look: they are no None, no coroutine, and have nothing to render.
_FINISHED = frozenset(
    {
        FileResponse,
        HttpResponse,
        HttpResponseForbidden,
        HttpResponseNotFound,
        HttpResponsePermanentRedirect,
        HttpResponseRedirect,
        JsonResponse,
        StreamingHttpResponse,
    }
)


# What views return by mistake, often from the habits of another framework.
_NO_RESPONSES = frozenset({CoroutineType, str, bytes, dict, list, tuple, int, bool})


# Views that a trace has been put around; only a resolver that makes them up for each request could have more.
_KEPT_VIEWS = 1000


class BaseHandler:
    """Build the chain of settings.MIDDLEWARE around the view, and send requests down it."""

    _view_middleware: tuple[Hook, ...] = ()
    _template_response_middleware: tuple[Hook, ...] = ()
    _exception_middleware: tuple[Hook, ...] = ()
    _middleware_chain: GetResponse | None = None
    _wraps_views = False
    _make_view_atomic: Callable[[View], View] | None = None
    _trace: ClassVar[Trace | None] = None

    # One lock for all handlers: chains are built once, and the import of a middleware may itself build another chain
    # in the same thread.
    _loading = threading.RLock()

    @classmethod
    @contextmanager
    def traced_by(cls, trace: Trace | None) -> Iterator[None]:
        """Put `trace` around the steps of chains that are built inside of this block, in any thread."""
        before, cls._trace = cls._trace, trace
        try:
            yield
        finally:
            cls._trace = before

    def load_middleware(self) -> None:
        """Build the chain from settings.MIDDLEWARE, the first of which is the outermost.

        Nothing of a build that fails is kept, so it can be tried again.

        Raises:
            ImproperlyConfigured: a factory returned None; or a dotted path leads nowhere (an ImportError as well).
            ImportError: a middleware's module cannot be imported.
            RuntimeError: a factory says that it is neither sync_capable nor async_capable.
        """
        self._make_view_atomic = _transactions_around_views()
        hooks: dict[str, list[Hook]] = {"process_view": [], "process_template_response": [], "process_exception": []}
        trace = self._trace
        handler = plain = traced = layer_of("", self._get_response)
        inside = self
        if trace is not None:
            inside = self._with_traced_steps(trace)
            traced = _traced_layer(trace, "", inside._get_response)
            handler = trace.fork(traced, plain)
        for path in reversed(settings.MIDDLEWARE):
            middleware = _make_middleware(path, handler)
            if middleware is None:
                continue
            for name, found in hooks.items():
                if hasattr(middleware, name):
                    hook = as_plain_function(getattr(middleware, name))
                    found.append(hook if trace is None else trace.hook(name, hook))
            plain = layer_of(path, middleware, (handler, plain))
            if trace is None:
                handler = plain
            else:
                traced = _traced_layer(trace, path, middleware)
                handler = trace.fork(traced, plain)
        for each in (self, inside):
            each._view_middleware = tuple(reversed(hooks["process_view"]))
            each._template_response_middleware = tuple(hooks["process_template_response"])
            each._exception_middleware = tuple(hooks["process_exception"])
        wraps = getattr(self.make_view_atomic, "__func__", None)
        self._wraps_views = wraps is not BaseHandler.make_view_atomic or self._make_view_atomic is not None
        if trace is not None:
            handler = trace.chain(traced, plain)
        # Last of all: that it is set tells other threads that the handler is ready.
        self._middleware_chain = handler

    def _with_traced_steps(self, trace: Trace) -> BaseHandler:
        """Return a copy with `trace` around the handler's own steps, whatever a subclass has made of them."""
        copy: BaseHandler = object.__new__(type(self))
        copy.__dict__.update(self.__dict__)
        known: dict[int, tuple[View, View]] = {}

        def traced(view: View) -> View:
            kept = known.get(id(view))
            if kept is None or kept[0] is not view:
                if len(known) >= _KEPT_VIEWS:
                    known.clear()
                call = as_plain_function(self.make_view_atomic(view))
                kept = known[id(view)] = view, trace.view(view, call)
            return kept[1]

        own = {
            "resolve_request": trace.resolve(self.resolve_request),
            "make_view_atomic": traced,
            "_render": trace.render(partial(type(self)._render, copy)),
            "_wraps_views": True,
        }
        copy.__dict__.update(own)
        return copy

    def load_middleware_once(self) -> None:
        """Build the chain unless there is one; threads that come while it is built wait for it."""
        with self._loading:
            if self._middleware_chain is None:
                self.load_middleware()

    def get_response(self, request: HttpRequest) -> HttpResponseBase:
        """Return the response to `request`, and log it if it is an error that nobody has logged yet."""
        if self._middleware_chain is None:
            self.load_middleware_once()
        try:
            response: HttpResponseBase = self._middleware_chain(request)  # type: ignore[misc]  # loaded just now
        except BaseException as exc:
            try:
                if not _is_exit_of_view(request, exc):
                    raise
                response = response_for_exception(request, exc)
            except BaseException:
                set_urlconf(None)
                # No response will be closed.  What is logged only does not hide why.
                request_finished.send_robust(sender=type(self))
                raise
        # When the response is closed, not now: a streamed page may still read uploads and call reverse().
        if request.urlconf is not None:
            response._resource_closers.append(_forget_urlconf)
        if request.method == "POST" or response.streaming:
            response._resource_closers.append(request.close)
            if response.streaming:
                response.settle(request)
        if response.status_code >= 400:
            log_response("%s: %s", response.reason_phrase, request.path, response=response, request=request)
        return response

    def _get_response(self, request: HttpRequest) -> Any:
        """Do what lies inside all middleware: find the view, run it between its hooks, render."""
        match = self.resolve_request(request)
        view, args, kwargs = match.func, match.args, match.kwargs
        response = None
        for hook in self._view_middleware:
            response = hook(request, view, args, kwargs)
            if response is not None:
                break
        else:
            try:
                call = self.make_view_atomic(view) if self._wraps_views else view
                response = call(request, *args, **kwargs)
                if type(response) is CoroutineType and is_coroutine_function(call):
                    response = run_coroutine(response)
            except Exception as exc:
                response = self.process_exception_by_middleware(exc, request)
                if response is None:
                    raise
        if type(response) in _FINISHED:
            return response
        self.check_response(response, view)
        return self._render(request, response) if callable(getattr(response, "render", None)) else response

    def _render(self, request: HttpRequest, response: Any) -> Any:
        for hook in self._template_response_middleware:
            response = hook(request, response)
            self.check_response(response, hook, name=f"{owner_of(hook)}.process_template_response")
        try:
            return response.render()
        except Exception as exc:
            answer = self.process_exception_by_middleware(exc, request)
            if answer is None:
                raise
            return answer

    def resolve_request(self, request: HttpRequest) -> ResolverMatchLike:
        """Return the route that matches, and leave it on the request; `request.urlconf` may name other routes.

        Raises:
            Resolver404: no route matches.
        """
        urlconf = request.urlconf
        if urlconf is not None:
            set_urlconf(urlconf)
        match = request.resolver_match = get_resolver(urlconf).resolve(request.path_info)
        return match

    def check_response(self, response: Any, callback: View, name: str | None = None) -> None:
        """Complain if `callback` gave nothing, a coroutine that nobody awaited, or something that is no response.

        Raises:
            ValueError: with the name of the view, or `name`.
        """
        if response is None:
            given = "It returned None instead."
        elif isinstance(response, CoroutineType):
            response.close()  # or Python adds its own warning to ours
            given = "It returned an unawaited coroutine instead. You may need to add an 'await' into your view."
        elif type(response) in _NO_RESPONSES:
            wrap = "JsonResponse" if isinstance(response, (dict, list)) else "HttpResponse"
            given = f"It returned a {type(response).__name__} instead. Put it into one: return {wrap}(...)."
        else:
            return
        raise ValueError(f"{name or _describe(callback)} didn't return an HttpResponse object. {given}")

    def make_view_atomic(self, view: View) -> View:
        """Return the view to call in place of `view`: where a database layer puts its transaction around it.

        With ATOMIC_REQUESTS that layer is `miniframe.db`; of another one, override this.
        """
        return view if self._make_view_atomic is None else self._make_view_atomic(view)

    def process_exception_by_middleware(self, exception: Exception, request: HttpRequest) -> Any:
        """Return the first response that a process_exception hook has for `exception`, or None."""
        for hook in self._exception_middleware:
            response = hook(request, exception)
            if response is not None:
                return response
        return None


def _transactions_around_views() -> Callable[[View], View] | None:
    """Return what settings.DATABASES wants around views, or None."""
    if not settings.DATABASES:
        return None
    from miniframe.conf.databases import own_databases  # only for projects that have databases

    if not any(entry.get("ATOMIC_REQUESTS") for entry in own_databases().values()):
        return None
    from miniframe.db.transaction import atomic_requests  # SQLAlchemy: 150 ms, only for projects that use it

    return atomic_requests()


def _make_middleware(path: str, get_response: GetResponse) -> Any:
    """Return the middleware at `path` around `get_response`, or None if it does not want to be used."""
    factory = import_from_setting("MIDDLEWARE", path)
    can_sync, can_async = getattr(factory, "sync_capable", True), getattr(factory, "async_capable", False)
    if not can_sync and not can_async:
        raise RuntimeError(f"Middleware {path} must have at least one of sync_capable/async_capable set to True.")
    try:
        middleware = factory(get_response if can_sync else as_coroutine_function(get_response))
    except MiddlewareNotUsed as exc:
        if settings.DEBUG:
            if str(exc):
                logger.debug("MiddlewareNotUsed(%r): %s", path, exc)
            else:
                logger.debug("MiddlewareNotUsed: %r", path)
        return None
    if middleware is None:
        raise ImproperlyConfigured(
            f"Middleware factory {path} returned None. It must return the middleware: "
            "a callable that takes a request and returns a response."
        )
    return middleware


def _is_exit_of_view(request: HttpRequest, exc: BaseException) -> bool:
    """Return whether this is a view's `sys.exit()`, and the server is one that goes on: then it is an error of theirs.

    Other servers end their processes by this very exception.
    """
    # The server itself ends by a subclass.
    return type(exc) is SystemExit and request.META.get("miniframe.outlives_exit") == os.getpid()


def layer_of(path: str, middleware: Any, below: tuple[GetResponse, GetResponse] | None = None) -> GetResponse:
    """Return `middleware`, with the path "" what lies inside of all, as a layer called in the quickest way there is.

    `below` is what the middleware was given as its `get_response`, and what to call in the place of that.
    """
    name = f"The middleware {path}"
    if isinstance(middleware, FunctionType | MethodType):
        return convert_exception_to_response(as_plain_function(middleware), name)
    if isinstance(middleware, MiddlewareMixin) and type(middleware).__call__ is MiddlewareMixin.__call__:
        # What the mixin does can be done here, which saves a call.
        given = middleware.get_response
        following = as_plain_function(below[1] if below is not None and given is below[0] else given)
        return layer_of_hooks(middleware._before, following, middleware._after, name)
    # A bound method is called faster than an instance that has a __call__; the mark of an async one is on the instance.
    call = middleware if is_coroutine_function(middleware) else middleware.__call__
    return convert_exception_to_response(as_plain_function(call), name)


def _traced_layer(trace: Trace, path: str, middleware: Any) -> GetResponse:
    convert = partial(convert_exception_to_response, name=f"The middleware {path}" if path else "")
    return trace.layer(path, middleware, as_plain_function(middleware), convert)


def owner_of(hook: Hook) -> str:
    """Return the name of the class that a middleware's hook belongs to."""
    while hasattr(hook, "__wrapped__"):
        hook = hook.__wrapped__
    owner = getattr(hook, "__self__", None)
    return getattr(hook, "__module__", "") if owner is None else type(owner).__name__


def _describe(view: View) -> str:
    if isinstance(view, FunctionType):
        return f"The view {view.__module__}.{view.__name__}"
    return f"The view {view.__module__}.{type(view).__name__}.__call__"


def _forget_urlconf() -> None:
    set_urlconf(None)
