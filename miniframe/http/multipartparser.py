"""Take a multipart form apart: fields into a QueryDict, files to the upload handlers.

The `multipart` library finds parts and their headers in the stream; here are the limits, the names
that are safe, and the order in which handlers are called.

Source: RFC 7578; RFC 2046, section 5.1; the HTML Standard, section "Multipart form data"; Django's
reference "Uploaded Files and Upload Handlers".
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

from miniframe.conf import settings
from miniframe.exceptions import BadRequest, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from miniframe.files.uploadhandler import SkipFile, StopFutureHandlers, StopUpload
from miniframe.http.querydict import QueryDict
from miniframe.utils.datastructures import MultiValueDict
from miniframe.utils.http import parse_header_parameters

__all__ = ["MAX_TOTAL_HEADER_SIZE", "MultiPartParser", "MultiPartParserError"]

# Characters in the headers of one part, and lines: browsers send two short ones.
MAX_TOTAL_HEADER_SIZE = 1024
_MOST_HEADERS = 16
_HEADERS_TOO_LARGE = "Request max total header size exceeded."

# RFC 2046, section 5.1.1, says 70 characters of fewer kinds; clients do not care.
_BOUNDARY = re.compile(r"[ -~]{0,200}[!-~]")

_LARGEST_CHUNK = 2**31 - 4


class MultiPartParserError(BadRequest):
    """The body is not the multipart form that it says it is; answered with 400."""


class _Part:
    """The head of one part: its field's name, and for a file what is said about it."""

    __slots__ = ("charset", "content_length", "content_type", "extra", "file_name", "is_base64", "is_file", "name")

    def __init__(self, segment: Any, encoding: str) -> None:
        if sum(len(name) + len(value) for name, value in segment.headerlist) > MAX_TOTAL_HEADER_SIZE:
            raise MultiPartParserError(_HEADERS_TOO_LARGE)
        disposition = segment.header("Content-Disposition", "")
        name, file_name = segment.name, segment.filename
        if "*" in disposition:
            # RFC 5987's filename*=utf-8''..., which RFC 7578 forbids and some clients send.
            parameters = _parameters(_recoded(disposition, encoding))[1]
            name, file_name = parameters.get("name"), parameters.get("filename")
        else:
            name, file_name = _recoded(name, encoding), _recoded(file_name, encoding)
        self.name = (name or "").strip()
        self.is_file = file_name is not None
        self.file_name = file_name or ""
        self.is_base64 = segment.header("Content-Transfer-Encoding", "").strip().lower() == "base64"
        self.content_type, parameters = _parameters(_recoded(segment.header("Content-Type", ""), encoding))
        self.charset = parameters.get("charset")
        # Bytes, as handlers written for Django expect them.
        self.extra = {key: value.encode() for key, value in parameters.items()}
        length = segment.header("Content-Length", "")
        self.content_length = int(length) if length.isdecimal() and len(length) < 20 else None


def _recoded(text: Any, encoding: str) -> Any:
    # The library was told latin-1, which takes every byte; what they mean is known only here.
    return text if text is None or text.isascii() else text.encode("latin-1").decode(encoding, "replace")


def _parameters(value: str) -> tuple[str, dict[str, str]]:
    try:
        return parse_header_parameters(value)
    except ValueError as error:
        raise MultiPartParserError(f"a part's header cannot be read: {error}") from error


