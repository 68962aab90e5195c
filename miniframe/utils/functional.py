"""Values that are computed when somebody first asks for them.

Source: Django's reference "Utils", section `django.utils.functional`.
"""

from __future__ import annotations

import copy
import operator
from collections.abc import Callable
from functools import cached_property, total_ordering
from typing import Any, Generic, TypeVar

__all__ = [
    "LazyObject",
    "Promise",
    "SimpleLazyObject",
    "cached_property",
    "classproperty",
    "empty",
    "lazy",
    "lazystr",
]

T = TypeVar("T")

empty: Any = object()
"""What a `LazyObject` holds before it holds anything; None would be a value like any other."""


class classproperty(Generic[T]):  # noqa: N801  # a decorator, named as Django's
    """A read-only property of the class itself: `@classproperty def name(cls): ...`."""

    def __init__(self, method: Callable[[Any], T] | None = None) -> None:
        self.fget = method

    def __get__(self, instance: object, cls: type | None = None) -> T:
        assert self.fget is not None
        return self.fget(cls)

    def getter(self, method: Callable[[Any], T]) -> classproperty[T]:
        """Use another method from now on."""
        self.fget = method
        return self


class Promise:
    """The mark of values made by `lazy`: whoever must not evaluate them too early asks `isinstance`."""


def lazy(func: Callable[..., Any], *resultclasses: type) -> Callable[..., Any]:
    """Return a function that calls `func` only when its result is used as text, number or whatever.

    `resultclasses` are the types that `func` may return; their methods exist on the lazy value.
    The call is made anew at each use, because what it depends on (a language, a URLconf) may change.
    """

    @total_ordering
    class Proxy(Promise):
        def __init__(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
            self._args = args
            self._kwargs = kwargs

        def _now(self) -> Any:
            return func(*self._args, **self._kwargs)

        def __reduce__(self) -> tuple[Any, ...]:
            return _unpickle_lazy, (func, self._args, self._kwargs, *resultclasses)

        def __deepcopy__(self, memo: dict[int, Any]) -> Proxy:
            memo[id(self)] = self
            return self

        def __str__(self) -> str:
            return str(self._now())

        def __repr__(self) -> str:
            return repr(self._now())

        def __eq__(self, other: object) -> bool:
            return bool(self._now() == (other._now() if isinstance(other, Proxy) else other))

        def __lt__(self, other: Any) -> bool:
            return bool(self._now() < (other._now() if isinstance(other, Proxy) else other))

        def __hash__(self) -> int:
            return hash(self._now())

        def __add__(self, other: Any) -> Any:
            return self._now() + other

        def __radd__(self, other: Any) -> Any:
            return other + self._now()

        def __mod__(self, other: Any) -> Any:
            return self._now() % other

        def __mul__(self, other: Any) -> Any:
            return self._now() * (other._now() if isinstance(other, Proxy) else other)

        __rmul__ = __mul__

        def __format__(self, spec: str) -> str:
            return format(self._now(), spec)

    # What every object has stays the proxy's own: it needs its attributes to hold the call.
    taken = {*vars(Proxy), *vars(object)}
    for cls in resultclasses:
        for name in dir(cls):
            if name not in taken and callable(getattr(cls, name)):
                setattr(Proxy, name, _forward(name))
                taken.add(name)

    def promise(*args: Any, **kwargs: Any) -> Proxy:
        return Proxy(args, kwargs)

    promise.__name__ = getattr(func, "__name__", "promise")
    promise.__doc__ = func.__doc__
    return promise


def _forward(name: str) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return getattr(self._now(), name)(*args, **kwargs)

    method.__name__ = name
    return method


def _unpickle_lazy(func: Callable[..., Any], args: Any, kwargs: Any, *resultclasses: type) -> Any:
    return lazy(func, *resultclasses)(*args, **kwargs)


def lazystr(text: Any) -> Any:
    """Return `text` as a lazy string."""
    return lazy(str, str)(text)


def _through(operation: Callable[..., Any]) -> Any:
    """Make a method that applies `operation` to the wrapped object, loading it first."""

    def method(self: LazyObject, *args: Any) -> Any:
        if self._wrapped is empty:
            self._setup()
        return operation(self._wrapped, *args)

    return method


class LazyObject:
    """Stand in for an object until it is used; a subclass says in `_setup` how to make `_wrapped`."""

    _wrapped: Any = None

    def __init__(self) -> None:
        self._wrapped = empty

    def _setup(self) -> None:
        raise NotImplementedError("subclasses of LazyObject must provide a _setup() method")

    def __getattr__(self, name: str) -> Any:
        if self._wrapped is empty:
            self._setup()
        return getattr(self._wrapped, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "_wrapped":
            self.__dict__["_wrapped"] = value
        else:
            if self._wrapped is empty:
                self._setup()
            setattr(self._wrapped, name, value)

    def __delattr__(self, name: str) -> None:
        if name == "_wrapped":
            raise TypeError("can't delete _wrapped.")
        if self._wrapped is empty:
            self._setup()
        delattr(self._wrapped, name)

    def __reduce__(self) -> tuple[Any, ...]:
        if self._wrapped is empty:
            self._setup()
        return _same, (self._wrapped,)

    def __copy__(self) -> Any:
        return type(self)() if self._wrapped is empty else copy.copy(self._wrapped)

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        if self._wrapped is empty:
            result = type(self)()
            memo[id(self)] = result
            return result
        return copy.deepcopy(self._wrapped, memo)

    __class__ = property(_through(operator.attrgetter("__class__")))  # isinstance() sees the real one
    __bytes__ = _through(bytes)
    __str__ = _through(str)
    __bool__ = _through(bool)
    __dir__ = _through(dir)
    __eq__ = _through(operator.eq)
    __ne__ = _through(operator.ne)
    __lt__ = _through(operator.lt)
    __gt__ = _through(operator.gt)
    __hash__ = _through(hash)
    __getitem__ = _through(operator.getitem)
    __setitem__ = _through(operator.setitem)
    __delitem__ = _through(operator.delitem)
    __iter__ = _through(iter)
    __len__ = _through(len)
    __contains__ = _through(operator.contains)


def _same(value: T) -> T:
    return value


class SimpleLazyObject(LazyObject):
    """A `LazyObject` that a function makes: `SimpleLazyObject(lambda: load(...))`."""

    def __init__(self, func: Callable[[], Any]) -> None:
        self.__dict__["_setupfunc"] = func
        super().__init__()

    def _setup(self) -> None:
        self._wrapped = self._setupfunc()

    def __repr__(self) -> str:
        inner = self.__dict__["_setupfunc"] if self._wrapped is empty else self._wrapped
        return f"<{type(self).__name__}: {inner!r}>"

    def __copy__(self) -> Any:
        if self._wrapped is empty:
            return SimpleLazyObject(self._setupfunc)
        return copy.copy(self._wrapped)

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        if self._wrapped is empty:
            result = SimpleLazyObject(self._setupfunc)
            memo[id(self)] = result
            return result
        return copy.deepcopy(self._wrapped, memo)

    def __add__(self, other: Any) -> Any:
        return _through(operator.add)(self, other)

    def __radd__(self, other: Any) -> Any:
        return other + _through(_same)(self)
