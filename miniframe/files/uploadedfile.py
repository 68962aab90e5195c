"""Files that were uploaded: in memory, or in a temporary file.

Source: Django's reference "Uploaded Files and Upload Handlers".
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

from miniframe.conf import settings
from miniframe.files import temp
from miniframe.files.base import File
from miniframe.files.utils import validate_file_name

__all__ = ["InMemoryUploadedFile", "SimpleUploadedFile", "TemporaryUploadedFile", "UploadedFile"]

# Characters: more than that, and some file systems refuse the name.
_LONGEST_NAME = 255


class UploadedFile(File):
    """A file that a visitor sent; name, type and charset are the visitor's words and may be anything."""

    def __init__(
        self,
        file: Any = None,
        name: str | None = None,
        content_type: str | None = None,
        size: int | None = None,
        charset: str | None = None,
        content_type_extra: dict[str, bytes] | None = None,
    ) -> None:
        super().__init__(file, name)
        self.size = size  # None until a handler knows it
        self.content_type = content_type
        self.charset = charset
        self.content_type_extra = content_type_extra

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.name} ({self.content_type})>"

    @property
    def name(self) -> str | None:
        """The file's name without any folders, 255 characters at most.

        Raises (when it is set):
            SuspiciousFileOperation: there is no name in it.
        """
        return self._name

    @name.setter
    def name(self, name: str | None) -> None:
        """Set it, having taken the folders off."""
        if name is not None:
            name = os.path.basename(name)
            if len(name) > _LONGEST_NAME:
                stem, extension = os.path.splitext(name)
                extension = extension[:_LONGEST_NAME]
                name = stem[: _LONGEST_NAME - len(extension)] + extension
            name = validate_file_name(name)
        self._name = name


class TemporaryUploadedFile(UploadedFile):
    """An upload in a temporary file, which goes when it is closed."""

    def __init__(
        self,
        name: str,
        content_type: str | None,
        size: int | None,
        charset: str | None,
        content_type_extra: dict[str, bytes] | None = None,
    ) -> None:
        extension = os.path.splitext(name)[1]
        file = temp.NamedTemporaryFile(suffix=f".upload{extension}", dir=settings.FILE_UPLOAD_TEMP_DIR)
        super().__init__(file, name, content_type, size, charset, content_type_extra)

    def temporary_file_path(self) -> str:
        """Return the full path of the file."""
        return str(self.file.name)

    def close(self) -> None:
        """Close and so delete the file; one that was moved away meanwhile is left where it is."""
        with contextlib.suppress(FileNotFoundError):
            self.file.close()


class InMemoryUploadedFile(UploadedFile):
    """An upload in memory."""

    def __init__(
        self,
        file: Any,
        field_name: str | None,
        name: str | None,
        content_type: str | None,
        size: int | None,
        charset: str | None,
        content_type_extra: dict[str, bytes] | None = None,
    ) -> None:
        super().__init__(file, name, content_type, size, charset, content_type_extra)
        self.field_name = field_name

    def open(self, mode: str | None = None, *args: Any, **kwargs: Any) -> InMemoryUploadedFile:
        """Go to the beginning."""
        self.file.seek(0)
        return self

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """Yield everything at once: it is in memory already."""
        self.file.seek(0)
        yield self.read()

    def multiple_chunks(self, chunk_size: int | None = None) -> bool:
        """Return False."""
        return False


class SimpleUploadedFile(InMemoryUploadedFile):
    """An upload made from a name and bytes, for tests."""

    def __init__(self, name: str | None, content: bytes | None, content_type: str = "text/plain") -> None:
        content = content or b""
        super().__init__(BytesIO(content), None, name, content_type, len(content), None, None)

    @classmethod
    def from_dict(cls, file_dict: Mapping[str, Any]) -> SimpleUploadedFile:
        """Make one from a mapping with "filename", "content" and perhaps "content-type"."""
        return cls(file_dict["filename"], file_dict["content"], file_dict.get("content-type", "text/plain"))
