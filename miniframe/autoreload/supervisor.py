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
    otherwise                             it cannot live: answer with its last words until a file changes

Everything happens in one thread, around one selector; only the watcher has a thread of its own.

Source: signal(7), wait(2), posix_spawn(3); Python's reference "signal", section "set_wakeup_fd".
Not here: the words (see `channel`), and the worker's side of it (see `worker`).
"""

from __future__ import annotations

import collections
import errno
import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from types import FrameType
from typing import Any, Final

from miniframe.autoreload.audience import Audience
from miniframe.autoreload.channel import GRACE
from miniframe.autoreload.doorman import answer, crash_page
from miniframe.autoreload.folders import code_folders, drop_bytecode
from miniframe.autoreload.process import Worker, restore_terminal, start, terminal_settings, way_to_end
from miniframe.autoreload.watcher import Gathering, Watcher

__all__ = ["FAREWELL", "Supervisor", "supervise"]

FAREWELL: Final = 0.2
"""Seconds that the worker has to end when this process ends."""

# A worker that served for this many seconds was sound; one that ends sooner would only end again.
_SOUND = 1.0
# Seconds that the first worker has the machine to itself, for to load the watcher takes a core for 40 ms.
# What is saved meanwhile is not lost: the watcher begins with a look at all files.
_HEAD_START = 1.0
# Seconds in which a worker that serves nothing yet can end by itself.
_PATIENCE = 1.0
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD) if os.name == "posix" else ()


def supervise(argv: Sequence[str]) -> int:
    """Run the program that is running now once more, as a worker, and anew after each change; return the exit status.

    `argv` is the command line as the program knows it; its first part names it in messages.
    """
    if os.name != "posix":
        print(f"Reloading needs a POSIX system. Add --noreload: {' '.join(argv)} --noreload", file=sys.stderr)
        return 1
    return Supervisor([sys.executable, *sys.orig_argv[1:]], code_folders()).run()


class Supervisor:
    """Keeps one worker of `command` serving, always with the latest code."""

    def __init__(self, command: Sequence[str], folders: Iterable[str], grace: float = GRACE) -> None:
        self._command = list(command)
        self._grace = grace
        self._folders = list(folders)
        self._selector = selectors.DefaultSelector()
        self._listener: socket.socket | None = None
        self._workers: dict[int, Worker] = {}
        self._current: Worker | None = None
        self._batch: Gathering | None = None
        self._batch_began = 0.0
        self._page: bytes | None = None
        self._audience = Audience()
        self._status: int | None = None
        self._changes: collections.deque[tuple[str, bool]] = collections.deque()
        self._alarm, self._bell = socket.socketpair()
        self._watcher = Watcher(self._changed, _tell)
        self._watching_due = float("inf")
        self._terminal = terminal_settings()

    def run(self) -> int:
        """Serve until someone asks for the end; return the exit status."""
        before = self._catch_signals()
        try:
            first = self._start_worker()
            for folder in self._folders:
                self._watcher.add(folder, since=first.born)
            self._watching_due = time.monotonic() + _HEAD_START
            while self._status is None or self._workers:
                self._wait()
                self._keep_time()
            return self._status
        finally:
            self._clean_up(before)

    # Waiting: one selector, whose every key carries the method that deals with it.

    def _wait(self) -> None:
        dues = [self._watching_due, *(worker.deadline for worker in self._workers.values())]
        if self._batch is not None and not self._awaits_end():
            dues.append(self._batch.due)
        patience = min(dues) - time.monotonic()
        for key, _ in self._selector.select(None if patience == float("inf") else max(patience, 0)):
            # What was dealt with just before may have ended this one.
            if self._selector.get_map().get(key.fd) is key:
                key.data()

    def _keep_time(self) -> None:
        now = time.monotonic()
        if self._watching_due <= now:
            self._begin_watching()
        for worker in list(self._workers.values()):
            if worker.deadline <= now:
                worker.deadline = float("inf")
                worker.kill()
        if self._batch is not None and self._batch.due <= now and not self._awaits_end():
            self._reload(self._batch)

    def _begin_watching(self) -> None:
        if self._watching_due < float("inf"):
            self._watching_due = float("inf")
            self._watcher.start()

    def _awaits_end(self) -> bool:
        """Return whether a worker that had no time to serve is still ending.

        It must be gone before the next one starts: it may be compiling the very file that was changed, or
        be about to bind the address.
        """
        return any(worker.state == "quitting" for worker in self._workers.values())

    def _on(self, source: Any, deal: Callable[[], None]) -> None:
        self._selector.register(source, selectors.EVENT_READ, deal)

    def _catch_signals(self) -> dict[int, Any]:
        """Turn signals into bytes for the selector; return what dealt with them before."""
        for end in (self._alarm, self._bell):
            end.setblocking(False)
        self._on(self._alarm, self._wake)
        # All are set, whatever they were: a shell may have started us with Ctrl-C ignored, and process 1
        # of a container has no default for SIGTERM.
        before: dict[int, Any] = {number: signal.signal(number, _leave_it_to_the_selector) for number in _SIGNALS}
        signal.set_wakeup_fd(self._bell.fileno(), warn_on_full_buffer=False)
        return before

    def _wake(self) -> None:
        rung = self._alarm.recv(4096)
        if signal.SIGINT in rung and sys.stderr.isatty():
            # Or the shell's prompt would stand behind the ^C.
            _tell("")
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number in rung:
                self._quit(0)
        self._reap()
        while self._changes:
            self._take_change(*self._changes.popleft())

    # Starting and hearing a worker.

    def _start_worker(self, reason: str = "") -> Worker:
        worker = start(self._command, self._listener, reason, str(self._audience))
        self._workers[worker.pid] = self._current = worker
        self._on(worker.channel.socket, lambda: self._hear(worker))
        self._on(worker.stderr, lambda: self._overhear(worker))
        return worker

    def _hear(self, worker: Worker) -> None:
        lines = worker.channel.hear()
        if lines is None:
            # It is ending, or has ended; its status comes with SIGCHLD.
            self._selector.unregister(worker.channel.socket)
            worker.channel.close()
            return
        for word, about in lines:
            if word == "listening":
                self._listener = worker.channel.take_socket()
                self._listener.setblocking(False)
            elif word == "watch":
                self._watcher.add(about, since=worker.born)
            elif word == "audience":
                self._audience = Audience.parse(about)
            elif word == "bye":
                self._quit(0)
            else:
                self._serves(worker, broken=word == "broken")
                worker.channel.say("go")

    def _serves(self, worker: Worker, broken: bool) -> None:
        if worker.state == "quitting":
            # It had begun to serve when it was told to leave, so it has something to finish.
            self._let_finish(worker)
            return
        worker.state = "serving"
        worker.serving_since = time.monotonic()
        self._begin_watching()
        if not worker.reason:
            return
        if broken:
            _tell(f"{worker.reason}: the error page is served until this is mended.")
        else:
            took = worker.serving_since - self._batch_began
            _tell(f"{worker.reason}: reloaded in {took * 1000:.0f} ms.")

    def _overhear(self, worker: Worker) -> None:
        if not worker.overhear():
            self._selector.unregister(worker.stderr)
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
            worker = self._workers.pop(pid, None)
            if worker is not None:
                self._has_ended(worker, os.waitstatus_to_exitcode(status))

    def _has_ended(self, worker: Worker, status: int) -> None:
        self._hear_out(worker)
        if status < 0:
            restore_terminal(self._terminal)
        if worker is not self._current:
            return
        self._current = None
        if self._status is not None:
            return
        if self._listener is None:
            self._quit(status if status >= 0 else 128 - status)
        elif worker.state == "serving" and time.monotonic() - worker.serving_since >= _SOUND:
            _tell(f"The server process {way_to_end(status)}; starting it again.")
            self._start_worker()
        else:
            _tell(f"The server process {way_to_end(status)}; its page is served until a file changes.")
            self._page = crash_page(way_to_end(status), worker.last_words.decode("utf-8", "replace"))
            self._on(self._listener, self._stand_in)

    def _hear_out(self, worker: Worker) -> None:
        """Take what it said last, then forget its ends: a child of its own may hold the others open for long."""
        if worker.is_connected():
            self._hear(worker)
        if worker.is_connected():
            self._selector.unregister(worker.channel.socket)
            worker.channel.close()
        if worker.stderr >= 0:
            self._overhear(worker)
        if worker.stderr >= 0:
            self._selector.unregister(worker.stderr)
            worker.close_stderr()

    def _stand_in(self) -> None:
        assert self._listener is not None
        assert self._page is not None
        try:
            connection, _ = self._listener.accept()
        except OSError as error:
            # The client has gone already; or the system has no descriptor left, and asking again at once is no help.
            if error.errno in (errno.EMFILE, errno.ENFILE):
                time.sleep(0.05)
            return
        answer(connection, self._page, self._audience)

    # A file has changed.

    def _changed(self, path: str, complete: bool) -> None:
        """Hand a change over from the watcher's thread."""
        self._changes.append((path, complete))
        try:
            self._bell.send(b"\0")
        except OSError:
            # The bell is full, so it rings already; or all is over.
            pass

    def _take_change(self, path: str, complete: bool) -> None:
        if self._status is not None:
            return
        now = time.monotonic()
        if self._batch is None:
            self._batch = Gathering()
            self._batch_began = now
            self._dismiss()
        self._batch.add(path, complete, now)

    def _dismiss(self) -> None:
        """See that nothing old answers from here on."""
        if self._page is not None and self._listener is not None:
            self._page = None
            self._selector.unregister(self._listener)
        worker, self._current = self._current, None
        if worker is None:
            return
        # It is asked even while it boots, and not killed: perhaps it has taken a request this moment.
        worker.channel.say("leave")
        if worker.state == "serving":
            self._let_finish(worker)
        else:
            worker.state = "quitting"
            worker.deadline = time.monotonic() + _PATIENCE

    def _let_finish(self, worker: Worker) -> None:
        worker.state = "leaving"
        # A little more than it knows of, so that it can end by itself.
        worker.deadline = time.monotonic() + self._grace + _PATIENCE

    def _reload(self, batch: Gathering) -> None:
        self._batch = None
        drop_bytecode(batch.paths)
        self._start_worker(f"{_named(batch.paths)} changed")

    # The end.

    def _quit(self, status: int) -> None:
        if self._status is not None:
            return
        self._status = status
        self._batch = None
        for worker in self._workers.values():
            if worker is self._current and worker.state == "serving":
                # As Ctrl-C would, so that what the project does at its end is done.
                os.kill(worker.pid, signal.SIGINT)
                worker.deadline = time.monotonic() + FAREWELL
            else:
                worker.kill()

    def _clean_up(self, before: dict[int, Any]) -> None:
        for worker in self._workers.values():
            worker.kill()
        restore_terminal(self._terminal)
        self._watcher.stop()
        signal.set_wakeup_fd(-1)
        for number, handler in before.items():
            signal.signal(number, handler)
        self._selector.close()
        for end in (self._alarm, self._bell, self._listener):
            if end is not None:
                end.close()


def _leave_it_to_the_selector(number: int, frame: FrameType | None) -> None:
    """Do nothing: `set_wakeup_fd` has put the signal's number where the selector sees it."""


def _named(paths: Iterable[str]) -> str:
    """Return changed files as people name them: both of two, the first of more.

    >>> _named(["b.py", "a.py"]), _named(["a.py", "b.py", "c.py"])
    ('a.py and b.py', 'a.py and 2 more')
    """
    first, *others = [os.path.relpath(path) for path in sorted(paths)]
    if not others:
        return first
    return f"{first} and {others[0] if len(others) == 1 else f'{len(others)} more'}"


def _tell(message: str) -> None:
    try:
        print(message, file=sys.stderr, flush=True)
    except OSError:
        # Nobody reads it any more, or the disk is full: no reason to stop serving.
        pass
