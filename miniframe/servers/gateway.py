"""Call a WSGI application for one request and send what it answers, as PEP 3333 says.

`ServerHandler` stands between the two sides: towards the application it is
`start_response`, `write` and the environ's `wsgi.*` keys, towards the client it is a
stream of octets framed by `answers`.  It knows no socket: any object with `write` does.

Source: PEP 3333.
Not here: reading requests (see `protocol`), connections and threads (see `basehttp`).
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from miniframe.servers import forks
from miniframe.servers.answers import (
    LAST_CHUNK,
    AnswerHead,
    Headers,
    check_headers,
    chunk,
    frame_answer,
    parse_status,
)
from miniframe.servers.errors import ApplicationError, BrokenBody, ClientGone, ends_server
from miniframe.servers.filewrapper import FileWrapper, rest_of_file
from miniframe.servers.requestlog import printable

logger: logging.Logger = logging.getLogger("miniframe.server")

Environ = dict[str, Any]
ExcInfo = Any  # sys.exc_info(), or None


class RequestHandlerLike(Protocol):
    """What a `ServerHandler` asks of the object that holds the connection."""

    close_connection: bool

    def may_keep_alive(self) -> bool:
        """Tell whether another request can follow on this connection."""
        ...

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Write the line about this request to the log."""
        ...


ERRORS_OF_BODY = {
    400: "400 Bad Request",
    408: "408 Request Timeout",
    431: "431 Request Header Fields Too Large",
}


# Iterators over what is in memory already: nothing is delayed by taking it all at once.
_AT_HAND: tuple[type, ...] = (type(iter([])), type(iter(())))


