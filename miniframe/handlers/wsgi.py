"""The application object: an environ in, status, headers and an iterable of bytes out.

What a server hands over is text that holds bytes, since PEP 3333 has every header decoded as latin-1; here it becomes
what it was.

Not here: the middleware chain (see `base`); sockets (see `servers`).
Source: PEP 3333; Django's how-to "How to deploy with WSGI".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from io import FileIO
from typing import Any

from miniframe.conf import settings
from miniframe.exceptions import BadHeaderError, UnreadablePostError
from miniframe.handlers.base import BaseHandler
from miniframe.handlers.exception import response_for_exception
from miniframe.http import HttpRequest, HttpResponseBadRequest, HttpResponseBase, lazy
from miniframe.signals import request_started
from miniframe.types import Environ, StartResponse
from miniframe.urls import clear_script_prefix, get_script_prefix, set_script_prefix
from miniframe.utils.encoding import repercent_broken_unicode
from miniframe.utils.log import log_response


class LimitedStream:
    """A request's body: `stream`, which ends for the reader after `limit` octets even if the connection goes on.

    A server need not give the end of the body as the end of its file (PEP 3333, "Input and Error Streams"), so reading
    without a limit could wait for ever.  And some servers hand over what had come when the client broke off as if that
    were all; here it is an error, as it is where the server tells of it.  It has the methods that PEP 3333 asks for,
    and no IOBase as its base: the end of such an object alone takes 1 us.
    """

    def __init__(self, stream: Any, limit: int, whole: bool = True) -> None:
        """Take the server's stream; `whole` says that an end before the limit is an error."""
        self._stream = stream
        self._whole = whole
        self.limit = limit
        self._left = max(limit, 0)

    def read(self, size: int | None = -1, /) -> bytes:
        """Return `size` octets, or all that are left if those are fewer, or with None or a negative `size`.

        Raises:
            UnreadablePostError: the body ends before its limit.
        """
        wanted = self._allowed(size)
        data: bytes = self._stream.read(wanted) if wanted else b""
        self._left -= len(data)
        return data if len(data) == wanted else self._with_more(data, wanted, self._stream.read)

    def readline(self, size: int | None = -1, /) -> bytes:
        """Return the next line, of at most `size` octets; raises what `read` does."""
        wanted = self._allowed(size)
        line: bytes = self._stream.readline(wanted) if wanted else b""
        self._left -= len(line)
        if len(line) == wanted or line.endswith(b"\n"):
            return line
        return self._with_more(line, wanted, self._stream.readline, b"\n")

    def readlines(self, hint: int = -1, /) -> list[bytes]:
        """Return all lines that are left; `hint` is ignored, as PEP 3333 allows."""
        return list(self)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")

    def _allowed(self, size: int | None) -> int:
        return self._left if size is None or size < 0 else min(size, self._left)

    def _with_more(self, data: bytes, wanted: int, read: Callable[[int], bytes], end: bytes | None = None) -> bytes:
        """Return `data` and what follows, until it is as much as `wanted` or ends with `end`."""
        pieces, missing = [data], wanted - len(data)
        # That there was less is not the end yet: it may be what had come so far.
        while missing and not (end and pieces[-1].endswith(end)):
            piece = read(missing)
            if not piece and not self._whole:
                break
            if not piece:
                raise UnreadablePostError(f"the body ended after {self.limit - self._left} of {self.limit} octets")
            pieces.append(piece)
            missing -= len(piece)
            self._left -= len(piece)
        return b"".join(pieces)


class WSGIRequest(HttpRequest):
    """A request made from an environ, which stays at hand as `environ` and as `META`."""

    def __init__(self, environ: Environ) -> None:
        self.environ = self.META = environ
        self.method: str | None = environ["REQUEST_METHOD"].upper()
        path = environ.get("PATH_INFO")
        if path and path.isascii():
            self.path_info: str = path
            return
        # An empty path is the address of the mount point without its slash: it is answered as "/".
        self.path_info = path = get_path_info(environ) or "/"
        self.path = _below(get_script_name(environ), path)
        environ["PATH_INFO"] = path

    @lazy
    def path(self) -> str:
        """The whole path, with what stands before `path_info`."""
        path = self.path_info
        if path[0] == "/" and not _is_mounted(self.environ):
            return path
        return _below(get_script_name(self.environ), path)

    @lazy
    def _stream(self) -> Any:
        environ = self.environ
        length = environ.get("CONTENT_LENGTH")
        if not length and environ.get("wsgi.input_terminated"):
            # A chunked body has no length; this server promises that its stream ends where the body does.
            return environ["wsgi.input"]
        try:
            limit = int(length or 0)
        except ValueError:
            limit = 0
        # What comes with a GET has no meaning (RFC 9110, section 9.3.1), so half of it has none either.
        return LimitedStream(environ["wsgi.input"], limit, whole=environ["REQUEST_METHOD"] not in ("GET", "HEAD"))

    def _get_scheme(self) -> str:
        scheme: str = self.environ.get("wsgi.url_scheme", "http")
        return scheme


