"""Lock a file against other processes that lock it too.

Where the system has no `fcntl`, nothing is locked and the functions say so by returning False.

>>> from miniframe.files import locks
>>> with open("./file", "wb") as f:  # doctest: +SKIP
...     locks.lock(f, locks.LOCK_EX)
...     f.write(b"miniframe")

Source: flock(2).
"""

from __future__ import annotations

from typing import Any

try:
    import fcntl
except ImportError:
    fcntl = None  # type: ignore[assignment]  # Windows

__all__ = ["LOCK_EX", "LOCK_NB", "LOCK_SH", "lock", "unlock"]

LOCK_SH: int = fcntl.LOCK_SH if fcntl else 0
LOCK_NB: int = fcntl.LOCK_NB if fcntl else 0
LOCK_EX: int = fcntl.LOCK_EX if fcntl else 0


def lock(f: Any, flags: int) -> bool:
    """Lock a file, or a file descriptor, and return whether that worked; with LOCK_NB it may not."""
    if fcntl is None:
        return False
    try:
        fcntl.flock(f, flags)
    except BlockingIOError:
        return False
    return True


def unlock(f: Any) -> bool:
    """Take the lock off a file, or a file descriptor; return whether there are locks on this system."""
    if fcntl is None:
        return False
    fcntl.flock(f, fcntl.LOCK_UN)
    return True
