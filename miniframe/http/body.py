"""The body of a request: as a stream, as bytes, as a form with files, as JSON.

Whichever way is taken first, the stream is read once; reading the body as bytes keeps them, so that
everything else still works afterwards.

Source: Django's reference "Request and response objects", sections `HttpRequest.body`, `.read()`,
`.POST` and `.FILES`; RFC 8259 for JSON.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Any

from miniframe.conf import settings
from miniframe.exceptions import (
    BadRequest,
    MultiPartParserError,
    RawPostDataException,
    RequestDataTooBig,
    SuspiciousOperation,
    UnreadablePostError,
)
from miniframe.http.attributes import lazy
from miniframe.http.querydict import QueryDict
from miniframe.utils.datastructures import ImmutableList, MultiValueDict
from miniframe.utils.encoding import is_web_encoding
from miniframe.utils.http import parse_header_parameters

if TYPE_CHECKING:
    from miniframe.http.multipartparser import MultiPartParser

__all__ = ["RequestBody", "UnsupportedMediaType"]


# The encoding is what the body's content type says.
_AS_SENT: Any = object()


class UnsupportedMediaType(BadRequest):
    """The body is of another type than the view can read; to be answered with `status_code`, 415."""

    status_code = 415


class RequestBody:
    """The half of `HttpRequest` that has to do with the body; `_stream` is where it comes from."""

    META: dict[str, Any]
    """What the server says of the request: WSGI's `environ`, with header fields as `HTTP_ACCEPT`."""
    method: str | None = None
    """The method in capitals: "GET", "POST" ..."""

    _encoding: str | None = _AS_SENT
    _read_started = False
    _upload_handlers: list[Any] = []
    _body: bytes
    _post: QueryDict
    _files: MultiValueDict

    # What kind of body it is.

    @lazy
    def _content_type_header(self) -> tuple[str, dict[str, str]]:
        line = self.META.get("CONTENT_TYPE", "")
        try:
            return parse_header_parameters(line)
        except ValueError:
            # Parameters that nobody can read; the type in front of them may still be good.
            return line.partition(";")[0].strip().lower(), {}

    @lazy
    def content_type(self) -> str | None:
        """The media type of the body in lower case, without parameters; "" if there is none."""
        line: str = self.META.get("CONTENT_TYPE", "")
        return self._content_type_header[0] if ";" in line else line.strip().lower()

    @lazy
    def content_params(self) -> dict[str, str] | None:
        """The parameters of the body's media type, such as its charset."""
        return self._content_type_header[1] if ";" in self.META.get("CONTENT_TYPE", "") else {}

    @property
    def encoding(self) -> str | None:
        """The encoding of GET and POST, None for DEFAULT_CHARSET; setting it makes both be read anew."""
        if self._encoding is not _AS_SENT:
            return self._encoding
        # Most requests have no body, and most of the others no parameters.
        if ";" not in self.META.get("CONTENT_TYPE", ""):
            return None
        params = self.content_params
        charset = params.get("charset") if params else None
        self._encoding = charset if charset and is_web_encoding(charset) else None
        return self._encoding

    @encoding.setter
    def encoding(self, value: str | None) -> None:
        """Set it, and forget what was read in another one."""
        self._encoding = value
        self.__dict__.pop("GET", None)
        self.__dict__.pop("_post", None)

    # As a stream and as bytes.

    @lazy
    def _stream(self) -> Any:
        return BytesIO()

    def read(self, *args: Any, **kwargs: Any) -> bytes:
        """Read from the body, like a file.

        Raises:
            UnreadablePostError: the client broke off.
        """
        self._read_started = True
        try:
            return self._stream.read(*args, **kwargs)  # type: ignore[no-any-return]
        except OSError as error:
            raise UnreadablePostError(*error.args) from error

    def readline(self, *args: Any, **kwargs: Any) -> bytes:
        """Read one line of the body; raises what `read` does."""
        self._read_started = True
        try:
            return self._stream.readline(*args, **kwargs)  # type: ignore[no-any-return]
        except OSError as error:
            raise UnreadablePostError(*error.args) from error

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")

    def readlines(self) -> list[bytes]:
        """Read all lines of the body."""
        return list(self)

    @property
    def body(self) -> bytes:
        """The whole body.

        Raises:
            RequestDataTooBig: it is larger than settings.DATA_UPLOAD_MAX_MEMORY_SIZE.
            RawPostDataException: somebody has read from the stream already.
            UnreadablePostError: the client broke off.
        """
        if "_body" not in self.__dict__:
            if self._read_started:
                raise RawPostDataException("You cannot access body after reading from request's data stream")
            self._body = self._read_body(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
            self._stream = BytesIO(self._body)
        return self._body

    def _read_body(self, limit: int | None) -> bytes:
        if limit is None:
            return self.read()
        # What announces itself as too big need not be read; what does not, a chunked body for one, is
        # read one byte beyond the limit at most.
        try:
            too_big = int(self.META.get("CONTENT_LENGTH") or 0) > limit
        except ValueError:
            too_big = False
        if not too_big:
            body = self.read(limit + 1)
            if len(body) <= limit:
                return body
        raise RequestDataTooBig(f"Request body exceeded settings.DATA_UPLOAD_MAX_MEMORY_SIZE. It is {limit} bytes.")

    def json(self) -> Any:
        """Return the body as JSON, whatever value it holds.

        Raises:
            UnsupportedMediaType: the content type is not application/json or something+json.
            BadRequest: it is not JSON; the message tells the place.
        """
        kind = self.content_type or ""
        if kind != "application/json" and not kind.endswith("+json"):
            raise UnsupportedMediaType(f"the body is {kind or 'of no type'!r}, not 'application/json'")
        try:
            text = self.body.decode(json.detect_encoding(self.body))
            value = json.loads(text, parse_constant=_no_json_number)
            if "\\ud" in text or "\\uD" in text:
                # Half of a pair is a character that can neither be sent nor stored (RFC 8259, section 8.2).
                json.dumps(value, ensure_ascii=False).encode()
            return value
        except json.JSONDecodeError as error:
            raise BadRequest(
                f"the body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
            ) from error
        except UnicodeDecodeError as error:
            raise BadRequest(f"the body is not JSON: byte {error.start} is not {error.encoding}") from error
        except UnicodeEncodeError as error:
            half = ascii(error.object[error.start])
            raise BadRequest(f"the body is not JSON that can be read: {half} is half of a surrogate pair") from error
        except (ValueError, RecursionError) as error:
            raise BadRequest(f"the body is not JSON that can be read: {error}") from error

    @property
    def POST(self) -> QueryDict:  # noqa: N802
        """The fields of a form that was sent with POST; empty for any other request."""
        if "_post" not in self.__dict__:
            self._load_post_and_files()
        return self._post

    @POST.setter
    def POST(self, value: QueryDict) -> None:  # noqa: N802
        """Put other fields in their place."""
        self._post = value

    @property
    def FILES(self) -> MultiValueDict:  # noqa: N802
        """The uploaded files, name of the field -> `UploadedFile`."""
        if "_files" not in self.__dict__:
            self._load_post_and_files()
        return self._files

    @FILES.setter
    def FILES(self, value: MultiValueDict) -> None:  # noqa: N802
        """Put other files in their place."""
        self._files = value

    def _load_post_and_files(self) -> None:
        """Fill `_post` and `_files` if the body is a form; leave both empty if not.

        Raises:
            MultiPartParserError, BadRequest: the form is malformed.
            SuspiciousOperation: there are more fields, files or bytes than the settings allow.
        """
        if self.method != "POST" or (self._read_started and "_body" not in self.__dict__):
            self._mark_post_parse_error()
        elif self.content_type == "multipart/form-data":
            data = BytesIO(self._body) if "_body" in self.__dict__ else self
            try:
                self._post, self._files = self.parse_file_upload(self.META, data)
            except (MultiPartParserError, SuspiciousOperation):
                # The stream is spent: whoever looks at POST again, an error page for one, finds it empty.
                self._mark_post_parse_error()
                raise
        elif self.content_type == "application/x-www-form-urlencoded":
            charset = self.encoding or (self.content_params or {}).get("charset")
            # The URL Standard knows no charset for this type: it is UTF-8.
            if charset and _is_other_than_utf_8(charset):
                raise BadRequest(
                    "HTTP requests with the 'application/x-www-form-urlencoded' content type must be UTF-8 encoded."
                )
            self._post, self._files = QueryDict(self.body, encoding="utf-8"), MultiValueDict()
        else:
            self._mark_post_parse_error()

    def _mark_post_parse_error(self) -> None:
        self._post, self._files = QueryDict(encoding=self.encoding), MultiValueDict()

    def _initialize_handlers(self) -> None:
        from miniframe.files import uploadhandler  # as the parser below

        self._upload_handlers = [uploadhandler.load_handler(path, self) for path in settings.FILE_UPLOAD_HANDLERS]

    @property
    def upload_handlers(self) -> list[Any]:
        """What receives the files of an upload, in order; it may be changed until POST or FILES is read."""
        if not self._upload_handlers:
            self._initialize_handlers()
        return self._upload_handlers

    @upload_handlers.setter
    def upload_handlers(self, upload_handlers: list[Any]) -> None:
        """Set all of them."""
        if "_files" in self.__dict__:
            raise AttributeError("You cannot set the upload handlers after the upload has been processed.")
        self._upload_handlers = upload_handlers

    @lazy
    def multipart_parser_class(self) -> type[MultiPartParser]:
        """What parses a multipart body; put another one here, or on a subclass, before POST or FILES is read."""
        # The parser, the upload handlers and the files cost 4 ms at a start, and wait for the first upload.
        from miniframe.http.multipartparser import MultiPartParser

        return MultiPartParser

    def parse_file_upload(self, META: Mapping[str, Any], post_data: Any) -> tuple[QueryDict, MultiValueDict]:  # noqa: N803
        """Parse a multipart body with `multipart_parser_class`; return fields and files."""
        handlers: Any = ImmutableList(
            self.upload_handlers, warning="You cannot alter upload handlers after the upload has been processed."
        )
        self.upload_handlers = handlers
        return self.multipart_parser_class(META, post_data, handlers, self.encoding).parse()

    def close(self) -> None:
        """Close the uploaded files; a temporary one is deleted by that."""
        uploads = self.__dict__.get("_files")
        if uploads:
            for _, files in uploads.lists():
                for file in files:
                    file.close()


def _is_other_than_utf_8(charset: str) -> bool:
    try:
        return codecs.lookup(charset).name != "utf-8"
    except (LookupError, ValueError):
        return False  # nobody knows it, so it says nothing


def _no_json_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")
