"""Responses whose content is made or read while it is sent.

Source: Django's reference "Request and response objects", sections "StreamingHttpResponse objects"
and "FileResponse objects".
"""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import AsyncIterator, Iterator
from typing import Any

from miniframe.http.base import HttpResponseBase
from miniframe.utils.coroutines import run_coroutine
from miniframe.utils.http import content_disposition_header

__all__ = ["FileResponse", "StreamingHttpResponse"]

# A compressed file is sent as what it is: with its inner type, a browser would unpack it in silence.
_COMPRESSED = {
    "gzip": "application/gzip",
    **{name: f"application/x-{label}" for name, label in [("br", "brotli"), ("bzip2", "bzip"), ("xz", "xz")]},
    "compress": "application/x-compress",
}

_ACCEPTED = ("Accept-Ranges", "bytes")


class StreamingHttpResponse(HttpResponseBase):
    """A response made of pieces, which are asked for while they are sent; it can be sent once."""

    streaming = True
    is_async: bool = False

    _iterator: Any

    def __init__(self, streaming_content: Any = (), *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.streaming_content = streaming_content

    def __repr__(self) -> str:
        return f"<{type(self).__qualname__} status_code={self.status_code}{self._content_type_for_repr}>"

    @property
    def content(self) -> bytes:
        """There is none: it may be endless."""
        raise AttributeError(
            f"This {type(self).__name__} instance has no `content` attribute. Use `streaming_content` instead."
        )

    @property
    def text(self) -> str:
        """There is none: it may be endless."""
        raise AttributeError(f"This {type(self).__name__} instance has no `text` attribute.")

    @property
    def streaming_content(self) -> Any:
        """An iterator over the pieces, as bytes; it may be set to another one that wraps this."""
        if self.is_async:
            return self._async_pieces(self._iterator)
        return map(self.make_bytes, self._iterator)

    @streaming_content.setter
    def streaming_content(self, value: Any) -> None:
        """Replace it."""
        self._set_streaming_content(value)

    def _set_streaming_content(self, value: Any) -> None:
        self.is_async = hasattr(value, "__aiter__") and not hasattr(value, "__iter__")
        # Here and now, so that a list cannot be sent twice by chance.
        self._iterator = aiter(value) if self.is_async else iter(value)
        close = getattr(value, "close", None)
        if close is not None:
            self._resource_closers.append(close)

    async def _async_pieces(self, pieces: AsyncIterator[Any]) -> AsyncIterator[bytes]:
        async for piece in pieces:
            yield self.make_bytes(piece)

    def __iter__(self) -> Iterator[bytes]:
        if not self.is_async:
            return map(self.make_bytes, self._iterator)
        warnings.warn(
            "StreamingHttpResponse must consume asynchronous iterators in order to serve them synchronously. "
            "Use a synchronous iterator instead.",
            Warning,
            stacklevel=2,
        )
        return iter(_run_to_the_end(self._async_pieces(self._iterator)))

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self.is_async:
            async for piece in self._async_pieces(self._iterator):
                yield piece
            return
        warnings.warn(
            "StreamingHttpResponse must consume synchronous iterators in order to serve them asynchronously. "
            "Use an asynchronous iterator instead.",
            Warning,
            stacklevel=2,
        )
        for piece in map(self.make_bytes, self._iterator):
            yield piece

    def getvalue(self) -> bytes:
        """Return what is left of the content, all at once."""
        return b"".join(self.streaming_content)


def _run_to_the_end(pieces: AsyncIterator[bytes]) -> list[bytes]:
    async def collect() -> list[bytes]:
        return [piece async for piece in pieces]

    collected: list[bytes] = run_coroutine(collect())
    return collected


class FileResponse(StreamingHttpResponse):
    """A file, sent block by block, or by the server itself where it offers `wsgi.file_wrapper`.

    Content-Length, Content-Type and Content-Disposition are set from the file, unless given.  The
    file is closed with the response.  Of a file whose length is known, clients may ask for parts (`Range`).
    """

    block_size = 4096

    file_to_stream: Any = None
    as_attachment: bool = False
    filename: str = ""

    def __init__(self, *args: Any, as_attachment: bool = False, filename: str = "", **kwargs: Any) -> None:
        self.as_attachment = as_attachment
        self.filename = filename
        self._no_explicit_content_type = kwargs.get("content_type") is None
        super().__init__(*args, **kwargs)

    def _set_streaming_content(self, value: Any) -> None:
        if not hasattr(value, "read"):
            self.file_to_stream = None
            super()._set_streaming_content(value)
            return
        close = getattr(value, "close", None)
        if close is not None:
            self._resource_closers.append(close)
        self.set_headers(value)
        self.read_from(value)

    def read_from(self, file: Any) -> None:
        """Send what `file` has from its position on, whatever it was before; headers and closers stay as they are."""
        self.file_to_stream = file
        # The size is looked up for each block, so it may be set after the response is made.  A file of text, given by
        # mistake, ends with "", and would never come to b"".
        super()._set_streaming_content(iter(lambda: file.read(self.block_size) or b"", b""))

    def settle(self, request: Any) -> None:
        """Offer parts of the file, and answer with those that the request asks for.

        A view that wants the file sent whole sets `Accept-Ranges: none`.
        """
        fields = self.headers._store
        length = fields.get("content-length")
        if self.status_code != 200 or self.file_to_stream is None or length is None or "accept-ranges" in fields:
            return
        if not length[1].isdecimal() or not _can_jump(self.file_to_stream):
            return
        fields["accept-ranges"] = _ACCEPTED
        # For GET alone a range has a meaning; with any other method the field must be ignored (RFC 9110, section 14.2).
        if request.method == "GET" and "HTTP_RANGE" in request.META:
            from miniframe.http.ranges import answer_with_ranges  # most requests have no need of it

            answer_with_ranges(self, int(length[1]), request.META)

    def set_headers(self, filelike: Any) -> None:
        """Set Content-Length, Content-Type and Content-Disposition as far as the file tells them."""
        name = getattr(filelike, "name", "")
        name = name if isinstance(name, str) else ""
        length = _length_left(filelike, name, self.block_size)
        if length is not None:
            self.headers["Content-Length"] = length
        filename = os.path.basename(self.filename or name)
        if self._no_explicit_content_type:
            self.headers["Content-Type"] = _content_type_of(filename)
        disposition = content_disposition_header(self.as_attachment, filename)
        if disposition:
            self.headers["Content-Disposition"] = disposition


def _can_jump(file: Any) -> bool:
    """Return whether any place of the file can be gone to."""
    if not (hasattr(file, "seek") and hasattr(file, "tell")):
        return False
    try:
        return not hasattr(file, "seekable") or bool(file.seekable())
    except ValueError:  # it is closed
        return False


def _length_left(filelike: Any, name: str, block_size: int) -> int | None:
    """Return how many bytes there are from the file's position on, which stays; None if nobody knows."""
    seekable = hasattr(filelike, "seek") and (not hasattr(filelike, "seekable") or filelike.seekable())
    if not hasattr(filelike, "tell"):
        if not seekable:
            return None
        length = sum(iter(lambda: len(filelike.read(block_size)), 0))
        filelike.seek(-length, io.SEEK_END)
        return length
    if seekable:
        position: int = filelike.tell()
        filelike.seek(0, io.SEEK_END)
        end: int = filelike.tell()
        filelike.seek(position)
        return end - position
    if hasattr(filelike, "getbuffer"):
        return int(filelike.getbuffer().nbytes - filelike.tell())
    if os.path.isfile(name):
        return int(os.path.getsize(name) - filelike.tell())
    return None


def _content_type_of(filename: str) -> str:
    if not filename:
        return "application/octet-stream"
    # mimetypes reads the system's tables when it is first used; an answer without files need not wait for that.
    import mimetypes

    content_type, encoding = mimetypes.guess_type(filename)
    return _COMPRESSED.get(encoding or "", content_type or "application/octet-stream")
