"""`@deconstructible`, for classes that move over from Django: here it leaves the class as it is.

Django needs it to write an object into a migration, and its documentation asks it of each file storage.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, overload

__all__ = ["deconstructible"]

C = TypeVar("C", bound=type)


@overload
def deconstructible(cls: C, /, *, path: str | None = None) -> C: ...
@overload
def deconstructible(*, path: str | None = None) -> Callable[[C], C]: ...
def deconstructible(cls: C | None = None, /, *, path: str | None = None) -> C | Callable[[C], C]:
    """Return the class: used plain or as `@deconstructible(path="...")`."""
    return (lambda decorated: decorated) if cls is None else cls
