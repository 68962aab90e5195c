"""Open a file that this process's user has made, in a folder where others may write too.

There somebody may have put a pipe, at which opening waits for ever, a link that leads elsewhere, or a file of his own
whose lock he never gives back.  All of those are as good as absent.

Source: open(2), O_NOFOLLOW and O_NONBLOCK; CWE-59 (link following).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from miniframe.files import locks

__all__ = ["SAFELY", "is_own", "locked_own", "open_own"]

SAFELY: int = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
"""Flags for `os.open`: follow no link, and wait for nobody; on a file of one's own they change nothing."""


def is_own(status: os.stat_result) -> bool:
    """Return whether this is a plain file of this process's user; to root every plain file is."""
    if not stat.S_ISREG(status.st_mode):
        return False
    return not hasattr(os, "geteuid") or os.geteuid() in (0, status.st_uid)


def open_own(path: str) -> BinaryIO:
    """Open a file for reading.

    Raises:
        FileNotFoundError: there is none, or what is there is none of ours.
        OSError: it is ours, and cannot be opened.
    """
    # Before it is opened, since even that does something to a device; and after it, since it may be another by then.
    if is_own(os.lstat(path)):
        file = open(path, "rb", opener=_open_safely)  # noqa: SIM115  # for the caller to close
        if is_own(os.fstat(file.fileno())):
            return file
        file.close()
    raise FileNotFoundError(f"{path} is no file of this user's")


def _open_safely(path: str, flags: int) -> int:
    return os.open(path, flags | SAFELY)


@contextmanager
def locked_own(path: str) -> Iterator[None]:
    """Keep everybody else who does the same from replacing or removing a file.

    Raises:
        FileNotFoundError: as `open_own`; also if it went while we waited for our turn.
    """
    while True:
        with open_own(path) as file:
            if not locks.lock(file, locks.LOCK_EX):
                break  # a system without locks, which may not let anybody replace a file that is open either
            if os.path.samestat(os.fstat(file.fileno()), os.lstat(path)):
                yield
                return
        # Replaced meanwhile: the lock is to be had of the new one.
    yield
