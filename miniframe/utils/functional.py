"""Values that are computed when somebody first asks for them.

Source: Django's reference "Utils", section `django.utils.functional`.
"""

from __future__ import annotations

import copy
import operator
from collections.abc import Callable
from functools import wraps
from typing import Any, Generic, TypeVar, overload

__all__ = [
    "LazyObject",
    "Promise",
    "SimpleLazyObject",
    "cached_property",
    "classproperty",
    "empty",
    "keep_lazy",
    "keep_lazy_text",
    "lazy",
    "lazystr",
]

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")

empty: Any = object()
"""What a `LazyObject` holds before it holds anything; None would be a value like any other."""


class cached_property(Generic[T]):  # noqa: N801  # a decorator, named as Django's
    """An attribute that a method computes when it is first read; `del` makes it be computed again.

    Unlike `functools.cached_property` on Python 3.11 it holds no lock meanwhile: there, a thread that computes makes
    those wait that want the same attribute of any other object, and two threads that import URLconfs which need each
    other would wait for ever.  Computing a value twice does no harm.
    """

    name: str | None = None

    def __init__(self, func: Callable[[Any], T]) -> None:
        self.func = func
        self.__doc__ = func.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        if self.name not in (None, name):
            raise TypeError(
                f"Cannot assign the same cached_property to two different names ({self.name!r} and {name!r})."
            )
        self.name = name

    @overload
    def __get__(self, instance: None, cls: type | None = None) -> cached_property[T]: ...

    @overload
    def __get__(self, instance: object, cls: type | None = None) -> T: ...

    def __get__(self, instance: object | None, cls: type | None = None) -> T | cached_property[T]:
        if instance is None:
            return self
        if self.name is None:
            raise TypeError("Cannot use cached_property instance without calling __set_name__() on it.")
        value = instance.__dict__[self.name] = self.func(instance)
        return value


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


