"""From settings.DATABASES to engines: `engines["default"]`, made when it is first asked for.

An engine keeps connections that are open.  A process that forks must not share them with its child: both would write
to the same socket, and SQLite forbids it; so a child begins with none.

Source: SQLAlchemy's "Connection Pooling", section "Using Connection Pools with Multiprocessing or os.fork()".
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import URL, Engine

from miniframe.conf.databases import all_databases
from miniframe.db import sqlite
from miniframe.db.config import make_engine, options_of, url_of
from miniframe.signals import forget_when_changed

__all__ = ["Engines", "engines", "new_engine"]

_OF_POOLS = ("pool", "pool_size", "max_overflow", "pool_timeout", "pool_recycle", "pool_pre_ping", "pool_use_lifo")


def new_engine(alias: str, url: URL | None = None, **more: Any) -> Engine:
    """Make an engine as settings.DATABASES describes it.

    `url` leads elsewhere; `more` are arguments of create_engine() that are laid over those of OPTIONS.

    Raises:
        ConnectionDoesNotExist: there is no such alias.
        ImproperlyConfigured: what is said of it is wrong.
    """
    url = url or url_of(alias)
    options = {**options_of(alias), **more}
    if "poolclass" in more:
        # What is said of a pool that is not used would be refused.
        options = {name: value for name, value in options.items() if name not in _OF_POOLS}
    if url.get_backend_name() != "sqlite":
        return make_engine(alias, url, options)
    arguments = sqlite.connect_arguments(options["connect_args"])
    engine = make_engine(alias, url, {**options, "connect_args": arguments})
    sqlite.prepare(engine)
    return engine


class Engines:
    """SQLAlchemy's engines by their alias; the same one for all threads."""

    def __init__(self) -> None:
        self._made: dict[str, Engine] = {}
        # One for each process: what another thread held at a fork stays locked in the child.
        self._locks: dict[int, threading.Lock] = {}
        #: What makes an engine; tests put another function in its place.
        self.make: Callable[[str], Engine] = new_engine
        # Connections of the process that forked us: closing them here would close them there.
        self._inherited: list[Any] = []
        self._process = os.getpid()

    def __getitem__(self, alias: str) -> Engine:
        """Return the engine of that alias.

        Raises:
            ConnectionDoesNotExist: there is no such alias.
            ImproperlyConfigured: what settings.DATABASES says of it is wrong.
        """
        if self._process != os.getpid():
            # uWSGI forks without a word to Python.
            self._after_fork()
        engine = self._made.get(alias)
        if engine is None:
            with self._lock():
                engine = self._made.get(alias)
                if engine is None:
                    engine = self._made[alias] = self.make(alias)
        return engine

    def __iter__(self) -> Iterator[str]:
        return iter(all_databases())

    def __contains__(self, alias: object) -> bool:
        return alias in all_databases()

    def dispose(self) -> list[Engine]:
        """Close all connections that nobody uses, and forget the engines; return those that there were."""
        with self._lock():
            made, self._made = self._made, {}
        for engine in made.values():
            engine.dispose()
        return list(made.values())

    def keep_from_closing(self, *objects: object) -> None:
        """Keep what belongs to the process that forked this one, as it is."""
        self._inherited.extend(objects)

    def _lock(self) -> threading.Lock:
        # setdefault() is atomic: two threads that come first get the same one.
        return self._locks.setdefault(os.getpid(), threading.Lock())

    def _after_fork(self) -> None:
        with self._lock():
            if self._process == os.getpid():
                return  # another thread came first
            for engine in self._made.values():
                self.keep_from_closing(engine.pool)
                engine.dispose(close=False)
            # Last, for who sees it takes an engine as it is.
            self._process = os.getpid()


engines: Engines = Engines()
"""The engines of settings.DATABASES, by alias."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=engines._after_fork)
forget_when_changed("DATABASES", forget=engines.dispose)
