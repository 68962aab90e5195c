"""`File`: any file-like object with a name and a size, read in chunks or lines.

Source: Django's reference "File handling", section "The File class".
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from io import BytesIO, StringIO, UnsupportedOperation
from types import TracebackType
from typing import Any

from miniframe.files.utils import FileProxyMixin

__all__ = ["ContentFile", "File"]


class File(FileProxyMixin):
    """A file-like object in `file`, with `name`, `size`, `mode`, and everything that the object itself can do."""

    DEFAULT_CHUNK_SIZE = 64 * 2**10

    name: Any = None

    def __init__(self, file: Any, name: str | None = None) -> None:
        self.file: Any = file
        self.name = getattr(file, "name", None) if name is None else name
        if hasattr(file, "mode"):
            self.mode: Any = file.mode

    def __str__(self) -> str:
        return self.name or ""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self or 'None'}>"

    def __bool__(self) -> bool:
        return bool(self.name)

    def __len__(self) -> int:
        return int(self.size)

    @property
    def size(self) -> int:
        """How many bytes there are; found out once, then kept.

        Raises:
            AttributeError: nothing about the file tells.
        """
        if "size" not in self.__dict__:
            self.__dict__["size"] = self._measure()
        return int(self.__dict__["size"])

    @size.setter
    def size(self, value: int | None) -> None:
        """Set it, where it is known without looking."""
        self.__dict__["size"] = value

    def _measure(self) -> int:
        file = self.file
        if hasattr(file, "size"):
            return int(file.size)
        if hasattr(file, "name"):
            try:
                return os.path.getsize(file.name)
            except (OSError, TypeError):
                pass  # a name that is no path, such as "<stdin>" or a file descriptor
        if hasattr(file, "tell") and hasattr(file, "seek"):
            position = file.tell()
            file.seek(0, os.SEEK_END)
            size = file.tell()
            file.seek(position)
            return int(size)
        raise AttributeError("Unable to determine the file's size.")

    def chunks(self, chunk_size: int | None = None) -> Iterator[Any]:
        """Yield the content from its beginning in pieces of `chunk_size` bytes (None: 64 KiB)."""
        try:
            self.seek(0)
        except (AttributeError, UnsupportedOperation):
            pass  # a stream: from here on, then
        while data := self.read(chunk_size or self.DEFAULT_CHUNK_SIZE):
            yield data

    def multiple_chunks(self, chunk_size: int | None = None) -> bool:
        """Return whether `chunks` would yield more than one piece."""
        return self.size > (chunk_size or self.DEFAULT_CHUNK_SIZE)

    def __iter__(self) -> Iterator[Any]:
        """Yield lines; "\\n", "\\r\\n" and "\\r" end one, and nothing else does."""
        rest: Any = None
        for chunk in self.chunks():
            carriage_return, newline = ("\r", "\n") if isinstance(chunk, str) else (b"\r", b"\n")
            for line in chunk.splitlines(True):
                if rest is not None:
                    # A chunk may end in the middle of a line, and even between "\r" and "\n".
                    if rest.endswith(carriage_return) and line != newline:
                        yield rest
                    else:
                        line = rest + line
                    rest = None
                if line.endswith(newline):
                    yield line
                else:
                    rest = line
        if rest is not None:
            yield rest

    def __enter__(self) -> File:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def open(self, mode: str | None = None, *args: Any, **kwargs: Any) -> File:
        """Go to the beginning, opening the file anew (arguments as for `open`) if it was closed.

        Raises:
            ValueError: it was closed, and its name leads to no file.
        """
        if not self.closed:
            self.seek(0)
        elif self.name and os.path.exists(self.name):
            self.file = open(self.name, mode or self.mode, *args, **kwargs)  # noqa: SIM115  # close() closes it
        else:
            raise ValueError("The file cannot be reopened.")
        return self

    def close(self) -> None:
        """Close the file."""
        self.file.close()


class ContentFile(File):
    """Text or bytes that behave like a file."""

    def __init__(self, content: str | bytes, name: str | None = None) -> None:
        super().__init__(StringIO(content) if isinstance(content, str) else BytesIO(content), name=name)
        self.size = len(content)

    def __str__(self) -> str:
        return "Raw content"

    def __bool__(self) -> bool:
        return True

    def open(self, mode: str | None = None, *args: Any, **kwargs: Any) -> ContentFile:
        """Go to the beginning."""
        self.seek(0)
        return self

    def close(self) -> None:
        """Do nothing: there is nothing to free."""

    def write(self, data: Any) -> int:
        """Write at the file's position."""
        self.__dict__.pop("size", None)
        return int(self.file.write(data))
