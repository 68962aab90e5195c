"""Upload handlers: who decides where an uploaded file goes while it is still arriving.

Each handler in turn is offered every file and every chunk of it; what it returns goes to the next.

Source: Django's reference "Uploaded Files and Upload Handlers", section "Writing custom upload handlers".
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from miniframe.conf import import_from_setting, settings
from miniframe.files.uploadedfile import InMemoryUploadedFile, TemporaryUploadedFile

__all__ = [
    "FileUploadHandler",
    "MemoryFileUploadHandler",
    "SkipFile",
    "StopFutureHandlers",
    "StopUpload",
    "TemporaryFileUploadHandler",
    "UploadFileException",
    "load_handler",
]


class UploadFileException(Exception):
    """What a handler raises to change the course of an upload."""


class StopUpload(UploadFileException):
    """End the whole upload; with `connection_reset` the rest of the body is not even read."""

    def __init__(self, connection_reset: bool = False) -> None:
        super().__init__(connection_reset)
        self.connection_reset = connection_reset

    def __str__(self) -> str:
        if self.connection_reset:
            return "StopUpload: Halt current upload."
        return "StopUpload: Consume request data, then halt."


class SkipFile(UploadFileException):
    """Leave this file out and go on with the next part."""


class StopFutureHandlers(UploadFileException):
    """Offer this file to no handler after this one; raised in `new_file`."""


class FileUploadHandler:
    """The base of handlers: `receive_data_chunk` and `file_complete` must be written."""

    # Bytes; of several handlers the smallest size is read at a time.
    chunk_size = 64 * 2**10

    def __init__(self, request: Any = None) -> None:
        self.request = request
        self.field_name: str = ""
        self.file_name: str | None = None
        self.content_type: str | None = None
        self.content_length: int | None = None
        self.charset: str | None = None
        self.content_type_extra: dict[str, bytes] | None = None

    def handle_raw_input(
        self,
        input_data: Any,
        META: Mapping[str, Any],  # noqa: N803  # Django's name
        content_length: int | None,
        boundary: bytes,
        encoding: str | None = None,
    ) -> Any:
        """Parse the whole body and return (POST, FILES), or return None to have it parsed.

        `content_length` is None for a chunked body, whose size nobody knows yet.
        """
        return None

    def new_file(
        self,
        field_name: str,
        file_name: str,
        content_type: str,
        content_length: int | None,
        charset: str | None = None,
        content_type_extra: dict[str, bytes] | None = None,
    ) -> None:
        """Hear that a file begins; everything about it is the client's word."""
        self.field_name, self.file_name = field_name, file_name
        self.content_type, self.charset, self.content_type_extra = content_type, charset, content_type_extra
        self.content_length = content_length

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Take a chunk that begins at byte `start`; return it for the next handler, or None to keep it."""
        raise NotImplementedError("subclasses of FileUploadHandler must provide a receive_data_chunk() method")

    def file_complete(self, file_size: int) -> Any:
        """Hear that the file is complete; return an `UploadedFile`, or None to leave that to the next handler."""
        raise NotImplementedError("subclasses of FileUploadHandler must provide a file_complete() method")

    def upload_complete(self) -> Any:
        """Hear that everything has arrived."""

    def upload_interrupted(self) -> None:
        """Hear that the body ended in the middle of a file."""


class TemporaryFileUploadHandler(FileUploadHandler):
    """Write each file to a temporary one."""

    file: TemporaryUploadedFile

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Make the temporary file."""
        super().new_file(*args, **kwargs)
        self.file = TemporaryUploadedFile(
            self.file_name or "", self.content_type, 0, self.charset, self.content_type_extra
        )

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Write the chunk."""
        self.file.write(raw_data)
        return None

    def file_complete(self, file_size: int) -> TemporaryUploadedFile:
        """Return the file, at its beginning."""
        self.file.seek(0)
        self.file.size = file_size
        return self.file

    def upload_interrupted(self) -> None:
        """Delete the file that did not arrive."""
        if hasattr(self, "file"):
            path = self.file.temporary_file_path()
            self.file.close()
            try:
                os.remove(path)
            except FileNotFoundError:
                pass


class MemoryFileUploadHandler(FileUploadHandler):
    """Keep files in memory, if the whole body is no larger than settings.FILE_UPLOAD_MAX_MEMORY_SIZE."""

    file: BytesIO
    activated: bool = False

    def handle_raw_input(
        self,
        input_data: Any,
        META: Mapping[str, Any],  # noqa: N803  # Django's name
        content_length: int | None,
        boundary: bytes,
        encoding: str | None = None,
    ) -> Any:
        """Decide by the body's size; one of unknown size is left to the next handler."""
        limit: int = settings.FILE_UPLOAD_MAX_MEMORY_SIZE
        # What is in memory or in a file already can be measured, and then the client's word does not count.
        size = _measured(getattr(input_data, "_stream", input_data))
        if size is None:
            size = content_length
        self.activated = size is not None and size <= limit

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Take the file, if it is small enough."""
        super().new_file(*args, **kwargs)
        if self.activated:
            self.file = BytesIO()
            raise StopFutureHandlers

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Keep the chunk, or pass it on."""
        if not self.activated:
            return raw_data
        self.file.write(raw_data)
        return None

    def file_complete(self, file_size: int) -> InMemoryUploadedFile | None:
        """Return the file, if it is ours."""
        if not self.activated:
            return None
        # Makes the file give up its reserve: who reads it whole then gets these very bytes (70 us less a MiB).
        self.file.getvalue()
        self.file.seek(0)
        return InMemoryUploadedFile(
            self.file,
            self.field_name,
            self.file_name,
            self.content_type,
            file_size,
            self.charset,
            self.content_type_extra,
        )


def _measured(stream: Any) -> int | None:
    """Return the size of a stream that can be rewound, and rewind it; None for any other."""
    try:
        size: int = stream.seek(0, os.SEEK_END)
        stream.seek(0)
    except (AttributeError, OSError):
        return None
    return size


def load_handler(path: str, *args: Any, **kwargs: Any) -> Any:
    """Return an instance of the handler class at a dotted path; the arguments are its own."""
    return import_from_setting("FILE_UPLOAD_HANDLERS", path)(*args, **kwargs)
