"""Take a multipart form apart: fields into a QueryDict, files to the upload handlers.

The `multipart` library finds parts and their headers in the stream, `parts` takes each of them; here
are the request's side of it and the beginning and end of an upload.

Source: RFC 7578; RFC 2046, section 5.1; the HTML Standard, section "Multipart form data"; Django's
reference "Uploaded Files and Upload Handlers".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from miniframe.conf import settings
from miniframe.exceptions import MultiPartParserError
from miniframe.files.uploadhandler import StopUpload
from miniframe.http.parts import (
    HEADERS_TOO_LARGE,
    MAX_TOTAL_HEADER_SIZE,
    MOST_HEADERS,
    Part,
    Receiver,
    close_files_of,
    parameters_of,
    sanitize_file_name,
)
from miniframe.http.querydict import QueryDict
from miniframe.utils.datastructures import MultiValueDict

__all__ = ["MAX_TOTAL_HEADER_SIZE", "MultiPartParser", "MultiPartParserError"]

# RFC 2046, section 5.1.1, says 70 characters of fewer kinds; clients do not care.
_BOUNDARY = re.compile(r"[ -~]{0,200}[!-~]")

_LARGEST_CHUNK = 2**31 - 4


class MultiPartParser:
    """Parse one multipart body; `parse` may be called once."""

    def __init__(
        self,
        META: Mapping[str, Any],  # noqa: N803  # Django's name
        input_data: Any,
        upload_handlers: Any,
        encoding: str | None = None,
    ) -> None:
        """Get ready to read `input_data`, which has `read(size)`, as META's Content-Type says.

        Raises:
            MultiPartParserError: the type is not multipart or has no good boundary, or the length is negative.
        """
        self._meta = META
        self._input_data = input_data
        self._upload_handlers = upload_handlers
        self._encoding: str = encoding or settings.DEFAULT_CHARSET
        self._boundary = _boundary_of(str(META.get("CONTENT_TYPE", "")))
        self._content_length = _length_of(META.get("CONTENT_LENGTH"))
        self._chunk_size = min([_LARGEST_CHUNK] + [one.chunk_size for one in upload_handlers if one.chunk_size])

    def sanitize_file_name(self, file_name: str) -> str | None:
        """Return a name that holds no folders; None if nothing remains.  A subclass may be stricter."""
        return sanitize_file_name(file_name)

    def parse(self) -> tuple[QueryDict, MultiValueDict]:
        """Read the body; return fields and files.

        A body that breaks off gives the parts that were complete.

        Raises:
            MultiPartParserError: it is malformed.
            RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent: it exceeds the settings' limits.
        """
        self._post = QueryDict(mutable=True, encoding=self._encoding)
        self._files = MultiValueDict()
        try:
            return self._parse()
        except BaseException:
            # Nobody will see these files, so nobody else would close them.
            close_files_of(self._upload_handlers)
            for _, files in self._files.lists():
                for file in files:
                    file.close()
            raise

    def _parse(self) -> tuple[QueryDict, MultiValueDict]:
        if self._content_length == 0:
            self._post._mutable = False
            return self._post, self._files
        for handler in self._upload_handlers:
            result = handler.handle_raw_input(
                self._input_data, self._meta, self._content_length, self._boundary, self._encoding
            )
            if result is not None:
                return result[0], result[1]
        try:
            self._read_parts()
        except StopUpload as stop:
            close_files_of(self._upload_handlers)
            if not stop.connection_reset:
                self._exhaust()
        else:
            self._exhaust()
        # The first handler that returns something has dealt with it for all.
        any(handler.upload_complete() for handler in self._upload_handlers)
        self._post._mutable = False
        return self._post, self._files

    def _read_parts(self) -> None:
        receiver = Receiver(self._upload_handlers, self._encoding, self._post, self._files, self.sanitize_file_name)
        # The library takes 10 ms to import (tempfile, wsgiref), and only uploads need it.
        import multipart

        parser = multipart.PushMultipartParser(
            self._boundary,
            max_header_size=MAX_TOTAL_HEADER_SIZE,
            max_header_count=MOST_HEADERS,
            header_charset="latin-1",
        )
        try:
            for chunk in self._chunks():
                for event in parser.parse(chunk):
                    if event is None:
                        receiver.end()
                    elif isinstance(event, bytes):
                        receiver.data(event)
                    else:
                        receiver.begin(Part(event, self._encoding))
        except multipart.ParserLimitReached as error:
            raise MultiPartParserError(HEADERS_TOO_LARGE) from error
        except multipart.MultipartError as error:
            raise MultiPartParserError(f"the body is no multipart form: {error}") from error
        receiver.interrupted()

    def _chunks(self) -> Iterator[bytes]:
        read, size = self._input_data.read, self._chunk_size
        while chunk := read(size):
            yield chunk

    def _exhaust(self) -> None:
        for _ in self._chunks():
            pass


def _boundary_of(content_type: str) -> bytes:
    """Return the boundary in a Content-Type.

    Raises:
        MultiPartParserError: the type is not multipart, not ASCII, or has no good boundary.
    """
    if not content_type.lower().startswith("multipart/"):
        raise MultiPartParserError(f"Invalid Content-Type: {content_type}")
    if not content_type.isascii():
        raise MultiPartParserError(f"Invalid non-ASCII Content-Type in multipart: {content_type}")
    boundary = parameters_of(content_type)[1].get("boundary")
    if not boundary or not _BOUNDARY.fullmatch(boundary):
        raise MultiPartParserError(f"Invalid boundary in multipart: {boundary}")
    return boundary.encode("ascii")


def _length_of(value: Any) -> int | None:
    """Return the body's length; None if it is unknown, as with a chunked body; 0 for what is no number.

    Raises:
        MultiPartParserError: it is negative.
    """
    if value is None or value == "":
        return None
    try:
        length = int(value)
    except (ValueError, TypeError):
        return 0
    if length < 0:
        raise MultiPartParserError(f"Invalid content length: {length}")
    return length
