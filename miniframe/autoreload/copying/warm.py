"""The warm process: it has loaded what others wrote, nothing of the project, and each worker begins as its copy.

To load Python's library, the framework and installed packages takes most of the time of a start, and they are
the same each time.  So one process loads them, once, and waits:

    preload INVENTORY    load these modules; the answer is `warm`, or `unsafe UNITS` if some must not be loaded so,
                         or `hopeless WHY`
    fork AUDIENCE        make a worker; with this line come its descriptors.  The answer is `born PID`, or `spoiled WHY`
    retire               make no more, and go when all that you have made are gone

    ended PID STATUS     is said of each worker once, for only the parent of a process learns its end

It is started with the program's own command line, and the program comes to `hatch` as each worker comes to
`attach`: the arguments, flags, paths and the main module of a copy are therefore those of a process started afresh.

Source: fork(2), pidfd_open(2), unix(7), "SCM_RIGHTS".
Not here: the other side (see `nursery`), what may be loaded beforehand (see `preload`), and when that
is no longer what it was (see `freshness`).
"""

from __future__ import annotations

import gc
import io
import json
import os
import select
import socket
import sys

from miniframe.autoreload.audience import AUDIENCE
from miniframe.autoreload.channel import DESCRIPTORS, RUN_MAIN, WARM, Channel, Descriptors
from miniframe.autoreload.copying.freshness import Freshness
from miniframe.autoreload.copying.inventory import Inventory, take_inventory
from miniframe.autoreload.copying.preload import preload

__all__ = ["hatch"]


def hatch() -> None:
    """Be the warm process, if this one is meant to be; return in others, and in every worker that is made here."""
    text = os.environ.pop(WARM, None)
    if text is None:
        return
    control, born = map(int, text.split())
    os.set_inheritable(control, False)
    # What modules write while they are loaded is measured, and seen by nobody.
    for number in (1, 2):
        with open(os.memfd_create("miniframe"), "wb") as file:
            os.dup2(file.fileno(), number)
    _Warm(Channel(socket.socket(fileno=control)), Freshness(born)).live()


class _Warm:
    def __init__(self, channel: Channel, freshness: Freshness) -> None:
        self._channel = channel
        self._freshness = freshness
        self._children: dict[int, int] = {}
        self._poll = select.poll()
        self._poll.register(channel.socket, select.POLLIN)
        self._retired = False

    def live(self) -> None:
        """Do what the supervisor asks; return in a worker, end this process when there is nothing left to do."""
        while self._children or not self._retired:
            for number, _ in self._poll.poll():
                if number in self._children:
                    self._bury(number)
                elif self._hear():
                    return
        os._exit(0)

    def _hear(self) -> bool:
        """Do what was asked; return whether this is a worker now."""
        lines = self._channel.hear()
        if lines is None:
            # The supervisor is gone, and the workers have heard of it as well.
            os._exit(0)
        for word, about in lines:
            if word == "preload":
                self._preload(*json.loads(about))
            elif word == "retire":
                self._retired = True
            elif word == "fork" and self._fork(about):
                return True
        return False

    def _preload(self, inventory: str, skip: list[str]) -> None:
        found = Inventory.parse(inventory)
        before = take_inventory().own - {"__main__"}
        if before:
            # manage.py loads them, before it comes here.
            self._channel.say("hopeless", f"{', '.join(sorted(before))} of the project is loaded before the settings")
            return
        faults = preload(found, frozenset(skip))
        if faults:
            self._channel.say("unsafe", " ".join(sorted(faults)))
            return
        self._freshness.note(found.folders, found.own)
        # What lives now lives for good: to leave it alone saves time here, and memory in the copies.
        gc.collect()
        gc.freeze()
        self._channel.say("warm")

    def _fork(self, audience: str) -> bool:
        given = self._channel.take_descriptors()
        obstacle = self._freshness.spoiled() or _threads()
        try:
            pid = -1 if obstacle else os.fork()
        except OSError as error:
            pid, obstacle = -1, str(error)
        if pid == 0:
            self._become_worker(given, audience)
            return True
        for number in given:
            os.close(number)
        if pid < 0:
            self._channel.say("spoiled", obstacle)
            return False
        self._channel.say("born", str(pid))
        watch = os.pidfd_open(pid)
        self._children[watch] = pid
        self._poll.register(watch, select.POLLIN)
        return False

    def _bury(self, watch: int) -> None:
        self._poll.unregister(watch)
        os.close(watch)
        pid, status = os.waitpid(self._children.pop(watch), 0)
        self._channel.say("ended", f"{pid} {os.waitstatus_to_exitcode(status)}")

    def _become_worker(self, given: list[int], audience: str) -> None:
        """Be as a process that has just been started with these descriptors."""
        self._channel.close()
        for watch in self._children:
            os.close(watch)
        for number, target in zip(given, (0, 1, 2), strict=False):
            os.dup2(number, target)
            os.close(number)
        _, _, _, terminal, control, *listeners = given
        os.environ[RUN_MAIN] = "true"
        os.environ[AUDIENCE] = audience
        os.environ[DESCRIPTORS] = str(Descriptors(control, terminal, tuple(listeners)))
        # Files of the project may have come since somebody looked.
        sys.path_importer_cache.clear()
        if isinstance(sys.stdout, io.TextIOWrapper):
            # Python decides this when it starts.
            sys.stdout.reconfigure(line_buffering=sys.stdout.isatty())


def _threads() -> str:
    count = len(os.listdir("/proc/self/task"))
    return "" if count == 1 else f"{count - 1} threads run"
