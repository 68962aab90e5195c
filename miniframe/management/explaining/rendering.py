"""Tell of each template that is rendered, whoever asked for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from miniframe.management.explaining.timeline import Step, Timeline
from miniframe.template.signals import template_rendered
from miniframe.template.utils import engines

__all__ = ["told_templates"]


@contextmanager
def told_templates(timeline: Timeline) -> Iterator[None]:
    """Tell `timeline` of all that is rendered inside of this block."""
    rendering: list[Step] = []

    def around(template: Any, render: Callable[[], Any]) -> Any:
        asking = timeline.stop()
        origin = getattr(template, "origin", None)
        name = getattr(template, "name", None) or "(made from a string)"
        rendering.append(timeline.begin("template", name, (getattr(origin, "name", "") or "", 1)))
        timeline.depth += 1
        try:
            return render()
        finally:
            timeline.stop()
            timeline.depth -= 1
            rendering.pop()
            timeline.run(asking)

    def note_parts(sender: Any, template: Any, **kwargs: Any) -> None:
        if rendering and template.name != rendering[-1].title:
            rendering[-1].notes.append(f"with {template.name}")

    template_rendered.connect(note_parts, weak=False)
    try:
        with engines.watched_by(around):
            yield
    finally:
        template_rendered.disconnect(note_parts)
