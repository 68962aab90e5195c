"""Answer for a worker that died without a word, so that nobody is refused or left waiting.

A program can end before it can tell why: a syntax error in manage.py, `os._exit()`, a crash in C.  Until the
next change the supervisor itself then answers, by an application that it was given (PEP 3333).  Each connection gets
one answer and is closed.

Source: RFC 9112, sections 6.3 and 9.6; PEP 3333.
Not here: the page (`views.report.crash`); that of code which fails in a way Python can tell, which a worker serves.
"""

from __future__ import annotations

import errno
import re
import socket
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from miniframe.autoreload.audience import Audience, plain_app
from miniframe.autoreload.loop import Loop, at_most
from miniframe.autoreload.pages.refresh import Refresh, asked_since
from miniframe.autoreload.switches import pages_follow
from miniframe.types import Environ, WSGIApplication
from miniframe.utils.masking import mask_source

__all__ = ["Doorman", "Join", "Obituary", "answer", "answer_next", "crash_page"]

Obituary = Callable[[str, str], WSGIApplication]
"""Makes the page of a dead worker: what became of it ("ended with status 1"), and what was on standard error."""

Join = Callable[[socket.socket, int], object]
"""Takes the connection of a page that listens for changes, and the moment since which it wants to know of them."""

_LARGEST_HEAD = 65536
_PATIENCE = 5.0
"""Seconds that one client has, all in all."""
_MOST = 100
"""Clients that are answered at a time."""
_NAME = "doorman"

_REQUEST_LINE = re.compile(r"([A-Z]+) (\S+) (HTTP/\d\.\d)")
_FIELD = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*")


class Doorman:
    """Answers whoever comes to the listening sockets, between `stand` and `leave`.

    A page that listens for changes is given to `join`, in the loop's thread.
    """

    def __init__(self, loop: Loop, join: Join) -> None:
        self._loop = loop
        self._join = join
        self._listeners: list[socket.socket] = []

    @property
    def stands(self) -> bool:
        """Whether he answers now."""
        return bool(self._listeners)

    def stand(
        self, listeners: Iterable[socket.socket], page: WSGIApplication, audience: Audience, certificate: Sequence[str]
    ) -> None:
        """Answer with this page from here on, by the rules of `answer`."""

        def hand_over(tab: socket.socket, since: int) -> None:
            self._loop.call(lambda: self._join(tab, since))

        self._listeners = list(listeners)
        for listener in self._listeners:
            self._loop.on(listener, partial(answer_next, listener, page, audience, hand_over, certificate))

    def leave(self) -> None:
        """Answer no longer; nothing happens if there was nothing to answer."""
        for listener in self._listeners:
            self._loop.off(listener)
        self._listeners = []


def crash_page(what: str, output: str, obituary: Obituary | None = None) -> WSGIApplication:
    """Return the application that `obituary` makes; a plain one if there is none, or if it fails as well."""
    if obituary is not None:
        try:
            page = obituary(what, output)
            return Refresh(page) if pages_follow() else page
        except Exception as error:
            output = f"{output}\n\nThe error page could not be made: {type(error).__name__}: {error}"
    return plain_app("500 Internal Server Error", f"The server process {what}.\n\n{mask_source(output.strip())}\n")


def answer_next(
    listener: socket.socket,
    page: WSGIApplication,
    audience: Audience,
    join: Join | None = None,
    certificate: Sequence[str] = (),
) -> None:
    """Take the client that waits at `listener` and answer it, as `answer` does; with many at it, let it wait on."""
    if sum(thread.name == _NAME for thread in threading.enumerate()) >= at_most(_MOST):
        time.sleep(0.05)
        return
    try:
        connection, _ = listener.accept()
    except OSError as error:
        # The client has gone already; or the system has no descriptor left, and asking again at once is no help.
        if error.errno in (errno.EMFILE, errno.ENFILE):
            time.sleep(0.05)
        return
    answer(connection, page, audience, join, certificate)


