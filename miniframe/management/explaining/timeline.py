"""The steps of one request as plain data, and the clock that tells how long each of them had.

At any moment the time runs for one step, or for none while we look at what has happened: so the steps add up to the
whole, and our own curiosity is not charged to anybody.
"""

from __future__ import annotations

from time import perf_counter_ns
from typing import Any, NamedTuple

__all__ = ["Change", "Step", "Timeline"]


class Change(NamedTuple):
    """One thing that a step has done: `before` is None where there was nothing, `after` where nothing is left."""

    what: str
    """"attribute", "META", "status", "header", "cookie", "body" or "response"."""
    name: str
    before: str | None
    after: str | None


class Step:
    """One step; `place` is whatever has a place in a file: a function, a class, or (file, line)."""

    __slots__ = ("changes", "depth", "kind", "nanoseconds", "notes", "place", "title")

    def __init__(self, kind: str, title: str, place: Any, depth: int) -> None:
        self.kind: str = kind
        self.title: str = title
        self.place: Any = place
        self.depth: int = depth
        self.nanoseconds: int = 0
        self.changes: list[Change] = []
        self.notes: list[str] = []


class Timeline:
    """What happened so far; one thread at a time goes on with it."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.depth: int = 0
        self._running: Step | None = None
        self._since = 0

    def clear(self) -> None:
        """Forget everything."""
        self.stop()
        self.steps = []
        self.depth = 0

    def stop(self) -> Step | None:
        """Charge the time until now to the step it ran for, and return that; it runs for nobody until `run`."""
        now = perf_counter_ns()
        step, self._running = self._running, None
        if step is not None:
            step.nanoseconds += now - self._since
        return step

    def run(self, step: Step | None) -> None:
        """Let the time run for `step` from now on."""
        self._running = step
        self._since = perf_counter_ns()

    def add(self, kind: str, title: str, place: Any) -> Step:
        """Write down a step; the time runs for nobody until `run`."""
        self.stop()
        step = Step(kind, title, place, self.depth)
        self.steps.append(step)
        return step

    def begin(self, kind: str, title: str, place: Any) -> Step:
        """Write down a step, and let the time run for it."""
        step = self.add(kind, title, place)
        self.run(step)
        return step

    def resume(self, kind: str, title: str, place: Any) -> Step:
        """Go on with the step that runs, if it is of this kind; else begin one."""
        running = self._running
        return running if running is not None and running.kind == kind else self.begin(kind, title, place)
