"""Files in a folder of this machine.

A file appears under its name when all of it is there, or is removed again if writing fails; what replaces
another (`allow_overwrite`) takes its place in one step, so that no reader ever sees half of it.

Source: Django's reference "File storage API", section "The FileSystemStorage class"; open(2), rename(2).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from miniframe.exceptions import SuspiciousFileOperation
from miniframe.files.base import File
from miniframe.files.storage.base import Storage
from miniframe.files.storage.defaults import FileSettings, moment
from miniframe.utils._os import replacing, safe_join
from miniframe.utils.crypto import get_random_string

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["FileSystemStorage"]

# The longest name that usual file systems take, in bytes; and what an alternative name adds to it.
_NAME_MAX = 255
_ADDED = 8

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


class FileSystemStorage(FileSettings, Storage):
    """The files below `location` (default: settings.MEDIA_ROOT), at addresses below `base_url` (MEDIA_URL).

    With `allow_overwrite` a file that is saved replaces the one of its name; else it gets another name.
    """

    def __init__(
        self,
        location: Any = None,
        base_url: Any = None,
        file_permissions_mode: int | None = None,
        directory_permissions_mode: int | None = None,
        allow_overwrite: bool = False,
    ) -> None:
        super().__init__(location, base_url, file_permissions_mode, directory_permissions_mode)
        self._allow_overwrite = allow_overwrite

    def _open(self, name: Any, mode: str = "rb") -> File:
        return File(open(self.path(name), mode))

    def path(self, name: Any) -> str:
        """Return the absolute path of the file `name`.

        Raises:
            SuspiciousFileOperation: it would lie outside, or no file can have this name.
        """
        if "\0" in str(name):
            raise SuspiciousFileOperation(f"No file can be called {str(name)!r}")
        return safe_join(self.location, name)

    def is_name_available(self, name: str, max_length: int | None = None) -> bool:
        """Return whether a file can be saved under `name`: it is free, or may be overwritten."""
        if self._allow_overwrite:
            return not (max_length and len(name) > max_length)
        return super().is_name_available(name, max_length=max_length)

    def get_alternative_name(self, file_root: str, file_ext: str) -> str:
        """Return another name for a file; with `allow_overwrite` only length can ask for one, so nothing is added."""
        return f"{file_root}{file_ext}" if self._allow_overwrite else super().get_alternative_name(file_root, file_ext)

    def get_available_name(self, name: Any, max_length: int | None = None) -> str:
        """Return a free name as `Storage` does, and one that file systems take: at most 255 bytes after the folder."""
        name = str(name)
        folder, file_name = os.path.split(name.replace("\\", "/"))
        size = len(os.fsencode(file_name))
        if size > _NAME_MAX or (size > _NAME_MAX - _ADDED and not self.is_name_available(name)):
            root, suffix = os.path.splitext(file_name)
            suffix = suffix if len(os.fsencode(suffix)) < _NAME_MAX // 2 else ""
            room = _NAME_MAX - _ADDED - len(os.fsencode(suffix))
            # Visitors choose the names of what they upload, and 100 letters that are not ASCII may be too many.
            name = os.path.join(folder, os.fsencode(root)[:room].decode(errors="ignore") + suffix)
        return super().get_available_name(name, max_length)

    def _save(self, name: str, content: Any) -> str:
        while True:
            path = self.path(name)
            self._make_folder(os.path.dirname(path))
            try:
                self._write(path, content)
            except FileExistsError:
                # Another thread or process was quicker.
                name = self.get_available_name(name)
            else:
                return name.replace("\\", "/")

    def _make_folder(self, folder: str) -> None:
        """Make a folder and those above it, as far as they are missing.

        Raises:
            OSError: one of them is a file, or may not be made.
        """
        mode = self.directory_permissions_mode
        missing = list(_missing(folder)) if mode is not None else []
        try:
            os.makedirs(folder, exist_ok=True)
        except FileExistsError:
            if not os.path.isdir(folder):
                raise FileExistsError(f"{folder} exists and is not a directory.") from None
        # After that, since a umask set for it would be one for every other thread too.
        for each in missing:
            os.chmod(each, mode)

    def _write(self, path: str, content: Any) -> None:
        """Put `content` there.

        Raises:
            FileExistsError: there is a file already, and it may not be overwritten.
        """
        if hasattr(content, "temporary_file_path"):
            from miniframe.files.move import file_move_safe  # shutil and the compressors, 4 ms; for large uploads

            file_move_safe(content.temporary_file_path(), path, allow_overwrite=self._allow_overwrite)
            self._set_mode(path)
        elif self._allow_overwrite:
            # Hidden, so that neither web servers nor `collectstatic` take it for a file of the site.
            temporary = os.path.join(os.path.dirname(path), f".{get_random_string(12)}.tmp")
            with replacing(path, temporary):
                self._copy(content, temporary)
        else:
            self._copy(content, path)

    def _copy(self, content: Any, path: str) -> None:
        descriptor = os.open(path, _FLAGS, 0o666)
        try:
            with open(descriptor, "wb") as file:
                for chunk in content.chunks():
                    file.write(chunk.encode() if isinstance(chunk, str) else chunk)
            self._set_mode(path)
        except BaseException:
            with suppress(OSError):
                os.unlink(path)
            raise

    def _set_mode(self, path: str) -> None:
        mode = self.file_permissions_mode
        if mode is not None:
            os.chmod(path, mode)

    def delete(self, name: Any) -> None:
        """Delete the file, or the empty folder, if it is there.

        Raises:
            ValueError: there is no name; this would be the whole storage.
        """
        if not name:
            raise ValueError("The name must be given to delete().")
        path = self.path(name)
        # Somebody else may delete it at the same time, which is as good.
        with suppress(FileNotFoundError):
            if os.path.isdir(path) and not os.path.islink(path):
                os.rmdir(path)
            else:
                os.remove(path)

    def exists(self, name: Any) -> bool:
        """Return whether there is something of this name, be it a link that leads nowhere."""
        return os.path.lexists(self.path(name))

    def listdir(self, path: Any) -> tuple[list[str], list[str]]:
        """Return the names of the folders, and of all else, in the folder `path`."""
        folders: list[str] = []
        files: list[str] = []
        with os.scandir(self.path(path)) as entries:
            for entry in entries:
                (folders if entry.is_dir() else files).append(entry.name)
        return folders, files

    def size(self, name: Any) -> int:
        """Return how many bytes the file has."""
        return os.path.getsize(self.path(name))

    def get_accessed_time(self, name: Any) -> datetime:
        """Return when the file was last read, as far as the system keeps account of it."""
        return moment(os.path.getatime(self.path(name)))

    def get_created_time(self, name: Any) -> datetime:
        """Return when the file, or on Unix what is known about it, was last changed."""
        return moment(os.path.getctime(self.path(name)))

    def get_modified_time(self, name: Any) -> datetime:
        """Return when the file was last written."""
        return moment(os.path.getmtime(self.path(name)))


def _missing(folder: str) -> Iterator[str]:
    while not os.path.isdir(folder) and os.path.dirname(folder) != folder:
        yield folder
        folder = os.path.dirname(folder)
