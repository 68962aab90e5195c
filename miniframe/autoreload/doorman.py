"""Answer for a worker that died without a word, so that nobody is refused or left waiting.

A program can end before it can tell why: a syntax error in manage.py, `os._exit()`, a crash in C.  Until the
next change the supervisor itself then answers, with what the worker left on standard error, and with the place
that its last traceback names.  One page, ready made; every connection gets it and is closed.

Source: RFC 9112, sections 6.3 and 9.6; Python's library reference, "traceback".
Not here: the error page of code that fails in a way Python can tell; a worker serves that one itself.
"""

from __future__ import annotations

import errno
import os
import re
import socket
import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from miniframe.autoreload.audience import Audience
from miniframe.autoreload.policies import Way
from miniframe.autoreload.refresh import asked_since, is_on, script_element
from miniframe.utils.masking import mask_source

__all__ = ["answer", "answer_next", "crash_page"]

_PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 3rem auto; padding: 0 1rem }}
pre {{ overflow: auto; padding: 1rem; border: 1px solid; border-radius: .5rem }} mark {{ display: block }}</style>
<h1>{title}</h1>
<p>{advice}</p>
{place}<pre>{output}</pre>
{script}
"""
_PLACE = "<h2><code>{name}:{line}</code></h2>\n<pre><code>{source}</code></pre>\n<h2>Its last words</h2>\n"
_ADVICE = (
    "Mend what ended it, and save: the next request runs the new code. "
    "If there is nothing to mend, save any file of the project, and it starts again."
)
_SILENCE = "(It left no message; look into the terminal.)"
_LARGEST_HEAD = 65536
_PATIENCE = 5.0
"""Seconds that one client has, all in all."""
# Lines on either side of the one that failed.
_AROUND = 4

Join = Callable[[socket.socket, int], None]
"""Takes a page's connection, and the moment up to which that page knows of changes."""

_CALL = re.compile(r'^  File "(.+)", line (\d+)', re.MULTILINE)
# The first line after the calls that is not indented, if it is a class and perhaps a text.
_ERROR = re.compile(r"^(?=\S).*", re.MULTILINE)
_CLASS = re.compile(r"[^\W\d][\w.]*(?::.*)?")
_HOST = re.compile(rb"^host:[ \t]*([^\r\n]*?)[ \t]*\r?$", re.MULTILINE | re.IGNORECASE)


class _Place(NamedTuple):
    """Where the last traceback ends, and with what."""

    file: str
    line: int
    error: str


def crash_page(what: str, output: str) -> bytes:
    """Return a whole answer with status 500: `what` happened, and what was on standard error."""
    import html  # with all its entities, for a bad day only

    place = _find_place(output)
    title = f"The server process {what}" if place is None else place.error
    advice = _ADVICE if place is None else f"{html.escape(f'The server process {what}.')} {_ADVICE}"
    body = _PAGE.format(
        title=html.escape(title),
        advice=advice,
        place="" if place is None else _excerpt(place),
        output=html.escape(mask_source(output.strip()) or _SILENCE),
        script=script_element(time.monotonic_ns(), Way()) if is_on() else "",
    )
    return _whole("500 Internal Server Error", "text/html", body.encode(errors="backslashreplace"))


def _whole(status: str, content_type: str, body: bytes) -> bytes:
    head = (
        f"HTTP/1.1 {status}\r\n"
        f"Content-Type: {content_type}; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\n"
        "Cache-Control: no-store\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        "X-Frame-Options: DENY\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode("ascii") + body


def _find_place(output: str) -> _Place | None:
    calls = list(_CALL.finditer(output))
    error = _ERROR.search(output, calls[-1].end()) if calls else None
    if error is None or not _CLASS.fullmatch(error[0]):
        return None
    return _Place(calls[-1][1], int(calls[-1][2]), error[0])


def _excerpt(place: _Place) -> str:
    """Return the lines around the place as HTML, secrets starred; the heading alone if they cannot be had."""
    import html  # see crash_page()

    try:
        with open(place.file, encoding="utf-8", errors="replace") as file:
            lines = mask_source(file.read()).split("\n")
    except OSError:
        lines = []
    first = max(1, place.line - _AROUND)
    shown = []
    for number, text in enumerate(lines[first - 1 : place.line + _AROUND], first):
        row = f"{number:>5}  {html.escape(text)}"
        shown.append(f"<mark>{row}</mark>" if number == place.line else f"{row}\n")
    name = os.path.relpath(place.file)
    return _PLACE.format(name=html.escape(name), line=place.line, source="".join(shown))


def answer_next(listener: socket.socket, page: bytes, audience: Audience, join: Join | None = None) -> None:
    """Take the client that waits at `listener` and answer it, as `answer` does."""
    try:
        connection, _ = listener.accept()
    except OSError as error:
        # The client has gone already; or the system has no descriptor left, and asking again at once is no help.
        if error.errno in (errno.EMFILE, errno.ENFILE):
            time.sleep(0.05)
        return
    answer(connection, page, audience, join)


def answer(connection: socket.socket, page: bytes, audience: Audience, join: Join | None = None) -> None:
    """Send the page to a client in a thread of its own: a slow one must hold nothing up.

    A page that listens for changes is given to `join`, in that thread.
    Those whom `audience` does not let see the page get a line that tells nothing.
    """
    try:
        threading.Thread(target=_answer, args=(connection, page, audience, join), name="doorman", daemon=True).start()
    except RuntimeError:
        # The system has no thread left; the client may come again.
        connection.close()


def _for_client(head: bytes, page: bytes, audience: Audience) -> bytes:
    hosts = _HOST.findall(head.partition(b"\r\n\r\n")[0]) or [b""]
    for host in hosts:
        refusal = audience.refusal(host.decode("latin-1"))
        if refusal is not None:
            page = _whole(refusal[0], "text/plain", refusal[1].encode())
    return page if not head.startswith(b"HEAD ") else page.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"


def _answer(connection: socket.socket, page: bytes, audience: Audience, join: Join | None) -> None:
    deadline = time.monotonic() + _PATIENCE
    try:
        with connection:
            head = b""
            while b"\r\n\r\n" not in head and len(head) < _LARGEST_HEAD:
                data = _receive(connection, deadline)
                if not data:
                    return
                head += data
            since = asked_since(head.partition(b"\r\n\r\n")[0], audience.refusal)
            if since is not None and join is not None:
                join(socket.socket(fileno=connection.detach()), since)
                return
            connection.sendall(_for_client(head, page, audience))
            # To close with a body unread would reset the connection, and the client might lose the page.
            connection.shutdown(socket.SHUT_WR)
            while _receive(connection, deadline):
                pass
    except OSError:
        # The client has gone, or took too long.
        pass


def _receive(connection: socket.socket, deadline: float) -> bytes:
    # One deadline for all: a client that sends an octet now and then must not stay for ever.
    connection.settimeout(max(deadline - time.monotonic(), 0.001))
    return connection.recv(65536)
