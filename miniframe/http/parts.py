"""One part of a multipart form at a time: read its head, take its data, count what the settings limit.

Fields end up in a QueryDict, files go through the upload handlers while they arrive.

Source: RFC 7578; RFC 5987 for `filename*`; Django's reference "Uploaded Files and Upload Handlers".
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any

from miniframe.conf import settings
from miniframe.exceptions import MultiPartParserError, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from miniframe.files.uploadhandler import SkipFile, StopFutureHandlers
from miniframe.http.querydict import QueryDict
from miniframe.utils.datastructures import MultiValueDict
from miniframe.utils.http import parse_header_parameters

__all__ = [
    "HEADERS_TOO_LARGE",
    "MAX_TOTAL_HEADER_SIZE",
    "MOST_HEADERS",
    "Part",
    "Receiver",
    "close_files_of",
    "parameters_of",
    "sanitize_file_name",
]

# Characters in the headers of one part, and lines: browsers send two short ones.
MAX_TOTAL_HEADER_SIZE = 1024
MOST_HEADERS = 16
HEADERS_TOO_LARGE = "Request max total header size exceeded."


class Part:
    """The head of one part: its field's name, and for a file what is said about it."""

    __slots__ = ("charset", "content_length", "content_type", "extra", "file_name", "is_base64", "is_file", "name")

    def __init__(self, segment: Any, encoding: str) -> None:
        if sum(len(name) + len(value) for name, value in segment.headerlist) > MAX_TOTAL_HEADER_SIZE:
            raise MultiPartParserError(HEADERS_TOO_LARGE)
        disposition = segment.header("Content-Disposition", "")
        name, file_name = segment.name, segment.filename
        if "*" in disposition:
            # RFC 5987's filename*=utf-8''..., which RFC 7578 forbids and some clients send.
            parameters = parameters_of(_recoded(disposition, encoding))[1]
            name, file_name = parameters.get("name"), parameters.get("filename")
        else:
            name, file_name = _recoded(name, encoding), _recoded(file_name, encoding)
        if not name:
            # The library says "" for a missing name too; a field may well have an empty one.
            name = parameters_of(disposition)[1].get("name")
        self.name: str | None = None if name is None else name.strip()
        # A browser sends filename="" for a file input in which nothing was chosen; Django has it among the fields.
        self.is_file: bool = bool(file_name)
        self.file_name: str = file_name or ""
        self.is_base64: bool = segment.header("Content-Transfer-Encoding", "").strip().lower() == "base64"
        self.content_type: str
        self.content_type, parameters = parameters_of(_recoded(segment.header("Content-Type", ""), encoding))
        self.charset: str | None = parameters.get("charset")
        # Bytes, as handlers written for Django expect them.
        self.extra: dict[str, bytes] = {key: value.encode() for key, value in parameters.items()}
        length = segment.header("Content-Length", "")
        self.content_length: int | None = int(length) if length.isdecimal() and len(length) < 20 else None


def _recoded(text: Any, encoding: str) -> Any:
    # The library was told latin-1, which takes every byte; what they mean is known only here.
    return text if text is None or text.isascii() else text.encode("latin-1").decode(encoding, "replace")


def parameters_of(value: str) -> tuple[str, dict[str, str]]:
    """Return a header's value and its parameters.

    Raises:
        MultiPartParserError: it is longer than any honest one.
    """
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
    if "&" in file_name:
        # The table of entities takes 2 ms to import, and hardly any name needs it.
        import html

        file_name = html.unescape(file_name)
    file_name = file_name.replace("\\", "/").rpartition("/")[2]
    file_name = "".join([char for char in file_name if char.isprintable()])
    return None if file_name in ("", ".", "..") else file_name


def close_files_of(handlers: Any) -> None:
    """Close the file that each handler is writing to; ours and most others keep it in `file`."""
    for handler in handlers:
        if getattr(handler, "file", None) is not None:
            handler.file.close()


class Receiver:
    """Where the parts go: each is begun, gets its data, and ends.  Counts what the settings limit."""

    def __init__(
        self,
        handlers: Any,
        encoding: str,
        post: QueryDict,
        files: MultiValueDict,
        clean_name: Callable[[str], str | None],
    ) -> None:
        self.handlers = handlers
        self.encoding = encoding
        self.post = post
        self.files = files
        self.clean_name = clean_name
        self.memory_left: int | None = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        self.fields_left: int | None = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
        self.files_left: int | None = settings.DATA_UPLOAD_MAX_NUMBER_FILES
        self.part: Part | None = None
        self.skip: bool = False
        self.value: list[bytes] = []
        self.rest: bytes = b""
        self.counters: list[int] = []

    def begin(self, part: Part) -> None:
        """Start a part; one without a name, or a file whose name is of no use, is read and dropped."""
        self.part = part
        self.skip = part.name is None
        if part.is_file:
            self._count_file()
            self._begin_file(part)
        else:
            self._count_field()
            # As for a form that is not multipart: the name, "=" and "&" count too.
            self._spend(len(part.name or "") + 2)
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

    def _field_value(self, part: Part) -> str:
        raw = b"".join(self.value)
        if part.is_base64:
            try:
                raw = base64.b64decode(raw)
            except binascii.Error:
                pass  # RFC 7578, section 4.7, knows no such encoding: then the text is what it is
        return raw.decode(self.encoding, "replace")

    def _begin_file(self, part: Part) -> None:
        file_name = self.clean_name(part.file_name)
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

    def _file_data(self, part: Part, chunk: bytes) -> None:
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
        close_files_of(self.handlers)
