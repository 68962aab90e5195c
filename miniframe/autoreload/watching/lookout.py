"""See changes come, gather those that belong together, and hand them over when they are complete.

What the watcher tells in its thread is taken up in the supervisor's (see `loop`), and in two steps: the first sign
of a change is told at once, so that nothing old answers any more; the whole of it when all files are written.

Not here: how changes are noticed (see `watcher`), when all is written (`gathering`), what is done (`supervisor`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from miniframe.autoreload.loop import Loop, Timer
from miniframe.autoreload.terminal.telling import named
from miniframe.autoreload.watching.changes import Kinds, Reaction, Role
from miniframe.autoreload.watching.gathering import Gathering
from miniframe.autoreload.watching.restless import Restless
from miniframe.autoreload.watching.watcher import Watcher

__all__ = ["Lookout"]

_LOADS_PAGES = (Reaction.TEMPLATE, Reaction.ASSET)


class Lookout:
    """Calls `begins(reaction)` at each change, which may make more of it, and `completes(batch)` when all is written.

    If the latter returns False, the time has not come: it is called again by `check`.
    """

    def __init__(
        self,
        loop: Loop,
        tell: Callable[[str], None],
        begins: Callable[[Reaction], Reaction],
        completes: Callable[[Gathering], bool],
    ) -> None:
        self._loop = loop
        self._tell = tell
        self._restless = Restless()
        self._begins = begins
        self._completes = completes
        self._watcher = Watcher(self._hear, tell)
        self._is_watching = False
        self._is_over = False
        self._batch: Gathering | None = None
        self._timer: Timer | None = None
        self._resting: dict[str, Timer] = {}

    @property
    def kinds(self) -> Kinds:
        """Which folder is watched for what."""
        return self._watcher.kinds

    def add(self, folder: str, since: int, role: Role = Role.CODE) -> None:
        """Watch a folder too; files newer than `since` (nanoseconds, as in st_mtime_ns) have changed."""
        self._watcher.add(folder, since, role)

    def favour(self, paths: Iterable[str]) -> None:
        """Look at these files often, where no events come."""
        self._watcher.favour(paths)

    def begin(self) -> None:
        """Watch from here on; a second call does nothing."""
        if not self._is_watching:
            self._is_watching = True
            self._watcher.start()

    def end(self) -> None:
        """See nothing any more."""
        self._is_over = True
        self._watcher.stop()

    def check(self) -> None:
        """Hand over what has been gathered, if it is complete."""
        if self._batch is None or self._is_over:
            return
        if not self._batch.is_complete(time.monotonic()):
            self._wait(self._batch.due)
            return
        batch = self._batch
        if self._completes(batch):
            self._batch = None
            self._count(batch)

    def _count(self, batch: Gathering) -> None:
        if batch.reaction not in _LOADS_PAGES:
            return
        now = time.monotonic()
        for path, reaction in batch.paths.items():
            if reaction in _LOADS_PAGES and self._restless.loads(path, now):
                self._tell(f"{named([path])} changes all the time: open pages follow it when it has rested.")

    def _hear(self, path: str, complete: bool) -> None:
        """Hand a change over from the watcher's thread."""
        self._loop.call(lambda: self._take(path, complete))

    def _take(self, path: str, complete: bool) -> None:
        reaction = self.kinds.reaction_to(path)
        now = time.monotonic()
        if reaction is None or self._is_over:
            return
        if reaction in _LOADS_PAGES and (rest := self._restless.rest(path, now)):
            self._let_rest(path, rest, reaction)
        else:
            self._add(path, complete, now, reaction)

    def _let_rest(self, path: str, seconds: float, reaction: Reaction) -> None:
        """Take a change in when the file has not changed again for so long."""
        if path in self._resting:
            self._resting.pop(path).cancel()

        def has_rested() -> None:
            del self._resting[path]
            now = time.monotonic()
            self._restless.rested(path, now)
            if not self._is_over:
                self._add(path, True, now, reaction)

        self._resting[path] = self._loop.later(seconds, has_rested)

    def _add(self, path: str, complete: bool, now: float, reaction: Reaction) -> None:
        if self._batch is None:
            self._batch = Gathering()
        self._batch.add(path, complete, now, self._begins(reaction))
        self._wait(self._batch.due)

    def _wait(self, due: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.later(due - time.monotonic(), self.check)
