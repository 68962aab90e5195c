"""Where the next worker comes from, if it need not be started afresh: the warm process, as the supervisor sees it.

    no inventory yet                                -> no warm process; workers are started afresh
    a sound worker has told its inventory           -> one is started, and loads what is in it
    `unsafe`: some modules must not be preloaded    -> another one, without them
    `spoiled`, or the supervisor says `forget`      -> none, until the next inventory
    there is an obstacle, or no end of faults       -> none, and a line says why

Source: Python's reference "os.posix_spawn"; pidfd_open(2).
Not here: the warm process's own side (see `warm`), and a worker as such (see `process`).
"""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from collections.abc import Callable, Sequence

from miniframe.autoreload.channel import RUN_MAIN, WARM, Channel, Ends
from miniframe.autoreload.copying.inventory import Inventory
from miniframe.autoreload.loop import Loop
from miniframe.autoreload.terminal.telling import tell, way_to_end

__all__ = ["Nursery"]

# So often a warm process may be thrown away for modules that it should not have loaded.
_MOST_ROUNDS = 6
_CRASHES = frozenset({signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGFPE})
# Seconds in which it must have made a copy of itself; mostly it takes a few thousandths of one.
_PATIENCE = 1.0


class Nursery:
    """Keeps a warm process for `command`; `has_ended(pid, status)` tells of each worker that came from it.

    The status is None if nobody knows it.
    """

    def __init__(self, command: Sequence[str], loop: Loop, has_ended: Callable[[int, int | None], object]) -> None:
        self._command = list(command)
        self._loop = loop
        self._has_ended = has_ended
        self._inventory = Inventory()
        self._skip: set[str] = set()
        self._rounds = 0
        self._is_hopeless = False
        # The warm process of now, and each that still has workers to tell of.
        self._channel: Channel | None = None
        self._is_ready = False
        self._pids: dict[Channel, int] = {}
        self._brood: dict[int, Channel] = {}
        self._newborn: int | None = None

    def learn(self, text: str) -> None:
        """Take in the inventory of a worker that runs well, and see that there is a process as warm as that."""
        known, self._inventory = self._inventory, Inventory.parse(text)
        if self._inventory.obstacle:
            self._give_up(self._inventory.obstacle)
        elif self._is_hopeless:
            return
        elif self._channel is None:
            self._begin()
        elif not set(known.names).issuperset(self._inventory.names) or known[1:] != self._inventory[1:]:
            self._preload(self._channel)

    def bear(self, ends: Ends, audience: str) -> int | None:
        """Return the pid of a new worker with these descriptors; None if it has to be started afresh."""
        channel = self._channel
        if channel is None or not self._is_ready:
            return None
        channel.say("fork", audience, descriptors=[0, 1, *ends[:3], *ends.listeners])
        deadline = time.monotonic() + _PATIENCE
        self._newborn = None
        while channel is self._channel and self._newborn is None:
            channel.socket.settimeout(max(deadline - time.monotonic(), 0.001))
            lines = channel.hear()
            channel.socket.settimeout(_PATIENCE)
            if lines is None:
                # It hangs, or is gone.
                self._kill(channel)
                self._lose(channel)
                return None
            for word, about in lines:
                self._take(channel, word, about)
        return self._newborn

    def forget(self) -> None:
        """Let nothing come from this warm process any more: what it has loaded is not what would be loaded now."""
        self._retire()
        self._inventory = Inventory()
        self._rounds = 0
        self._is_hopeless = False

    def close(self) -> None:
        """End all warm processes; to be called when no worker is left."""
        for channel, pid in list(self._pids.items()):
            self._kill(channel)
            try:
                os.waitpid(pid, 0)
            except ChildProcessError:
                # Whoever waits for all children has had it.
                pass
            channel.close()

    def _begin(self) -> None:
        ours, theirs = socket.socketpair()
        ours.settimeout(_PATIENCE)
        with theirs:
            theirs.set_inheritable(True)
            pid = os.posix_spawn(
                self._command[0],
                self._command,
                {**os.environ, RUN_MAIN: "true", WARM: f"{theirs.fileno()} {time.time_ns()}"},
                file_actions=[(os.POSIX_SPAWN_OPEN, number, "/dev/null", os.O_RDWR, 0) for number in (0, 1, 2)],
                # As in `process.start`, for what is blocked here is so in its copies.
                setsigmask=[signal.SIGINT],
                setsigdef=[signal.SIGINT, signal.SIGTERM, signal.SIGCHLD],
            )
        channel = Channel(ours)
        self._channel = channel
        self._pids[channel] = pid
        self._loop.on(ours, lambda: self._hear(channel))
        self._preload(channel)

    def _preload(self, channel: Channel) -> None:
        self._is_ready = False
        channel.say("preload", json.dumps([str(self._inventory), sorted(self._skip)]))

    def _hear(self, channel: Channel) -> None:
        lines = channel.hear()
        if lines is None:
            self._lose(channel)
            return
        for word, about in lines:
            self._take(channel, word, about)

    def _take(self, channel: Channel, word: str, about: str) -> None:
        if word == "born":
            self._newborn = int(about)
            self._brood[self._newborn] = channel
        elif word == "ended":
            pid, status = map(int, about.split())
            del self._brood[pid]
            if -status in _CRASHES and channel is self._channel:
                # Perhaps something that was loaded cannot bear to be copied.
                self._give_up(f"a copy {way_to_end(status)}")
            # Not at once: this may be in the middle of making the next one.
            self._loop.call(lambda: self._has_ended(pid, status))
        elif channel is not self._channel:
            return
        elif word == "warm":
            self._is_ready = True
        elif word == "unsafe":
            self._try_without(about.split())
        elif word == "hopeless":
            self._give_up(about)
        elif word == "spoiled":
            self.forget()

    def _try_without(self, units: list[str]) -> None:
        self._retire()
        self._skip.update(units)
        self._rounds += 1
        if self._rounds > _MOST_ROUNDS:
            self._give_up(f"{units[0]} cannot be loaded beforehand")
        else:
            self._begin()

    def _give_up(self, reason: str) -> None:
        self._retire()
        if not self._is_hopeless:
            self._is_hopeless = True
            tell(f"Each reload starts a new process, for {reason}.")

    def _retire(self) -> None:
        if self._channel is not None:
            self._channel.say("retire")
        self._channel = None
        self._is_ready = False

    def _kill(self, channel: Channel) -> None:
        try:
            os.kill(self._pids[channel], signal.SIGKILL)
        except ProcessLookupError:
            pass

    def _lose(self, channel: Channel) -> None:
        """Part with a warm process that is gone, and find out by ourselves when its workers are."""
        if channel is self._channel:
            self._channel = None
            self._is_ready = False
        self._loop.off(channel.socket)
        channel.close()
        del self._pids[channel]
        for pid in [pid for pid, parent in self._brood.items() if parent is channel]:
            del self._brood[pid]
            self._follow(pid)

    def _follow(self, pid: int) -> None:
        try:
            watch = os.pidfd_open(pid)
        except OSError:
            self._loop.call(lambda: self._has_ended(pid, None))
            return

        def over() -> None:
            self._loop.off(watch)
            os.close(watch)
            self._has_ended(pid, None)

        self._loop.on(watch, over)
