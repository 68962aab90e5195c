"""A cache in a folder, one file for each value, shared by all processes of this machine.

A file is a signature (see `signed`), the moment when it expires as a big-endian double, and the pickled value.  It is
written aside and renamed, so a reader sees the old value or the new one and needs no lock; writers take turns by a
lock on the file `.lock`.

Source: Django's topic "Django's cache framework", section "Filesystem caching"; rename(2), flock(2).
"""

from __future__ import annotations

import hashlib
import math
import os
import pickle
import struct
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, BinaryIO, NamedTuple

from miniframe.cache.backends.base import DEFAULT_TIMEOUT, BaseCache, InvalidCacheBackendError
from miniframe.cache.backends.signed import UnusableValue, logger, sign, unpickle, verify
from miniframe.files import locks
from miniframe.files.own import SAFELY, is_own, open_own
from miniframe.utils._os import replacing

__all__ = ["FileBasedCache"]

_END = struct.Struct(">d")
_ASIDE = ".part"
_KIND = "file"


class _Entry(NamedTuple):
    """What one file holds."""

    end: float
    """The moment when its time is over, in seconds since the epoch."""
    data: memoryview


class FileBasedCache(BaseCache):
    """A cache in the folder LOCATION, which is made, for this user only, when it is first needed.

    When there are MAX_ENTRIES files, the next one makes one in CULL_FREQUENCY of them go, those written longest ago;
    a CULL_FREQUENCY of 0 lets all of them go.  The files are counted now and then only, so that with several
    processes there may be a tenth more for a while.  A file whose time is over stays until it is replaced or goes so.
    """

    cache_suffix = ".cached"

    def __init__(self, location: str | os.PathLike[str], params: Mapping[str, Any]) -> None:
        """Take the folder's path.

        Raises:
            InvalidCacheBackendError: there is none.
        """
        super().__init__(params)
        if not location:
            raise InvalidCacheBackendError(
                "A file-based cache in settings.CACHES has no LOCATION. Give it the absolute path of a folder."
            )
        self._dir = os.path.abspath(location)
        self._room = 0  # so many new files before they are counted again

    # Reading: no lock.

    def get(self, key: Any, default: Any = None, version: Any = None) -> Any:
        """Return the value, or `default`."""
        path = self._key_to_file(key, version)
        entry = self._read(path)
        return default if entry is None else self._value(entry, path, default)

    def has_key(self, key: Any, version: Any = None) -> bool:
        """Return whether there is a value."""
        return self._read(self._key_to_file(key, version)) is not None

    def _read(self, path: str) -> _Entry | None:
        try:
            with open_own(path) as file:
                return self._entry(file)
        except FileNotFoundError:
            return None

    def _entry(self, file: BinaryIO) -> _Entry | None:
        """Return what an open file holds, or None if its time is over, or the file is not ours."""
        content = file.read()
        try:
            body = verify(content, _KIND, os.path.basename(file.name))
        except UnusableValue as error:
            logger.warning("The cache passes over %s: %s.", file.name, error)
            return None
        end: float = _END.unpack_from(body)[0]
        return _Entry(end, body[_END.size :]) if end > time.time() else None

    def _is_expired(self, file: BinaryIO) -> bool:
        return self._entry(file) is None

    def _value(self, entry: _Entry, path: str, default: Any) -> Any:
        try:
            return unpickle(entry.data)
        except UnusableValue as error:
            logger.warning("The cache passes over %s: %s.", path, error)
            return default

    # Writing: one at a time.

    def set(self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: Any = None) -> None:
        """Store a value."""
        path = self._key_to_file(key, version)
        data = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
        with self._turn():
            self._write(path, data, self._end(timeout))

    def add(self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: Any = None) -> bool:
        """Store a value unless there is one; of many processes at once one is told True."""
        path = self._key_to_file(key, version)
        data = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
        with self._turn():
            if self._read(path) is not None:
                return False
            self._write(path, data, self._end(timeout))
            return True

    def replace(self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: Any = None) -> bool:
        """Store a value if there is one already; no other process comes between."""
        path = self._key_to_file(key, version)
        data = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
        with self._turn():
            if self._read(path) is None:
                return False
            self._write(path, data, self._end(timeout))
            return True

    def touch(self, key: Any, timeout: float | None = DEFAULT_TIMEOUT, version: Any = None) -> bool:
        """Give a value a new time."""
        path = self._key_to_file(key, version)
        with self._turn():
            entry = self._read(path)
            if entry is not None:
                self._write(path, bytes(entry.data), self._end(timeout))
            return entry is not None

    def incr(self, key: Any, delta: int = 1, version: Any = None) -> int:
        """Add to a value, whose time stays as it is; no other process comes between."""
        path = self._key_to_file(key, version)
        with self._turn():
            entry = self._read(path)
            if entry is None:
                raise ValueError(f"Key '{key}' not found")
            total: int = self._value(entry, path, 0) + delta
            self._write(path, pickle.dumps(total, pickle.HIGHEST_PROTOCOL), entry.end)
            return total

    def delete(self, key: Any, version: Any = None) -> bool:
        """Remove a value."""
        path = self._key_to_file(key, version)
        with self._turn():
            was_there = self._read(path) is not None
            _remove(path)
            return was_there

    def clear(self) -> None:
        """Remove everything in the folder that a cache has written; other files stay."""
        with self._turn():
            for path in self._files(self.cache_suffix, _ASIDE):
                _remove(path)

    def _end(self, timeout: float | None) -> float:
        end = self.get_backend_timeout(timeout)
        return math.inf if end is None else end

    def _write(self, path: str, data: bytes, end: float) -> None:
        if end <= time.time():
            _remove(path)
            return
        if not os.path.exists(path):
            self._make_room()
        aside = f"{path}.{os.getpid()}-{threading.get_ident()}{_ASIDE}"
        with replacing(path, aside), open(aside, "wb", opener=_open_private) as file:
            file.write(sign(_END.pack(end) + data, _KIND, os.path.basename(path)))

    def _make_room(self) -> None:
        if self._room > 0:
            self._room -= 1
            return
        files = list(self._files(self.cache_suffix))
        count = len(files)
        if count >= self._max_entries:
            surplus = count if self._cull_frequency == 0 else max(1, count // self._cull_frequency)
            for path in sorted(files, key=_written)[:surplus]:
                _remove(path)
            count -= surplus
        # Others write as well: a tenth of what there may be, and they are counted again.
        self._room = min(self._max_entries - count - 1, self._max_entries // 10)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Keep other writers out, of this process and of others; make the folder if it is not there.

        Raises:
            PermissionError: the lock is somebody else's, who might never give it back.
        """
        path = os.path.join(self._dir, ".lock")
        try:
            file = open(path, "ab", opener=_open_private)  # noqa: SIM115  # closed below, on both ways
        except FileNotFoundError:
            _make_private_folder(self._dir)
            file = open(path, "ab", opener=_open_private)  # noqa: SIM115
        with file:
            if not is_own(os.fstat(file.fileno())):
                raise PermissionError(
                    f"{path} was not made by the user that runs this site. Name a folder in settings.CACHES into "
                    "which nobody else can write."
                )
            locks.lock(file, locks.LOCK_EX)  # given back when the file is closed
            yield

    # Files.

    def _key_to_file(self, key: Any, version: Any = None) -> str:
        """Return the path for a key: a key may hold what no file's name can."""
        stored = self.make_and_validate_key(key, version)
        return os.path.join(self._dir, hashlib.sha256(stored.encode()).hexdigest()[:40] + self.cache_suffix)

    def _files(self, *suffixes: str) -> Iterator[str]:
        return (entry.path for entry in os.scandir(self._dir) if entry.name.endswith(suffixes))


def _written(path: str) -> float:
    """Return when a file was written; one that has gone meanwhile comes first."""
    try:
        return os.stat(path).st_mtime
    except FileNotFoundError:
        return 0


def _remove(path: str) -> None:
    try:
        os.remove(path)
    except FileNotFoundError:
        pass


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags | SAFELY, 0o600)


def _make_private_folder(path: str) -> None:
    """Make a folder and those above it that are missing, all of them for this user only."""
    parent = os.path.dirname(path)
    if not os.path.isdir(parent):
        _make_private_folder(parent)
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        if not os.path.isdir(path):
            raise
