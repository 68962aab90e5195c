"""A file as an application's answer, which the server may hand to the system instead of reading it.

Source: PEP 3333, "Optional Platform-Specific File Handling".
Not here: handing it over (`gateway.ServerHandler.sendfile`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

__all__ = ["FileWrapper"]


class FileWrapper:
    """An iterator over a file's blocks, which a server may also send in one go.

    The application hands it back as its answer (`environ["wsgi.file_wrapper"]`).  It
    passes `close` on when the file has one.
    """

    def __init__(self, filelike: Any, blksize: int = 8192) -> None:
        self.filelike = filelike
        self.blksize = blksize
        if hasattr(filelike, "close"):
            self.close = filelike.close

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        block: bytes = self.filelike.read(self.blksize)
        if block:
            return block
        raise StopIteration
