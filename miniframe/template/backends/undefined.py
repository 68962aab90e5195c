"""Under DEBUG, tell in the log what a template prints that is not defined, and where.

A misspelt name is no error to Jinja2: the page has `{{ thign }}` on it, or nothing.  Told is each place once for each
version of its template.  What is only asked for (`{% if user %}`, `user or ""`, `user|default("")`) is left alone.

Source: Jinja2's documentation, "Undefined Types".
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any

import jinja2
from jinja2.runtime import Context
from jinja2.utils import missing

from miniframe.utils.text import did_you_mean

__all__ = ["ToldUndefined"]

logger: logging.Logger = logging.getLogger("miniframe.template")

# Of one template; more can only come from names that are made up while it is rendered.
_MOST_PLACES = 50


class ToldUndefined(jinja2.DebugUndefined):
    """Jinja2's own for debugging, which also tells the log when it is printed."""

    __slots__ = ()

    def __str__(self) -> str:
        """Return what stands in the template; it is told on the way."""
        frame = next((frame for frame in _calls(sys._getframe(1)) if _template_of(frame)), None)
        if frame is not None:
            try:
                self._tell(frame)
            except Exception:  # a page is not to fail because of what is said about it
                logger.debug("An undefined name could not be told.", exc_info=True)
        return super().__str__()

    def _tell(self, frame: FrameType) -> None:
        template = _template_of(frame)
        line = template.get_corresponding_lineno(frame.f_lineno)
        # Kept with the code: a template that is read anew is another one.
        told: set[tuple[int, str]] = frame.f_globals.setdefault("__undefined_told__", set())
        place = (line, str(self._undefined_name))
        if place in told or len(told) >= _MOST_PLACES:
            return
        told.add(place)
        name = template.name or "A template made from a string"
        logger.warning("%s, line %d: %s.%s", name, line, self._undefined_message, self._meant(frame))

    def _meant(self, frame: FrameType) -> str:
        owner = self._undefined_obj
        if owner is missing:
            known: Any = _names_in(frame)
        else:
            known = owner if isinstance(owner, dict) else [each for each in dir(owner) if each[:1] != "_"]
        return did_you_mean(self._undefined_name, known)


def _calls(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _template_of(frame: FrameType) -> Any:
    """Return the template whose compiled code runs in a frame, if one does."""
    return frame.f_globals.get("__jinja_template__")


def _names_in(frame: FrameType) -> list[str]:
    """Return what has a name there: variables of loops and macros, and those of the context."""
    found: list[str] = []
    for name, value in frame.f_locals.items():
        inner = re.fullmatch(r"l_\d+_(\w+)", name)
        if inner and value is not missing:
            found.append(inner[1])
    for each in _calls(frame):
        context = each.f_locals.get("context")
        if isinstance(context, Context):
            return [*found, *context.get_all()]
    return found
