"""How many threads share a lot: one while views are quick, and more as soon as they are not.

A quick view is served fastest by one thread that never waits for another to let go of
the interpreter.  A view that sleeps, or works, or streams, must not keep the others from
being served.  Nobody can tell the two apart beforehand; so the caller's thread watches.
Every 5 milliseconds it looks whether each thread has been at one request for that long,
and if so adds as many as clients are waiting.  After a second that had no need of them,
they leave.  On a busy machine a thread may just not have had its turn on a processor;
another thread would not get one either, so this alone is no reason.  As each look takes
the interpreter away from the thread that serves, it looks less often while one does well.

Not here: what is served (see `lot`).
"""

from __future__ import annotations

import logging
import threading
from queue import Empty, SimpleQueue
from time import monotonic

from miniframe.servers.lot import Lot
from miniframe.servers.requestlog import hold_lines, release_lines
from miniframe.servers.streams import lose_patience

logger: logging.Logger = logging.getLogger("miniframe.server")


class Worker:
    """One thread, and since when it has been at its present request (0.0: it waits)."""

    __slots__ = ("done", "number", "since")

    def __init__(self) -> None:
        self.number: int = 0  # the system's for the thread
        self.since: float = 0.0
        self.done: int = 0  # events it has served


class Crew:
    """The threads that serve one lot."""

    tick: float = 0.005
    """Seconds a request may take before it counts as one that holds its thread, and between two looks."""
    rare_tick: float = 0.02
    """Seconds between two looks while one thread does well, and has for a tenth of a second."""
    fair: float = 0.025
    """Seconds that a request may compute before others are served beside it."""
    quiet: float = 1.0
    """Seconds after which threads without need leave."""

    def __init__(self, lot: Lot, limit: int, daemon: bool) -> None:
        self.lot = lot
        self.limit = limit
        self.daemon = daemon
        self.workers: list[Worker] = []
        self.surplus: int = 0
        self._lock = threading.Lock()  # guards `workers` and `surplus`
        # Not an Event: a signal handler may have to ring while its own thread holds the
        # Event's lock.  SimpleQueue.put() is made for that.
        self._bell: SimpleQueue[None] = SimpleQueue()
        self._dozing = False
        self._peak = 0
        self._review_at = 0.0

    # ------------------------------------------------------------- the threads
    def _hire(self, count: int) -> bool:
        """Add threads, up to the limit; False: the system has none left."""
        for _ in range(min(count, self.limit - len(self.workers))):
            worker = Worker()
            with self._lock:
                self.workers.append(worker)
            thread = threading.Thread(
                target=self._work, args=(worker,), name=f"miniframe-{len(self.workers)}", daemon=self.daemon
            )
            try:
                thread.start()
            except RuntimeError:
                # The system has none left: those that there are must do.
                with self._lock:
                    self.workers.remove(worker)
                return False
        return True

    def _work(self, worker: Worker) -> None:
        """Serve until told to stop, or until there is no need of this thread."""
        lot = self.lot
        workers = self.workers
        worker.number = threading.get_native_id()
        lot.enter()
        try:
            while not lot.stopping:
                alone = len(workers) == 1
                # Alone we may take many events at once: `ready` is where others find
                # them, should we get stuck.
                descriptor = lot.take(None if alone else self.quiet, lot.batch if alone else 1)
                if descriptor is not None:
                    worker.since = monotonic()
                    if self._dozing:
                        self._dozing = False
                        self.ring()
                    try:
                        lot.serve(descriptor)
                    except BaseException as error:
                        # The gateway answers for the application; this came from something around
                        # it, and would end this thread without a word.
                        name = type(error).__name__
                        logger.error("Serving raised %s, which ends its connection and no more", name, exc_info=True)
                    worker.since = 0.0
                    worker.done += 1
                if self.surplus and self._leave(worker):
                    return
        finally:
            release_lines()
            lot.leave()

    def _leave(self, worker: Worker) -> bool:
        with self._lock:
            if self.surplus < 1 or len(self.workers) == 1:
                return False
            self.surplus -= 1
            self.workers.remove(worker)
            return True

    # ------------------------------------------------------------- the watch
    def serve(self, poll_interval: float) -> None:
        """Let the crew serve until the lot is told to stop; `poll_interval` is as in `serve_forever`."""
        lot = self.lot
        lot.watched = True
        lot.enter()
        self._hire(1)
        next_look = monotonic() + poll_interval
        active = done = alarmed = 0.0
        try:
            while not lot.stopping:
                now = monotonic()
                total = sum(worker.done for worker in self.workers)
                if total != done or any(worker.since for worker in self.workers):
                    done, active = total, now
                if lot.drain_until is None and now - active > self.quiet:
                    self._doze(next_look - now)
                    alarmed = monotonic()
                else:
                    calm = len(self.workers) == 1 and now - alarmed > 0.1 and lot.drain_until is None
                    self._wait(self.rare_tick if calm else self.tick)
                if self._look(monotonic()):
                    alarmed = monotonic()
                if monotonic() >= next_look:
                    next_look = monotonic() + poll_interval
                    lot.sweep()
                    lot.server.service_actions()
                if lot.drain_until is not None and lot.drained(self._busy):
                    return
        finally:
            lot.stopping = True
            release_lines()
            lot.poller.wake()
            lot.leave()

    def _doze(self, seconds: float) -> None:
        """Sleep until a thread begins a request, or `seconds` have passed."""
        self._dozing = True
        if not any(worker.since for worker in self.workers) and not self.lot.stopping:
            release_lines()
            self._wait(max(seconds, 0.0))
        self._dozing = False

    def _wait(self, seconds: float) -> None:
        """Sleep until the bell rings, or `seconds` have passed."""
        try:
            self._bell.get(timeout=seconds)
        except Empty:
            pass

    def _busy(self) -> bool:
        return any(worker.since for worker in self.workers)

    def ring(self) -> None:
        """Have the watcher look at once; safe in a signal handler."""
        self._bell.put(None)

    def _look(self, now: float) -> bool:
        """Add threads if all are stuck; once a second count how many were needed at most.  True: one was stuck."""
        stuck = [worker for worker in self.workers if 0.0 < worker.since < now - self.tick]
        size = len(self.workers)
        if stuck or size > 1:
            release_lines()
        if size > 1:
            hold_lines()  # threads that write one after the other wait for one another
        count = len(stuck)
        if count > self._peak or count >= size > 0:
            if any(self._wants_processor(worker, now) for worker in stuck):
                count = 0
            elif count >= size:
                if size >= self.limit or not self._hire(max(1, self.lot.backlog())):
                    lose_patience(self.quiet)
                self.surplus = 0
        self._peak = max(self._peak, count)
        if now >= self._review_at:
            spare = size - (self._peak + self._peak // 4 + 1)
            self.surplus = max(spare, 0)
            self._peak = 0
            self._review_at = now + self.quiet
        return bool(stuck)

    def _wants_processor(self, worker: Worker, now: float) -> bool:
        """Tell whether a thread that looks stuck could go on, and others wait for it to let go of the interpreter.

        A view that computes for longer than `fair` seconds gets no more forbearance.

        Source: proc(5), /proc/pid/stat; systems without it answer False.
        """
        if now - worker.since > self.fair:
            return False
        try:
            with open(f"/proc/self/task/{worker.number}/stat", "rb") as file:
                return file.read(512).rpartition(b") ")[2][:1] == b"R"
        except OSError:
            return False
