"""A worker's side of reloading: what runs inside the process that has the project loaded.

`runserver` and `ManagementUtility` call these functions in the order of a worker's life:

    attach()                at once, before settings are touched
    note_failure(error)     only if settings or apps do not load; `runserver` then serves the error page
    audience()              who may see that page
    remember(...)           the settings are sound: who may see such a page, now and in workers after this one
    inherited_listeners()   the sockets of the worker before this one; none for the first
    hand_on(listener)       the first worker gives each of its new sockets to the supervisor
    on_leave(callback)      how to stop the server gently when a change makes this worker old
    on_folders(callback)    where templates and static files are
    on_forget(callback)     how to read templates anew when they have changed
    serving(...)            connections are taken from here on
    hand_tab(...)           a page listens for changes; the supervisor goes on from here
    encrypts_with(...)      connections are encrypted, with this
    reached_at(addresses)   the first worker tells where it listens
    has_keys()              whether keys are worth a line of the banner
    leaving_by_itself()     the server has ended without being told to: Ctrl-C or SIGTERM

In a process without a supervisor (`--noreload`) each of them does nothing.

The words on the wire are in `channel`; the other side is `supervisor`.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from types import FrameType
from typing import TYPE_CHECKING

from miniframe.autoreload.audience import AUDIENCE, Audience
from miniframe.autoreload.channel import DESCRIPTORS, GRACE, WARM, Channel, Descriptors

if TYPE_CHECKING:
    from miniframe.autoreload.terminal.borrowing import Loan

__all__ = [
    "attach",
    "audience",
    "encrypts_with",
    "failure",
    "hand_on",
    "hand_tab",
    "has_keys",
    "inherited_listeners",
    "is_worker",
    "leaving_by_itself",
    "note_failure",
    "on_folders",
    "on_forget",
    "on_leave",
    "reached_at",
    "remember",
    "serving",
]

# Seconds that the supervisor has to say that it has heard; it answers within one, or it is not well.
_HEARING = 0.25


class _Life:
    """What this process knows of its life as a worker; there is one for the process, as there is one process."""

    def __init__(self) -> None:
        self.channel: Channel | None = None
        self.listeners: list[socket.socket] = []
        self.failure: BaseException | None = None
        self.audience = Audience()
        self.was_heard = threading.Event()
        self.leave: Callable[[], None] | None = None
        self.folders: Callable[[], Mapping[str, Iterable[str]]] = dict
        self.forget: Callable[[], None] = lambda: None
        self.is_serving = False
        self.told_to_leave = False
        self.loan: Loan | None = None
        self.relays: list[threading.Thread] = []


_life = _Life()


def is_worker() -> bool:
    """Return whether a supervisor has started this process; true already before `attach()`."""
    return _life.channel is not None or DESCRIPTORS in os.environ or WARM in os.environ


def attach() -> None:
    """Take up the conversation with the supervisor; a second call, or one without a supervisor, does nothing.

    Until this call standard error runs through the supervisor, which keeps its tail: a program that dies
    before it gets here (a syntax error in manage.py) can be shown in the browser.  From here on the
    project has the terminal itself, with its colours.
    """
    if WARM in os.environ:
        from miniframe.autoreload.copying.warm import hatch  # what only that process needs

        hatch()
    text = os.environ.pop(DESCRIPTORS, None)
    if text is None:
        return
    _life.audience = Audience.parse(os.environ.pop(AUDIENCE, ""))
    control, stderr, listeners = Descriptors.parse(text)
    sys.stderr.flush()
    os.dup2(stderr, 2)
    os.close(stderr)
    os.set_inheritable(control, False)
    _life.channel = Channel(socket.socket(fileno=control))
    for listener in listeners:
        os.set_inheritable(listener, False)
        _life.listeners.append(socket.socket(fileno=listener))
    if os.isatty(0):
        from miniframe.autoreload.terminal.borrowing import Loan, install  # only where somebody can type

        _life.loan = Loan(_life.channel.say)
        install(_life.loan)
    # The supervisor starts us with Ctrl-C held back, lest it hits Python's own start and prints a traceback.
    signal.signal(signal.SIGINT, _interrupt)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    threading.Thread(target=_listen, args=(_life.channel,), name="supervisor's voice", daemon=True).start()


def _interrupt(signum: int, frame: FrameType | None) -> None:
    # The terminal sends Ctrl-C to every process of the group, and the supervisor passes its own on:
    # the second one must not hit us in the middle of ending.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if _life.is_serving:
        raise KeyboardInterrupt
    leaving_by_itself()
    os._exit(0)


def _listen(channel: Channel) -> None:
    while (lines := channel.hear()) is not None:
        for word, about in lines:
            _life.was_heard.set()
            if word == "leave":
                _leave()
            elif word == "folders":
                _guarded(lambda: _tell_folders(channel))
            elif word == "forget":
                _guarded(_life.forget)
                channel.say("forgotten")
            elif word == "list":
                _tell_what_is_loaded(channel)
            elif word in ("lent", "busy") and _life.loan is not None:
                _life.loan.answered(word, about)
    # The supervisor is gone, perhaps by kill -9.  Nothing may outlive it, so: no atexit, no waiting for threads.
    os._exit(1)


def _tell_what_is_loaded(channel: Channel) -> None:
    from miniframe.autoreload.copying.inventory import (
        take_inventory,  # long after the start, and only if it is asked for
    )

    channel.say("loaded", str(take_inventory()))


def _tell_folders(channel: Channel) -> None:
    from miniframe.autoreload.watching import folders  # as above, for what it imports

    for path in sorted({*folders.code_folders(), *folders.editable_folders()}):
        channel.say("watch", path)
    for word, paths in _life.folders().items():
        for path in map(os.path.realpath, paths):
            # Those that installed packages bring are nobody's to edit.
            if not folders.is_library(path):
                channel.say(word, path)
    channel.say("running", "\n".join(path for path in folders.code_files() if "\n" not in path))
    for path in folders.package_folders():
        channel.say("library", path)
    for path in folders.installed_folders():
        channel.say("installed", path)


def _guarded(callback: Callable[[], None]) -> None:
    """Call what may lead into the project; the supervisor must be heard whatever comes of it."""
    try:
        callback()
    except Exception:
        sys.excepthook(*sys.exc_info())


def _leave() -> None:
    _life.told_to_leave = True
    if _life.leave is None:
        os._exit(0)
    # It takes as long as the last request, which may be at a debugger's prompt: the supervisor must be heard meanwhile.
    threading.Thread(target=_life.leave, name="leaving", daemon=True).start()


def note_failure(error: BaseException) -> None:
    """Keep the error that stops settings or apps from loading, so that `runserver` can serve its page."""
    _life.failure = error


def failure() -> BaseException | None:
    """Return the error that was noted, if any."""
    return _life.failure


def audience() -> Audience:
    """Return who may see the error page of this process."""
    return _life.audience


def remember(audience: Audience) -> None:
    """Take in what sound settings say about who may see an error page, here and in the workers after this one."""
    _life.audience = audience
    if _life.channel is not None:
        _life.channel.say("audience", str(audience))


def inherited_listeners() -> list[socket.socket]:
    """Return the listening sockets of the workers before this one; none in the first, or without a supervisor."""
    return _life.listeners


def hand_on(listener: socket.socket) -> None:
    """Give a listening socket that was bound here to the supervisor, which keeps it open for every later worker."""
    if _life.channel is not None and not _life.listeners:
        _life.channel.say("listening", with_socket=listener)


def hand_tab(tab: socket.socket, since: int, relay: threading.Thread | None = None) -> None:
    """Give the supervisor a connection whose page listens; it knows of all that happened until `since`.

    With a `relay`, which passes on what the supervisor says, this process is needed still when it is old.
    """
    if _life.channel is None:
        return
    _life.channel.say("tab", str(since), with_socket=tab)
    if relay is not None:
        _life.relays = [each for each in (*_life.relays, relay) if each.is_alive()]


def on_leave(callback: Callable[[], None]) -> None:
    """Call `callback` when a change has made this worker old.

    It runs in a thread of its own, and has to close the door at once; open requests may be finished.
    A worker that has not come so far when it is told to leave exits on the spot.
    """
    _life.leave = callback


def on_folders(callback: Callable[[], Mapping[str, Iterable[str]]]) -> None:
    """Call `callback` a moment after this worker serves, for its folders of "templates" and of "static" files.

    It runs in a thread of its own.
    """
    _life.folders = callback


def on_forget(callback: Callable[[], None]) -> None:
    """Call `callback` when templates have changed: those that are read after it must be the new ones.

    It runs in a thread of its own.
    """
    _life.forget = callback


def serving(broken: bool = False) -> None:
    """Tell the supervisor that connections are taken here; `broken` says that only the error page answers."""
    _life.is_serving = True
    if _life.channel is None:
        return
    _life.channel.say("broken" if broken else "ready")
    if _life.listeners:
        # Else the log of the first request could come before the line that says why this worker is here.
        _life.was_heard.wait(_HEARING)


def encrypts_with(certificate: str, key: str) -> None:
    """Tell the supervisor how it can answer in the place of this worker; `key` may be empty (see `servers.tls`)."""
    if _life.channel is not None:
        _life.channel.say("tls", f"{certificate}\n{key}")


def reached_at(addresses: Iterable[str]) -> None:
    """Tell the supervisor where this server is reached, the best address first, for who asks it."""
    if _life.channel is not None:
        _life.channel.say("addresses", "\n".join(addresses))


def has_keys() -> bool:
    """Return whether the supervisor takes keys from the terminal, for the banner."""
    if _life.loan is None:
        return False
    from miniframe.autoreload.terminal.keys import is_ours  # as above, only where somebody can type

    return is_ours()


def leaving_by_itself() -> None:
    """Tell the supervisor that this end is wanted (Ctrl-C, SIGTERM) and that it should end too.

    If it was the supervisor's wish, return when the pages that listen by way of this process know what comes after it.
    """
    if _life.channel is not None and not _life.told_to_leave:
        _life.channel.say("bye")
    elif _life.told_to_leave:
        for relay in _life.relays:
            relay.join(GRACE)
