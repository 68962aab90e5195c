"""A file as an application's answer, which the server may hand to the system instead of reading it.

Source: PEP 3333, "Optional Platform-Specific File Handling".
Not here: handing it over (`gateway.ServerHandler.sendfile`).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from typing import Any

__all__ = ["FileWrapper", "rest_of_file"]


class FileWrapper:
    """An iterator over a file's blocks, which a server may also send in one go.

    The application hands it back as its answer (`environ["wsgi.file_wrapper"]`).  It
    passes `close` on when the file has one.
    """

    def __init__(self, filelike: Any, blksize: int = 8192) -> None:
        self.filelike = filelike
        self.blksize = blksize
        if hasattr(filelike, "close"):
            self.close: Any = filelike.close

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        block: bytes = self.filelike.read(self.blksize)
        if block:
            return block
        raise StopIteration


def rest_of_file(filelike: Any) -> tuple[int, int, int] | None:
    """Return descriptor, position and the octets from there to the end, if this is a file that the system can copy."""
    try:
        descriptor = filelike.fileno()
        position = filelike.tell()
        info = os.fstat(descriptor)
    except (AttributeError, OSError, ValueError):
        return None
    return (descriptor, position, max(info.st_size - position, 0)) if stat.S_ISREG(info.st_mode) else None
