"""Start, replace and end the workers; hold the listening socket; never import the project.

The life of a worker, as seen from here:

    booting  --ready, broken-->  serving  --a file changes-->  leaving  --has finished, or grace is over-->  gone
       '------- a file changes -->  quitting, since there is nothing to finish ------------------------------^

At the first sign of a change the worker is told to leave, so that no request made after the save meets old
code; when the change is complete the next one is started.  In between requests wait in the listening socket,
which every worker takes over from this process and this process never closes.

What becomes of a worker that ends by itself:
    it had not bound the address yet      a wrong argument, a port in use: end with its status
    it said "bye"                         Ctrl-C or SIGTERM reached it: end as well
    it had served for a second            something killed it: start the next one
    it was killed sooner than that        once that may be chance: start another one
    otherwise                             it cannot live: answer with its last words until a file changes

Everything happens in one thread (see `loop`); only the watcher has threads of its own.

Source: signal(7), wait(2).
Not here: the words (see `channel`), and the worker's side of it (see `worker`).
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import time
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Final

from miniframe.autoreload.audience import Audience
from miniframe.autoreload.channel import GRACE
from miniframe.autoreload.copying.nursery import Nursery
from miniframe.autoreload.doorman import Doorman, Obituary, crash_page
from miniframe.autoreload.loop import Loop
from miniframe.autoreload.pages.tabs import Tabs
from miniframe.autoreload.process import SOUND, Worker, start
from miniframe.autoreload.switches import starts_warm
from miniframe.autoreload.terminal.console import Console
from miniframe.autoreload.terminal.telling import fate, tell, way_to_end
from miniframe.autoreload.watching.changes import Reaction, Role
from miniframe.autoreload.watching.folders import drop_bytecode
from miniframe.autoreload.watching.gathering import Gathering
from miniframe.autoreload.watching.lookout import Lookout

__all__ = ["FAREWELL", "Supervisor"]

FAREWELL: Final = 0.2
"""Seconds that the worker has to end when this process ends."""

# Seconds that the first worker has the machine to itself, for to load the watcher takes a core for 40 ms.
# What is saved meanwhile is not lost: the watcher begins with a look at all files.
_HEAD_START = 1.0
# Seconds in which a worker that serves nothing yet can end by itself.
_PATIENCE = 1.0
# Seconds after which a worker is asked where its files are: not while it answers its first request.
_SETTLED = 0.2
_ROLES = {role.value: role for role in Role}
_SIGNALS = (
    (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD, signal.SIGTSTP, signal.SIGCONT)
    if os.name == "posix"
    else ()
)


class Supervisor:
    """Keeps one worker of `command` serving, always with the latest code."""

    def __init__(self, command: Sequence[str], folders: Iterable[str], obituary: Obituary | None = None) -> None:
        self._command = list(command)
        self._obituary = obituary
        self._folders = list(folders)
        self._loop = Loop()
        self._tabs = Tabs(self._loop)
        self._listeners: list[socket.socket] = []
        self._workers: dict[int, Worker] = {}
        self._current: Worker | None = None
        self._lookout = Lookout(self._loop, tell, self._begin_change, self._react)
        self._change_began = 0.0
        self._nursery = Nursery(self._command, self._loop, self._has_gone)
        self._doorman = Doorman(self._loop, self._tabs.join)
        self._audience = Audience()
        self._certificate: list[str] = []
        self._status: int | None = None
        self._console = Console(self._loop, self._restart, partial(self._quit, 0))

    def run(self, first: Worker) -> int:
        """Serve, beginning with this worker, until someone asks for the end; return the exit status."""
        self._loop.signals(_SIGNALS, self._take_signals)
        try:
            self._take_up(first)
            # It may have ended before there was anybody to hear of it.
            self._reap()
            for folder in self._folders:
                self._lookout.add(folder, since=first.born)
            self._loop.later(_HEAD_START, self._lookout.begin)
            while self._status is None or self._workers:
                self._loop.turn()
            return self._status
        finally:
            self._clean_up()

    def _take_signals(self, numbers: bytes) -> None:
        if signal.SIGINT in numbers and sys.stderr.isatty():
            # Or the shell's prompt would stand behind the ^C.
            tell("")
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number in numbers:
                self._quit(0)
        if signal.SIGTSTP in numbers:
            self._console.keyboard.stop()
        if signal.SIGCONT in numbers:
            self._console.keyboard.look()
        self._reap()

    # Starting and hearing a worker.

    def _start_worker(self, reason: str = "", cold: bool = False) -> Worker:
        """Start a worker; `cold` says that what others wrote has changed, so that it is loaded anew as well."""
        if cold:
            self._nursery.forget()
        return self._take_up(start(self._command, self._listeners, reason, str(self._audience), self._nursery))

    def _take_up(self, worker: Worker) -> Worker:
        self._workers[worker.pid] = self._current = worker
        self._loop.on(worker.channel.socket, lambda: self._hear(worker))
        self._loop.on(worker.stderr, lambda: self._overhear(worker))
        return worker

    def _hear(self, worker: Worker) -> None:
        lines = worker.channel.hear()
        if lines is None:
            # It is ending, or has ended; its status comes with SIGCHLD.
            self._loop.off(worker.channel.socket)
            worker.channel.close()
            return
        for word, about in lines:
            if word == "listening":
                listener = worker.channel.take_socket()
                listener.setblocking(False)
                self._listeners.append(listener)
            elif word == "tab":
                with contextlib.suppress(OSError):
                    self._tabs.join(worker.channel.take_socket(), int(about))
            elif word in _ROLES:
                self._lookout.add(about, worker.born, _ROLES[word])
            elif word == "running":
                self._lookout.favour(about.split("\n"))
            elif word == "forgotten":
                self._tabs.reload()
            elif word == "audience":
                self._audience = Audience.parse(about)
            elif word == "loaded":
                self._nursery.learn(about)
            elif word == "tls":
                self._certificate = about.split("\n")
            elif word == "addresses":
                self._console.addresses = about.splitlines()
            elif word in ("borrow", "keep"):
                answer = partial(worker.channel.say, about=about)
                self._console.keyboard.lend((worker.pid, about), answer, for_good=word == "keep")
            elif word == "return":
                self._console.keyboard.take_back((worker.pid, about))
            elif word == "bye":
                self._quit(0)
            elif word in ("ready", "broken"):
                self._serves(worker, broken=word == "broken")
                worker.channel.say("go")

    def _serves(self, worker: Worker, broken: bool) -> None:
        if worker.state == "quitting":
            # It had begun to serve when it was told to leave, so it has something to finish.
            self._let_finish(worker)
            self._lookout.check()
            return
        worker.state = "serving"
        worker.is_broken = broken
        worker.serving_since = time.monotonic()
        self._lookout.begin()
        self._loop.later(_SETTLED, lambda: worker.channel.say("folders"))
        if not broken and starts_warm():
            self._loop.later(SOUND, partial(self._take_inventory, worker))
        self._console.keyboard.open()
        if not worker.reason:
            return
        self._tabs.reload()
        if broken:
            tell(f"{worker.reason}: the error page is served until this is mended.")
        else:
            took = worker.serving_since - self._change_began
            tell(f"{worker.reason}: reloaded in {took * 1000:.0f} ms.")

    def _take_inventory(self, worker: Worker) -> None:
        """Ask what a worker has loaded that runs well, so that the next ones have it from the start."""
        if worker is self._current:
            worker.channel.say("list")

    def _overhear(self, worker: Worker) -> None:
        if not worker.overhear():
            self._loop.off(worker.stderr)
            worker.close_stderr()

    # A worker has ended.

    def _reap(self) -> None:
        while True:
            try:
                # Any child: as process 1 of a container we inherit orphans, too.
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            self._has_gone(pid, os.waitstatus_to_exitcode(status))

    def _has_gone(self, pid: int, status: int | None) -> None:
        worker = self._workers.pop(pid, None)
        if worker is not None:
            self._has_ended(worker, status)

    def _has_ended(self, worker: Worker, status: int | None) -> None:
        self._hear_out(worker)
        if worker.deadline is not None:
            worker.deadline.cancel()
        # Perhaps it was what the next one waited for.
        self._lookout.check()
        self._console.keyboard.forget(worker.pid)
        if worker is not self._current:
            return
        self._current = None
        if self._status is not None:
            return
        if not self._listeners:
            self._quit(1 if status is None else status if status >= 0 else 128 - status)
        elif self._is_homeless():
            return
        elif worker.deserves_another(status):
            tell(f"The server process {way_to_end(status)}; starting it again.")
            # Of one that never served it is still to be told why it was started.
            reason = worker.reason if worker.state == "booting" else ""
            self._start_worker(reason).is_second_try = not worker.was_sound()
        else:
            tell(f"The server process {way_to_end(status)}; its page is served until a file changes.")
            self._tabs.reload()
            words = worker.last_words.decode("utf-8", "replace")
            page = crash_page(way_to_end(status), words, self._obituary)
            self._doorman.stand(self._listeners, page, self._audience, self._certificate)
            self._mind_home()

    def _hear_out(self, worker: Worker) -> None:
        """Take what it said last, then forget its ends: a child of its own may hold the others open for long."""
        if worker.is_connected():
            self._hear(worker)
        if worker.is_connected():
            self._loop.off(worker.channel.socket)
            worker.channel.close()
        if worker.stderr >= 0:
            self._overhear(worker)
        if worker.stderr >= 0:
            self._loop.off(worker.stderr)
            worker.close_stderr()

    # A file has changed.

    def _begin_change(self, reaction: Reaction) -> Reaction:
        """Take in that a file has changed, before all is written; return what that calls for here and now."""
        if self._current is None or self._current.is_broken:
            # Who knows which file it breaks for.
            reaction = Reaction.most_thorough([reaction, Reaction.RESTART])
        if reaction.restarts:
            self._dismiss()
        return reaction

    def _restart(self) -> None:
        """Start a new worker though nothing has changed, unless one is on its way; whatever it loads is loaded anew."""
        is_starting = not self._doorman.stands if self._current is None else self._current.state != "serving"
        if self._status is None and not is_starting:
            self._change_began = time.monotonic()
            self._dismiss()
            self._start_worker("Key r", cold=True)

    def _dismiss(self) -> None:
        """See that nothing old answers from here on."""
        self._doorman.leave()
        worker, self._current = self._current, None
        if worker is None:
            return
        # It is asked even while it boots, and not killed: perhaps it has taken a request this moment.
        worker.channel.say("leave")
        if worker.state == "serving":
            self._let_finish(worker)
        else:
            worker.state = "quitting"
            self._allow(worker, _PATIENCE)

    def _let_finish(self, worker: Worker) -> None:
        worker.state = "leaving"
        # A little more than it knows of, so that it can end by itself.
        self._allow(worker, GRACE + _PATIENCE)

    def _allow(self, worker: Worker, seconds: float) -> None:
        """Kill the worker after so many seconds, unless it ends before."""
        if worker.deadline is not None:
            worker.deadline.cancel()
        worker.deadline = self._loop.later(seconds, worker.kill)

    def _react(self, batch: Gathering) -> bool:
        """Do what the changes call for; return False, with nothing done, if somebody is in a new worker's way."""
        if self._awaits_end():
            return False
        if self._is_homeless():
            return True
        if batch.reaction.restarts:
            drop_bytecode(batch.paths)
            self._change_began = batch.began
            self._start_worker(fate(batch.paths), cold=batch.reaction is Reaction.COLD)
        else:
            self._refresh(batch)
        return True

    def _refresh(self, batch: Gathering) -> None:
        """See that open pages show what has changed; the worker may stay."""
        if batch.reaction is Reaction.STYLE:
            for path in batch.paths:
                self._tabs.restyle(self._lookout.kinds.static_name(path))
            tell(f"{fate(batch.paths)}: open pages take the new style.")
            return
        if batch.reaction is Reaction.TEMPLATE and self._current is not None:
            # They are told once it has.
            self._current.channel.say("forget")
        else:
            self._tabs.reload()
        tell(f"{fate(batch.paths)}: open pages reload.")

    def _awaits_end(self) -> bool:
        """Return whether a worker that had no time to serve is still ending.

        It must be gone before the next one starts: it may be compiling the very file that was changed, or
        be about to bind the address.
        """
        return any(worker.state == "quitting" for worker in self._workers.values())

    # The end.

    def _is_homeless(self) -> bool:
        """Return whether the folder that this was started in is gone, with all that could be served; end if so."""
        try:
            os.getcwd()
        except FileNotFoundError:
            tell("The folder in which this server was started is gone, and so it ends.")
            self._quit(1)
            return True
        return False

    def _mind_home(self) -> None:
        """Look now and then, while no process lives, whether one can: that its folder goes is no change of a file."""
        if self._doorman.stands and not self._is_homeless():
            self._loop.later(_PATIENCE, self._mind_home)

    def _quit(self, status: int) -> None:
        if self._status is not None:
            return
        self._status = status
        self._lookout.end()
        # A thread of the worker's may wait for them.
        self._tabs.close()
        for worker in self._workers.values():
            if worker is self._current and worker.state == "serving":
                # As Ctrl-C would, so that what the project does at its end is done.
                os.kill(worker.pid, signal.SIGINT)
                self._allow(worker, FAREWELL)
            else:
                worker.kill()

    def _clean_up(self) -> None:
        for worker in self._workers.values():
            worker.kill()
        self._console.keyboard.close()
        self._lookout.end()
        self._tabs.close()
        self._nursery.close()
        self._loop.close()
        for listener in self._listeners:
            listener.close()
