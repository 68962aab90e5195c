"""Make decorators from other things: for methods from those for functions, for views from middlewares.

Source: Django's reference "Utils", section `django.utils.decorators`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper, wraps
from typing import Any, TypeVar

from miniframe.utils.coroutines import is_coroutine_function

__all__ = [
    "async_only_middleware",
    "classonlymethod",
    "decorator_from_middleware",
    "decorator_from_middleware_with_args",
    "make_middleware_decorator",
    "method_decorator",
    "sync_and_async_middleware",
    "sync_only_middleware",
]

Decorator = Callable[[Any], Any]
F = TypeVar("F", bound=Callable[..., Any])


def method_decorator(decorator: Any, name: str = "") -> Callable[[Any], Any]:
    """Apply a function decorator, or several (the first is the outermost), to a method.

    On a class, `name` says which method: `@method_decorator(login_required, name="dispatch")`.
    """
    # By its order, the first is the outermost: so a set, which has none, is refused by the slice.
    chain: list[Decorator] = list(decorator[:]) if hasattr(decorator, "__iter__") else [decorator]

    def decorate(target: Any) -> Any:
        if not isinstance(target, type):
            return _decorated_method(chain, target)
        if not (name and hasattr(target, name)):
            raise ValueError(
                f"The keyword argument `name` must be the name of a method of the decorated class: {target}. "
                f"Got '{name}' instead."
            )
        method = getattr(target, name)
        if not callable(method):
            raise TypeError(f"Cannot decorate '{name}' as it isn't a callable attribute of {target} ({method}).")
        setattr(target, name, _decorated_method(chain, method))
        return target

    shown = decorator if not hasattr(decorator, "__iter__") else None
    decorate.__name__ = f"method_decorator({getattr(shown, '__name__', type(decorator).__name__)})"
    return decorate


def _decorated_method(chain: list[Decorator], method: Any) -> Any:
    def bound_to_function(self: Any) -> Any:
        # A plain function around the bound method, because decorators set attributes on what they get.
        bound = method.__get__(self, type(self))

        def function(*args: Any, **kwargs: Any) -> Any:
            return bound(*args, **kwargs)

        result: Any = update_wrapper(function, method)
        for each in reversed(chain):
            result = each(result)
        return result

    def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
        return bound_to_function(self)(*args, **kwargs)

    # What the decorators set on a function (csrf_exempt, say) has to be seen on the method too.
    def probe(*args: Any, **kwargs: Any) -> None: ...

    for each in reversed(chain):
        update_wrapper(wrapper, each(probe))
    update_wrapper(wrapper, method)
    if is_coroutine_function(method):
        _mark_coroutine_function(wrapper)
    return wrapper


def _mark_coroutine_function(function: Any) -> None:
    from asyncio import coroutines  # only where an async method is decorated

    function._is_coroutine = getattr(coroutines, "_is_coroutine", True)


class classonlymethod(classmethod):  # type: ignore[type-arg]  # noqa: N801  # a decorator, named as Django's
    """A class method that an instance does not have."""

    def __init__(self, method: Callable[..., Any]) -> None:
        super().__init__(method)

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        """Return the method bound to the class.

        Raises:
            AttributeError: it was asked of an instance.
        """
        if instance is not None:
            raise AttributeError("This method is available only on the class, not on instances.")
        return super().__get__(instance, cls)


def decorator_from_middleware_with_args(middleware_class: type[Any]) -> Callable[..., Decorator]:
    """Return a decorator that takes the middleware's arguments, as `cache_page(60)` does."""
    return make_middleware_decorator(middleware_class)


def decorator_from_middleware(middleware_class: type[Any]) -> Decorator:
    """Return a decorator that runs one view through a middleware."""
    decorator: Decorator = make_middleware_decorator(middleware_class)()
    return decorator


def make_middleware_decorator(middleware_class: type[Any]) -> Callable[..., Decorator]:
    """Return a factory of decorators; its arguments are the middleware's, after `get_response`."""

    def factory(*m_args: Any, **m_kwargs: Any) -> Decorator:
        def decorate(view: F) -> Any:
            middleware = middleware_class(view, *m_args, **m_kwargs)
            return wraps(view)(_through(middleware, view))

        return decorate

    return factory


class _Hooks:
    """What one middleware does before a view, after it, and when it fails, in the order of the handler."""

    def __init__(self, middleware: Any, view: Callable[..., Any]) -> None:
        self.view = view
        self.on_request = getattr(middleware, "process_request", None)
        self.on_view = getattr(middleware, "process_view", None)
        self.on_exception = getattr(middleware, "process_exception", None)
        self.on_template = getattr(middleware, "process_template_response", None)
        self.on_response = getattr(middleware, "process_response", None)

    def before(self, request: Any, args: Any, kwargs: Any) -> Any:
        early = self.on_request(request) if self.on_request else None
        return self.on_view(request, self.view, args, kwargs) if early is None and self.on_view else early

    def failed(self, request: Any, error: Exception) -> Any:
        response = self.on_exception(request, error) if self.on_exception else None
        if response is None:
            raise error
        return response

    def after(self, request: Any, response: Any) -> Any:
        finish = self.on_response
        if not callable(getattr(response, "render", None)):
            return finish(request, response) if finish else response
        if self.on_template:
            response = self.on_template(request, response)
        if finish:
            # The content is not there yet; whoever renders it runs the last hook.
            response.add_post_render_callback(lambda finished: finish(request, finished))
        return response


def _through(middleware: Any, view: Callable[..., Any]) -> Callable[..., Any]:
    """Return `view`, plain or async, with every hook of `middleware` around it."""
    hooks = _Hooks(middleware, view)

    def wrapped(request: Any, *args: Any, **kwargs: Any) -> Any:
        if (early := hooks.before(request, args, kwargs)) is not None:
            return early
        try:
            response = view(request, *args, **kwargs)
        except Exception as error:
            return hooks.failed(request, error)
        return hooks.after(request, response)

    async def wrapped_async(request: Any, *args: Any, **kwargs: Any) -> Any:
        if (early := hooks.before(request, args, kwargs)) is not None:
            return early
        try:
            response = await view(request, *args, **kwargs)
        except Exception as error:
            return hooks.failed(request, error)
        return hooks.after(request, response)

    return wrapped_async if is_coroutine_function(view) else wrapped


def sync_only_middleware(func: F) -> F:
    """Mark a middleware factory as one for sync handlers, which is the default."""
    func.sync_capable, func.async_capable = True, False  # type: ignore[attr-defined]
    return func


def async_only_middleware(func: F) -> F:
    """Mark a middleware factory as one for async handlers."""
    func.sync_capable, func.async_capable = False, True  # type: ignore[attr-defined]
    return func


def sync_and_async_middleware(func: F) -> F:
    """Mark a middleware factory as one for both."""
    func.sync_capable = func.async_capable = True  # type: ignore[attr-defined]
    return func
