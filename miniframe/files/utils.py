"""Names that are safe for files, and an object that passes a file's methods on.

Source: CWE-22 (path traversal); Python's `io.IOBase`.
"""

from __future__ import annotations

import os
import pathlib
from collections.abc import Iterator
from typing import Any

from miniframe.exceptions import SuspiciousFileOperation

__all__ = ["FileProxyMixin", "validate_file_name"]


def validate_file_name(name: str, allow_relative_path: bool = False) -> str:
    """Return `name` if it names one file: no folders in it, or with `allow_relative_path` none above.

    Raises:
        SuspiciousFileOperation: it could lead elsewhere, or is no name.
    """
    if os.path.basename(name) in {"", ".", ".."}:
        raise SuspiciousFileOperation(f"Could not derive file name from '{name}'")
    if allow_relative_path:
        # "\" leads into a folder on Windows, where this project may be deployed one day.
        path = pathlib.PurePosixPath(str(name).replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts:
            raise SuspiciousFileOperation(f"Detected path traversal attempt in '{name}'")
    elif name != os.path.basename(name):
        raise SuspiciousFileOperation(f"File name '{name}' includes path elements")
    return name


def _passed_on(name: str) -> Any:
    return property(lambda self: getattr(self.file, name), doc=f"The file's `{name}`.")


class FileProxyMixin:
    """Behave like the file in `self.file`."""

    file: Any

    encoding: Any = _passed_on("encoding")
    fileno: Any = _passed_on("fileno")
    flush: Any = _passed_on("flush")
    isatty: Any = _passed_on("isatty")
    newlines: Any = _passed_on("newlines")
    read: Any = _passed_on("read")
    readinto: Any = _passed_on("readinto")
    readline: Any = _passed_on("readline")
    readlines: Any = _passed_on("readlines")
    seek: Any = _passed_on("seek")
    tell: Any = _passed_on("tell")
    truncate: Any = _passed_on("truncate")
    write: Any = _passed_on("write")
    writelines: Any = _passed_on("writelines")

    @property
    def closed(self) -> bool:
        """Whether there is no open file."""
        return not self.file or bool(self.file.closed)

    def readable(self) -> bool:
        """Return whether the file can be read."""
        return self._can("readable", unless_known=True)

    def writable(self) -> bool:
        """Return whether the file can be written."""
        return self._can("writable", unless_known="w" in getattr(self.file, "mode", ""))

    def seekable(self) -> bool:
        """Return whether the file's position can be set."""
        return self._can("seekable", unless_known=True)

    def _can(self, ability: str, unless_known: bool) -> bool:
        if self.closed:
            return False
        ask = getattr(self.file, ability, None)
        return bool(ask()) if ask is not None else unless_known

    def __iter__(self) -> Iterator[Any]:
        return iter(self.file)