class ServerHandler:
    """One request's passage through an application.

    `run(app)` does it all.  The steps are methods, and what they decide by are class
    attributes, so that a subclass can change one thing.
    """

    wsgi_version: tuple[int, int] = (1, 0)
    wsgi_run_once = False
    wsgi_url_scheme = "http"
    wsgi_file_wrapper: Callable[..., Iterable[bytes]] | None = FileWrapper
    server_software = "miniframe"
    error_status: str = "500 Internal Server Error"
    error_headers: list[tuple[str, str]] = [("Content-Type", "text/plain; charset=utf-8")]
    error_body: bytes = b"A server error occurred.  Please contact the administrator.\n"
    small_file = 65536
    """Octets up to which a file is read and sent together with the head."""

    status: str | None = None
    headers: Headers | None = None
    headers_sent: bool = False
    head: AnswerHead | None = None
    result: Iterable[bytes] | None = None
    bytes_sent: int = 0
    """Octets of the body that the client was sent, without any chunked coding."""
    request_handler: RequestHandlerLike | None = None
    """The connection this request came on."""
    _logged = False
    _generation = 0

    def __init__(
        self,
        stdin: Any,
        stdout: Any,
        stderr: Any,
        environ: Environ,
        multithread: bool = True,
        multiprocess: bool = False,
    ) -> None:
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr
        self.environ = environ
        self.wsgi_multithread = multithread
        self.wsgi_multiprocess = multiprocess
        self._generation = forks.generation

    # -------------------------------------------------------------- the whole trip
    def run(self, application: Callable[..., Iterable[bytes]]) -> None:
        """Call the application and send its answer.

        Errors of the application end in `handle_error`, and so do its SystemExit,
        CancelledError and the like: they end the request, not the server.  Ctrl-C and
        the end of SIGTERM's patience go on to the server, and so does an error in
        `handle_error`; the connection is closed then.
        """
        try:
            self.setup_environ()
            self.result = application(self.environ, self.start_response)
            self.finish_response()
        except BaseException as error:
            self._check_process(error)
            self._end_failed(error)
        self._check_process()

    def _end_failed(self, error: BaseException) -> None:
        try:
            if isinstance(error, ClientGone):
                self.client_gone(error)
            elif ends_server(error):
                raise error
            else:
                self.handle_error(error)
        except ClientGone as gone:
            self.client_gone(gone)
        except BaseException:
            self._close_connection()
            self.close()
            raise

    def _check_process(self, error: BaseException | None = None) -> None:
        """Go no further in a process that the application forked: the client is its parent's."""
        if forks.generation != self._generation:
            forks.leave(error)

    def setup_environ(self) -> None:
        """Add the `wsgi.*` keys to the request's environ.

        Source: PEP 3333, "environ Variables".
        """
        environ = self.environ
        environ["wsgi.version"] = self.wsgi_version
        environ["wsgi.url_scheme"] = self.wsgi_url_scheme
        environ["wsgi.input"] = self.stdin
        environ["wsgi.input_terminated"] = True
        environ["wsgi.errors"] = self.stderr
        environ["wsgi.multithread"] = self.wsgi_multithread
        environ["wsgi.multiprocess"] = self.wsgi_multiprocess
        environ["wsgi.run_once"] = self.wsgi_run_once
        if self.wsgi_file_wrapper is not None:
            # Through the class: a plain function must not be bound to us.
            environ["wsgi.file_wrapper"] = type(self).wsgi_file_wrapper

    def finish_response(self) -> None:
        """Send what the application returned, and close it whatever happens.

        Source: PEP 3333, "Buffering and Streaming" and "Handling the Content-Length Header".
        """
        try:
            if not (self.result_is_file() and self.sendfile()):
                blocks = iter(self.result or ())
                if type(blocks) in _AT_HAND and not self.headers_sent:
                    self._send_whole(list(blocks))
                else:
                    for data in blocks:
                        self.write(data)
                        if self.head is not None and not self.head.has_body:
                            break  # HEAD of an endless stream
                self.finish_content()
        except BaseException:
            self._close_result()
            raise
        self.close()

    # -------------------------------------------------------------- towards the application
    def start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: ExcInfo = None
    ) -> Callable[[bytes], None]:
        """Take status and headers; they are sent with the first octets of the body.

        Raises:
            ApplicationError: called twice without `exc_info`, or with something that
                may not be sent.

        Source: PEP 3333, "The start_response() Callable" and "Error Handling".
        """
        if exc_info:
            try:
                if self.headers_sent:
                    raise exc_info[1].with_traceback(exc_info[2])
            finally:
                exc_info = None  # no circle through the traceback
        elif self.headers is not None:
            raise ApplicationError("start_response was called twice; a second call needs exc_info")
        parse_status(status)
        self.headers = check_headers(headers)
        self.status = status
        return self.write

    def write(self, data: bytes) -> None:
        """Send `data` at once, behind the head if that has not gone yet.

        Raises:
            ApplicationError: no bytes, or start_response was not called before.
            ClientGone: nobody takes it.
        """
        if not isinstance(data, bytes):
            raise ApplicationError(f"the body must be made of bytes, not {type(data).__name__}")
        if self.headers_sent:
            if data:
                self._write(self._frame(data))
        elif data:
            head = self.send_headers(None)
            self._write(head + self._frame(data))

    def _send_whole(self, blocks: list[bytes]) -> None:
        """Send an answer that is all there: its size is known, and it goes in one piece with the head."""
        for data in blocks:
            if not isinstance(data, bytes):
                raise ApplicationError(f"the body must be made of bytes, not {type(data).__name__}")
        if len(blocks) != 1:
            data = b"".join(blocks)
        octets = self.send_headers(len(data))
        head = self.head
        assert head is not None
        if head.has_body and head.length == len(data):
            self.bytes_sent = len(data)  # which is what `_frame` would make of it
        else:
            data = self._frame(data)
        self._write(octets + data, last=True)

    def finish_content(self) -> None:
        """Send what is still owed when the body has ended.

        A body shorter than its Content-Length cannot be mended: the connection is cut,
        so that the client does not take it for complete (RFC 9112, section 8).
        """
        if not self.headers_sent:
            self._write(self.send_headers(0))
        head = self.head
        if head is None:
            return
        if head.chunked:
            self._write(LAST_CHUNK)
        elif head.has_body and head.length is not None and self.bytes_sent < head.length:
            logger.error(
                "The application promised %d octets (Content-Length) and sent %d.", head.length, self.bytes_sent
            )
            self._close_connection()
        flush = getattr(self.stdout, "flush", None)
        if flush is not None:
            flush()

    # -------------------------------------------------------------- towards the client
    def send_headers(self, known_length: int | None) -> bytes:
        """Settle how the answer is delimited; return its head, which counts as sent.

        Raises:
            ApplicationError: the application never called start_response.
        """
        if self.headers is None or self.status is None:
            raise ApplicationError("the application gave a body before it called start_response")
        handler = self.request_handler
        environ = self.environ
        self.head = frame_answer(
            self.status,
            self.headers,
            method=environ.get("REQUEST_METHOD", "GET"),
            version=environ.get("SERVER_PROTOCOL", "HTTP/1.0"),
            keep_alive=handler is not None and handler.may_keep_alive(),
            known_length=known_length,
            server=self.server_software,
        )
        self.headers_sent = True
        if handler is not None:
            handler.close_connection = not self.head.keep_alive
        return self.head.octets

    def _frame(self, data: bytes) -> bytes:
        """Return `data` as it goes on the wire: in a chunk, cut to the length promised, or not at all."""
        head = self.head
        assert head is not None
        if not head.has_body or not data:
            return b""
        if head.length is not None and self.bytes_sent + len(data) > head.length:
            logger.error("The application sent more than the %d octets of its Content-Length.", head.length)
            data = data[: head.length - self.bytes_sent]
        self.bytes_sent += len(data)
        return chunk(data) if head.chunked else data

    def _write(self, octets: bytes, last: bool = False) -> None:
        """Write; a connection may send the last of an answer later, and so hold no thread for a slow client."""
        if forks.generation != self._generation:
            forks.leave(None)
        if last:
            getattr(self.stdout, "finish", self.stdout.write)(octets)
        elif octets:
            self.stdout.write(octets)

    def result_is_file(self) -> bool:
        """Tell whether the application answered with our file wrapper."""
        wrapper = type(self).wsgi_file_wrapper
        return isinstance(wrapper, type) and isinstance(self.result, wrapper)

    def sendfile(self) -> bool:
        """Have the system copy a real file to the client; False: it must be iterated.

        Source: PEP 3333, "Optional Platform-Specific File Handling".
        """
        send = getattr(self.stdout, "sendfile", None)
        if send is None or self.headers is None or self.headers_sent:
            return False
        file = self.result.filelike  # type: ignore[union-attr]  # result_is_file() said so
        rest = rest_of_file(file)
        if rest is None:
            return False
        descriptor, position, length = rest
        head = self.send_headers(length)
        assert self.head is not None
        if not self.head.has_body:
            self._write(head)
            return True
        if self.head.length is not None:
            length = min(length, self.head.length)
        if self.head.chunked or length <= self.small_file:
            data = file.read(length)
            self._write(head + self._frame(data), last=not self.head.chunked)
        else:
            self._check_process()
            self.bytes_sent = send(head, descriptor, position, length)
        self.finish_content()
        return True

    # -------------------------------------------------------------- errors and the end
    def handle_error(self, error: BaseException) -> None:
        """Log an error of the application; answer 500 if nothing was sent, else cut the connection."""
        if isinstance(error, BrokenBody):
            self.error_status, self.error_body = ERRORS_OF_BODY[error.status], f"{error}\n".encode()
        else:
            self.log_exception(error)
        if self.headers_sent:
            self._close_connection()
            self.close()
            return
        self._close_result()
        self.headers = None
        self.result = self.error_output(self.environ, self.start_response)
        self.finish_response()

    def error_output(self, environ: Environ, start_response: Callable[..., Any]) -> list[bytes]:
        """Answer in the application's stead, as a small WSGI application; the client is told nothing of the cause."""
        start_response(self.error_status, self.error_headers[:], sys.exc_info())
        return [self.error_body]

    def log_exception(self, error: BaseException) -> None:
        """Write the error and its traceback to the log."""
        logger.error("The application failed: %s %s", *self._asked(), exc_info=error)

    def client_gone(self, gone: ClientGone) -> None:
        """End quietly when the client did not wait for its answer."""
        logger.debug("The client went away during %s %s: %s", *self._asked(), printable(str(gone)))
        self._close_connection()
        self.close()

    def _asked(self) -> tuple[str, str]:
        """Return method and path, for the log."""
        return printable(self.environ.get("REQUEST_METHOD", "-")), printable(self.environ.get("PATH_INFO", "-"))

    def _close_connection(self) -> None:
        if self.request_handler is not None:
            self.request_handler.close_connection = True

    def _close_result(self) -> None:
        """Call the `close` of what the application returned, once."""
        result, self.result = self.result, None
        close = getattr(result, "close", None)
        if close is not None:
            close()

    def close(self) -> None:
        """Release the application's answer and log the request."""
        try:
            self._close_result()
        finally:
            if self.request_handler is not None and not self._logged and self.status is not None:
                self._logged = True
                self.request_handler.log_request(self.status[:3], self.bytes_sent)