def sanitize_file_name(file_name: str) -> str | None:
    r"""Return what remains of a client's file name without folders and invisible characters; None if nothing does.

    The name may still be one that some system gives a meaning, such as "C:x": never use it as a path.

    >>> sanitize_file_name("../..\\etc/passwd"), sanitize_file_name("&#46;&#46;&sol;"), sanitize_file_name("..")
    ('passwd', None, None)
    """
    # Some browsers write characters that the form's charset lacks as HTML entities: "&sol;" is a slash.
    file_name = html.unescape(file_name)
    file_name = file_name.replace("\\", "/").rpartition("/")[2]
    file_name = "".join([char for char in file_name if char.isprintable()])
    return None if file_name in ("", ".", "..") else file_name


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
            self._close_handlers()
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
            self._close_handlers()
            if not stop.connection_reset:
                self._exhaust()
        else:
            self._exhaust()
        # The first handler that returns something has dealt with it for all.
        any(handler.upload_complete() for handler in self._upload_handlers)
        self._post._mutable = False
        return self._post, self._files

    def _read_parts(self) -> None:
        receiver = _Receiver(self, self._upload_handlers, self._encoding, self._post, self._files)
        # The library takes 10 ms to import (tempfile, wsgiref), and only uploads need it.
        import multipart

        parser = multipart.PushMultipartParser(
            self._boundary,
            max_header_size=MAX_TOTAL_HEADER_SIZE,
            max_header_count=_MOST_HEADERS,
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
                        receiver.begin(_Part(event, self._encoding))
        except multipart.ParserLimitReached as error:
            raise MultiPartParserError(_HEADERS_TOO_LARGE) from error
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

    def _close_handlers(self) -> None:
        for handler in self._upload_handlers:
            if getattr(handler, "file", None) is not None:
                handler.file.close()


class _Receiver:
    """Where the parts go: each is begun, gets its data, and ends.  Counts what the settings limit."""

    def __init__(
        self, parser: MultiPartParser, handlers: Any, encoding: str, post: QueryDict, files: MultiValueDict
    ) -> None:
        self.parser = parser
        self.handlers = handlers
        self.encoding = encoding
        self.post = post
        self.files = files
        self.memory_left: int | None = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        self.fields_left: int | None = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
        self.files_left: int | None = settings.DATA_UPLOAD_MAX_NUMBER_FILES
        self.part: _Part | None = None
        self.skip = False
        self.value: list[bytes] = []
        self.rest = b""
        self.counters: list[int] = []

    def begin(self, part: _Part) -> None:
        """Start a part; one without a name, or a file without one, is read and dropped."""
        self.part = part
        self.skip = not part.name
        if part.is_file:
            self._count_file()
            self._begin_file(part)
        else:
            self._count_field()
            # As for a form that is not multipart: the name, "=" and "&" count too.
            self._spend(len(part.name) + 2)
            self.value = []

    def data(self, chunk: bytes) -> None:
        """Take the next bytes of the part's content."""
        part = self.part
        assert part is not None
        if part.is_file:
            if not self.skip:
                self._file_data(part, chunk)
        else:
            self._spend(len(chunk))
            if not self.skip:
                self.value.append(chunk)

    def end(self) -> None:
        """Finish the part."""
        part, self.part = self.part, None
        assert part is not None
        if self.skip:
            return
        if not part.is_file:
            self.post.appendlist(part.name, self._field_value(part))
            return
        if self.rest:
            raise MultiPartParserError("Could not decode base64 data.")
        for handler, size in zip(self.handlers, self.counters, strict=True):
            file = handler.file_complete(size)
            if file:
                self.files.appendlist(part.name, file)
                break

    def interrupted(self) -> None:
        """Tell the handlers, if the body ended in the middle of a file."""
        if self.part is not None and self.part.is_file and not self.skip:
            for handler in self.handlers:
                handler.upload_interrupted()

    def _count_field(self) -> None:
        if self.fields_left is not None:
            self.fields_left -= 1
            if self.fields_left < 0:
                raise TooManyFieldsSent(
                    "The number of GET/POST parameters exceeded settings.DATA_UPLOAD_MAX_NUMBER_FIELDS. "
                    f"{settings.DATA_UPLOAD_MAX_NUMBER_FIELDS} are allowed."
                )

    def _count_file(self) -> None:
        if self.files_left is not None:
            self.files_left -= 1
            if self.files_left < 0:
                raise TooManyFilesSent(
                    "The number of files exceeded settings.DATA_UPLOAD_MAX_NUMBER_FILES. "
                    f"{settings.DATA_UPLOAD_MAX_NUMBER_FILES} are allowed."
                )

    def _spend(self, octets: int) -> None:
        if self.memory_left is not None:
            self.memory_left -= octets
            if self.memory_left < 0:
                raise RequestDataTooBig(
                    "Request body exceeded settings.DATA_UPLOAD_MAX_MEMORY_SIZE. "
                    f"It is {settings.DATA_UPLOAD_MAX_MEMORY_SIZE} bytes; files do not count."
                )

    def _field_value(self, part: _Part) -> str:
        raw = b"".join(self.value)
        if part.is_base64:
            try:
                raw = base64.b64decode(raw)
            except binascii.Error:
                pass  # RFC 7578, section 4.7, knows no such encoding: then the text is what it is
        return raw.decode(self.encoding, "replace")

    def _begin_file(self, part: _Part) -> None:
        file_name = self.parser.sanitize_file_name(part.file_name)
        self.skip = self.skip or not file_name
        if self.skip or file_name is None:
            return
        self.rest = b""
        self.counters = [0] * len(self.handlers)
        try:
            for handler in self.handlers:
                try:
                    handler.new_file(
                        part.name,
                        file_name,
                        part.content_type,
                        part.content_length,
                        part.charset,
                        part.extra,
                    )
                except StopFutureHandlers:
                    break
        except SkipFile:
            self._skip_file()

    def _file_data(self, part: _Part, chunk: bytes) -> None:
        if part.is_base64:
            chunk = self._decoded(chunk)
            if not chunk:
                return
        counters = self.counters
        data: bytes | None = chunk
        try:
            for place, handler in enumerate(self.handlers):
                assert data is not None
                size = len(data)
                data = handler.receive_data_chunk(data, counters[place])
                counters[place] += size
                if data is None:
                    break
        except SkipFile:
            self._skip_file()

    def _decoded(self, chunk: bytes) -> bytes:
        # Groups of four: what is left over, three bytes at most, waits for the next chunk.
        text = self.rest + b"".join(chunk.split())
        whole = len(text) - len(text) % 4
        self.rest = text[whole:]
        try:
            return base64.b64decode(text[:whole])
        except binascii.Error as error:
            raise MultiPartParserError("Could not decode base64 data.") from error

    def _skip_file(self) -> None:
        self.skip = True
        self.parser._close_handlers()


def _boundary_of(content_type: str) -> bytes:
    """Return the boundary in a Content-Type.

    Raises:
        MultiPartParserError: the type is not multipart, not ASCII, or has no good boundary.
    """
    if not content_type.lower().startswith("multipart/"):
        raise MultiPartParserError(f"Invalid Content-Type: {content_type}")
    if not content_type.isascii():
        raise MultiPartParserError(f"Invalid non-ASCII Content-Type in multipart: {content_type}")
    boundary = _parameters(content_type)[1].get("boundary")
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
