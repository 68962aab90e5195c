"""Load modules of others ahead of time, and find those that must not be: a copy of a process is not a new one.

Threads do not survive a fork, an open socket would be shared, and a module that looks into the project while it is
loaded would look too early.  So every module is watched while it is loaded, and those that do more than to define
things are *faulty*.  A process with a faulty module in it is thrown away, and the next one is made without.

What counts as a fault of a module:
    it starts a thread, opens a file or socket, writes to the terminal
    it changes the environment, the import path, signals, hooks of the interpreter, the working folder
    it draws something at random: a seed, an id, the name of a temporary folder, which no two processes should share
    it wants to be told of forks, for it has something to lose by one
    it asks for a module of the project, or for a faulty one

Source: fork(2), pthread_atfork(3); Python's reference "os.register_at_fork" and "The import system".
Not here: which modules are tried (see `inventory`).
"""

from __future__ import annotations

import gc
import importlib
import logging
import os
import random
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from types import FrameType, ModuleType
from typing import Any

from miniframe.autoreload.copying.inventory import Inventory, is_ours
from miniframe.autoreload.watching.folders import is_library, is_standard

__all__ = ["NotBeforehand", "preload", "unit_of"]


class NotBeforehand(BaseException):
    """A module was asked for that only a worker may load; not an Exception, so that few can swallow it."""


def unit_of(name: str) -> str:
    """Return the name of what is left out when this module is at fault: a package, or one file of the framework.

    >>> unit_of("jinja2.ext"), unit_of("miniframe.http.request")
    ('jinja2', 'miniframe.http.request')
    """
    return name if is_ours(name) else name.partition(".")[0]


def preload(inventory: Inventory, skip: frozenset[str] = frozenset()) -> set[str]:
    """Load what the inventory names, without the units in `skip`; return the units that are faulty.

    If there are any, this process has been changed by them and must not be copied.
    """
    guard = _Guard(inventory.own | skip)
    with guard.on_duty():
        before = _traits()
        for name in inventory.names:
            unit = unit_of(name)
            if name in sys.modules or unit in skip or unit in guard.faults:
                continue
            _load(name, guard)
            after = _traits()
            if after != before:
                guard.faults.add(unit)
                before = after
    return guard.faults


def _load(name: str, guard: _Guard) -> None:
    guard.unit = unit_of(name)
    known = len(sys.modules)
    try:
        importlib.import_module(name)
    except BaseException:
        # Some names cannot be imported (`six.moves`), which hurts nobody.  Half a package would.
        if len(sys.modules) != known:
            guard.faults.add(guard.unit)


class _Guard:
    """Stands before all finders of modules, and lets nothing of the project in."""

    def __init__(self, forbidden: frozenset[str]) -> None:
        self.faults: set[str] = set()
        self.unit = ""
        self._forbidden = forbidden

    @contextmanager
    def on_duty(self) -> Iterator[None]:
        """Watch over every import in this context, over who wants to be told of forks, and who draws at random."""
        watched: list[tuple[Any, str, Any]] = [
            (os, "register_at_fork", self._telling_of(os.register_at_fork)),
            (os, "urandom", self._drawing(os.urandom)),
            (random, "_urandom", self._drawing(os.urandom)),  # the same, as `secrets` knows it
            (random.Random, "seed", self._seeding(random.Random.seed)),
        ]
        before = [(holder, name, getattr(holder, name)) for holder, name, _ in watched]
        sys.meta_path.insert(0, self)
        for change in watched:
            setattr(*change)
        try:
            yield
        finally:
            for change in before:
                setattr(*change)
            sys.meta_path.remove(self)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where this module is, if it may be loaded; raise NotBeforehand if it may not."""
        if unit_of(name) in self._forbidden:
            self._refuse(name)
        if path is not None or is_ours(name):
            return None
        for finder in [each for each in sys.meta_path if each is not self]:
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                if not _is_of_others(spec):
                    self._refuse(name)
                return spec
        return None

    def _refuse(self, name: str) -> None:
        # Noted as well, for a bare "except:" swallows everything.
        self.faults.add(self.unit)
        raise NotBeforehand(name)

    def _telling_of(self, register: Callable[..., None]) -> Callable[..., None]:
        def register_at_fork(**callbacks: Callable[[], object]) -> None:
            caller = sys._getframe(1)
            if not is_standard(caller.f_code.co_filename) and not is_ours(caller.f_globals["__name__"]):
                self.faults.add(self.unit)
            register(**callbacks)

        return register_at_fork

    def _drawing(self, draw: Callable[[int], bytes]) -> Callable[[int], bytes]:
        def urandom(size: int) -> bytes:
            self._note_chance()
            return draw(size)

        return urandom

    def _seeding(self, seed: Callable[..., None]) -> Callable[..., None]:
        def seeding(generator: random.Random, a: Any = None, version: int = 2) -> None:
            if a is None:
                self._note_chance()
            seed(generator, a, version)

        return seeding

    def _note_chance(self) -> None:
        # Python's own modules draw keys that copies may share, such as that of `multiprocessing`.
        if not _standard_is_loaded(sys._getframe(2)):
            self.faults.add(self.unit)


def _standard_is_loaded(frame: FrameType | None) -> bool:
    """Return whether the module that is being loaded where this frame runs is one of Python's own."""
    while frame is not None and frame.f_code.co_name != "<module>":
        frame = frame.f_back
    return frame is not None and is_standard(frame.f_code.co_filename)


def _is_of_others(spec: ModuleSpec) -> bool:
    if spec.origin in ("built-in", "frozen"):
        return True
    places = [spec.origin] if spec.origin else list(spec.submodule_search_locations or ())
    # A link from site-packages into a working folder is a project's module too.
    return all(is_library(place) and is_library(os.path.realpath(place)) for place in places)


def _traits() -> list[Any]:
    """Return what a module should leave as it was; two of these are compared."""
    return [
        os.listdir("/proc/self/task"),
        os.listdir("/proc/self/fd"),
        _written(),
        threading.active_count(),
        dict(os.environ),
        os.getcwd(),
        sys.path[:],
        sys.meta_path[:1],
        sys.path_hooks[:],
        [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)],
        [sys.excepthook, sys.displayhook, sys.breakpointhook, sys.unraisablehook, sys.stdout, sys.stderr],
        [threading.excepthook, warnings.showwarning, sys.gettrace(), sys.getprofile(), gc.isenabled()],
        [logging.root.level, logging.root.handlers[:], logging.getLoggerClass(), logging.getLogRecordFactory()],
        len(vars(sys.modules["builtins"])),
    ]


def _written() -> int:
    """Return how much has been written to standard output and error, which are files here; 0 if they are none."""
    sys.stdout.flush()
    sys.stderr.flush()
    return sum(os.fstat(number).st_size for number in (1, 2))
