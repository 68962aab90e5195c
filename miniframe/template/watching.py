"""Put something around the rendering of every template: to time it, or to tell of it.

A watched engine hands out its templates in a wrapper.  So this works for engines of one's own too, and an engine that
nobody watches has nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

__all__ = ["Around", "unwatch", "watch"]

Around: TypeAlias = Callable[[Any, Callable[[], Any]], Any]
"""Called in place of a rendering, with the template and with what renders it; returns what that returns."""

_DOORS = ("get_template", "from_string")


class _Watched:
    """A template that is rendered in the care of somebody, and is otherwise the one inside."""

    def __init__(self, template: Any, around: Around) -> None:
        self._template = template
        self._around = around

    def __getattr__(self, name: str) -> Any:
        return getattr(self._template, name)

    def render(self, *args: Any, **kwargs: Any) -> Any:
        """Render it."""
        return self._around(self._template, lambda: self._template.render(*args, **kwargs))


def watch(engine: Any, around: Around) -> None:
    """Have `around` called for each rendering of each template that `engine` hands out from now on."""
    for name in _DOORS:
        door = getattr(type(engine), name, None)
        if door is not None:
            setattr(engine, name, _watching(door.__get__(engine), around))


def unwatch(engine: Any) -> None:
    """Undo that."""
    for name in _DOORS:
        vars(engine).pop(name, None)


def _watching(door: Callable[..., Any], around: Around) -> Callable[..., Any]:
    def get_watched(*args: Any, **kwargs: Any) -> Any:
        return _Watched(door(*args, **kwargs), around)

    return get_watched