def answer(
    connection: socket.socket,
    page: WSGIApplication,
    audience: Audience,
    join: Join | None = None,
    certificate: Sequence[str] = (),
) -> None:
    """Give the page to a client in a thread of its own: a slow one must hold nothing up.

    A page that listens for changes is given to `join`, in that thread.  `certificate`, if there is one, has the files
    of it and of its key, and then the connection is encrypted.
    Those whom `audience` does not let see the page get a line that tells nothing.
    """
    work = (connection, page, audience, join, certificate)
    try:
        threading.Thread(target=_answer, args=work, name=_NAME, daemon=True).start()
    except RuntimeError:
        # The system has no thread left; the client may come again.
        connection.close()


def _for_client(head: bytes, page: WSGIApplication, audience: Audience) -> bytes:
    """Return the whole answer to a request of which `head` has the head."""
    environ = _environ(head.partition(b"\r\n\r\n")[0].decode("latin-1"))
    if environ is None:
        page, environ = plain_app("400 Bad Request", "Bad Request (400)\n"), {"REQUEST_METHOD": "GET"}
    else:
        refusal = audience.refusal(environ.get("HTTP_HOST", ""))
        page = page if refusal is None else plain_app(*refusal)
    fields: list[str] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
        date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())  # this process has no locale but C
        fields[:] = [f"HTTP/1.1 {status}", f"Date: {date}", *(f"{name}: {value}" for name, value in headers)]
        return lambda data: None

    body = b"".join(page(environ, start_response))
    answered = "\r\n".join([*fields, "Connection: close", "", ""]).encode("latin-1")
    return answered if environ["REQUEST_METHOD"] == "HEAD" else answered + body


def _environ(head: str) -> Environ | None:
    """Return what an application may ask of a request; None if this is none, or says twice where it wants to go."""
    first, *lines = head.split("\r\n")
    request = _REQUEST_LINE.fullmatch(first)
    if request is None:
        return None
    path, _, query = request[2].partition("?")
    environ: Environ = {"REQUEST_METHOD": request[1], "PATH_INFO": path, "QUERY_STRING": query}
    for line in lines:
        field = _FIELD.fullmatch(line)
        name = "HTTP_" + field[1].upper().replace("-", "_") if field else ""
        if field is None or (name == "HTTP_HOST" and name in environ):
            return None
        environ[name] = field[2]
    return environ


def _answer(
    accepted: socket.socket, page: WSGIApplication, audience: Audience, join: Join | None, certificate: Sequence[str]
) -> None:
    deadline = time.monotonic() + _PATIENCE
    try:
        with accepted, _encrypted(accepted, certificate) as connection:
            head = b""
            while b"\r\n\r\n" not in head and len(head) < _LARGEST_HEAD:
                data = _receive(connection, deadline)
                if not data:
                    return
                head += data
            since = asked_since(head.partition(b"\r\n\r\n")[0], audience.refusal)
            if since is not None and join is not None:
                _hand_over(connection, join, since)
                return
            connection.sendall(_for_client(head, page, audience))
            # To close with a body unread would reset the connection, and the client might lose the page.
            connection.shutdown(socket.SHUT_WR)
            while _receive(connection, deadline):
                pass
    except OSError:
        # The client has gone, or took too long; or the certificate has gone.
        pass


def _encrypted(connection: socket.socket, certificate: Sequence[str]) -> socket.socket:
    """Return the connection, encrypted if there is a certificate."""
    if not certificate:
        return connection
    from miniframe.servers.tls import CertificateError, load  # ssl and the server, for a bad day with HTTPS only

    try:
        context = load(certificate[0], certificate[1] or None)
    except CertificateError as error:
        raise OSError(str(error)) from error
    return context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)


def _hand_over(connection: socket.socket, join: Join, since: int) -> None:
    """Give a tab's connection away; an encrypted one stays here, and what is to be said to it is passed on."""
    if type(connection) is socket.socket:
        join(socket.socket(fileno=connection.detach()), since)
        return
    from miniframe.autoreload.pages.handover import relay  # as in _encrypted()

    ours, theirs = socket.socketpair()
    join(theirs, since)
    connection.setblocking(False)
    relay(ours, connection)


def _receive(connection: socket.socket, deadline: float) -> bytes:
    # One deadline for all: a client that sends an octet now and then must not stay for ever.
    connection.settimeout(max(deadline - time.monotonic(), 0.001))
    return connection.recv(65536)
