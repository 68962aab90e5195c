"""The bodies of test requests: what a browser would send, and a stream that breaks where a socket would block.

Source: RFC 7578 (multipart/form-data); Django's topic "Testing tools", `Client.post`.
"""

from __future__ import annotations

import mimetypes
import os
from collections.abc import Iterable, Mapping
from io import BytesIO, IOBase
from typing import Any

from miniframe.utils.encoding import force_bytes

__all__ = ["BOUNDARY", "MULTIPART_CONTENT", "FakePayload", "encode_file", "encode_multipart"]

BOUNDARY = "BoUnDaRyStRiNg"
MULTIPART_CONTENT = f"multipart/form-data; boundary={BOUNDARY}"


class FakePayload(IOBase):
    """A request's body.  Reading past its end fails, because on a socket it would wait for ever."""

    def __init__(self, initial_bytes: bytes | None = None) -> None:
        super().__init__()
        self._buffer = BytesIO()
        self._left = 0
        self.read_started: bool = False
        if initial_bytes is not None:
            self.write(initial_bytes)

    def __len__(self) -> int:
        return self._left

    def write(self, data: Any) -> None:
        """Add to the body.

        Raises:
            ValueError: somebody has begun to read.
        """
        if self.read_started:
            raise ValueError("Unable to write a payload after it's been read")
        self._left += self._buffer.write(force_bytes(data))

    def read(self, size: int | None = -1, /) -> bytes:
        """Return `size` bytes, or all that are left."""
        return self._take(self._buffer.read, size)

    def readline(self, size: int | None = -1, /) -> bytes:
        """Return a line, `size` bytes of it at most."""
        return self._take(self._buffer.readline, size)

    def _take(self, read: Any, size: int | None) -> bytes:
        if not self.read_started:
            self._buffer.seek(0)
            self.read_started = True
        wanted = self._left if size is None or size == -1 else size
        if wanted > self._left:
            raise AssertionError("Cannot read more than the available bytes from the HTTP incoming data.")
        data: bytes = read(wanted)
        self._left -= len(data)
        return data


def encode_multipart(boundary: str, data: Mapping[str, Any]) -> bytes:
    """Return a form as multipart/form-data: files as files, lists as repeated fields.

    Raises:
        TypeError: a value is None, which a form cannot send.
    """
    lines: list[bytes] = []
    for key, value in data.items():
        if value is None:
            raise TypeError(
                f"Cannot encode None for key '{key}' as POST data. "
                "Did you mean to pass an empty string or omit the value?"
            )
        many = not isinstance(value, (str, bytes)) and not _is_file(value) and isinstance(value, Iterable)
        for item in value if many else [value]:
            lines += encode_file(boundary, key, item) if _is_file(item) else _field(boundary, key, item)
    return b"\r\n".join([*lines, f"--{boundary}--".encode(), b""])


def _is_file(thing: object) -> bool:
    return callable(getattr(thing, "read", None))


def _field(boundary: str, key: str, value: Any) -> list[bytes]:
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n'
    return [head.encode(), force_bytes(value)]


def encode_file(boundary: str, key: str, file: Any) -> list[bytes]:
    """Return the lines of one file's part; its type is the file's own, else guessed by the name."""
    filename = os.path.basename(str(getattr(file, "name", "") or ""))
    kind = getattr(file, "content_type", None) or mimetypes.guess_type(filename)[0] or "application/octet-stream"
    return [
        f"--{boundary}".encode(),
        f'Content-Disposition: form-data; name="{key}"; filename="{filename or key}"'.encode(),
        f"Content-Type: {kind}".encode(),
        b"",
        force_bytes(file.read()),
    ]
