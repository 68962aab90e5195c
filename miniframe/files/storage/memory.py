"""Files in the memory of this process: for tests, which leave nothing behind then.

Source: Django's reference "File storage API", section "The InMemoryStorage class".
"""

from __future__ import annotations

import os
import posixpath
from contextlib import suppress
from io import BytesIO, StringIO
from threading import RLock
from time import time
from typing import TYPE_CHECKING, Any

from miniframe.files.base import File
from miniframe.files.storage.base import Storage
from miniframe.files.storage.defaults import FileSettings, moment
from miniframe.utils._os import safe_join

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["InMemoryStorage"]


class _Node:
    """A file or a folder, and its three times in seconds since 1970."""

    def __init__(self) -> None:
        self.created = self.accessed = self.modified = time()

    def touch(self, *, written: bool = False) -> None:
        self.accessed = time()
        if written:
            self.modified = self.accessed


class _Stored(_Node):
    data = b""


class _Folder(_Node):
    def __init__(self) -> None:
        super().__init__()
        self.children: dict[str, _Node] = {}


class _OpenFile(File):
    """A copy of a file's content, which is put back when it is closed if something was written."""

    def __init__(self, stored: _Stored, name: str, mode: str) -> None:
        data = b"" if "w" in mode else stored.data
        super().__init__(BytesIO(data) if "b" in mode else StringIO(data.decode(), newline=""), name=name)
        if "a" in mode:
            self.file.seek(0, os.SEEK_END)
        self.mode = mode
        self._stored = stored
        self._dirty = "w" in mode

    def write(self, data: Any) -> int:
        """Write at the file's position; text is kept as UTF-8."""
        self._dirty = True
        self.__dict__.pop("size", None)
        binary = isinstance(self.file, BytesIO)
        if binary == isinstance(data, str):
            data = data.encode() if binary else data.decode()
        return int(self.file.write(data))

    def close(self) -> None:
        """Put what was written back into the storage."""
        if self._dirty and not self.file.closed:
            content = self.file.getvalue()
            self._stored.data = content.encode() if isinstance(content, str) else content
            self._stored.touch(written=True)
            self._dirty = False
        self.file.close()


class InMemoryStorage(FileSettings, Storage):
    """A storage with the arguments of `FileSystemStorage` that writes nothing to disk; threads may share it."""

    def __init__(
        self,
        location: Any = None,
        base_url: Any = None,
        file_permissions_mode: int | None = None,
        directory_permissions_mode: int | None = None,
    ) -> None:
        super().__init__(location, base_url, file_permissions_mode, directory_permissions_mode)
        self._root = _Folder()
        self._lock = RLock()

    def _open(self, name: Any, mode: str = "rb") -> File:
        with self._lock:
            node = self._find(name)
            if isinstance(node, _Folder):
                raise IsADirectoryError(f"{name} is a folder.")
            if node is None:
                if not {"w", "a", "x"} & set(mode):
                    raise FileNotFoundError(f"There is no file {str(name)!r}.")
                node = self._put(name, _Stored())
            elif "x" in mode:
                raise FileExistsError(f"There is a file {str(name)!r} already.")
            node.touch()
            assert isinstance(node, _Stored)
            return _OpenFile(node, str(name), mode)

    def _save(self, name: str, content: Any) -> str:
        data = b"".join(chunk.encode() if isinstance(chunk, str) else chunk for chunk in content.chunks())
        with self._lock:
            if self._find(name) is not None:
                name = self.get_available_name(name)  # another thread was quicker
            stored = _Stored()
            stored.data = data
            self._put(name, stored)
        if hasattr(content, "temporary_file_path"):
            # As if it had been moved here.
            with suppress(FileNotFoundError):
                os.remove(content.temporary_file_path())
        return name.replace("\\", "/")

    def _parts(self, name: Any) -> list[str]:
        """Return the folders and the file of a name.

        Raises:
            SuspiciousFileOperation: it leads out of the storage.
        """
        inside = os.path.relpath(safe_join(self.location, str(name).replace("\\", "/")), self.location)
        return [] if inside == "." else inside.replace(os.sep, "/").split("/")

    def _find(self, name: Any) -> _Node | None:
        """Return the file or folder, or None.

        Raises:
            FileExistsError: there is a file where the name has a folder.
        """
        node: _Node | None = self._root
        for part in self._parts(name):
            if isinstance(node, _Stored):
                raise FileExistsError(f"A part of {str(name)!r} is a file and no folder.")
            node = node.children.get(part) if isinstance(node, _Folder) else None
        return node

    def _put(self, name: Any, node: _Node) -> _Node:
        *folders, last = self._parts(name)
        folder = self._root
        for part in folders:
            below = folder.children.setdefault(part, _Folder())
            if not isinstance(below, _Folder):
                raise FileExistsError(f"{part!r} in {str(name)!r} is a file and no folder.")
            folder = below
        folder.children[last] = node
        folder.touch(written=True)
        return node

    def _get(self, name: Any) -> _Node:
        node = self._find(name)
        if node is None:
            raise FileNotFoundError(f"There is no file {str(name)!r}.")
        return node

    def listdir(self, path: Any) -> tuple[list[str], list[str]]:
        """Return the names of the folders, and of the files, in the folder `path`."""
        with self._lock:
            folder = self._get(path)
            if not isinstance(folder, _Folder):
                raise NotADirectoryError(f"{path} is a file and no folder.")
            names: tuple[list[str], list[str]] = [], []
            for name, node in folder.children.items():
                names[isinstance(node, _Stored)].append(name)
            return names

    def delete(self, name: Any) -> None:
        """Delete the file, or the folder with all that is in it, if it is there."""
        with self._lock:
            above, _, last = posixpath.join("", *self._parts(name)).rpartition("/")
            folder = self._find(above)
            if isinstance(folder, _Folder) and folder.children.pop(last, None) is not None:
                folder.touch(written=True)

    def exists(self, name: Any) -> bool:
        """Return whether there is a file or folder of this name."""
        return self._find(name) is not None

    def size(self, name: Any) -> int:
        """Return how many bytes the file has."""
        node = self._get(name)
        return len(node.data) if isinstance(node, _Stored) else 0

    def get_accessed_time(self, name: Any) -> datetime:
        """Return when the file was last opened, or the folder's list last changed."""
        return moment(self._get(name).accessed)

    def get_created_time(self, name: Any) -> datetime:
        """Return when the file was first saved."""
        return moment(self._get(name).created)

    def get_modified_time(self, name: Any) -> datetime:
        """Return when the file was last written."""
        return moment(self._get(name).modified)