class WSGIHandler(BaseHandler):
    """The application: call it with an environ and `start_response`.

    The middleware is loaded by the first request, or by `load_middleware_once` before that.
    """

    request_class: type[WSGIRequest] = WSGIRequest

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        if self._middleware_chain is None:
            self.load_middleware_once()
        if _is_mounted(environ):
            set_script_prefix(get_script_name(environ))
        elif get_script_prefix() != "/":
            clear_script_prefix()
        if request_started.receivers:
            request_started.send(sender=self.__class__, environ=environ)
        try:
            request = self.request_class(environ)
        except UnicodeDecodeError as exc:
            response = _undecodable(environ, exc)
        else:
            response = self.get_response(request)
            if settings.DEBUG:
                # The server's log line names the view.  None for a request that no route matched.
                environ["miniframe.match"] = request.resolver_match
        response._handler_class = self.__class__
        try:
            status, headers = response.status_line, response._header_list()
        except BadHeaderError as exc:
            response = _replacement(request, response, exc)
            status, headers = response.status_line, response._header_list()
        start_response(status, headers)
        if environ["REQUEST_METHOD"] == "HEAD":
            return _WithoutBody(response)
        if response.streaming and "wsgi.file_wrapper" in environ:
            return _in_file_wrapper(response, environ)
        return response


def _in_file_wrapper(response: Any, environ: Environ) -> Iterable[bytes]:
    """Return a response's file as the server likes it best (PEP 3333, "Optional Platform-Specific File Handling")."""
    file = getattr(response, "file_to_stream", None)
    if file is None or ("uwsgi.version" in environ and not _is_whole(file, response)):
        # uWSGI sends a file from its first octet on, wherever it stands, so of a part it must not know the file.
        plain: HttpResponseBase = response
        return plain
    wrapped: Iterable[bytes] = environ["wsgi.file_wrapper"](_ResponseFile(file, response), response.block_size)
    return wrapped


def _is_whole(file: Any, response: HttpResponseBase) -> bool:
    """Return whether all of a file is to be sent."""
    try:
        return response.status_code != 206 and file.tell() == 0
    except (AttributeError, OSError):
        return False  # a pipe, or something that only reads like a file


class _WithoutBody:
    """An answer to HEAD: some servers (waitress, wsgiref) send whatever they are given, and the client, which waits for
    no body, takes it for the next answer (RFC 9110, section 9.3.2).
    """

    __slots__ = ("close",)

    def __init__(self, response: HttpResponseBase) -> None:
        self.close = response.close

    def __iter__(self) -> Iterator[bytes]:
        # Where nothing at all comes, wsgiref says that the length is 0.
        return iter((b"",))


class _ResponseFile:
    """A response's file whose `close` closes the response: after `wsgi.file_wrapper` the server knows the file only."""

    __slots__ = ("_file", "close", "fileno", "read", "tell")

    def __init__(self, file: Any, response: HttpResponseBase) -> None:
        self._file = file
        self.read = file.read
        self.close = response.close
        if type(file) is FileIO:
            # What servers ask for before they use sendfile().
            self.fileno, self.tell = file.fileno, file.tell

    def __getattr__(self, name: str) -> Any:
        # fileno, tell and seek of other files.
        return getattr(self._file, name)


def _undecodable(environ: Environ, exc: UnicodeDecodeError) -> HttpResponseBase:
    """Return the answer to an environ that cannot be made into a request."""
    response = HttpResponseBadRequest()
    log_response("Bad Request (UnicodeDecodeError): %s", environ.get("PATH_INFO", ""), response=response, exception=exc)
    return response


def _replacement(request: HttpRequest, response: HttpResponseBase, exc: Exception) -> HttpResponseBase:
    """Return a page for `exc` in place of `response`, whose head cannot be sent."""
    page = response_for_exception(request, exc)
    # What the first response holds open is closed with the page, and request_finished is sent once.
    page._resource_closers.extend(response._resource_closers)
    page._handler_class = response._handler_class
    return page


def _is_mounted(environ: Environ) -> bool:
    """Return whether there may be more to the path than PATH_INFO."""
    return (
        bool(environ.get("SCRIPT_NAME"))
        or settings.FORCE_SCRIPT_NAME is not None
        or "SCRIPT_URL" in environ
        or "REDIRECT_URL" in environ
    )


def _below(script_name: str, path_info: str) -> str:
    # Only one slash goes: "//host" after the script name is a path of its own (RFC 3986, section 3.3).
    return f"{script_name.rstrip('/')}/{path_info.removeprefix('/')}"


def get_path_info(environ: Environ) -> str:
    """Return the path below the script name; octets that are not UTF-8 stay percent-encoded."""
    return repercent_broken_unicode(get_bytes_from_wsgi(environ, "PATH_INFO", "/")).decode()


def get_script_name(environ: Environ) -> str:
    """Return the address at which the application is mounted, as the client sees it; mostly "".

    settings.FORCE_SCRIPT_NAME wins. A server that rewrote the address leaves the original in SCRIPT_URL or
    REDIRECT_URL: what stands before PATH_INFO there was the mount point before the rewriting.
    """
    if settings.FORCE_SCRIPT_NAME is not None:
        forced: str = settings.FORCE_SCRIPT_NAME
        return forced
    original = get_bytes_from_wsgi(environ, "SCRIPT_URL", "") or get_bytes_from_wsgi(environ, "REDIRECT_URL", "")
    if not original:
        name = get_bytes_from_wsgi(environ, "SCRIPT_NAME", "")
    else:
        # mod_wsgi makes one slash of several in PATH_INFO; the two can be compared only if the same happens here.
        name = re.sub(rb"/+", b"/", original).removesuffix(get_bytes_from_wsgi(environ, "PATH_INFO", ""))
    return repercent_broken_unicode(name).decode()


def get_bytes_from_wsgi(environ: Environ, key: str, default: str) -> bytes:
    """Return the octets of a value that a server decoded as latin-1 (PEP 3333, "Unicode Issues")."""
    value: str = environ.get(key, default)
    return value.encode("iso-8859-1")


def get_str_from_wsgi(environ: Environ, key: str, default: str) -> str:
    """Return a value of the environ as UTF-8 text; what is none becomes U+FFFD."""
    return get_bytes_from_wsgi(environ, key, default).decode(errors="replace")
