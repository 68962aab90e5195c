"""Tell of each template that is rendered, whoever asked for it.

Every engine hands out its templates in a wrapper for as long as one request lasts; so this works for engines of one's
own as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from miniframe.management.explaining.timeline import Step, Timeline
from miniframe.template.signals import template_rendered
from miniframe.template.utils import engines

__all__ = ["watched_templates"]


class _Watched:
    """A template that says when it is rendered, and is otherwise the one inside."""

    def __init__(self, template: Any, open_steps: list[Step], timeline: Timeline) -> None:
        self._template = template
        self._open = open_steps
        self._timeline = timeline

    def __getattr__(self, name: str) -> Any:
        return getattr(self._template, name)

    def render(self, *args: Any, **kwargs: Any) -> Any:
        """Render it, as a step of its own within the one that asked."""
        timeline = self._timeline
        asking = timeline.stop()
        origin = getattr(self._template, "origin", None)
        name = getattr(self._template, "name", None) or "(made from a string)"
        step = timeline.begin("template", name, (getattr(origin, "name", "") or "", 1))
        self._open.append(step)
        timeline.depth += 1
        try:
            return self._template.render(*args, **kwargs)
        finally:
            timeline.stop()
            timeline.depth -= 1
            self._open.pop()
            timeline.run(asking)


@contextmanager
def watched_templates(timeline: Timeline) -> Iterator[None]:
    """Tell `timeline` of all that is rendered inside of this block."""
    open_steps: list[Step] = []

    def note_parts(sender: Any, template: Any, **kwargs: Any) -> None:
        if open_steps and template.name != open_steps[-1].title:
            open_steps[-1].notes.append(f"with {template.name}")

    try:
        watched = engines.all()
    except Exception:
        watched = []  # settings.TEMPLATES is wrong, as the request will find out if it needs one
    for engine in watched:
        for name in ("get_template", "from_string"):
            setattr(engine, name, _watching(getattr(engine, name), open_steps, timeline))
    template_rendered.connect(note_parts, weak=False)
    try:
        yield
    finally:
        template_rendered.disconnect(note_parts)
        for engine in watched:
            for name in ("get_template", "from_string"):
                vars(engine).pop(name, None)


def _watching(get: Callable[..., Any], open_steps: list[Step], timeline: Timeline) -> Callable[..., Any]:
    def get_watched(*args: Any, **kwargs: Any) -> Any:
        return _Watched(get(*args, **kwargs), open_steps, timeline)

    return get_watched
