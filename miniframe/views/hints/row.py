"""One row of the table of advice, and what its function may look at."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any, NamedTuple

__all__ = ["Case", "Hint"]


class Case(NamedTuple):
    """What a row of the table may look at."""

    exception: BaseException
    request: Any
    match: re.Match[str]

    def frames(self) -> Iterator[FrameType]:
        """Yield the calls on the way to the exception, the first of them first."""
        traceback = self.exception.__traceback__
        while traceback is not None:
            yield traceback.tb_frame
            traceback = traceback.tb_next

    @property
    def frame(self) -> FrameType | None:
        """The call in which the exception was raised, if it was."""
        return next(reversed(list(self.frames())), None)


class Hint(NamedTuple):
    """One row: if the class (or a parent) has this name and its text fits the pattern, this is the advice."""

    name: str
    exception: str
    pattern: str
    #: Text, in which "{0}" is the pattern's first group, or a function that gives the text, or "" to stay silent.
    advice: str | Callable[[Case], str]
