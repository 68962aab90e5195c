"""`Storage`: what every storage can do, and the rules for the names of files in it.

A backend defines `_open`, `_save` and whichever of the other methods it can offer; choosing a free name
and refusing a dangerous one happens here, for all of them.

Source: Django's reference "File storage API", section "The Storage class"; CWE-22 (path traversal).
"""

from __future__ import annotations

import os
import pathlib
from typing import TYPE_CHECKING, Any, NoReturn

from miniframe.exceptions import SuspiciousFileOperation
from miniframe.files.base import File
from miniframe.files.utils import validate_file_name
from miniframe.utils.crypto import get_random_string
from miniframe.utils.text import get_valid_filename

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["Storage"]


class Storage:
    """A place for files, each known by its name: a relative path with "/" between folders."""

    def open(self, name: Any, mode: str = "rb") -> File:
        """Return the file of that name, opened as the builtin `open` would with this `mode`."""
        return self._open(name, mode)

    def save(self, name: Any, content: Any, max_length: int | None = None) -> str:
        """Keep what `content` (a `File`, or anything with `read()`) holds, and return the name it was kept under.

        The name is the wanted one, or a free one like it, of at most `max_length` characters; None takes
        `content.name`.

        Raises:
            SuspiciousFileOperation: the name leads out of the storage, or there is no free one that short.
        """
        wanted = str(content.name if name is None else name)
        if not hasattr(content, "chunks"):
            content = File(content, wanted)
        # Looked at before and after each step, because a subclass may choose names by itself.
        validate_file_name(wanted, allow_relative_path=True)
        free = self.get_available_name(wanted, max_length=max_length)
        validate_file_name(free, allow_relative_path=True)
        kept = self._save(free, content)
        validate_file_name(kept, allow_relative_path=True)
        return kept

    def _open(self, name: Any, mode: str = "rb") -> File:
        self._lacks("_open")

    def _save(self, name: str, content: Any) -> str:
        self._lacks("_save")

    def is_name_available(self, name: str, max_length: int | None = None) -> bool:
        """Return whether a file can be kept under `name` now, no other being in the way."""
        return not self.exists(name) and not (max_length and len(name) > max_length)

    def get_valid_name(self, name: str) -> str:
        """Return `name`, of a file without folders, with nothing in it that a file's name should not hold.

        Raises:
            SuspiciousFileOperation: nothing usable is left.
        """
        valid: str = get_valid_filename(name)
        return valid

    def get_alternative_name(self, file_root: str, file_ext: str) -> str:
        """Return another name for the file `file_root` + `file_ext`: seven random characters come between."""
        return f"{file_root}_{get_random_string(7)}{file_ext}"

    def get_available_name(self, name: Any, max_length: int | None = None) -> str:
        """Return a name that is free: `name`, or an alternative that has its folder and its suffixes.

        Raises:
            SuspiciousFileOperation: the name leads out of the storage, or none of `max_length` characters is free.
        """
        free = str(name).replace("\\", "/")
        folder, file_name = _safe_parts(free)
        validate_file_name(file_name)
        suffixes = "".join(pathlib.PurePath(file_name).suffixes)
        root: str = file_name.removesuffix(suffixes)
        while not self.is_name_available(free, max_length=max_length):
            free = os.path.join(folder, self.get_alternative_name(root, suffixes))
            if max_length is not None and len(free) > max_length:
                root = root[: max_length - len(free)]
                if not root:
                    raise SuspiciousFileOperation(
                        f'Storage can not find an available filename for "{free}". Please make sure that the '
                        f'corresponding file field allows sufficient "max_length".'
                    )
                free = os.path.join(folder, self.get_alternative_name(root, suffixes))
        return free

    def generate_filename(self, filename: Any) -> str:
        """Return the name to save an upload called `filename` under: its folder is kept, its name made valid.

        Raises:
            SuspiciousFileOperation: the folder leads upwards, or there is no valid name in it.
        """
        folder, file_name = _safe_parts(str(filename).replace("\\", "/"))
        return os.path.normpath(os.path.join(folder, self.get_valid_name(file_name)))

    def path(self, name: Any) -> str:
        """Return where the file lies on this machine, for storages that can tell."""
        raise NotImplementedError("This backend doesn't support absolute paths.")

    def delete(self, name: Any) -> None:
        """Delete the file, if there is one."""
        self._lacks("delete")

    def exists(self, name: Any) -> bool:
        """Return whether something is kept under this name."""
        self._lacks("exists")

    def listdir(self, path: Any) -> tuple[list[str], list[str]]:
        """Return the names of the folders, and of the files, in the folder `path`."""
        self._lacks("listdir")

    def size(self, name: Any) -> int:
        """Return how many bytes the file has."""
        self._lacks("size")

    def url(self, name: Any) -> str:
        """Return the address at which visitors get the file.

        Raises:
            ValueError: it has none.
        """
        self._lacks("url")

    def get_accessed_time(self, name: Any) -> datetime:
        """Return when the file was last read; aware of its time zone (UTC) if settings.USE_TZ is set, else local."""
        self._lacks("get_accessed_time")

    def get_created_time(self, name: Any) -> datetime:
        """Return when the file was created, as `get_accessed_time` does."""
        self._lacks("get_created_time")

    def get_modified_time(self, name: Any) -> datetime:
        """Return when the file was last written, as `get_accessed_time` does."""
        self._lacks("get_modified_time")

    def _lacks(self, method: str) -> NoReturn:
        raise NotImplementedError(f"subclasses of Storage must provide a {method}() method")


def _safe_parts(name: str) -> tuple[str, str]:
    """Return (folder, file name).

    Raises:
        SuspiciousFileOperation: the folder leads upwards.
    """
    folder, file_name = os.path.split(name)
    if ".." in folder.split("/"):
        raise SuspiciousFileOperation(f"Detected path traversal attempt in '{folder}'")
    return folder, file_name
