"""Move a file, even from one file system to another.

Source: rename(2), link(2); Django's reference "File handling".
"""

from __future__ import annotations

import os
from shutil import copymode, copystat

from miniframe.files import locks

__all__ = ["file_move_safe"]


def file_move_safe(
    old_file_name: str | os.PathLike[str],
    new_file_name: str | os.PathLike[str],
    chunk_size: int = 1024 * 64,
    allow_overwrite: bool = False,
) -> None:
    """Move a file to another name; where it cannot be renamed, copy it `chunk_size` bytes at a time.

    Raises:
        FileExistsError: there is a file of the new name, and `allow_overwrite` is false.
    """
    try:
        if os.path.samefile(old_file_name, new_file_name):
            return
    except OSError:
        pass  # one of them does not exist; if that is the old one, renaming says so
    try:
        _move(old_file_name, new_file_name, chunk_size, allow_overwrite)
    except FileExistsError:
        raise FileExistsError(f"Destination file {new_file_name} exists and allow_overwrite is False.") from None


def _move(old: str | os.PathLike[str], new: str | os.PathLike[str], chunk_size: int, allow_overwrite: bool) -> None:
    try:
        # Unlike a rename, a link never replaces what somebody has put there a moment ago.
        (os.rename if allow_overwrite else os.link)(old, new)
    except (FileNotFoundError, FileExistsError):
        raise
    except OSError:
        # Another file system, mostly.
        _copy(old, new, chunk_size, allow_overwrite)
        _copy_times_and_mode(old, new)
        os.remove(old)
    else:
        if not allow_overwrite:
            os.remove(old)


def _copy(old: str | os.PathLike[str], new: str | os.PathLike[str], chunk_size: int, allow_overwrite: bool) -> None:
    flags = os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0) | (os.O_TRUNC if allow_overwrite else os.O_EXCL)
    with open(old, "rb") as source, open(os.open(new, flags), "wb") as target:
        locks.lock(target, locks.LOCK_EX)
        while chunk := source.read(chunk_size):
            target.write(chunk)


def _copy_times_and_mode(old: str | os.PathLike[str], new: str | os.PathLike[str]) -> None:
    # Some network file systems refuse one, or both; the content is what matters.
    for copy in (copystat, copymode):
        try:
            copy(old, new)
            return
        except PermissionError:
            continue