class _LazyValue(Promise):
    """A call that has not been made yet.  Each use makes it anew, because what it depends on may change."""

    _result_classes: tuple[type, ...] = ()

    def __init__(self, call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self._call = call
        self._args = args
        self._kwargs = kwargs

    def _now(self) -> Any:
        return self._call(*self._args, **self._kwargs)

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickle_lazy, (self._call, self._args, self._kwargs, *self._result_classes)

    def __deepcopy__(self, memo: dict[int, Any]) -> _LazyValue:
        memo[id(self)] = self
        return self

    def __str__(self) -> str:
        return str(self._now())

    def __repr__(self) -> str:
        return repr(self._now())

    def __format__(self, spec: str) -> str:
        return format(self._now(), spec)

    def __hash__(self) -> int:
        return hash(self._now())


def _value_of(thing: Any) -> Any:
    return thing._now() if isinstance(thing, _LazyValue) else thing


def _operated(operation: Callable[[Any, Any], Any], swapped: bool = False) -> Callable[[Any, Any], Any]:
    """Make the method for an operator, which uses the values of both sides; `swapped` for `__radd__` and its like."""

    def method(self: _LazyValue, other: Any) -> Any:
        sides = (_value_of(other), self._now()) if swapped else (self._now(), _value_of(other))
        return operation(*sides)

    return method


for _name in ("eq", "ne", "lt", "le", "gt", "ge", "add", "mul", "mod"):
    setattr(_LazyValue, f"__{_name}__", _operated(getattr(operator, _name)))
for _name in ("add", "mul"):
    setattr(_LazyValue, f"__r{_name}__", _operated(getattr(operator, _name), swapped=True))


def lazy(func: Callable[..., Any], *resultclasses: type) -> Callable[..., Any]:
    """Return a function that calls `func` only when its result is used as text, number or whatever.

    `resultclasses` are the types that `func` may return; their methods exist on the lazy value.
    """
    # What every object has stays the value's own: it needs its attributes to hold the call.
    own = {*vars(_LazyValue), *vars(object)}
    names = {name for cls in resultclasses for name in dir(cls) if callable(getattr(cls, name))} - own
    methods = {name: _forward(name) for name in names}
    kind = type("LazyValue", (_LazyValue,), {**methods, "_result_classes": resultclasses})

    def promise(*args: Any, **kwargs: Any) -> Any:
        return kind(func, args, kwargs)

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


def keep_lazy(*resultclasses: type) -> Callable[[F], F]:
    """Let a function wait for its lazy arguments: called with any, it returns a lazy value of `resultclasses`.

    Raises:
        TypeError: no classes are given.
    """
    if not resultclasses:
        raise TypeError("You must pass at least one argument to keep_lazy().")

    def decorate(func: F) -> F:
        @wraps(func)
        def now_or_later(*args: Any, **kwargs: Any) -> Any:
            for value in (*args, *kwargs.values()):
                if isinstance(value, Promise):
                    # Made here, because it takes 40 microseconds, and most functions never see a lazy value.
                    return lazy(func, *resultclasses)(*args, **kwargs)
            return func(*args, **kwargs)

        return now_or_later  # type: ignore[return-value]  # called with lazy values it returns one, which acts alike

    return decorate


def keep_lazy_text(func: F) -> F:
    """Do as `keep_lazy(str)`."""
    return keep_lazy(str)(func)


def lazystr(text: Any) -> Any:
    """Return `text` as a lazy string."""
    return lazy(str, str)(text)


def _through(operation: Callable[..., Any]) -> Any:
    """Make a method that applies `operation` to the object itself."""

    def method(self: LazyObject, *args: Any) -> Any:
        return operation(self._loaded(), *args)

    return method


class LazyObject:
    """Stand in for an object until it is used; a subclass says in `_setup` how to make `_wrapped`."""

    _wrapped: Any = None

    def __init__(self) -> None:
        vars(self)["_wrapped"] = empty

    def _setup(self) -> None:
        raise NotImplementedError("subclasses of LazyObject must provide a _setup() method")

    def _loaded(self) -> Any:
        """Return the object itself, made now if it was not there yet."""
        if self._wrapped is empty:
            self._setup()
        return self._wrapped

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loaded(), name)

    def __setattr__(self, name: str, value: Any) -> None:
        # Through __dict__, or setting the wrapped object would set an attribute of it.
        vars(self).update(_wrapped=value) if name == "_wrapped" else setattr(self._loaded(), name, value)

    def __delattr__(self, name: str) -> None:
        if name == "_wrapped":
            raise TypeError("can't delete _wrapped.")
        delattr(self._loaded(), name)

    def __reduce__(self) -> tuple[Any, ...]:
        return _same, (self._loaded(),)

    def _twin(self) -> Any:
        """Return another stand-in that will make its object by itself."""
        return type(self)()

    def __copy__(self) -> Any:
        return self._twin() if self._wrapped is empty else copy.copy(self._wrapped)

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        if self._wrapped is not empty:
            return copy.deepcopy(self._wrapped, memo)
        return memo.setdefault(id(self), self._twin())

    __class__ = property(_through(operator.attrgetter("__class__")))  # isinstance() sees the real one
    __bytes__: Any = _through(bytes)
    __str__: Any = _through(str)
    __bool__: Any = _through(bool)
    __dir__: Any = _through(dir)
    __hash__: Any = _through(hash)
    __iter__: Any = _through(iter)
    __len__: Any = _through(len)
    __eq__: Any = _through(operator.eq)
    __ne__: Any = _through(operator.ne)
    __lt__: Any = _through(operator.lt)
    __gt__: Any = _through(operator.gt)
    __add__: Any = _through(operator.add)
    __contains__: Any = _through(operator.contains)
    __getitem__: Any = _through(operator.getitem)
    __setitem__: Any = _through(operator.setitem)
    __delitem__: Any = _through(operator.delitem)

    def __radd__(self, other: Any) -> Any:
        return other + self._loaded()


def _same(value: T) -> T:
    return value


class SimpleLazyObject(LazyObject):
    """A `LazyObject` that a function makes: `SimpleLazyObject(lambda: load(...))`."""

    def __init__(self, func: Callable[[], Any]) -> None:
        vars(self)["_setupfunc"] = func
        super().__init__()

    def _setup(self) -> None:
        self._wrapped = self._setupfunc()

    def _twin(self) -> Any:
        return SimpleLazyObject(self._setupfunc)

    def __repr__(self) -> str:
        inner = self._setupfunc if self._wrapped is empty else self._wrapped
        return f"<{type(self).__name__}: {inner!r}>"
