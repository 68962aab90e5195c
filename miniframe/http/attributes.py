"""An attribute that is computed when somebody first asks for it.

The descriptor has no `__set__`, so the value that it stores in the instance's `__dict__` is found
there the next time without any call; assigning and deleting the attribute simply work.
`functools.cached_property` does the same behind a lock on Python 3.11, which costs more than most
of the values here.

Source: Python's "Descriptor Guide", section "Non-data descriptors".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

__all__ = ["lazy"]

T = TypeVar("T")


class lazy(Generic[T]):  # noqa: N801  # a decorator, used like `property`
    """Decorate a method; reading the attribute calls it once and keeps what it returns."""

    def __init__(self, compute: Callable[[Any], T]) -> None:
        self.compute = compute
        self.name: str = compute.__name__
        self.__doc__ = compute.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> lazy[T]: ...

    @overload
    def __get__(self, instance: object, owner: type) -> T: ...

    def __get__(self, instance: object | None, owner: type) -> lazy[T] | T:
        if instance is None:
            return self
        value = self.compute(instance)
        # Not through __dict__: asking an object for that makes it put its attributes into a real dict, 0.1 us.
        setattr(instance, self.name, value)
        return value
